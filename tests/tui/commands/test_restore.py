"""`verify` and `restore` as people read them: what is safe, each gap, what comes back and where, and why not."""

import shutil

import pytest

import sync.originals.verify
from sync.stores.original_store import original_key
from sync.stores.s3_originals import S3Originals
from tests.tui.commands.conftest import Device

CAT, DOG = "2024/05 Lisbon/IMG_0006.jpg", "2024/05 Lisbon/IMG_0007.jpg"


@pytest.fixture
def kept(remote, desk) -> Device:
    """A device with two starred photos, uploaded."""
    assert desk("star", desk.album / CAT, desk.album / DOG).status == 0
    assert desk("backup").status == 0
    return desk


def test_a_verification_counts_and_lists_each_gap(kept, remote):
    assert "2 starred, 2 in S3, 2 verified, last proof just now.\n" in kept("verify").out
    store = S3Originals(remote)
    cat, dog = (kept.md5(kept.album / name) for name in (CAT, DOG))
    for md5 in (cat, dog):
        store.delete(original_key(md5))
    (kept.album / DOG).unlink()
    kept("scan", kept.album)
    ran = kept("verify")
    gone = "! the original is not on the remote any more"
    assert (ran.status, ran.err) == (1, "")
    assert ran.out == (
        f"{gone}; a file is here: queued (1)\n  {cat} IMG_0006.jpg\n"
        f"{gone}; no file is here (1)\n  {dog} IMG_0007.jpg\n"
        "2 starred, 0 in S3, 0 verified.\n"
        "1 queued: `photolala backup` uploads it.\n"
        "1 without a file here: scan the disk that has one, or look on another device.\n"
        f"Not a single original is at {remote}: is that the right address?\n"
    )
    assert "1 original uploaded: " in kept("backup").out


def test_out_of_reach_a_verification_says_so_once(kept, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    ran = kept("verify")
    assert (ran.status, ran.out, ran.err) == (4, "", "photolala: 127.0.0.1:9 cannot be reached.\n")


@pytest.fixture
def many(monkeypatch):
    """Two originals are more than a few."""
    monkeypatch.setattr(sync.originals.verify, "_FEW", 1)


def test_at_a_wrong_address_it_asks_for_the_right_one_and_there_all_is_safe(kept, remote, monkeypatch):
    monkeypatch.setenv("PHOTOLALA_REMOTE", f"{remote}s")
    ran = kept("verify")
    assert (ran.status, f"{remote}s holds no catalog" in ran.told) == (1, True)
    assert "is the address right?" in ran.err
    backup = kept("status", "--json").json["backup"]
    assert (backup["uploaded"], backup["queued"]) == (2, 0)
    monkeypatch.setenv("PHOTOLALA_REMOTE", remote)
    assert "2 starred, 2 in S3, 2 verified, last proof just now.\n" in kept("verify").out


@pytest.mark.usefixtures("many")
def test_of_another_disk_in_its_place_nothing_is_queued_and_why_stands_below_the_list(
    desk, monkeypatch, tmp_path
):
    disk = tmp_path / "disk"
    monkeypatch.setenv("PHOTOLALA_REMOTE", disk.as_uri())
    desk("star", desk.album / CAT, desk.album / DOG)
    assert desk("backup").status == 0
    mine = disk.rename(tmp_path / "away")
    disk.mkdir()
    (disk / "music.mp3").write_bytes(b"la")
    ran = desk("verify")
    assert (ran.status, ran.out.count("\n")) == (1, 4)
    assert ran.out.startswith("! the original is not on the remote any more; a file is here (2)\n  ")
    assert ran.out.endswith("2 starred, 0 on the remote, 0 verified.\n")
    assert ran.err.splitlines()[-1].startswith(
        f"photolala: Not a single original is at {disk.as_uri()}, where "
    )
    assert desk("status", "--json").json["backup"]["uploaded"] == 2
    shutil.rmtree(disk)
    mine.rename(disk)
    assert "2 starred, 2 on the remote, 2 verified, last proof just now.\n" in desk("verify").out


@pytest.mark.usefixtures("many")
def test_of_an_emptied_bucket_each_gap_is_listed_and_what_is_wrong_stands_at_the_end(kept, remote):
    assert kept("verify").status == 0
    store = S3Originals(remote)
    for found in [*store.list("")]:
        store.delete(found.key)
    ran = kept("verify")
    assert (ran.status, ran.out.count(" IMG_000")) == (1, 2)
    assert ran.out.endswith("\n2 starred, 0 in S3, 0 verified.\n")
    vanished, nothing_there = ran.err.splitlines()
    assert vanished.startswith("photolala: not synced: ")
    assert "vanished" in vanished
    assert "`photolala verify --accept-losses` notes the loss" in nothing_there
    ran = kept("verify", "--accept-losses")
    assert ran.status == 1
    assert ran.out.endswith("2 starred, 0 in S3, 0 verified.\n2 queued: `photolala backup` uploads them.\n")


def test_a_restore_tells_what_it_will_do_and_has_done(kept, tmp_path):
    new = tmp_path / "new"
    assert kept("restore", "--to", new).out == "Nothing to restore: no original is missing here.\n"
    (kept.album / CAT).unlink()
    kept("scan", kept.album)
    ran = kept("restore", "--to", new, "--dry-run")
    assert ran.out.startswith("1 original, ")
    assert not new.exists()
    ran = kept("restore", "--to", new)
    assert ran.out.endswith("to be fetched.\n1 original restored.\n")
    assert [path.name for path in new.rglob("*.jpg")] == ["IMG_0006.jpg"]
    ran = kept("restore", "--to", new, "--starred")
    assert ran.out.endswith("1 original restored, 1 was here already.\n")
    ran = kept("restore", "--to", new, "--folder", "2019")
    assert (ran.status, ran.out) == (0, "Nothing to restore: no photo in 2019 has been uploaded.\n")
    assert "No photo zz is in the catalog" in kept("restore", "--to", new, "zz").err


def test_what_is_not_on_the_remote_is_told_before_and_is_a_failure(kept, remote, tmp_path):
    md5 = kept.md5(kept.album / CAT)
    S3Originals(remote).delete(original_key(md5))
    ran = kept("restore", "--to", tmp_path / "new", "--dry-run", md5)
    assert (ran.status, ran.out) == (0, "1 original not on the remote.\n")
    ran = kept("restore", "--to", tmp_path / "new", md5)
    assert (ran.status, ran.err) == (1, "photolala: 1 could not be restored.\n")
    assert f"! {md5} IMG_0006.jpg: Its original is not on the remote.\n" in ran.out


@pytest.mark.usefixtures("slow_thaw")
def test_what_is_archived_is_told_and_asked_for(remote, desk, tmp_path, monkeypatch):
    (tmp_path / "config.toml").write_text('[backup]\nstorage_class = "GLACIER"\n')
    monkeypatch.setenv("PHOTOLALA_CONFIG", str(tmp_path / "config.toml"))
    desk("star", desk.album / CAT)
    desk("backup")
    shutil.rmtree(desk.album / "2024")
    desk("scan", desk.album)
    told = "1 archived as GLACIER: `restore --thaw` asks for it, and it can be fetched after 3 to 5 hours.\n"
    ask = ("restore", "--to", tmp_path / "new")
    assert desk(*ask).out == told + "0 originals restored.\n"
    assert desk(*ask, "--thaw").out == told + "0 originals restored, 1 asked for.\n"
    told = "1 archived as GLACIER, and asked for already: that takes 3 to 5 hours.\n"
    assert desk(*ask, "--thaw").out == told + "0 originals restored.\n"
