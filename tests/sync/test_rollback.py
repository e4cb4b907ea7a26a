"""Restore points and the way back: what syncs have changed is put back exactly, what people did since stays."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.changes import change_photo
from catalog.exchange import Exchange
from catalog.restore_points import POINTS_KEPT, restore_points
from catalog.rollback import RestorePointNotFoundError, roll_back
from sync.events import Phase, Reason
from sync.manifest import KEY
from tests.sync.conftest import Device, md5_of
from tests.sync.fault_store import Fault, FaultStore, Killed
from tests.sync.memory_store import MemoryStore


def points(device):
    with device.catalog.reading() as connection:
        return restore_points(connection)


def put_file(device, photo):
    """Let a file of a photo lie on a device."""
    with device.catalog.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO file (folder, name, md5, size, mtime_ns, inode, missing) VALUES (?, ?, ?, 1, 1, 1, 0)",
            (b"/photos", photo.encode(), md5_of(photo)),
        )


def live(device):
    return {md5.rstrip("0") for md5, row in device.rows().items() if not row.deleted}


# --- what a point keeps


def test_a_pull_that_changes_photos_makes_a_point_and_no_other_does(pair):
    laptop, server = pair
    server.sync()
    assert points(server) == []
    laptop.star("a1")
    laptop.sync()
    assert points(laptop) == []  # what goes up changes nothing here
    server.sync()
    (point,) = points(server)
    assert point[2:] == (server.store.url, 2, "commit 2 by laptop", 1)
    server.sync()
    assert points(server) == [point]


def test_a_change_that_is_here_already_makes_no_point(pair):
    laptop, server = pair
    for one in pair:
        one.star("a1")
    laptop.sync()
    assert server.sync().pulled_rows == 0
    assert points(server) == []


def test_the_last_twenty_points_are_kept(pair):
    laptop, server = pair
    for number in range(POINTS_KEPT + 2):
        laptop.change("a1", filename=f"{number}.jpg")
        laptop.sync()
        server.sync()
    assert POINTS_KEPT == 20
    assert [point.seq for point in points(server)] == list(range(POINTS_KEPT + 3, 3, -1))
    with server.catalog.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM restore_row").scalar() == POINTS_KEPT
    oldest = points(server)[-1].id
    roll_back(server.catalog, oldest)
    assert server.names()["a1"] == "1.jpg"
    assert len(points(server)) == POINTS_KEPT
    with pytest.raises(RestorePointNotFoundError, match=f"no restore point {oldest}.*history"):
        roll_back(server.catalog, oldest)  # it had to make room for the rollback's own


def test_a_catalog_that_knew_nothing_has_nothing_to_go_back_to(device, pair):
    phone = device("phone")
    assert phone.sync().pulled_rows == 4
    assert points(phone) == []
    with pytest.raises(RestorePointNotFoundError, match="no restore point yet"):
        roll_back(phone.catalog)


def test_the_photos_of_a_first_contact_take_no_row_each(device, bucket):
    laptop, guest = device("laptop"), device("guest").add("a1")
    laptop.add(*(f"a0{number:03}" for number in range(300))).add("b1", starred=True).sync()
    guest.sync()
    with guest.catalog.reading() as connection:
        rows = connection.exec_driver_sql("SELECT md5, before FROM restore_row ORDER BY md5").all()
    assert rows == [("a0", None), ("b1", None)]
    assert roll_back(guest.catalog)[1:5] == (0, 301, 0, 0)
    assert live(guest) == {"a1"}


# --- the way back


def test_a_rollback_puts_stars_back_and_the_next_sync_tells_everybody(pair):
    laptop, server = pair
    laptop.unstar("a2")
    laptop.change("b1", filename="renamed.jpg")
    laptop.sync()
    before = server.rows()
    server.sync()
    done = roll_back(server.catalog)
    assert (done.restored, done.removed, done.kept_here, done.kept_changes) == (2, 0, 0, 0)
    assert server.rows() == before
    assert server.sync().pushed_rows == 2
    assert laptop.sync().new_conflicts == 0
    assert laptop.rows() == before


def test_a_rollback_goes_back_over_several_points_at_once(pair):
    laptop, server = pair
    before = server.rows()
    for number in range(3):
        laptop.change("a1", filename=f"{number}.jpg")
        laptop.add(f"d{number + 1}")
        laptop.sync()
        server.sync()
    done = roll_back(server.catalog, points(server)[-1].id)
    assert (done.restored, done.removed) == (1, 3)
    assert {md5: row for md5, row in server.rows().items() if not row.deleted} == before


def test_a_rollback_can_be_rolled_back(pair):
    laptop, server = pair
    laptop.star("a1")
    laptop.add("d1", starred=True)
    laptop.sync()
    server.sync()
    pulled = server.rows()
    first = roll_back(server.catalog)
    again = roll_back(server.catalog)
    assert again.to == first.point
    assert server.rows() == pulled
    assert server.pending() == set()  # it is again what the remote has
    roll_back(server.catalog, first.to)
    assert server.stars() == {"a2"}


def test_a_rollback_of_nothing_changes_nothing(pair):
    laptop, server = pair
    laptop.star("a1")
    laptop.sync()
    server.sync()
    server.unstar("a1")
    before = server.dump()
    assert roll_back(server.catalog).point is None
    assert server.dump() == before


def test_a_photo_that_came_later_is_taken_out_unless_a_file_of_it_lies_here(pair):
    laptop, server = pair
    laptop.add("d1", "d2")
    laptop.sync()
    server.sync()
    put_file(server, "d1")
    done = roll_back(server.catalog)
    assert (done.removed, done.kept_here) == (1, 1)
    assert live(server) == {"a1", "a2", "b1", "c1", "d1"}
    server.sync(accepted={Reason.REMOVALS})
    laptop.sync(accepted={Reason.REMOVALS})
    assert live(laptop) == live(server)


@pytest.mark.parametrize("sent", [False, True], ids=["pending", "synced"])
def test_a_star_that_was_given_since_is_not_lost(pair, sent):
    laptop, server = pair
    laptop.change("a1", filename="renamed.jpg")
    laptop.add("d1")
    laptop.sync()
    server.sync()
    server.star("a1", "d1")
    if sent:
        server.sync()
    done = roll_back(server.catalog)
    assert done.kept_changes == 2
    assert server.stars() == {"a1", "a2", "d1"}
    assert server.names()["a1"] == "a1.jpg"
    server.sync()
    laptop.sync()
    assert laptop.stars() == server.stars()


def test_a_star_that_was_given_since_stays_though_an_older_change_had_given_the_same(pair):
    laptop, server = pair
    laptop.star("a1")
    laptop.sync()
    server.sync()
    laptop.unstar("a1")
    laptop.sync()
    server.sync()
    server.star("a1")
    roll_back(server.catalog, points(server)[-1].id)
    assert server.stars() == {"a1", "a2"}


def test_a_star_that_was_given_since_keeps_its_photo_though_that_was_deleted_then(pair):
    laptop, server = pair
    laptop.add("d1")
    laptop.sync()
    server.sync()
    server.star("d1")
    server.sync()
    laptop.sync()
    laptop.change("d1", deleted=True)
    laptop.sync(accepted={Reason.REMOVALS})
    server.sync(accepted={Reason.REMOVALS})
    assert "d1" not in server.stars()
    roll_back(server.catalog, points(server)[-1].id)
    assert "d1" in server.stars()


def test_what_was_renamed_since_keeps_its_new_name(pair):
    laptop, server = pair
    laptop.change("a1", filename="laptop's.jpg", starred=True)
    laptop.sync()
    server.sync()
    server.change("a1", filename="server's.jpg")
    server.sync()
    assert roll_back(server.catalog).kept_changes == 1
    assert (server.names()["a1"], server.stars()) == ("server's.jpg", {"a2"})


def test_a_conflict_whose_value_of_this_device_is_back_is_closed(pair):
    laptop, server = pair
    for one in pair:
        one.change("a1", filename=f"{one.name}'s.jpg")
        one.change("b1", photodate=ord(one.name[0]))
    laptop.sync()
    assert server.sync().new_conflicts == 2
    server.change("b1", photodate=99)
    roll_back(server.catalog)
    assert server.names()["a1"] == "server's.jpg"
    assert [conflict.field for conflict in server.conflicts()] == ["photodate"]  # decided since, by hand


@pytest.mark.parametrize("key", ["deltas/*", "manifests/*", KEY])
def test_a_rollback_while_a_batch_is_under_way_belongs_to_the_next_one(pair, bucket, key):
    laptop, server = pair
    laptop.star("a1")
    laptop.sync()
    server.sync()
    server.change("a1", filename="server's.jpg")
    frozen = server.rows()
    store = FaultStore(MemoryStore(bucket)).before(lambda: roll_back(server.catalog), "PUT", key)
    assert server.sync(store).outcome == "committed"
    assert server.pending() == {"a1"}
    laptop.sync()
    assert laptop.rows() == frozen
    assert server.sync().outcome == "committed"
    laptop.sync()
    assert laptop.stars() == server.stars() == {"a2"}


def test_a_rollback_between_a_kill_and_its_recovery_is_sent_after_it(pair, bucket):
    laptop, server = pair
    laptop.star("a1")
    laptop.sync()
    server.sync()
    server.change("a1", filename="server's.jpg")
    server.sync(FaultStore(MemoryStore(bucket)).fail(Fault.UNREACHABLE, "*", KEY, nth=2, times=99))
    roll_back(server.catalog)
    assert server.sync().error is None
    laptop.sync()
    assert (laptop.stars(), laptop.names()["a1"]) == ({"a2"}, "server's.jpg")
    assert not server.pending()


def test_a_batch_that_is_abandoned_leaves_nothing_pending_that_was_taken_back(pair):
    laptop, _ = pair
    exchange = Exchange(laptop.catalog)
    laptop.star("a1", "b1")
    exchange.freeze("one", "memory://bucket/library")
    laptop.unstar("a1")
    exchange.abandon()
    assert laptop.pending() == {"b1"}


# --- in general

PHOTOS = ["a1", "a2", "b1", "c1", "d1", "d2"]
CHANGES = [{"starred": True, "deleted": False}, {"starred": False}, {"filename": "x"}, {"filename": "y"},
           {"deleted": True}]  # fmt: skip
changes = st.lists(st.tuples(st.sampled_from(PHOTOS), st.sampled_from(CHANGES)), max_size=4)
rounds = st.lists(st.tuples(changes, st.sets(st.sampled_from(PHOTOS), max_size=1)), min_size=1, max_size=3)


def take(device, wanted):
    with device.catalog.connections.writing() as connection:
        for photo, values in wanted:
            change_photo(connection, md5_of(photo), **values)


@settings(max_examples=25)
@example(
    mine=[],
    unsynced=[],
    known=False,
    rounds=[([("a1", {"starred": True, "deleted": False}), ("a1", {"deleted": True})], {"a1"})],
)
@example(mine=[], unsynced=[], known=False, rounds=[([], set()), ([("d1", {"deleted": True})], {"d1"})])
@given(mine=changes, unsynced=changes, rounds=rounds, known=st.booleans())
def test_all_is_as_it_was_except_the_stars_that_were_given_since(synced, mine, unsynced, rounds, known):
    folder, remote = synced
    bucket = remote.copy()
    with tempfile.TemporaryDirectory() as here:
        laptop, server = (
            Device(name, Path(shutil.copy(folder / f"{name}.db", here)), bucket)
            for name in ("laptop", "server")
        )
        with closing(laptop.catalog), closing(server.catalog):
            laptop.add("d1", "d2")
            if known:
                laptop.sync()
                server.sync()
            take(server, mine)
            server.sync(accepted={Reason.REMOVALS})
            take(server, unsynced)
            before, newest = server.rows(), [point.id for point in points(server)]
            starred = set()
            for theirs, stars in rounds:
                laptop.sync(accepted={Reason.REMOVALS})
                take(laptop, theirs)
                laptop.sync(accepted={Reason.REMOVALS})
                server.sync(accepted={Reason.REMOVALS})
                wanted = {md5_of(photo): True for photo in stars - starred if md5_of(photo) in server.rows()}
                starred |= {md5.rstrip("0") for md5 in server.catalog.update_star_statuses(wanted)}
            since = [point.id for point in points(server) if point.id not in newest]
            if since:
                roll_back(server.catalog, min(since))
            for md5, row in server.rows().items():
                if md5.rstrip("0") in starred:
                    assert row.starred
                    assert not row.deleted
                elif md5 in before:
                    assert row == before[md5]
                else:
                    assert row.deleted
            for _ in range(2):
                assert server.sync(accepted={Reason.REMOVALS}).error is None
                assert laptop.sync(accepted={Reason.REMOVALS}).error is None
            assert laptop.rows() == server.rows()


# --- kill -9

KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from catalog import rollback
from catalog.store import SqlCatalog

def killed(statement):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

catalog = SqlCatalog(Path(sys.argv[1]))
event.listen(catalog.engine, "connect", lambda connection, _: connection.set_trace_callback(killed))
rollback.roll_back(catalog)
"""


@pytest.mark.parametrize(
    "statement", ["UPDATE photo", "INSERT INTO restore_row", "DELETE FROM restore_point"]
)
def test_a_rollback_that_is_killed_has_not_begun(pair, statement):
    laptop, server = pair
    laptop.star("a1", "b1")
    laptop.sync()
    server.sync()
    before = server.dump()
    server.catalog.close()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, server.catalog.path, statement],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(server.catalog.path)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    assert server.dump() == before
    assert roll_back(server.catalog).restored == 2


def test_a_sync_that_breaks_off_leaves_no_point_without_its_changes(device):
    laptop, server = device("laptop").add("a1", "b1"), device("server").add("a1", starred=True)
    laptop.sync()
    before = server.dump()

    def break_off(step):
        if step.phase is Phase.MERGING and step.done == 12:
            raise Killed

    with pytest.raises(Killed):
        server.sync(progress=break_off)
    after = server.dump()
    assert {name for name in before if before[name] != after[name]} <= {"device", "remote"}
    assert points(server) == []


def test_what_is_in_the_bucket_is_not_taken_back(pair):
    laptop, server = pair
    laptop.star("a1")
    laptop.change("a1", uploaded=1_700_000_000)
    laptop.sync()
    server.sync()
    undone = roll_back(server.catalog)
    row = server.rows()[md5_of("a1")]
    assert (row.starred, row.uploaded) == (False, 1_700_000_000)
    assert (undone.restored, undone.kept_changes) == (1, 0)
