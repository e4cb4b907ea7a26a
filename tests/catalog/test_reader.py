"""What the first paint reads: the same as the store says, without waiting for the store to be loaded."""

import os
import sqlite3
from contextlib import closing

import pytest

from catalog.changes import change_photo
from catalog.conflicts import record_conflicts
from catalog.exchange import Exchange
from catalog.pull import RemoteSeen
from catalog.reader import CatalogReader, Summary
from catalog.row import NewConflict
from catalog.search.query import Query
from tests.catalog.conftest import URL, md5_at, photo, put_synced, raw, scan, start_python
from tests.conftest import permissions_that_count


@pytest.fixture
def reader(catalog):
    return CatalogReader(catalog.path)


@pytest.fixture
def scanned(catalog, library):
    """The library, one of its photos starred, with a file that is no photo and one that cannot be read."""
    (library / "broken.jpg").write_text("no photo at all")
    os.mkfifo(library / "pipe.jpg")
    scan(catalog, library)
    catalog.update_star_status(md5_at(catalog, raw(library / "a.jpg")), is_starred=True)
    return library


def names_in(folder):
    return os.listdir(raw(folder))  # noqa: PTH208 (raw names)


def test_a_folder_is_what_the_store_says_it_is(catalog, reader, scanned):
    for folder in (scanned, scanned / "2023", scanned / "2023" / "copies"):
        wanted = catalog.load_catalog(raw(folder))
        assert wanted
        found = reader.folder(raw(folder), names_in(folder))
        assert found == {entry.paths[0].rpartition(b"/")[2]: entry for entry in wanted}


def test_some_names_of_a_folder_can_be_asked_for(reader, scanned):
    everything = reader.folder(raw(scanned), names_in(scanned))
    assert everything.keys() == {b"a.jpg", b"b.jpg", b"broken.jpg", b"pipe.jpg"}
    wanted = [b"a.jpg", b"pipe.jpg", b"no.jpg"]
    assert reader.folder(raw(scanned), wanted) == {name: everything[name] for name in wanted[:2]}
    assert reader.folder(raw(scanned), []) == {}


def test_a_file_that_cannot_be_read_has_a_size_if_it_tells_one(catalog, reader, library):
    shut = library / "shut.jpg"
    shut.write_bytes(b"123")
    shut.chmod(0)
    (library / "dangling.jpg").symlink_to("nowhere")
    with permissions_that_count():
        scan(catalog, library)
    found = reader.folder(raw(library), [b"shut.jpg", b"dangling.jpg"])
    assert {name: (entry.md5, entry.size) for name, entry in found.items()} == {
        b"shut.jpg": (None, 3),
        b"dangling.jpg": (None, None),
    }
    listed = {entry.filename: entry for entry in catalog.entries(Query(folder=raw(library)))}
    assert listed["shut.jpg"] == found[b"shut.jpg"]


def test_what_is_gone_is_not_shown(catalog, reader, scanned):
    (scanned / "a.jpg").unlink()
    scan(catalog, scanned)
    assert b"a.jpg" not in reader.folder(raw(scanned), [b"a.jpg"])


def test_a_summary_is_what_the_store_counts(catalog, reader, scanned):
    put_synced(catalog, photo("a", deleted=True, starred=True), photo("b"))
    with catalog.engine.begin() as connection:
        found = [NewConflict(photo("b").md5, "filename", "", "", "", "theirs")]
        record_conflicts(connection, found, mine="", theirs="", seq=1, now=1)
    stats = catalog.stats()
    assert reader.summary(None) == Summary(
        stats.photos, stats.files, stats.starred, stats.pending, stats.open_conflicts
    )
    assert (stats.photos, stats.files, stats.starred, stats.pending, stats.open_conflicts) == (5, 6, 1, 4, 1)


def test_a_summary_tells_how_the_last_sync_with_this_remote_ended(catalog, reader):
    with Exchange(catalog).pull() as pull:
        pull.remember(RemoteSeen(URL, 7, None, "{}"))
    Exchange(catalog).note_outcome(URL, "offline", "Time out.", success=False)
    assert reader.summary(URL)[5:] == (7, None, "offline", "Time out.")
    assert reader.summary("s3://another")[5:] == (None,) * 4


def test_a_writer_at_work_is_not_waited_for(catalog, reader, scanned):
    starred = reader.summary(None).starred
    with catalog.connections.writing() as connection:
        change_photo(connection, md5_at(catalog, raw(scanned / "b.jpg")), starred=True)
        assert reader.summary(None).starred == starred
    assert reader.summary(None).starred == starred + 1


def without_a_column(path, empty_catalog):
    path.write_bytes(empty_catalog.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE photo DROP COLUMN width")


def somebody_elses(path, _):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photo (name)")


@pytest.mark.parametrize(
    "make",
    [
        lambda path, _: None,
        lambda path, _: path.touch(),
        lambda path, _: path.write_text("Dear diary, " * 100),
        lambda path, good: path.write_bytes(good.read_bytes()[:5000]),
        lambda path, _: path.mkdir(),
        somebody_elses,
        without_a_column,
    ],
    ids=["missing", "empty", "no database", "cut short", "a folder", "somebody else's", "older"],
)
def test_what_is_no_catalog_of_ours_is_an_empty_one_and_left_as_it_is(tmp_path, empty_catalog, make):
    path = tmp_path / "catalog.sqlite"
    make(path, empty_catalog)
    before = path.read_bytes() if path.is_file() else path.exists()
    assert CatalogReader(path).folder(b"/photos", [b"a.jpg"]) == {}
    assert CatalogReader(path).summary(URL) == Summary()
    assert (path.read_bytes() if path.is_file() else path.exists()) == before


def test_a_catalog_that_may_not_be_read_is_an_empty_one(catalog, reader, scanned):
    catalog.close()
    catalog.path.chmod(0)
    with permissions_that_count():
        assert reader.folder(raw(scanned), [b"a.jpg"]) == {}


@pytest.mark.parametrize(
    "module", ["catalog.reader", "catalog.protocol", "catalog.row", "catalog.search.find"]
)
def test_the_first_paint_does_not_load_what_is_heavy(module):
    code = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(sys.modules.keys() & {"sqlmodel", "sqlalchemy", "alembic", "pydantic", "PIL", "boto3", "botocore", "textual"})
"""
    assert start_python(code, module).communicate(timeout=30) == ("set()\n", "")
