"""A library that the catalog knows by way of a link is the one that the link leads to."""

import os
import shutil
import threading

import pytest

from catalog.photolala.importing import import_folder
from catalog.provider import DirectoryPhotoProvider, ServiceChoice
from catalog.scan import links
from catalog.scan.libraries import roots_of
from tests.catalog.conftest import md5_at, pending, raw, rows_of, scan
from tests.catalog.photolala.by_hand import lay, line
from tests.catalog.scan.test_scanner import counts, photo_at, synced
from tests.conftest import draw_photo


def roots(catalog):
    with catalog.connections.reading() as connection:
        return roots_of(connection)


def paths(catalog):
    return sorted(path for entry in catalog.entries() for path in entry.paths)


@pytest.fixture
def link(tmp_path, library):
    link = tmp_path / "a link"
    link.symlink_to(library)
    return link


def test_what_was_scanned_by_a_link_is_known_by_its_real_path_and_is_not_read_again(catalog, library, link):
    scan(catalog, link)
    starred = md5_at(catalog, raw(link / "a.jpg"))
    catalog.update_star_status(starred, is_starred=True)
    synced(catalog)
    before = rows_of(catalog)
    report = scan(catalog, library)
    assert counts(report) == {"files": 4, "photos": 3, "unchanged": 4}
    assert (rows_of(catalog), pending(catalog), roots(catalog)) == (before, {}, {raw(library)})
    assert catalog.find_entry(starred).paths == (raw(library / "a.jpg"),)
    assert catalog.stats().files == 4


def test_what_was_scanned_under_both_names_is_one(catalog, library, link):
    scan(catalog, library)
    scan(catalog, link)
    (library / "a.jpg").rename(library / "z.jpg")
    assert catalog.stats().files == 8
    report = scan(catalog, library / "2023")  # any scan
    assert (report.new, report.changed, report.missing, catalog.stats().files) == (0, 0, 0, 4)
    report = scan(catalog, library)
    assert (report.moved, report.missing, roots(catalog)) == (1, 0, {raw(library)})
    assert len(paths(catalog)) == 4
    with catalog.connections.reading() as connection:
        counted = connection.execute("SELECT places FROM photo ORDER BY places").fetchall()
        held = connection.execute(
            "SELECT path, photos FROM folder WHERE photos <> 0 ORDER BY path"
        ).fetchall()
    assert counted == [(1,), (1,), (2,)]
    assert held == [
        (raw(library), 2), (raw(library / "2023"), 1), (raw(library / "2023" / "copies"), 1),
    ]  # fmt: skip


def test_a_library_that_was_moved_to_another_disk_and_left_a_link_is_followed(catalog, library, tmp_path):
    scan(catalog, library)
    synced(catalog)
    shutil.copytree(library, tmp_path / "new disk" / "photos")
    shutil.rmtree(library)
    library.symlink_to(tmp_path / "new disk" / "photos")
    report = scan(catalog, tmp_path / "new disk" / "photos")
    assert (report.new, report.missing, report.photos, catalog.stats().files) == (0, 0, 3, 4)
    assert pending(catalog) == {}


@pytest.mark.parametrize("first", [True, False], ids=["known", "not yet known"])
def test_a_link_into_another_library_is_told_from_that(catalog, library, tmp_path, first):
    (library / "2023").rename(tmp_path / "aside")
    if first:
        scan(catalog, library)
    (tmp_path / "aside").rename(library / "2023")
    (tmp_path / "year").symlink_to(library / "2023")
    scan(catalog, tmp_path / "year")
    draw_photo(library / "2023" / "e.jpg", 5)
    scan(catalog, library)
    assert roots(catalog) == {raw(library)}
    for name in ("2023/c.jpg", "2023/e.jpg"):
        assert photo_at(catalog, library / name).folder == "2023"
    assert catalog.stats().files == 5


def test_a_folder_below_a_link_is_followed_too(catalog, library, link):
    scan(catalog, link / "2023")
    scan(catalog, link / "2023" / "copies")
    scan(catalog, library / "2023")
    assert paths(catalog) == [
        raw(library / "2023" / "c.jpg"),
        raw(library / "2023" / "copies" / "b again.jpg"),
    ]
    assert roots(catalog) == {raw(library / "2023")}


def test_what_was_imported_by_way_of_a_link_is_imported(catalog, library, link):
    lay(library / "2023", [line("a1")])
    import_folder(catalog, raw(link / "2023"))
    asked = DirectoryPhotoProvider(catalog.path, ServiceChoice(), lambda: catalog)
    assert asked.serving(raw(library / "2023")).offer_import
    scan(catalog, library)
    assert not asked.serving(raw(library / "2023")).offer_import


def test_a_library_that_does_not_answer_holds_no_other_up(catalog, library, link, tmp_path, monkeypatch):
    for name in ("dead", "other"):
        shutil.copytree(library, tmp_path / name)
        scan(catalog, tmp_path / name)
    scan(catalog, link)
    gone, ask = threading.Event(), os.lstat

    def lstat(path, **named):
        if os.fsencode(path) == raw(tmp_path / "dead"):
            gone.wait()
        return ask(path, **named)

    monkeypatch.setattr(os, "lstat", lstat)
    monkeypatch.setattr(links, "_PATIENCE", 0.2)
    report = scan(catalog, library)
    gone.set()
    assert (report.changed, report.missing) == (0, 0)
    assert roots(catalog) == {raw(library), raw(tmp_path / "dead"), raw(tmp_path / "other")}


def test_of_very_many_libraries_on_a_dead_mount_few_are_waited_for(catalog, library, tmp_path, monkeypatch):
    dead = tmp_path / "dead"
    with catalog.connections.writing() as connection:
        for number in range(300):
            connection.execute("INSERT INTO library VALUES (?)", (raw(dead / f"{number}"),))
    gone, ask, asked = threading.Event(), os.lstat, []

    def lstat(path, **named):
        if os.fsencode(path) == raw(dead):
            asked.append(path)
            gone.wait()
        return ask(path, **named)

    monkeypatch.setattr(os, "lstat", lstat)
    monkeypatch.setattr(links, "_PATIENCE", 0.2)
    assert scan(catalog, library).new == 3
    gone.set()
    assert len(asked) < 10
