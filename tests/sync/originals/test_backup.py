"""What waits goes up, byte for byte and once, and nothing goes up as what it is not."""

import contextlib
import filecmp
import gc
import hashlib
import os
import threading
import time
from concurrent.futures import Future

import pytest

from catalog.protocol import BackupStatus
from sync.lock import backup_lock
from sync.originals.events import BackupOutcome
from sync.stores.directory_originals import DirectoryOriginals
from sync.stores.objectstore import UnreachableError
from sync.stores.original_store import original_key, thumbnail_key
from sync.stores.s3 import S3Store
from sync.stores.s3_originals import S3Originals
from tests.conftest import draw_photo
from tests.sync.originals.desk import MIB, md5_at
from tests.sync.wire import Cutting


@pytest.mark.parametrize("size", [0, 1, 16 * MIB, 16 * MIB + 1])
def test_an_original_arrives_byte_for_byte_and_comes_back(desk, either, size, tmp_path):
    md5 = desk.write("a.jpg", size)
    report = desk.back_up(either)
    assert (report.outcome, report.queued, report.uploaded, report.error) == ("done", 1, 1, None)
    assert md5_at(either, original_key(md5)) == md5
    assert desk.status("a.jpg") is BackupStatus.UPLOADED
    assert abs(desk.row("a.jpg").uploaded - either.now()) < 60
    assert desk.back_up(either).outcome == "nothing-to-do"
    assert desk.restore(either, tmp_path / "new").restored == 1
    assert filecmp.cmp(tmp_path / "new" / "a.jpg", desk.album / "a.jpg", shallow=False)


def test_a_large_original_goes_in_parts_and_its_progress_is_told(desk, store, wire):
    md5 = desk.write_sparse("large.jpg", 72 * MIB)
    held = []
    report = desk.back_up(store, progress=held.append)
    assert (report.outcome, report.bytes_up // MIB) == ("done", 72)
    assert wire.parts() == list(range(1, 10))
    assert md5_at(store, original_key(md5)) == md5
    last = held[-1]
    assert (last.done, last.total, last.bytes_done, last.bytes_total) == (1, 1, 72 * MIB, 72 * MIB)
    assert {step.filename for step in held} == {"large.jpg", ""}


def test_photos_that_wait_take_no_memory_for_being_given_out(desk, tmp_path):
    """A library may have a hundred thousand: each of them as a future would take 200 MB."""
    for number in range(60):
        (desk.album / f"{number}.jpg").write_bytes(b"%d" % number)
    desk.scan()
    desk.catalog.update_star_statuses({entry.md5: True for entry in desk.catalog.entries()})
    remote = DirectoryOriginals(f"file://{tmp_path}/remote")
    futures = []

    def count(*_):
        futures.append(sum(isinstance(one, Future) for one in gc.get_objects()))

    count()  # those that other tests have left
    assert desk.back_up(remote, progress=count).uploaded == 60
    assert desk.restore(remote, tmp_path / "new", progress=count).restored == 60
    assert max(futures) - futures[0] < 40


def test_what_is_kept_with_an_original(desk, wire, remote):
    photo = draw_photo(desk.album / "Ærø \n100%.JPG", 7, size=(600, 400))
    desk.write(photo.name, photo.read_bytes())
    store = S3Originals(remote, sse="AES256")
    desk.back_up(store, storage_class="GLACIER_IR")
    ask = {"Bucket": remote.split("/")[2]}
    original = store._client.head_object(Key=f"library/{desk.key(photo.name)}", **ask)
    assert (original["ContentType"], original["StorageClass"]) == ("image/jpeg", "GLACIER_IR")
    assert original["ServerSideEncryption"] == "AES256"
    assert original["Metadata"] == {
        "md5": desk.md5s[photo.name],
        "name": "%C3%86r%C3%B8%20%0A100%25.JPG",
        "photodate": str(desk.row(photo.name).photodate),
    }
    thumbnail = store._client.get_object(Key=f"library/{thumbnail_key(desk.md5s[photo.name])}", **ask)
    assert (thumbnail["ContentType"], thumbnail.get("StorageClass", "STANDARD")) == ("image/jpeg", "STANDARD")
    assert thumbnail["ServerSideEncryption"] == "AES256"
    assert thumbnail["Body"].read(2) == b"\xff\xd8"


def test_an_original_under_a_key_of_kms_is_proved_by_what_was_sent_with_it(desk, wire, remote):
    for name, size in (("small.jpg", 9), ("large.jpg", 16 * MIB + 1)):
        desk.write(name, size)
    store = S3Originals(remote, sse="aws:kms")
    assert desk.back_up(store).uploaded == 2
    for name, md5 in desk.md5s.items():
        assert store.find(desk.key(name)).md5 == md5


def test_what_another_device_has_sent_is_not_sent_again(desks, either):
    laptop, server = desks("laptop"), desks("server")
    for one in (laptop, server):
        one.write("a.jpg", 5)
        one.write("b.jpg", 17 * MIB)
    assert laptop.back_up(either).uploaded == 2
    before = either.traffic.bytes_up
    report = server.back_up(either)
    assert (report.outcome, report.uploaded, report.already_there) == ("done", 0, 2)
    assert either.traffic.bytes_up == before
    assert server.row("a.jpg").uploaded == laptop.row("a.jpg").uploaded


def test_an_object_that_is_not_the_original_is_replaced(desk, either):
    desk.write("a.jpg", b"right")
    either.put(desk.key("a.jpg"), b"wrong", content_type="image/jpeg")
    assert desk.back_up(either).uploaded == 1
    assert md5_at(either, desk.key("a.jpg")) == desk.md5s["a.jpg"]


def test_two_devices_at_the_same_moment_do_no_harm(desks, store, wire, remote):
    pair = [desks("laptop"), desks("server")]
    for one in pair:
        one.write("a.jpg", 1000)
        one.write("b.jpg", 17 * MIB)
        one.queue(store).note_listing(int(time.time()))  # moto says of each upload that it was begun in 2010
    both = threading.Barrier(2)
    looked = []

    def meet(request):
        if request.startswith("HEAD") and len(looked) < 4:
            looked.append(request)
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(5)

    wire.hook = meet
    reports = []
    threads = [
        threading.Thread(target=lambda d=d: reports.append(d.back_up(S3Originals(remote)))) for d in pair
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.outcome for report in reports] == ["done", "done"]
    for name, md5 in pair[0].md5s.items():
        assert md5_at(store, pair[0].key(name)) == md5


def in_silence(path):
    before = path.stat()
    path.write_bytes(b"anoth")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES = {
    "longer": lambda path: path.write_bytes(b"another photo"),
    "as long": lambda path: path.write_bytes(b"anoth"),
    "in silence": in_silence,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_has_changed_is_not_uploaded_as_what_it_was(desk, either, change):
    desk.write("a.jpg", b"photo")
    desk.write("b.jpg", b"sound")
    CHANGES[change](desk.album / "a.jpg")
    report = desk.back_up(either)
    assert (report.outcome, report.uploaded, report.failed) == ("failed", 1, 1)
    (problem,) = report.problems
    assert problem.filename == "a.jpg"
    assert "a.jpg " in problem.reason
    assert desk.status("a.jpg") is BackupStatus.FAILED
    assert [found.key for found in either.list("photos/")] == [desk.key("b.jpg")]
    if change != "in silence":
        assert "has changed since it was scanned" in problem.reason
        new = hashlib.md5((desk.album / "a.jpg").read_bytes()).hexdigest()
        assert desk.catalog.find_entry(new).paths  # it was scanned again
    else:
        assert "the disk may be damaged" in problem.reason


def test_a_large_file_that_turns_out_to_be_another_becomes_no_object(desk, store, wire):
    desk.write("a.jpg", 17 * MIB)
    path = desk.album / "a.jpg"
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(16 * MIB + 5)
        file.write(b"spoilt")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    report = desk.back_up(store)
    assert (report.outcome, report.failed, wire.parts()) == ("failed", 1, [1, 2, 3])
    assert list(store.list("photos/")) == list(store.uploads()) == []
    assert desk.queue(store).open_upload(desk.md5s["a.jpg"]) is None


def test_a_file_that_was_only_touched_is_uploaded(desk, either):
    desk.write("a.jpg", 5)
    os.utime(desk.album / "a.jpg", (1, 1))
    assert desk.back_up(either).uploaded == 1


def test_a_file_that_has_vanished_is_told_and_looked_for(desk, either):
    desk.write("a.jpg", 5)
    desk.write("b.jpg", 6)
    (desk.album / "a.jpg").rename(desk.album / "new name.jpg")
    report = desk.back_up(either)
    assert (report.outcome, report.uploaded) == ("failed", 1)
    assert report.problems[0].reason.endswith("a.jpg has vanished since it was scanned.")
    report = desk.back_up(either)  # its folder was scanned again
    assert (report.outcome, report.uploaded, desk.counts()) == ("done", 1, {"uploaded": 2})


def test_files_that_vanish_with_their_disk_stay_in_the_catalog(desk, either):
    desk.write("a.jpg", 5)
    (desk.album / "a.jpg").unlink()
    assert desk.back_up(either).failed == 1
    assert desk.queue().places(desk.md5s["a.jpg"])


def test_of_several_files_of_a_photo_one_that_is_there_is_enough(desk, either):
    for name in ("a.jpg", "b.jpg"):
        desk.write(name, b"the same")
    (desk.album / "a.jpg").unlink()
    report = desk.back_up(either)
    assert (report.outcome, report.queued, report.uploaded) == ("done", 1, 1)


def test_an_unstar_takes_out_of_the_queue_and_deletes_nothing(desk, store, wire):
    for name in ("a.jpg", "b.jpg"):
        desk.write(name, 17 * MIB)
    wire.hook = lambda request: 500 if "partNumber=3" in request and desk.key("b.jpg") in request else None
    assert desk.back_up(store).uploaded == 1
    assert desk.counts() == {"uploaded": 1, "failed": 1}
    wire.hook = lambda request: None
    for md5 in desk.md5s.values():
        desk.catalog.update_star_status(md5, is_starred=False)
    assert desk.counts() == {"uploaded": 1, "none": 1}
    assert desk.back_up(store).outcome == "nothing-to-do"
    assert [found.key for found in store.list("photos/")] == [desk.key("a.jpg")]
    assert list(store.uploads()) == []


def test_a_failure_has_its_reason_and_is_left_alone_for_a_while(desk, store, wire):
    desk.write("a.jpg", 5)
    wire.hook = lambda request: 500 if request.startswith("PUT") else None
    report = desk.back_up(store)
    assert (report.outcome, report.failed, desk.counts()) == ("failed", 1, {"failed": 1})
    assert wire.count("PUT") == 5
    (failure,) = desk.queue(store).failures()
    assert "answered 500" in failure.reason
    wire.hook = lambda request: None
    assert desk.back_up(store, due_only=True).outcome == "nothing-to-do"
    assert desk.back_up(store).outcome == "done"
    assert desk.queue(store).failures() == []


def test_a_server_that_fails_everything_ends_the_backup(desk, store, wire):
    for number in range(14):
        desk.write(f"{number}.jpg", number)
    wire.hook = lambda request: 500
    report = desk.back_up(store)
    assert (report.outcome, report.uploaded) == ("offline", 0)
    assert report.failed < 14
    assert desk.counts() == {"failed": report.failed, "queued": 14 - report.failed}


def test_out_of_reach_everything_stays_queued(desk, remote, monkeypatch):
    desk.write("a.jpg", 5)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    report = desk.back_up(S3Originals(remote))
    assert (report.outcome, desk.counts()) == ("offline", {"queued": 1})
    assert "cannot be reached" in report.error


@pytest.mark.parametrize("size", [5, 17 * MIB])
def test_a_server_that_stores_something_else_is_not_believed(desk, store, wire, size):
    desk.write("a.jpg", size)

    def lie(request, answer):
        if not request.startswith("PUT") or "photos/" not in request:
            return answer
        kept = [(name, value) for name, value in answer.headers if name.lower() != "etag"]
        return answer._replace(headers=[*kept, ("ETag", f'"{"0" * 32}"')])

    wire.after = lie
    report = desk.back_up(store)
    assert (report.outcome, report.failed) == ("failed", 1)
    assert "stored something else" in report.problems[0].reason
    assert desk.row("a.jpg").uploaded is None


def test_a_server_that_drops_connections_gets_all_of_it_at_last(desk, remote, demo_server, monkeypatch):
    desk.write("a.jpg", 3 * MIB)
    desk.write("b.jpg", 17 * MIB)
    proxy = Cutting(demo_server.url, [1000, MIB, 2 * MIB, 5 * MIB, 100, 9 * MIB, 3 * MIB])
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
    store = S3Originals(remote)
    try:
        report = desk.back_up(store)
        assert (report.outcome, report.uploaded) == ("done", 2)
        assert proxy.after == []
        for name, md5 in desk.md5s.items():
            assert md5_at(store, desk.key(name)) == md5
    finally:
        proxy.close()


def test_a_cancel_does_not_wait_for_a_silent_server_and_what_arrived_is_not_sent_again(
    desk, store, wire, remote
):
    desk.write("a.jpg", 40 * MIB)
    cancel, answer = threading.Event(), threading.Event()

    def hold(request):
        if "partNumber=5" in request:
            others_stored.wait(20)
            cancel.set()
            answer.wait(20)

    def note(request, answer):
        stored.update(wire.PARTS.findall(request))
        if len(stored) == 4:
            others_stored.set()
        return answer

    stored, others_stored = set(), threading.Event()
    wire.after, wire.hook = note, hold
    report = desk.back_up(store, cancel=cancel)
    assert not answer.is_set()
    assert (report.outcome, desk.counts()) == ("cancelled", {"queued": 1})
    assert "stays queued" in report.error
    answer.set()
    wire.forget()
    desk.back_up(S3Originals(remote))
    assert wire.parts() in ([], [5])  # that too may have arrived meanwhile
    assert md5_at(store, desk.key("a.jpg")) == desk.md5s["a.jpg"]


def test_a_cancel_stops_in_the_middle_of_a_body(desk, store, wire):
    desk.write("a.jpg", 4 * MIB)
    cancel = threading.Event()
    report = desk.back_up(
        store, bytes_per_second=10_000, cancel=cancel, progress=lambda step: step.bytes_done and cancel.set()
    )
    assert report.outcome == "cancelled"
    assert list(store.list("photos/")) == []


def test_parts_that_the_server_has_are_believed_only_if_they_are_right(desk, store, wire):
    desk.write("a.jpg", 17 * MIB)
    wire.hook = lambda request: 500 if "partNumber=3" in request else None
    assert desk.back_up(store).failed == 1
    upload = desk.queue(store).open_upload(desk.md5s["a.jpg"])
    ask = {"Bucket": store._bucket, "Key": store._prefix + desk.key("a.jpg"), "UploadId": upload.upload_id}
    store._client.upload_part(PartNumber=2, Body=bytes(8 * MIB), **ask)
    wire.forget()
    assert desk.back_up(store).uploaded == 1
    assert wire.parts() == [2, 3]
    assert md5_at(store, desk.key("a.jpg")) == desk.md5s["a.jpg"]


def test_an_upload_that_the_server_has_forgotten_begins_anew(desk, store, wire):
    desk.write("a.jpg", 17 * MIB)
    wire.hook = lambda request: 500 if "partNumber=3" in request else None
    desk.back_up(store)
    store.abort_upload(desk.key("a.jpg"), desk.queue(store).open_upload(desk.md5s["a.jpg"]).upload_id)
    wire.forget()
    assert (desk.back_up(store).uploaded, wire.parts()) == (1, [1, 2, 3])


def test_a_completion_that_comes_late_is_found_out(desk, store, wire, monkeypatch):
    """The server was still at it when it was asked for the object, and had done it when asked for the parts."""
    desk.write("a.jpg", 17 * MIB)
    key, ask_for_parts, complete = desk.key("a.jpg"), store.parts, store.complete_upload
    completions = []

    def break_off(key, upload_id, etags):
        completions.append(lambda: complete(key, upload_id, etags))
        raise UnreachableError("It does not answer.")

    with monkeypatch.context() as at_first:
        at_first.setattr(store, "complete_upload", break_off)
        assert desk.back_up(store).outcome == "offline"
    monkeypatch.setattr(store, "parts", lambda *upload: completions.pop()() and ask_for_parts(*upload))
    wire.forget()
    assert (desk.back_up(store).outcome, wire.parts()) == ("done", [])
    assert md5_at(store, key) == desk.md5s["a.jpg"]
    assert desk.queue(store).open_upload(desk.md5s["a.jpg"]) is None


def test_a_completion_whose_answer_is_lost_is_found_out(desk, store, wire):
    desk.write("a.jpg", 17 * MIB)
    lost = []

    def lose(request, answer):
        if request.startswith("POST") and "uploadId=" in request and not lost:
            lost.append(request)
            raise ConnectionResetError
        return answer

    wire.after = lose
    report = desk.back_up(store)
    assert (report.outcome, report.uploaded, bool(lost)) == ("done", 1, True)


def test_one_backup_at_a_time(desk, either):
    desk.write("a.jpg", 5)
    with backup_lock(desk.catalog.path):
        report = desk.back_up(either)
    assert (report.outcome, report.error) == (
        BackupOutcome.FAILED,
        "Another backup of this catalog is under way.",
    )


def test_a_remote_of_the_sync_is_not_in_the_way(desk, store, wire, remote):
    desk.write("a.jpg", 5)
    S3Store(remote).put("photos/readme.txt", b"not an original", content_type="text/plain")
    assert desk.back_up(store).uploaded == 1
