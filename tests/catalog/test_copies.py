"""Copies of the catalog: whole or not there, the three newest of each kind, and never in anybody's way."""

import os
import shutil
import signal
import sqlite3
import stat
import time
from contextlib import closing

import pytest

from catalog import copies as copies_module
from catalog import schema
from catalog.copies import back_up, copies, lock_of
from catalog.store import SqlCatalog
from tests.catalog.conftest import photo, put_synced, start_python
from tests.conftest import permissions_that_count

DAY = 86400


def grow_old(path, days):
    then = time.time() - days * DAY
    os.utime(path, (then, then))


@pytest.fixture
def week_old(catalog):
    """A catalog with a star, made a week and a day ago and closed."""
    put_synced(catalog, photo("a", starred=True))
    catalog.close()
    lock = lock_of(catalog.path)
    lock.touch()
    grow_old(lock, 8)
    return catalog.path


def open_and_close(path):
    catalog = SqlCatalog(path)
    catalog.close()
    return catalog.warning


def test_a_copy_is_a_whole_catalog_for_its_owners_eyes(catalog):
    put_synced(catalog, photo("a", starred=True))  # lies in the write-ahead log as yet
    copy = back_up(catalog.path, "before-0002")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    copied = SqlCatalog(copy)
    assert [entry.filename for entry in copied.starred_entries()] == ["a.jpg"]
    copied.close()


def test_the_three_newest_copies_of_each_kind_are_kept(catalog):
    made = []
    for age in range(5):
        made.append(back_up(catalog.path, f"before-000{age}"))
        os.utime(made[-1], (age, age))
    weekly = back_up(catalog.path, "weekly")
    newest = back_up(catalog.path, "before-0009")
    assert copies(catalog.path, "before") == [newest, *made[:2:-1]]
    assert set(copies(catalog.path)) == {newest, weekly, *made[3:]}


def test_a_copy_is_made_once_a_week(week_old):
    assert open_and_close(week_old) is None
    (first,) = copies(week_old, "weekly")
    open_and_close(week_old)
    grow_old(first, 6.9)
    open_and_close(week_old)
    assert copies(week_old) == [first]
    for age in (8, 8, 8, 8):
        for copy in copies(week_old):
            renamed = copy.rename(f"{copy}{age}")  # a copy is named by the second
            grow_old(renamed, age)
            age += 7  # noqa: PLW2901
        open_and_close(week_old)
    assert len(copies(week_old, "weekly")) == 3
    assert time.time() - copies(week_old)[0].stat().st_mtime < DAY


def test_copies_made_while_the_clock_was_ahead_keep_no_later_one_from_being_made(week_old):
    for ahead in (-300, -400, -500):  # days
        grow_old(back_up(week_old, "weekly").rename(f"{week_old}.weekly-{ahead}"), ahead)
    grow_old(lock_of(week_old), -300)
    open_and_close(week_old)
    newest, *others = copies(week_old)
    assert abs(time.time() - newest.stat().st_mtime) < DAY
    assert len(others) == 2
    open_and_close(week_old)
    assert copies(week_old) == [newest, *others]
    old = newest.rename(f"{week_old}.weekly-8")
    grow_old(old, 8)
    open_and_close(week_old)
    assert copies(week_old)[1] == old


def test_a_young_catalog_and_an_empty_one_are_not_copied(catalog, tmp_path, empty_catalog):
    put_synced(catalog, photo("a"))
    catalog.close()
    lock_of(catalog.path).touch()
    open_and_close(catalog.path)
    assert copies(catalog.path) == []
    old = tmp_path / "old" / "catalog.sqlite"
    old.parent.mkdir()
    shutil.copy(empty_catalog, old)
    open_and_close(old)
    assert copies(old) == []


def test_what_keeps_a_copy_from_being_made_is_told_and_stops_nothing(week_old, monkeypatch):
    monkeypatch.setattr(copies_module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))
    catalog = SqlCatalog(week_old)
    assert (
        catalog.warning
        == f"The weekly copy of {week_old} was not made: the disk would be nearly full. Make room."
    )
    assert catalog.update_star_status(photo("a").md5, is_starred=False)
    catalog.close()
    monkeypatch.undo()
    week_old.with_name(f"{week_old.name}.copying").mkdir()
    assert "The weekly copy of" in open_and_close(week_old)
    assert copies(week_old) == []


def test_a_folder_that_may_not_be_written_gets_no_copy_and_no_complaint_but_a_sentence(week_old):
    reading = SqlCatalog(week_old)  # its log is there, so that the folder need not be written
    list(reading.entries())
    for copy in copies(week_old):
        copy.unlink()
    week_old.parent.chmod(0o500)
    try:
        with permissions_that_count():
            other = SqlCatalog(week_old)
            assert "could not be made" in other.warning
            assert other.update_star_status(photo("a").md5, is_starred=False)
            other.close()
    finally:
        week_old.parent.chmod(0o700)
        reading.close()


def test_a_kill_while_copying_leaves_nothing_that_looks_like_a_copy(week_old):
    code = """
import os, signal, sys
from pathlib import Path
from catalog import copies
copies._look_through = lambda copy: os.kill(os.getpid(), signal.SIGKILL)
copies.back_up(Path(sys.argv[1]), "weekly")
"""
    killed = start_python(code, week_old)
    killed.communicate(timeout=30)
    assert killed.returncode == -signal.SIGKILL
    assert copies(week_old) == []
    assert open_and_close(week_old) is None
    (copy,) = copies(week_old)
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT filename FROM photo WHERE starred").fetchall() == [("a.jpg",)]
    assert not week_old.with_name(f"{week_old.name}.copying").exists()


def test_while_one_copies_another_one_opens_and_does_not(week_old):
    with schema._alone(week_old):
        assert open_and_close(week_old) is None
        assert copies(week_old) == []
