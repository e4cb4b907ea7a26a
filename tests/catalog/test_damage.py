"""A damaged catalog: never overwritten, never deleted, and whoever meets it is told how to go on."""

import os
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from catalog import damage
from catalog.copies import back_up, lock_of
from catalog.damage import check
from catalog.protocol import CatalogDamagedError
from catalog.search.query import Order, Query
from catalog.store import SqlCatalog, sentence_of
from tests.catalog.conftest import photo, put_synced

PAGE = 4096


@pytest.fixture
def starred(catalog) -> Path:
    """A closed catalog of some size."""
    put_synced(catalog, *(photo(f"{number:04}", folder="x" * 200, starred=True) for number in range(600)))
    catalog.close()
    lock_of(catalog.path).touch()
    return catalog.path


def scribble(path: Path, page: int, pages: int = 1) -> None:
    with path.open("rb+") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * PAGE * pages)


def page_of(path: Path, what: str, *, inner: bool = False) -> int:
    """Return a page of a table or an index: its root, or one of those below."""
    with closing(sqlite3.connect(path)) as connection:
        order = "DESC" if inner else "ASC"
        query = f"SELECT pageno FROM dbstat WHERE name = ? ORDER BY path {order} LIMIT 1"
        return connection.execute(query, (what,)).fetchone()[0]


def beside(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}


def aside_of(path: Path) -> Path:
    (found,) = (file for file in path.parent.iterdir() if re.search(r"damaged-\d{8}-\d{6}$", file.name))
    return found


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: scribble(path, 1),
        lambda path: path.write_bytes(b"\0" * 100_000),
        lambda path: scribble(path, page_of(path, "sqlite_schema", inner=True)),
    ],
    ids=["cut short", "without a head", "full of zeros", "without a schema"],
)
def test_a_catalog_that_cannot_be_opened_is_set_aside_whole(starred, spoil):
    copy = back_up(starred, "weekly")
    spoil(starred)
    damaged = starred.read_bytes()
    with pytest.raises(CatalogDamagedError) as told:
        SqlCatalog(starred)
    aside = aside_of(starred)
    assert aside.read_bytes() == damaged
    assert not starred.exists()
    day = time.strftime("%Y-%m-%d")
    for part in (
        "is damaged (",
        f"It was set aside, whole, as {aside}.",
        f"rename {copy} to {starred}",
        f"the copy of {day}",
    ):
        assert part in str(told.value)
    copy.rename(starred)
    catalog = SqlCatalog(starred)
    assert len(catalog.starred_entries()) == 600
    catalog.close()
    assert aside.read_bytes() == damaged


def test_without_a_copy_the_next_start_makes_a_new_catalog_and_says_so_before(starred):
    scribble(starred, 1)
    with pytest.raises(
        CatalogDamagedError, match=r"The next start makes a new catalog: scan your folders again"
    ):
        SqlCatalog(starred)
    damaged = aside_of(starred).read_bytes()
    catalog = SqlCatalog(starred)
    assert catalog.stats().photos == 0
    catalog.close()
    assert aside_of(starred).read_bytes() == damaged


def test_what_belongs_to_a_damaged_catalog_goes_with_it(starred):
    scribble(starred, 1)
    for suffix in ("-wal", "-shm"):
        starred.with_name(starred.name + suffix).write_bytes(suffix.encode())
    damage.set_aside(starred, "for a test")
    aside = aside_of(starred)
    assert {suffix: aside.with_name(aside.name + suffix).read_bytes() for suffix in ("-wal", "-shm")} == {
        "-wal": b"-wal",
        "-shm": b"-shm",
    }
    assert [name for name in beside(starred) if name.startswith(f"{starred.name}-")] == []


def test_two_damaged_catalogs_of_one_second_are_both_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda *_: "20240531-120000")
    path = tmp_path / "catalog.sqlite"
    for content in (b"one", b"two", b"three"):
        path.write_bytes(content)
        damage.set_aside(path, "for a test")
    assert sorted(beside(path).values()) == [b"one", b"three", b"two"]


@pytest.mark.parametrize("page", ["photo", "photo_by_name", "sqlite_autoindex_photo_1"])
def test_damage_further_in_is_told_when_it_is_met_and_set_aside_at_the_next_start(starred, page):
    scribble(starred, page_of(starred, page, inner=True))
    catalog = SqlCatalog(starred)
    queries = (Query(), Query(order=Order.NAME), Query(name="0"))
    with pytest.raises(sqlite3.DatabaseError) as met:
        [list(catalog.entries(query)) for query in queries]
    catalog.close()
    damaged = starred.read_bytes()
    told = str(sentence_of(met.value, starred))
    assert told.startswith(f"The catalog {starred} is damaged (database disk image is malformed).")
    assert "Start photolala again" in told
    with pytest.raises(CatalogDamagedError, match="It was set aside, whole"):
        SqlCatalog(starred)
    assert aside_of(starred).read_bytes() == damaged


def test_a_catalog_that_was_suspected_wrongly_is_opened_as_before(starred):
    damage.suspect(starred, sqlite3.DatabaseError("a bad cable"))
    assert damage.mark(starred).exists()
    catalog = SqlCatalog(starred)
    assert len(list(catalog.entries(Query(name="0001")))) == 1
    catalog.close()
    assert not damage.mark(starred).exists()
    assert not [name for name in beside(starred) if "damaged" in name]


def test_damage_is_found_with_the_weekly_copy_and_drives_no_good_copy_out(starred):
    copies = [back_up(starred, "weekly").rename(f"{starred}.weekly-{number}") for number in range(3)]
    for copy in copies:
        os.utime(copy, (1e9, 1e9))
    scribble(starred, page_of(starred, "photo", inner=True))
    with pytest.raises(CatalogDamagedError, match="the copy of 2001-09-09") as told:
        SqlCatalog(starred)
    assert str(aside_of(starred)) in str(told.value)
    assert all(copy.exists() for copy in copies)


def test_damage_is_found_by_the_copy_before_a_migration(starred):
    with closing(sqlite3.connect(starred)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
        connection.commit()
    scribble(starred, page_of(starred, "photo", inner=True))
    with pytest.raises(CatalogDamagedError, match="It was set aside, whole"):
        SqlCatalog(starred)
    assert not [name for name in beside(starred) if ".before-" in name]


def test_a_check_tells_what_is_wrong_and_touches_nothing(starred):
    assert check(starred) == []
    scribble(starred, page_of(starred, "photo", inner=True))
    damaged = starred.read_bytes()
    assert check(starred)
    assert starred.read_bytes() == damaged
    scribble(starred, 1)
    assert check(starred) == ["file is not a database"]
