"""What was backed up comes back under its own names, over nothing; and a verification misses no gap."""

import errno
import os
import threading

import pytest

from catalog.originals import Originals, Restorable
from catalog.protocol import BackupStatus
from catalog.scan.scanner import Scan
from sync.originals.restore import Restore
from sync.originals.restored_file import place_of
from sync.originals.verify import Verify
from sync.stores.directory_originals import DirectoryOriginals
from sync.stores.original_store import original_key
from sync.stores.s3_originals import S3Originals
from tests.conftest import HOSTILE_NAMES, draw_photo, wait_until
from tests.sync.originals.desk import MIB
from tests.sync.wire import Cutting


def verify(desk, store, **options):
    return Verify(desk.catalog, store, backoff=0.001, **options).run()


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_comes_back_byte_for_byte_under_its_own_name_and_time(desk, either, tmp_path):
    (desk.album / "2024").mkdir()
    for name, size in (("2024/a.jpg", 5), ("b é.jpg", 0), ("large.jpg", 17 * MIB)):
        desk.write(name, size)
        os.utime(desk.album / name, (1_500_000_000, 1_500_000_000))
    desk.scan()
    desk.back_up(either)
    report = desk.restore(either, tmp_path / "new")
    assert (report.outcome, report.restored, report.failed) == ("done", 3, 0)
    assert tree(tmp_path / "new") == tree(desk.album)
    assert (tmp_path / "new" / "2024" / "a.jpg").stat().st_mtime == desk.row("2024/a.jpg").modified
    assert len(desk.catalog.find_entry(desk.md5s["b é.jpg"]).paths) == 2  # the catalog knows of it
    report = desk.restore(either, tmp_path / "new")
    assert (report.restored, report.already_here, report.bytes_down) == (0, 3, 0)


@pytest.fixture(params=["links", "no links", "neither links nor a rename that replaces nothing"])
def place(request, monkeypatch):
    """File systems differ in how a file comes to its place without replacing another."""

    def refuse(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if request.param != "links":
        monkeypatch.setattr("os.link", refuse)
    if request.param == "no links":
        monkeypatch.setattr("os.replace", refuse)
    if request.param.startswith("neither"):
        monkeypatch.setattr("sync.originals.restored_file._renamed", lambda *_: False)


@pytest.mark.usefixtures("place")
def test_nothing_is_overwritten(desk, store, tmp_path):
    desk.write("a.jpg", b"mine")
    desk.back_up(store)
    new = tmp_path / "new"
    new.mkdir()
    (new / "a.jpg").write_bytes(b"sits here")
    (new / "a (2).jpg").write_bytes(b"and here")
    assert desk.restore(store, new).restored == 1
    assert tree(new) == {"a.jpg": b"sits here", "a (2).jpg": b"and here", "a (3).jpg": b"mine"}
    assert desk.restore(store, new).already_here == 1


def test_an_original_that_is_larger_than_the_listing_said_fills_no_disk(desk, tmp_path):
    desk.write("a.jpg", b"mine")
    remote = DirectoryOriginals(f"file://{tmp_path}/remote")
    desk.back_up(remote)
    job = Restore(desk.catalog, remote, os.fsencode(tmp_path / "new"), backoff=0.001)
    planned = job.plan(Originals(desk.catalog, remote.url).restorable(starred=True))
    with (tmp_path / "remote" / desk.key("a.jpg")).open("r+b") as original:
        original.truncate(64 * MIB)
    report = job.run(planned)
    assert (report.restored, report.failed, tree(tmp_path / "new")) == (0, 1, {})
    assert report.bytes_down == 0
    assert "is damaged: it is larger" in report.problems[0].reason


def test_a_pipe_in_a_photos_place_holds_up_no_restore(desk, store, tmp_path):
    desk.write("a.jpg", b"mine")
    desk.back_up(store)
    new = tmp_path / "new"
    new.mkdir()
    os.mkfifo(new / "a.jpg")  # to open it waits for somebody who writes
    assert desk.restore(store, new).restored == 1
    assert (new / "a (2).jpg").read_bytes() == b"mine"


def test_a_photo_with_a_second_name_that_a_kill_has_left_is_not_written_to(desk, store, tmp_path):
    desk.write("a.jpg", b"original")
    desk.back_up(store)
    new = tmp_path / "new"
    new.mkdir()
    (new / "a.jpg").write_bytes(b"edited since")
    os.link(new / "a.jpg", new / f".photolala~{desk.md5s['a.jpg']}")
    assert desk.restore(store, new).restored == 1
    assert (new / "a.jpg").read_bytes() == b"edited since"
    assert (new / "a (2).jpg").read_bytes() == b"original"


def test_what_is_damaged_on_the_remote_is_not_written(desk, either, tmp_path):
    desk.write("a.jpg", b"right")
    desk.back_up(either)
    either.put(desk.key("a.jpg"), b"wrong", content_type="image/jpeg")
    report = desk.restore(either, tmp_path / "new")
    assert (report.outcome, report.failed) == ("failed", 1)
    assert "is damaged" in report.problems[0].reason
    assert tree(tmp_path / "new") == {}


def test_what_is_not_there_is_told(desk, either, tmp_path):
    desk.write("a.jpg", 5)
    desk.back_up(either)
    either.delete(desk.key("a.jpg"))
    report = desk.restore(either, tmp_path / "new")
    assert (report.outcome, report.problems[0].reason) == ("failed", "Its original is not on the remote.")


def test_a_body_that_breaks_off_is_fetched_again(desk, store, wire, tmp_path):
    desk.write("a.jpg", 3 * MIB)
    desk.back_up(store)
    cut = []

    def hook(request):
        if request.startswith("GET") and "photos/" in request and "list-type" not in request and not cut:
            cut.append(request)
            raise ConnectionResetError

    wire.hook = hook
    assert (desk.restore(store, tmp_path / "new").outcome, len(cut)) == ("done", 1)
    assert tree(tmp_path / "new") == tree(desk.album)


def test_a_server_that_drops_connections_gives_all_of_it_at_last(
    desk, store, demo_server, remote, tmp_path, monkeypatch
):
    desk.write("a.jpg", 3 * MIB)
    desk.write("b.jpg", 40 * MIB)
    desk.back_up(store)
    proxy = Cutting(demo_server.url, answer_after=[500, MIB, 2 * MIB, 7 * MIB, 9 * MIB, 100, 12 * MIB])
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
    try:
        report = desk.restore(S3Originals(remote), tmp_path / "new")
        assert report.problems == []
        assert (report.outcome, report.restored, report.bytes_down) == ("done", 2, 43 * MIB)
        assert proxy.after == []
        assert tree(tmp_path / "new") == tree(desk.album)
    finally:
        proxy.close()


def test_only_the_range_that_broke_off_is_asked_for_again(desk, store, wire, tmp_path):
    desk.write("a.jpg", 40 * MIB)
    desk.back_up(store)
    wire.forget()
    failed = []
    wire.hook = lambda request: (
        failed.append(request) or 503 if desk.key("a.jpg") in request and len(failed) < 2 else None
    )
    assert desk.restore(store, tmp_path / "new").outcome == "done"
    assert sum(desk.key("a.jpg") in request for request in wire.requests) == 5 + 2
    assert tree(tmp_path / "new") == tree(desk.album)


def test_a_large_original_goes_on_where_the_server_has_failed(desk, store, wire, tmp_path):
    begun = tmp_path / "new" / f".photolala~{desk.write('a.jpg', 80 * MIB)}"
    desk.back_up(store)
    ranges = []

    def hook(request):
        if desk.key("a.jpg") in request and "list-type" not in request:
            ranges.append(request)
        if len(ranges) <= 7:
            return None
        wait_until(lambda: begun.stat().st_size == 7 * 8 * MIB)  # the seven are written
        return 500

    wire.hook = hook
    assert desk.restore(store, tmp_path / "new").outcome == "failed"
    wire.forget()
    told = []
    report = desk.restore(store, tmp_path / "new", progress=told.append)
    assert (report.outcome, report.bytes_down) == ("done", 72 * MIB)
    assert (told[-1].bytes_done, told[-1].bytes_total) == (80 * MIB, 80 * MIB)
    assert tree(tmp_path / "new") == tree(desk.album)


@pytest.mark.parametrize("left", [50 * MIB, 80 * MIB, 90 * MIB])
def test_what_an_earlier_try_has_left_is_not_believed(desk, store, tmp_path, left):
    md5 = desk.write("a.jpg", 80 * MIB)
    desk.back_up(store)
    new = tmp_path / "new"
    new.mkdir()
    (new / f".photolala~{md5}").write_bytes(bytes(left))
    assert desk.restore(store, new).outcome == "done"
    assert tree(new) == tree(desk.album)


def test_nothing_stays_of_a_large_original_that_is_damaged(desk, store, tmp_path):
    desk.write("a.jpg", 80 * MIB)
    desk.back_up(store)
    store.put(desk.key("a.jpg"), bytes(80 * MIB), content_type="image/jpeg")
    report = desk.restore(store, tmp_path / "new")
    assert (report.outcome, tree(tmp_path / "new")) == ("failed", {})
    assert "is damaged" in report.problems[0].reason


def test_a_server_that_fails_everything_ends_the_restore(desk, store, wire, tmp_path):
    for number in range(14):
        desk.write(f"{number}.jpg", number)
    desk.back_up(store)
    wire.hook = lambda request: 500 if "photos/" in request and "list-type" not in request else None
    report = desk.restore(store, tmp_path / "new")
    assert (report.outcome, report.restored) == ("offline", 0)
    assert report.failed < 14


def test_a_full_disk_ends_the_restore(desk, store, tmp_path, monkeypatch):
    for number in range(14):
        desk.write(f"{number}.jpg", number)
    desk.back_up(store)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sync.originals.restored_file.os.fsync", full)
    report = desk.restore(store, tmp_path / "new")
    assert (report.outcome, report.error) == ("failed", "It cannot be written: No space left on device.")
    wait_until(lambda: not any(path.is_file() for path in (tmp_path / "new").rglob("*")))


def test_a_restored_photo_is_read_into_the_catalog_as_a_scan_would(desk, store, tmp_path):
    photo = draw_photo(desk.album / "a.jpg", 1, size=(60, 40))
    md5 = desk.write("a.jpg", photo.read_bytes())
    desk.back_up(store)
    (desk.album / "a.jpg").unlink()
    new = tmp_path / "new"
    desk.restore(store, new)
    entry = desk.catalog.find_entry(md5)
    assert (entry.width, entry.height, entry.error) == (60, 40, None)
    assert os.fsencode(new / "a.jpg") in entry.paths
    again = Scan(desk.catalog, os.fsencode(new)).run()
    assert (again.files, again.unchanged, again.bytes_read) == (1, 1, 0)


def test_an_archived_original_is_told_and_asked_for(desk, store, tmp_path):
    desk.write("a.jpg", 5)
    desk.write("b.jpg", 6)
    desk.back_up(store, storage_class="DEEP_ARCHIVE")
    job = Restore(desk.catalog, store, os.fsencode(tmp_path))
    planned = job.plan(Originals(desk.catalog, store.url).restorable(starred=True))
    assert (planned.photos, planned.classes) == ([], {"DEEP_ARCHIVE": 2})
    report = job.run(planned)
    assert (report.outcome, report.archived) == ("waiting", {"DEEP_ARCHIVE": 2})
    assert desk.restore(store, tmp_path / "new", thaw=True).outcome == "waiting"
    assert desk.restore(store, tmp_path / "new").restored == 2  # moto thaws at once


@pytest.mark.usefixtures("slow_thaw")
def test_an_archived_original_is_asked_for_once(desk, store, wire, tmp_path):
    desk.write("a.jpg", 5)
    desk.write("b.jpg", 6)
    desk.back_up(store, storage_class="GLACIER")
    chosen = Originals(desk.catalog, store.url).restorable(starred=True)
    job = Restore(desk.catalog, store, os.fsencode(tmp_path / "new"))
    assert job.thaw(job.plan(chosen[:1])) == 1
    planned = job.plan(chosen)
    assert (planned.classes, planned.asked) == ({"GLACIER": 2}, {"GLACIER": 1})
    wire.forget()
    assert job.thaw(planned) == 1
    assert [desk.md5s["b.jpg"] in request for request in wire.requests] == [
        chosen[1].md5 == desk.md5s["b.jpg"]
    ]


def test_an_original_that_was_archived_meanwhile_does_not_keep_the_others(desk, store, tmp_path):
    desk.write("a.jpg", 5)
    desk.write("b.jpg", 6)
    desk.back_up(store)
    job = Restore(desk.catalog, store, os.fsencode(tmp_path / "new"), backoff=0.001)
    planned = job.plan(Originals(desk.catalog, store.url).restorable(starred=True))
    ask = {"Bucket": store._bucket, "Key": f"library/{desk.key('a.jpg')}"}
    store._client.put_object(**ask, Body=b"12345", StorageClass="GLACIER")
    report = job.run(planned)
    assert (report.outcome, report.restored) == ("failed", 1)
    assert "is archived in s3://" in report.problems[0].reason


def test_a_cancelled_restore_leaves_nothing_half_written(desk, store, wire, tmp_path):
    for number in range(12):
        desk.write(f"{number}.jpg", 1000 + number)
    desk.back_up(store)
    cancel = threading.Event()
    wire.hook = lambda request: cancel.set() if desk.key("7.jpg") in request else None
    report = desk.restore(store, tmp_path / "new", cancel=cancel)
    assert report.outcome == "cancelled"
    wire.forget()
    assert desk.restore(store, tmp_path / "new").outcome == "done"
    assert tree(tmp_path / "new") == tree(desk.album)


@pytest.mark.parametrize(
    "name", ["../../up.jpg", "/etc/passwd", "..", ".", "", "a/../../b.jpg", "n\0ul.jpg", "x" * 300 + ".jpg"]
)
@pytest.mark.parametrize("folder", ["", "../..", "/abs/olute", "a/./b//c", "..", "f" * 300])
def test_no_name_leads_out_of_the_folder(name, folder):
    place = place_of(Restorable("0" * 32, name, folder, 1, None), b"/safe/target")
    assert os.path.normpath(place).startswith(b"/safe/target/")
    assert b"\0" not in place
    assert all(len(part) <= 255 for part in place.split(b"/"))


def test_hostile_names_are_restored_as_they_are_or_tamed(desk, store, tmp_path):
    names = [raw.decode(errors="backslashreplace") + ".jpg" for raw in HOSTILE_NAMES]
    chosen = [Restorable(f"{number:032x}", name, "", 1, None) for number, name in enumerate(names)]
    places = [place_of(photo, os.fsencode(tmp_path)) for photo in chosen]
    assert all(place.rpartition(b"/")[0] == os.fsencode(tmp_path) for place in places)


def test_photos_are_chosen_by_folder_by_star_or_by_not_being_here(desk, store):
    (desk.album / "2024" / "May").mkdir(parents=True)
    for name in ("2024/a.jpg", "2024/May/b.jpg", "2024.jpg"):
        desk.write(name, len(name))
    desk.write("unstarred.jpg", 3, star=False)
    desk.back_up(store)
    (desk.album / "2024.jpg").unlink()
    desk.scan()
    originals = Originals(desk.catalog, store.url)

    def names(*md5s, **which):
        return [found.filename for found in originals.restorable(md5s, **which)]

    assert names(folder="2024") == names(folder="./2024/") == ["a.jpg", "b.jpg"]
    assert names(folder="2024/May") == ["b.jpg"]
    for root in ("", ".", "/"):  # and all that is below
        assert names(folder=root) == names()
    assert names(starred=True) == ["2024.jpg", "a.jpg", "b.jpg"]
    assert names(missing=True) == ["2024.jpg"]
    assert names(desk.md5s["unstarred.jpg"]) == ["unstarred.jpg"]


def test_a_verification_of_what_is_safe(desk, either):
    for name, size in (("a.jpg", 5), ("large.jpg", 17 * MIB)):
        desk.write(name, size)
    desk.back_up(either)
    report = verify(desk, either)
    assert (report.outcome, report.starred, report.uploaded, report.verified) == ("safe", 2, 2, 2)
    assert report.gaps == []
    assert report.last_proof is not None


def test_a_verification_is_a_listing(desk, store, wire):
    for number in range(6):
        desk.write(f"{number}.jpg", number)
    desk.back_up(store)
    wire.forget()
    assert verify(desk, store).outcome == "safe"
    assert len(wire.requests) == 1


def test_a_large_library_is_verified_part_by_part(desk, either, monkeypatch):
    for number in range(12):
        desk.write(f"{number}.jpg", number)
    desk.back_up(either)
    lost = min(desk.md5s.values())
    either.delete(original_key(lost))
    monkeypatch.setattr("sync.originals.verify._AT_A_TIME", 1)
    report = verify(desk, either)
    assert (report.starred, report.uploaded, [gap.md5 for gap in report.gaps]) == (12, 11, [lost])


def test_every_gap_is_found_and_what_is_here_is_queued_again(desk, either):
    for name in ("lost.jpg", "cut.jpg", "safe.jpg", "never.jpg", "gone.jpg"):
        desk.write(name, 10 + len(name))
        if name != "never.jpg":
            desk.back_up(either)
    either.delete(desk.key("lost.jpg"))
    either.delete(desk.key("gone.jpg"))
    either.put(desk.key("cut.jpg"), b"cut", content_type="image/jpeg")
    (desk.album / "gone.jpg").unlink()
    desk.scan()
    desk.catalog.update_star_status(desk.md5s["never.jpg"], is_starred=True)
    with desk.catalog.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE photo SET uploaded = NULL WHERE md5 = ?", (desk.md5s["never.jpg"],)
        )
    if either.find(desk.key("never.jpg")):
        either.delete(desk.key("never.jpg"))
    report = verify(desk, either)
    assert (report.outcome, report.starred, report.uploaded, report.verified) == ("gaps", 5, 1, 1)
    found = {gap.filename: (gap.reason, gap.queued) for gap in report.gaps}
    assert found == {
        "lost.jpg": ("the original is not on the remote any more", True),
        "gone.jpg": ("the original is not on the remote any more", False),
        "cut.jpg": ("the original on the remote has 3 B instead of 17 B", True),
        "never.jpg": ("the original is not uploaded yet", True),
    }
    assert desk.counts() == {"uploaded": 1, "queued": 3, "none": 1}
    desk.back_up(either)
    report = verify(desk, either)
    assert [gap.filename for gap in report.gaps] == ["gone.jpg"]


def test_another_md5_of_the_same_size_is_seen_in_the_listing(desk, store):
    desk.write("a.jpg", b"right")
    desk.back_up(store)
    store.put(desk.key("a.jpg"), b"wrong", content_type="image/jpeg")
    (gap,) = verify(desk, store).gaps
    assert "another MD5" in gap.reason


def test_an_original_that_is_there_and_not_said_to_be_is_found(desk, either):
    desk.write("a.jpg", 5)
    desk.back_up(either)
    desk.queue(either).lost([desk.md5s["a.jpg"]])
    report = verify(desk, either)
    assert (report.outcome, report.found, desk.status("a.jpg")) == ("safe", 1, BackupStatus.UPLOADED)


def test_a_deep_verification_reads_the_bytes_within_its_budget_the_oldest_first(desk, either):
    for number in range(4):
        desk.write(f"{number}.jpg", 1000)
    desk.back_up(either)
    first = verify(desk, either, deep=True, byte_budget=2500)
    assert (first.read, first.bytes_read, first.left) == (2, 2000, 2)
    read = []
    fetch = either.read
    either.read = lambda key: read.append(key) or fetch(key)
    verify(desk, either, deep=True, byte_budget=2500)
    assert sorted(read) == sorted(original_key(md5) for md5 in sorted(desk.md5s.values())[2:])


def test_a_deep_verification_finds_what_a_listing_cannot(desk, tmp_path):
    store = DirectoryOriginals(f"file://{tmp_path}/remote")
    desk.write("a.jpg", b"right")
    desk.write("b.jpg", b"sound")
    desk.back_up(store)
    (tmp_path / "remote" / desk.key("a.jpg")).write_bytes(b"wrong")
    assert verify(desk, store).outcome == "safe"
    report = verify(desk, store, deep=True)
    assert (report.outcome, report.read, report.uploaded, report.verified) == ("gaps", 1, 1, 1)
    assert "are not the photo's" in report.gaps[0].reason
    assert desk.counts() == {"uploaded": 1, "queued": 1}


def test_out_of_reach_nothing_is_said_to_be_lost(desk, store, monkeypatch, remote):
    desk.write("a.jpg", 5)
    desk.back_up(store)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    report = verify(desk, S3Originals(remote))
    assert (report.outcome, desk.counts()) == ("offline", {"uploaded": 1})


@pytest.mark.parametrize("when", ["before it is listed", "before it is read"])
def test_of_a_disk_that_is_not_mounted_nothing_is_said_to_be_lost(desk, tmp_path, when):
    store = DirectoryOriginals(f"file://{tmp_path}/remote")
    desk.write("a.jpg", 5)
    desk.back_up(store)

    def unmount(_=None):
        (tmp_path / "remote").rename(tmp_path / "away")
        (tmp_path / "remote").mkdir()

    if when == "before it is listed":
        unmount()
        report = verify(desk, store)
    else:
        report = verify(desk, store, deep=True, progress=unmount)
    assert (report.outcome, report.gaps, desk.counts()) == ("offline", [], {"uploaded": 1})
    assert "its disk is not mounted" in report.error
