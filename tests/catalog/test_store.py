"""The store as a `CatalogService`: what a screen or a script asks of it, on a real file."""

import gc
import inspect
import os
import signal
import sqlite3
from hashlib import md5

import pytest
from sqlalchemy.exc import DBAPIError

from catalog.changes import change_photo
from catalog.copies import back_up, lock_of
from catalog.damage import is_ours, mark
from catalog.entry import Entry
from catalog.glance import quiet
from catalog.health import CatalogChecks
from catalog.protocol import BackupStatus, CatalogEntry, CatalogService, CatalogStats, PhotoNotFoundError
from catalog.reader import CatalogReader
from catalog.search.query import Query
from catalog.store import SqlCatalog, driver, sentence_of
from tests.catalog.conftest import pending, photo, put_new, put_synced, raw, scan, start_python
from tests.conftest import draw_photo, permissions_that_count


def digest(path):
    return md5(path.read_bytes()).hexdigest()


def names(entries):
    return [entry.filename for entry in entries]


@pytest.fixture
def scanned(catalog, library):
    """The library, in the catalog, with a file that is no photo and one that cannot be read."""
    (library / "2023" / "broken.jpg").write_text("no photo at all")
    os.mkfifo(library / "2023" / "pipe.jpg")
    scan(catalog, library)
    return library


@pytest.fixture
def service(catalog) -> CatalogService:
    return catalog


def public(kind, of_what):
    return {name: part for name, part in inspect.getmembers(kind, of_what) if not name.startswith("_")}


def test_the_store_has_each_method_of_a_catalog_service_with_the_same_parameters():
    methods = public(CatalogService, inspect.isfunction)
    assert methods
    for name, method in methods.items():
        promised, kept = inspect.signature(method), inspect.signature(getattr(SqlCatalog, name))
        assert kept.parameters == promised.parameters


def test_the_stores_entries_have_each_property_of_a_catalog_entry():
    assert set(Entry._fields) == public(CatalogEntry, lambda part: isinstance(part, property)).keys()


def test_a_directory_is_loaded_by_name_without_those_below_it(service: CatalogService, scanned):
    assert names(service.load_catalog(raw(scanned))) == ["a.jpg", "b.jpg"]
    assert names(service.load_catalog(raw(scanned / "2023"))) == ["broken.jpg", "c.jpg", "pipe.jpg"]
    assert names(service.load_catalog(raw(scanned / "20"))) == []


def test_what_is_gone_from_a_directory_is_not_loaded(catalog, service: CatalogService, scanned):
    (scanned / "a.jpg").unlink()
    scan(catalog, scanned)
    assert names(service.load_catalog(raw(scanned))) == ["b.jpg"]


def test_a_directory_shows_each_file_under_the_name_it_has_there(service: CatalogService, scanned):
    again = scanned / "2023" / "copies" / "b again.jpg"
    (entry,) = service.load_catalog(raw(again.parent))
    assert (entry.filename, entry.paths, entry.md5) == (
        "b again.jpg",
        (raw(again),),
        digest(scanned / "b.jpg"),
    )


def test_a_file_that_cannot_be_read_is_told_with_its_reason(service: CatalogService, scanned):
    broken, _, pipe = service.load_catalog(raw(scanned / "2023"))
    assert (broken.md5, broken.size) == (digest(scanned / "2023" / "broken.jpg"), 15)
    assert broken.error
    assert (pipe.md5, pipe.size, pipe.starred, pipe.backup_status) == (None, None, False, BackupStatus.NONE)
    assert "a pipe" in pipe.error


def test_a_photo_is_found_with_all_its_facts_and_places(service: CatalogService, scanned):
    here, there = scanned / "b.jpg", scanned / "2023" / "copies" / "b again.jpg"
    stat = here.stat()
    assert service.find_entry(digest(here)) == Entry(
        md5=digest(here), filename="b.jpg", paths=(raw(here), raw(there)), size=stat.st_size,
        photodate=int(stat.st_mtime), modified=int(stat.st_mtime), width=16, height=12,
        starred=False, backup_status=BackupStatus.NONE, error=None,
    )  # fmt: skip
    assert service.find_entry("f" * 32) is None


def test_a_photo_in_two_places_is_one_photo_and_has_one_star(service: CatalogService, scanned):
    assert service.update_star_status(digest(scanned / "b.jpg"), is_starred=True)
    (copy,) = service.load_catalog(raw(scanned / "2023" / "copies"))
    assert copy.starred
    assert len(service.starred_entries()) == 1


def test_a_star_is_given_and_taken_and_tells_whether_that_changed_anything(catalog, service: CatalogService):
    put_synced(catalog, photo("a"), photo("b", starred=True), photo("c", starred=True))
    a, b = photo("a").md5, photo("b").md5
    told = [service.update_star_status(a, is_starred) for is_starred in (False, True, True)]
    assert told == [False, True, False]
    assert service.update_star_status(b, is_starred=False)
    assert names(service.starred_entries()) == ["a.jpg", "c.jpg"]


def test_a_star_outlives_a_kill_right_after_it_was_given(catalog):
    put_synced(catalog, photo("a"))
    code = """
import os, signal, sys
from pathlib import Path
from catalog.store import SqlCatalog
assert SqlCatalog(Path(sys.argv[1])).update_star_status(sys.argv[2], is_starred=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = start_python(code, catalog.path, photo("a").md5)
    _, errors = killed.communicate(timeout=30)
    assert (killed.returncode, errors) == (-signal.SIGKILL, "")
    assert names(catalog.starred_entries()) == ["a.jpg"]
    assert pending(catalog)


def open_again(path):
    SqlCatalog(path).close()


def look_over(path):
    for check in CatalogChecks(path).checks():
        check.look()


MEANWHILE = {
    "a sync opens the catalog": open_again,
    "the list reads it": lambda path: CatalogReader(path).summary("s3://bucket"),
    "an idle sync looks at it": lambda path: quiet(path, "s3://bucket"),
    "the doctor looks at it": look_over,
    "it is copied": lambda path: back_up(path, "weekly"),
    "it was found to be damaged, and is not": lambda path: (mark(path).touch(), open_again(path)),
    "it is taken for damaged": lambda path: (lock_of(path).unlink(), is_ours(path)),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_another_program_that_ends_takes_nothing_from_under_an_open_catalog(catalog, meanwhile):
    """A process that opens the file and closes it has given up the locks of all its connections (POSIX).

    SQLite in another one would then take itself for the last, and remove the log that is written here.
    """
    put_synced(catalog, photo("a"), photo("b"))
    catalog.update_star_status(photo("a").md5, is_starred=True)
    MEANWHILE[meanwhile](catalog.path)
    code = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print(connection.execute("SELECT md5 FROM photo WHERE starred").fetchall())
connection.close()
"""
    other = start_python(code, catalog.path)
    assert photo("a").md5 in other.communicate(timeout=30)[0]
    catalog.update_star_status(photo("b").md5, is_starred=True)
    other = start_python(code, catalog.path)
    assert photo("b").md5 in other.communicate(timeout=30)[0]


def test_many_stars_are_given_together_or_not_at_all(catalog):
    a, b, c = photo("a"), photo("b", starred=True), photo("c", starred=True)
    put_synced(catalog, a, b, c)
    with pytest.raises(
        PhotoNotFoundError, match=f"No photo {'f' * 32} is in the catalog. Scan its folder first"
    ):
        catalog.update_star_statuses({a.md5: True, b.md5: False, "f" * 32: True})
    assert names(catalog.starred_entries()) == ["b.jpg", "c.jpg"]
    assert catalog.update_star_statuses({a.md5: True, b.md5: False, c.md5: True}) == [a.md5, b.md5]
    assert names(catalog.starred_entries()) == ["a.jpg", "c.jpg"]


def test_a_backups_progress_is_kept_and_is_nothing_to_sync(catalog, service: CatalogService):
    put_synced(catalog, photo("a"))
    for status in BackupStatus:
        service.update_backup_status(photo("a").md5, status)
        assert service.find_entry(photo("a").md5).backup_status is status
    assert pending(catalog) == {}


@pytest.mark.parametrize(
    "update",
    [
        lambda service: service.update_star_status("f" * 32, is_starred=True),
        lambda service: service.update_backup_status("f" * 32, BackupStatus.QUEUED),
    ],
)
def test_a_photo_that_nobody_knows_cannot_be_changed(service: CatalogService, update):
    with pytest.raises(PhotoNotFoundError, match="Scan its folder first"):
        update(service)


def test_entries_come_by_md5_and_then_the_unreadable_ones(catalog, scanned):
    put_synced(catalog, photo("a", filename="elsewhere.jpg"))
    *photos, last = catalog.entries()
    assert [entry.md5 for entry in photos] == sorted(
        [
            photo("a").md5,
            *(digest(scanned / name) for name in ("a.jpg", "b.jpg", "2023/c.jpg", "2023/broken.jpg")),
        ]
    )
    assert last.paths == (raw(scanned / "2023" / "pipe.jpg"),)


@pytest.mark.parametrize(
    ("root", "options", "found"),
    [
        (".", {}, {"a.jpg", "b.jpg", "c.jpg", "broken.jpg", "pipe.jpg"}),
        ("2023", {}, {"b.jpg", "c.jpg", "broken.jpg", "pipe.jpg"}),
        ("2023/copies", {}, {"b.jpg"}),
        ("202", {}, set()),
        (".", {"starred": True}, {"b.jpg", "c.jpg"}),
        ("2023/copies", {"starred": True}, {"b.jpg"}),
        (".", {"duplicates": True}, {"b.jpg"}),
        (".", {"duplicates": True, "starred": True}, {"b.jpg"}),
        (None, {"starred": True}, {"b.jpg", "c.jpg", "elsewhere.jpg"}),
        (None, {"duplicates": True}, {"b.jpg"}),
    ],
)
def test_entries_can_be_narrowed_to_a_folder_to_stars_and_to_duplicates(
    catalog, scanned, root, options, found
):
    draw_photo(scanned.parent / "library2" / "d.jpg", 4)  # its name begins as the library's does
    scan(catalog, scanned.parent / "library2")
    put_synced(catalog, photo("a", filename="elsewhere.jpg", starred=True))
    catalog.update_star_statuses({digest(scanned / name): True for name in ("b.jpg", "2023/c.jpg")})
    place = None if root is None else raw(scanned / root)
    assert set(names(catalog.entries(Query(place, **options)))) == found


def test_a_list_longer_than_one_page_is_whole(catalog):
    put_synced(catalog, *(photo(f"{number:04}", starred=True) for number in range(1100)))
    assert names(catalog.starred_entries()) == [f"{number:04}.jpg" for number in range(1100)]


def test_what_another_device_has_deleted_is_not_listed_nor_counted(catalog):
    put_synced(catalog, photo("a", starred=True, deleted=True), photo("b", starred=True))
    assert names(catalog.entries()) == names(catalog.starred_entries()) == ["b.jpg"]
    assert (catalog.stats().photos, catalog.stats().starred) == (1, 1)


def test_a_list_that_is_read_does_not_hold_up_a_star(catalog):
    put_synced(catalog, photo("a"), photo("b"))
    entries = catalog.entries()
    next(entries)
    assert catalog.update_star_status(photo("a").md5, is_starred=True)
    assert names(entries) == ["b.jpg"]


def test_a_star_waits_for_its_turn_as_long_as_the_longest_write_may_take(catalog):
    """A first sync is one transaction: half a minute for a million photos here, and minutes on a NAS."""
    with catalog.connections.writing() as connection:
        assert connection.execute("PRAGMA busy_timeout").fetchone()[0] >= 300_000
    with catalog.engine.begin() as engines:
        assert engines.exec_driver_sql("PRAGMA busy_timeout").scalar_one() >= 300_000


def test_stats_count_each_set_for_itself(catalog, service: CatalogService, scanned):
    assert service.stats() == CatalogStats(
        photos=4, files=6, starred=0, pending=4, open_conflicts=0,
        backup={BackupStatus.NONE: 4, BackupStatus.QUEUED: 0, BackupStatus.UPLOADING: 0, BackupStatus.UPLOADED: 0,
                BackupStatus.FAILED: 0},
    )  # fmt: skip
    put_synced(catalog, photo("a"))
    service.update_star_status(photo("a").md5, is_starred=True)
    service.update_backup_status(photo("a").md5, BackupStatus.QUEUED)
    (scanned / "a.jpg").unlink()
    scan(catalog, scanned)
    stats = service.stats()
    assert (stats.photos, stats.files, stats.starred, stats.pending) == (5, 5, 1, 5)
    assert (stats.backup[BackupStatus.NONE], stats.backup[BackupStatus.QUEUED]) == (4, 1)


def test_a_full_disk_is_told_in_a_sentence_and_costs_nothing_that_was_saved(catalog):
    rows = [photo(f"{number:03}", folder="x" * 500) for number in range(200)]
    put_synced(catalog, *rows)
    catalog.update_star_status(rows[0].md5, is_starred=True)
    with catalog.connections.reading() as connection:  # the only one
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(sqlite3.OperationalError) as failed:
        catalog.update_star_statuses({row.md5: True for row in rows})
    assert str(sentence_of(failed.value, catalog.path)) == (
        f"The disk that holds {catalog.path} is full. Make room; what was saved before is safe."
    )
    assert [entry.md5 for entry in catalog.starred_entries()] == [rows[0].md5]


def test_a_catalog_that_may_not_be_written_any_more_is_told_in_a_sentence(catalog):
    put_synced(catalog, photo("a"))
    catalog.close()
    catalog.path.chmod(0o400)
    with permissions_that_count(), pytest.raises(sqlite3.OperationalError) as failed:
        catalog.update_star_status(photo("a").md5, is_starred=True)
    assert str(sentence_of(failed.value, catalog.path)) == (
        f"The catalog {catalog.path} cannot be written. Check its permissions."
    )


def test_any_other_failure_of_sqlite_is_told_with_its_reason_and_place(catalog):
    with pytest.raises(DBAPIError) as failed, catalog.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO pending (md5, revision) VALUES ('nobody', 1)")
    assert str(sentence_of(failed.value, catalog.path)) == (
        f"The catalog {catalog.path} could not be used: FOREIGN KEY constraint failed."
    )


def test_a_change_that_fails_half_way_leaves_no_trace(catalog):
    put_new(catalog, photo("a"))
    before = pending(catalog)

    def star_and_fail():
        with catalog.connections.writing() as connection:
            assert change_photo(connection, photo("a").md5, starred=True)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        star_and_fail()
    assert (pending(catalog), catalog.starred_entries()) == (before, [])


def test_a_star_waits_for_the_disk_and_what_a_scan_would_find_again_does_not(catalog):
    levels = {}
    for what, found_again in (("star", False), ("scan", True), ("again", False)):
        with catalog.connections.writing(found_again=found_again) as connection:
            (levels[what],) = connection.execute("PRAGMA synchronous").fetchone()
    with catalog.engine.begin() as connection:
        levels["sync"] = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    full, normal = 2, 1
    assert levels == {"star": full, "scan": normal, "again": full, "sync": full}


def test_ten_thousand_stars_are_given_at_once(catalog):
    rows = [photo(f"{number:05}") for number in range(10_000)]
    put_synced(catalog, *rows)
    wanted = {row.md5: True for row in rows}
    statements = []
    with catalog.connections.reading() as connection:  # the only one
        connection.set_trace_callback(statements.append)
    assert catalog.update_star_statuses(wanted) == list(wanted)
    assert sum(statement.lstrip().startswith("SELECT") for statement in statements) == 20
    assert len(pending(catalog)) == len(catalog.starred_entries()) == 10_000


def test_a_catalog_that_is_left_gives_its_connections_back(catalog):
    left = SqlCatalog(catalog.path)
    with left.connections.reading() as plain, left.reading() as connection:
        of_the_engine = driver(connection)
    del left, connection
    gc.collect()
    for each in (plain, of_the_engine):
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
            each.execute("SELECT 1")
