"""A rehearsal tells what a sync would do, to the letter, and changes nothing anywhere."""

import sqlite3
import threading
from contextlib import closing

import pytest

from sync.engine import Sync
from sync.events import Reason
from sync.manifest import KEY
from tests.sync.fault_store import Fault, FaultStore, Killed
from tests.sync.memory_store import MemoryStore


def file_of(device):
    with closing(sqlite3.connect(device.catalog.path)) as connection:
        return list(connection.iterdump())


def rehearse(device, store=None, **options):
    """Rehearse a sync, and look that nothing was changed by it."""
    before, objects = file_of(device), dict(device.bucket.objects)
    store = store or MemoryStore(device.bucket)
    report = Sync(device.catalog, store, device.name, backoff=0.001, **options).rehearse()
    assert file_of(device) == before
    assert device.bucket.objects == objects
    assert {call.method for call in store.log} <= {"GET", "LIST"}
    return report


def told(report):
    return (report.outcome, report.pulled_rows, report.pushed_rows, report.new_conflicts, report.error)


def lonely(device, pair):
    return device("phone").add("e1", "e2", starred=True)


def with_nothing(device, pair):
    return device("phone")


def idle(device, pair):
    return pair[1]


def with_both_sides(device, pair):
    laptop, server = pair
    laptop.star("a1")
    laptop.unstar("a2")
    laptop.add("d1", starred=True)
    laptop.change("b1", filename="laptop's.jpg")
    laptop.sync()
    server.change("b1", filename="server's.jpg")
    server.star("c1")
    server.add("e1", "e2")
    return server


def with_a_commit_of_unknown_fate(device, pair):
    laptop, server = pair
    server.star("a1", "b1")
    store = FaultStore(MemoryStore(server.bucket)).fail(Fault.KILLED_AFTER, "PUT", KEY)
    with pytest.raises(Killed):
        server.sync(store)
    server.unstar("a1")
    laptop.star("c1")
    laptop.sync()
    return server


def with_a_commit_that_never_was(device, pair):
    _, server = pair
    server.star("a1", "b1")
    with pytest.raises(Killed):
        server.sync(FaultStore(MemoryStore(server.bucket)).fail(Fault.KILLED_BEFORE, "PUT", KEY))
    server.unstar("a1")
    return server


SCENES = [lonely, with_nothing, idle, with_both_sides, with_a_commit_of_unknown_fate]


@pytest.mark.parametrize("scene", SCENES)
def test_what_it_tells_is_what_the_sync_does_then(device, pair, scene):
    one = scene(device, pair)
    rehearsed = rehearse(one)
    done = one.sync()
    if scene is not with_a_commit_of_unknown_fate:  # the recovery itself is a commit
        assert rehearsed.outcome == done.outcome
    assert told(rehearsed)[1:] == told(done)[1:]
    assert rehearsed.preview.stopped is None


def test_an_empty_remote_gets_everything(device):
    phone = device("phone").add("e1").add("e2", starred=True)
    report = rehearse(phone)
    assert (report.outcome, report.pushed_rows, report.seq) == ("committed", 2, None)
    assert (report.preview.there.added, report.preview.there.starred) == (2, 1)
    assert phone.sync(probed=True).pushed_rows == 2


def test_it_counts_what_people_care_for(device, pair):
    here, there, _ = rehearse(with_both_sides(device, pair)).preview
    assert (here.starred, here.unstarred, here.added, here.deleted, here.changed) == (2, 1, 1, 0, 1)
    assert (there.starred, there.unstarred, there.added, there.deleted, there.changed) == (1, 0, 2, 0, 0)


def test_a_commit_that_never_was_would_go_up_as_it_is_now(device, pair):
    server = with_a_commit_that_never_was(device, pair)
    report = rehearse(server)
    assert (report.outcome, report.pushed_rows, report.preview.there.starred) == ("committed", 1, 1)


def test_a_first_contact_does_not_shut_the_catalog_while_it_downloads(device, pair):
    phone, starred = device("phone").add("e1"), []
    store = FaultStore(MemoryStore(phone.bucket))
    store.before(lambda: starred.append(phone.star("e1")), "GET")
    assert Sync(phone.catalog, store, "phone").rehearse().preview.there.starred == 1
    assert starred == [None]
    assert phone.pending() == {"e1"}


@pytest.mark.parametrize("way", ["here", "there"])
def test_it_says_whether_the_sync_would_stop(device, bucket, way):
    photos = [f"a{number:02}1" for number in range(30)]
    laptop, server = device("laptop").add(*photos, starred=True), device("server")
    laptop.sync()
    server.sync()
    laptop.unstar(*photos)
    if way == "here":
        laptop.sync(accepted={Reason.REMOVALS})
    one, where = (server, "here") if way == "here" else (laptop, "on memory://bucket/library")
    report = rehearse(one)
    assert (report.outcome, report.reason, report.error) == ("refused", Reason.REMOVALS, None)
    assert f"take away 30 of 30 stars {where}" in report.preview.stopped
    assert getattr(report.preview, way).unstarred == 30
    report = rehearse(one, accepted={Reason.REMOVALS})
    assert (report.outcome, report.preview.stopped) == ("pulled" if way == "here" else "committed", None)


def test_a_remote_that_fails_is_told_and_nothing_is_noted(pair, bucket):
    laptop, _ = pair
    report = rehearse(laptop, FaultStore(MemoryStore(bucket)).fail(Fault.UNREACHABLE))
    assert (report.outcome, report.preview) == ("offline", None)
    cancel = threading.Event()
    cancel.set()
    assert rehearse(laptop, cancel=cancel).reason is Reason.CANCELLED


def test_a_delta_that_does_not_fit_is_rehearsed_with_the_whole_shard(pair):
    laptop, server = pair
    with server.catalog.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE photo SET filename = 'rotten' WHERE md5 LIKE 'a%'")
    laptop.star("a1")
    laptop.sync()
    rehearsed = rehearse(server)
    assert told(rehearsed) == told(server.sync())
