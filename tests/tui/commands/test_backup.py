"""`backup` and `prune` from the command line: keys, exit statuses, what is asked before anything goes."""

import io
import re
from pathlib import Path

import pytest

import sync.originals.prune
from catalog.backup_queue import BackupQueue
from catalog.store import SqlCatalog
from tests.tui.commands.conftest import Device, Ran

BACKUP = {
    "outcome", "queued", "uploaded", "already_there", "failed", "not_here", "problems", "requests", "bytes_up",
    "bytes_down", "seconds", "error",
}  # fmt: skip
PLAN = {
    "dry_run", "photos", "bytes", "requests", "writes", "storage_class", "price_once", "price_month",
}  # fmt: skip


def star(desk: Device, *names: str) -> None:
    assert desk("star", *(desk.album / "2024" / "05 Lisbon" / name for name in names)).status == 0


def backup_of(desk: Device) -> dict[str, int]:
    return desk("status", "--json").json["backup"]


def test_a_backup_is_told_by_its_numbers_and_reaches_other_devices(remote, desk, device):
    star(desk, "IMG_0006.jpg", "IMG_0007.jpg")
    assert backup_of(desk) == {"queued": 2, "uploading": 0, "uploaded": 0, "verified": 0, "failed": 0}
    ran = desk("backup", "--json")
    assert (ran.status, ran.json.keys(), ran.json["outcome"], ran.json["uploaded"]) == (0, BACKUP, "done", 2)
    assert backup_of(desk) == {"queued": 0, "uploading": 0, "uploaded": 2, "verified": 0, "failed": 0}
    assert desk("status", "--json").json["pending"] == 0
    attic = device("attic")
    attic("scan", attic.album)
    assert attic("sync").status == 0
    assert backup_of(attic)["uploaded"] == 2
    assert attic("backup", "--json").json["outcome"] == "nothing-to-do"
    assert desk("backup").out == "Nothing to upload: every starred original that is on this device is safe.\n"


def test_a_dry_run_tells_the_price_and_sends_nothing(desk, monkeypatch, tmp_path):
    star(desk, "IMG_0006.jpg")
    ran = desk("backup", "--dry-run", "--json")
    assert (ran.status, ran.json.keys(), ran.json["photos"]) == (0, PLAN, 1)
    assert (ran.json["requests"], ran.json["writes"], ran.json["storage_class"]) == (3, 2, "STANDARD")
    assert ran.json["price_once"] == pytest.approx(2 * 0.005 / 1000)
    assert desk("backup", "--dry-run").out == (
        f"1 photo to upload, {ran.json['bytes']} B, in at most 3 requests. In storage class STANDARD that costs "
        "less than $0.01 once and less than $0.01 a month (AWS's prices, or yours under [prices] in config.toml).\n"
    )
    config = tmp_path / "config.toml"
    config.write_text('[backup]\nstorage_class = "COLD"\n')
    monkeypatch.setenv("PHOTOLALA_CONFIG", str(config))
    assert "No price is known for COLD" in desk("backup", "--dry-run").out
    config.write_text('[backup]\nstorage_class = "COLD"\n[prices.COLD]\ngb_month = 100000\nput_1000 = 1\n')
    told = desk("backup", "--dry-run", "--json").json
    assert told["price_month"] == pytest.approx(told["bytes"] / 10_000)
    assert told["price_once"] == pytest.approx((1 + 0.005) / 1000)
    assert f" and about ${told['price_month']:.2f} a month" in desk("backup", "--dry-run").out


def test_a_file_that_changed_is_told_and_is_a_failure(remote, desk):
    star(desk, "IMG_0006.jpg", "IMG_0007.jpg")
    (desk.album / "2024" / "05 Lisbon" / "IMG_0006.jpg").write_bytes(b"another")
    ran = desk("backup")
    assert ran.status == 1
    assert "! IMG_0006.jpg: " in ran.out
    assert "has changed since it was scanned" in ran.out
    assert "1 original uploaded: " in ran.out
    assert ran.err == "photolala: 1 could not be uploaded.\n"
    assert backup_of(desk) == {"queued": 0, "uploading": 0, "uploaded": 1, "verified": 0, "failed": 1}


def test_no_thumbnail_is_told_of_a_photo_that_cannot_be_drawn(remote, desk):
    broken = desk.album / "damaged" / "broken.jpg"
    desk("star", broken)
    size = broken.stat().st_size
    assert re.fullmatch(rf"1 original uploaded: {size} B sent in \d+ s\.\n", desk("backup").out)


def test_what_is_starred_and_neither_safe_nor_here_is_told(remote, desk):
    star(desk, "IMG_0006.jpg", "IMG_0007.jpg")
    (desk.album / "2024" / "05 Lisbon" / "IMG_0006.jpg").unlink()
    desk("scan", desk.album)
    ran = desk("backup", "--json")
    assert (ran.json["uploaded"], ran.json["not_here"]) == (1, 1)
    assert desk("backup").out == (
        "Nothing to upload: every starred original that is on this device is safe. "
        "1 other is not, and no file of it is here.\n"
    )


def test_what_another_device_has_sent_is_not_told_as_a_failure_to_send(remote, desk):
    star(desk, "IMG_0006.jpg")
    assert desk("backup").status == 0
    BackupQueue(SqlCatalog(desk.catalog), remote).lost([desk.md5(desk.album / "2024/05 Lisbon/IMG_0006.jpg")])
    assert desk("backup").out == "1 original was there already, and no other had to be sent.\n"


def test_without_a_remote_or_out_of_its_reach(remote, desk, monkeypatch):
    star(desk, "IMG_0006.jpg")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    ran = desk("backup", "--json")
    assert (ran.status, ran.json["outcome"], backup_of(desk)["queued"]) == (4, "offline", 1)
    ran = desk("prune", "--remove")
    assert (ran.status, "Nothing is removed" in ran.err, "cannot be reached" in ran.err) == (4, True, True)
    monkeypatch.setenv("PHOTOLALA_REMOTE", "")
    for command in ("backup", "prune"):
        ran = desk(command)
        assert ran.status == 2
        assert "No remote is configured" in ran.told


@pytest.fixture
def unstarred(remote, desk, monkeypatch) -> Device:
    """A device with two originals on the remote, one of them without its star; a month is over at once."""
    star(desk, "IMG_0006.jpg", "IMG_0007.jpg")
    assert desk("backup").status == 0
    desk("unstar", desk.album / "2024" / "05 Lisbon" / "IMG_0006.jpg")
    assert desk("sync").status == 0
    monkeypatch.setattr(sync.originals.prune, "MIN_AGE", -60.0)
    return desk


def prune(desk: Device, *options: object) -> Ran:
    return desk("prune", *options)


def test_a_prune_removes_nothing_unless_its_number_is_typed(unstarred, monkeypatch):
    ran = prune(unstarred, "--json")
    assert (ran.status, ran.json["unstarred"], ran.json["removed"]) == (0, 1, 0)
    told = "1 original ({} B) has no star on any device, and is on the remote for more than 30 days.\n"
    told = told.format(ran.json["bytes"])
    hint = "`photolala prune --remove` removes them, once you have typed their number.\n"
    assert prune(unstarred).out == told + hint
    for typed, why in (("2\n", "2 is not 1"), ("", "no number was typed"), ("y\n", "y is not 1")):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        ran = prune(unstarred, "--remove")
        assert (ran.status, ran.out) == (1, told)
        assert ran.err.endswith(f"photolala: {why}. Nothing was removed.\n")
    assert backup_of(unstarred)["uploaded"] == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n"))
    assert "1 original removed." in prune(unstarred, "--remove").out
    assert backup_of(unstarred)["uploaded"] == 1
    assert prune(unstarred, "--json").json["unstarred"] == 0
    nothing = "Nothing to remove: no original older than 30 days is without a star on all devices.\n"
    assert prune(unstarred).out == nothing


def test_a_prune_that_cannot_tell_the_others_removes_nothing_and_says_why(unstarred, monkeypatch):
    def lost(queue, md5s):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")

    monkeypatch.setattr(sync.originals.prune.BackupQueue, "lost", lost)
    ran = prune(unstarred, "--remove", "--count", 1)
    assert (ran.status, "removed" in ran.out) == (1, False)
    assert ran.err.startswith("photolala: Nothing is removed, since the other devices could not be told: ")
    assert "cannot be reached" in ran.err


def test_what_is_younger_or_starred_elsewhere_stays(unstarred, device, monkeypatch):
    attic = device("attic")
    attic("scan", attic.album)
    attic("sync")
    assert attic("star", attic.album / "2024" / "05 Lisbon" / "IMG_0006.jpg").status == 0
    attic("sync")
    assert prune(unstarred, "--remove", "--count", 0, "--json").json["unstarred"] == 0
    attic("unstar", attic.album / "2024" / "05 Lisbon" / "IMG_0006.jpg")
    attic("sync")
    monkeypatch.setattr(sync.originals.prune, "MIN_AGE", 30 * 86400.0)
    assert prune(unstarred, "--json").json["unstarred"] == 0


def test_a_star_that_comes_while_it_is_removed_saves_an_original(unstarred, device, monkeypatch):
    attic = device("attic")
    attic("scan", attic.album)
    attic("sync")
    told = sync.originals.prune.BackupQueue.lost

    def lost(queue, md5s):
        told(queue, md5s)
        assert attic("star", attic.album / "2024" / "05 Lisbon" / "IMG_0006.jpg").status == 0
        assert attic("sync").status == 0
        desk_again()

    def desk_again():
        monkeypatch.setenv("PHOTOLALA_CATALOG", str(unstarred.catalog))
        monkeypatch.setenv("PHOTOLALA_DEVICE_NAME", unstarred.name)

    monkeypatch.setattr(sync.originals.prune.BackupQueue, "lost", lost)
    ran = prune(unstarred, "--remove", "--count", 1)
    assert (ran.status, ran.out.splitlines()[-1]) == (1, "0 originals removed, 1 not: starred meanwhile.")


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[backup]\nstorage_class = 'warm'", "a name like STANDARD_IA"),
        ("[backup]\nsse = 'rot13'", "AES256 or aws:kms"),
        ("[backup]\nkms_key = 'x'", "needs backup.sse"),
        ("[backup]\nmax_bytes_per_second = 5", "1024 or more"),
        ("[backup]\nquiet_minutes = -1", "0 (never by itself)"),
        ("[backup]\nclass = 'x'", "there is no setting backup.class"),
        ("[prices]\nSTANDARD = 5", "prices.STANDARD must be a table"),
        ("[prices.STANDARD]\ngb = 5", "known keys: gb_month, put_1000"),
        ("[prices.STANDARD]\ngb_month = true", "must be US dollars"),
    ],
)
def test_settings_that_cannot_be_are_refused(desk, tmp_path: Path, monkeypatch, toml, told):
    (tmp_path / "config.toml").write_text(toml)
    monkeypatch.setenv("PHOTOLALA_CONFIG", str(tmp_path / "config.toml"))
    ran = desk("backup", "--dry-run")
    assert ran.status == 2
    assert told in ran.told


def test_what_one_remote_has_is_not_safe_in_another(desk, monkeypatch, tmp_path):
    star(desk, "IMG_0006.jpg", "IMG_0007.jpg")
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "old").as_uri())
    assert desk("backup", "--json").json["uploaded"] == 2
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "new").as_uri())
    assert desk("sync", "--accept-address").status == 0
    assert (backup_of(desk)["queued"], backup_of(desk)["uploaded"]) == (2, 0)
    assert desk("backup", "--json").json["uploaded"] == 2
    star(desk, "IMG_0008.jpg")
    assert desk("backup", "--json").json["uploaded"] == 1
    assert desk("verify").status == 0
    monkeypatch.setenv("PHOTOLALA_REMOTE", (tmp_path / "old").as_uri())
    assert desk("sync").status == 0
    assert (backup_of(desk)["queued"], backup_of(desk)["uploaded"]) == (1, 2)  # as it says itself
    assert desk("backup", "--json").json["uploaded"] == 1
    assert desk("verify").status == 0
