"""The queue is what is starred, here and not safe, whoever has made it so; its counts are of sets."""

import time
from itertools import pairwise

import pytest

from catalog.backup_queue import BackupQueue, OpenUpload
from catalog.protocol import BackupStatus
from tests.catalog.conftest import pending, photo, put_synced, rows_of, scan
from tests.conftest import draw_photo

URL = "s3://bucket/library"


@pytest.fixture
def album(tmp_path):
    draw_photo(tmp_path / "album" / "a.jpg", 1)
    draw_photo(tmp_path / "album" / "b.jpg", 2)
    return tmp_path / "album"


@pytest.fixture
def scanned(catalog, album):
    scan(catalog, album)
    return sorted(rows_of(catalog), key=lambda md5: rows_of(catalog)[md5].filename)


@pytest.fixture
def queue(catalog):
    return BackupQueue(catalog, URL)


def status(catalog, md5):
    return catalog.find_entry(md5).backup_status


def waiting(queue, **options):
    return [found.md5 for found in queue.waiting(**options)]


def test_a_star_queues_and_an_unstar_takes_out(catalog, scanned, queue):
    a, b = scanned
    assert waiting(queue) == []
    catalog.update_star_status(a, is_starred=True)
    assert (waiting(queue), status(catalog, a), status(catalog, b)) == ([a], "queued", "none")
    assert catalog.stats().backup[BackupStatus.QUEUED] == 1
    catalog.update_star_status(a, is_starred=False)
    assert (waiting(queue), status(catalog, a)) == ([], "none")


def test_only_a_device_that_has_the_file_queues_it(catalog, album, queue):
    starred = photo("a", starred=True)
    put_synced(catalog, starred)
    assert (waiting(queue), status(catalog, starred.md5)) == ([], "none")
    scan(catalog, album)
    for row in rows_of(catalog).values():  # stars that come from another device
        put_synced(catalog, row._replace(starred=True))
    assert len(waiting(queue)) == 2
    (album / "a.jpg").unlink()
    scan(catalog, album)
    assert len(waiting(queue)) == 1


def test_what_another_device_has_brought_to_safety_waits_no_more(catalog, scanned, queue):
    a, _ = scanned
    catalog.update_star_status(a, is_starred=True)
    queue.failed(a, "It rained.")
    put_synced(catalog, rows_of(catalog)[a]._replace(uploaded=5))
    assert (waiting(queue), status(catalog, a), queue.failures()) == ([], "uploaded", [])


def test_an_unstar_from_another_device_ends_what_was_said_of_an_upload(catalog, scanned, queue):
    a, _ = scanned
    catalog.update_star_status(a, is_starred=True)
    queue.failed(a, "It rained.")
    put_synced(catalog, rows_of(catalog)[a]._replace(starred=False))
    assert status(catalog, a) is BackupStatus.NONE
    put_synced(catalog, rows_of(catalog)[a]._replace(starred=True))
    assert status(catalog, a) is BackupStatus.QUEUED


def test_an_upload_is_followed_to_its_end(catalog, scanned, queue):
    a, _ = scanned
    catalog.update_star_status(a, is_starred=True)
    queue.begin([a])
    assert status(catalog, a) is BackupStatus.UPLOADING
    queue.done({a: 1_700_000_000})
    assert (status(catalog, a), rows_of(catalog)[a].uploaded) == ("uploaded", 1_700_000_000)
    assert a in pending(catalog)
    queue.lost([a])
    assert (status(catalog, a), rows_of(catalog)[a].uploaded) == ("queued", None)


def test_with_nothing_to_note_no_other_writer_is_waited_for(catalog, queue):
    with catalog.connections.writing():  # as long as a scan stores what it has read
        queue.begin(set())
        queue.done({})
        queue.lost([])


def test_an_upload_begun_for_a_star_that_is_gone_is_not_told(catalog, scanned, queue):
    queue.begin([scanned[0]])
    assert status(catalog, scanned[0]) is BackupStatus.NONE


def test_after_a_kill_nothing_is_uploading(catalog, scanned, queue):
    for md5 in scanned:
        catalog.update_star_status(md5, is_starred=True)
    queue.begin([scanned[0]])
    queue.failed(scanned[1], "It rained.")
    queue.settle()
    assert [status(catalog, md5) for md5 in scanned] == ["queued", "failed"]


def test_a_failure_at_one_remote_says_nothing_of_another(catalog, scanned, queue):
    a, _ = scanned
    catalog.update_star_status(a, is_starred=True)
    for _ in range(3):
        queue.failed(a, "It rained.")
    other = BackupQueue(catalog, "s3://elsewhere/library")
    assert waiting(queue, due_at=time.time()) == []
    other.note_upload(OpenUpload(a, "id", 5))
    assert (waiting(other, due_at=time.time()), other.failures()) == ([a], [])
    other.failed(a, "It snowed.")
    assert [(failure.reason, failure.attempts) for failure in other.failures()] == [("It snowed.", 1)]
    assert waiting(other, due_at=time.time()) == []


def test_an_upload_begun_elsewhere_is_not_gone_on_with_after_a_failure(catalog, scanned, queue):
    a, _ = scanned
    catalog.update_star_status(a, is_starred=True)
    queue.note_upload(OpenUpload(a, "id", 5))
    other = BackupQueue(catalog, "s3://elsewhere/library")
    other.failed(a, "It snowed.")
    assert (other.open_upload(a), queue.open_upload(a)) == (None, None)
    queue.note_upload(OpenUpload(a, "id", 5))
    queue.failed(a, "It rained.")
    assert queue.open_upload(a) == OpenUpload(a, "id", 5)


def test_it_looks_at_no_photo_that_no_backup_has_touched(catalog, queue):
    told: list[str] = []
    with catalog.connections.writing() as connection:
        connection.set_trace_callback(told.append)
    queue.settle()  # on the same connection
    with catalog.connections.writing() as connection:
        connection.set_trace_callback(None)
        (update,) = (statement for statement in told if "UPDATE photo" in statement)
        plan = [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {update}")]
    assert "INDEX photo_in_backup" in plan[0]


def test_a_failure_pauses_longer_each_time_and_goes_to_the_end(catalog, scanned, queue):
    a, b = sorted(scanned)
    for md5 in scanned:
        catalog.update_star_status(md5, is_starred=True)
    pauses = []
    for _ in range(12):
        queue.failed(a, "It rained.")
        (failure,) = queue.failures()
        pauses.append(failure.next_try)
    steps = [later - earlier for earlier, later in pairwise(pauses)]
    assert 50 < steps[0] < 70
    assert 6 * 3600 - 5 <= pauses[-1] - (pauses[0] - 60) <= 6 * 3600 + 5
    assert (failure.reason, failure.attempts) == ("It rained.", 12)
    assert waiting(queue) == [b, a]
    assert waiting(queue, due_at=pauses[-1] - 1) == [b]
    assert waiting(queue, due_at=pauses[-1]) == [b, a]


def test_a_failure_noted_while_the_clock_was_ahead_is_due(catalog, scanned, queue):
    a, b = scanned
    for md5 in (a, b):
        catalog.update_star_status(md5, is_starred=True)
    queue.failed(a, "The server said no.")
    (failure,) = queue.failures()
    assert waiting(queue, due_at=failure.next_try - 61) == [b]
    assert waiting(queue, due_at=failure.next_try - 365 * 86400) == [b, a]


def test_an_upload_in_parts_is_remembered_for_its_remote(catalog, scanned, queue):
    a, _ = scanned
    catalog.update_star_status(a, is_starred=True)
    upload = OpenUpload(a, "id", 8)
    queue.note_upload(upload)
    queue.failed(a, "It rained.")
    assert queue.open_upload(a) == upload
    assert (queue.upload_ids(), queue.unwanted_uploads()) == ({"id"}, [])
    assert BackupQueue(catalog, "s3://elsewhere").open_upload(a) is None
    catalog.update_star_status(a, is_starred=False)
    assert queue.unwanted_uploads() == [upload]
    queue.forget_upload(a)
    assert queue.open_upload(a) is None


def test_an_upload_is_gone_on_with_as_long_as_a_file_is_here(catalog, album, scanned, queue):
    a, _ = scanned
    catalog.update_star_status(a, is_starred=True)
    queue.note_upload(OpenUpload(a, "id", 8))
    (album / "a.jpg").unlink()
    scan(catalog, album)
    assert (queue.upload_ids(), queue.unwanted_uploads()) == (set(), [])  # a file of it may come back


def test_when_uploads_were_looked_for_is_kept_for_each_remote(catalog, queue):
    assert queue.listed_at() is None
    queue.note_listing(5)
    queue.note_listing(7)
    assert (queue.listed_at(), BackupQueue(catalog, "s3://elsewhere").listed_at()) == (7, None)


def test_each_photo_is_counted_once(catalog, scanned, queue):
    put_synced(
        catalog,
        photo("a", uploaded=1), photo("b", uploaded=1, starred=True), photo("c", starred=True, deleted=True),
    )  # fmt: skip
    catalog.update_star_status(scanned[0], is_starred=True)
    stats = catalog.stats()
    assert stats.backup == {"none": 1, "queued": 1, "uploading": 0, "uploaded": 2, "failed": 0}
    assert sum(stats.backup.values()) == stats.photos
