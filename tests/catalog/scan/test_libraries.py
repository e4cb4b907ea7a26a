"""A photo's folder is told from the root of its library, whichever of two folders was scanned first."""

import hashlib
from unicodedata import normalize

import pytest

from catalog.photolala.importing import import_folder
from catalog.scan import libraries
from catalog.scan.chosen import scan_file
from catalog.scan.scanner import Scan
from catalog.store import SqlCatalog
from tests.catalog.conftest import md5_at, pending, put_synced, raw, rows_of, scan
from tests.catalog.photolala.by_hand import lay
from tests.catalog.scan.test_scanner import photo_at, synced
from tests.conftest import draw_photo


def folders(catalog: SqlCatalog) -> list[tuple[str, str]]:
    return sorted((row.folder, row.filename) for row in rows_of(catalog).values())


ALL = [("", "a.jpg"), ("", "b.jpg"), ("2023", "c.jpg")]


@pytest.mark.parametrize(
    "before",
    [["2023"], ["2023/copies", "2023"], ["2023/copies", "."], [".", "2023"], ["2023", "2023/copies"]],
)
def test_a_folder_scanned_before_the_one_above_is_told_from_that(catalog, library, before):
    draw_photo(library / "2023" / "copies" / "d.jpg", 4)
    (library / "2023" / "copies" / "b again.jpg").unlink()
    for folder in before:
        scan(catalog, library / folder)
    scan(catalog, library)
    assert folders(catalog) == [*ALL, ("2023/copies", "d.jpg")]
    assert {change.base for change in pending(catalog).values()} == {None}
    draw_photo(library / "2023" / "e.jpg", 5)
    scan(catalog, library / "2023")
    assert photo_at(catalog, library / "2023" / "e.jpg").folder == "2023"


def test_what_the_remote_knows_is_changed_once_and_nothing_else(catalog, library):
    scan(catalog, library / "2023")
    synced(catalog)
    before = photo_at(catalog, library / "2023" / "c.jpg")
    scan(catalog, library)
    changed = {md5 for md5, change in pending(catalog).items() if change.base is not None}
    assert changed == {before.md5, md5_at(catalog, raw(library / "b.jpg"))}
    assert pending(catalog)[before.md5].base == before.line()
    synced(catalog)
    for folder in (library, library / "2023"):
        scan(catalog, folder)
    assert pending(catalog) == {}


def test_a_photo_that_another_device_has_elsewhere_stays_there(catalog, library):
    scan(catalog, library / "2023")
    row = photo_at(catalog, library / "2023" / "c.jpg")
    for theirs in (
        row._replace(folder="trips"),
        row._replace(filename="theirs.jpg"),
        row._replace(deleted=True),
    ):
        put_synced(catalog, theirs)
        synced(catalog)
        scan(catalog, library / "2023")
        with catalog.connections.writing() as connection:
            connection.execute("UPDATE library SET root = ?", (raw(library / "2023"),))
        scan(catalog, library)
        assert rows_of(catalog)[row.md5] == theirs


def test_a_photo_that_is_missing_here_is_told_anew_too(catalog, library):
    scan(catalog, library / "2023")
    (library / "2023" / "c.jpg").unlink()
    scan(catalog, library / "2023")
    scan(catalog, library)
    assert ("2023", "c.jpg") in folders(catalog)


def test_one_file_above_takes_no_library_up(catalog, library, tmp_path):
    scan(catalog, library)
    synced(catalog)
    scan_file(catalog, raw(draw_photo(tmp_path / "alone.jpg", 9)))
    draw_photo(library / "2023" / "new.jpg", 8)
    scan(catalog, library / "2023")
    assert folders(catalog) == [ALL[0], ("", "alone.jpg"), *ALL[1:], ("2023", "new.jpg")]
    assert {change.base for change in pending(catalog).values()} == {None}
    scan(catalog, tmp_path)
    assert ("library/2023", "new.jpg") in folders(catalog)
    assert all(folder.startswith("library") for folder, name in folders(catalog) if name != "alone.jpg")


def test_what_was_imported_before_its_scan_is_told_from_the_folder_above(catalog, tmp_path):
    year = tmp_path / "Photos" / "2023"
    written, on_disk = (normalize(form, "Brücke.jpg") for form in ("NFC", "NFD"))
    bridge = draw_photo(year / on_disk, 1)
    md5 = hashlib.md5(bridge.read_bytes()).hexdigest()
    lay(year, [f"{md5},{written},{bridge.stat().st_size},1600000000,1600000001,16,12"])
    import_folder(catalog, raw(year))
    assert folders(catalog) == [("", written)]
    scan(catalog, tmp_path / "Photos")
    assert folders(catalog) == [("2023", written)]
    bridge.rename(year / "the bridge.jpg")
    scan(catalog, tmp_path / "Photos")
    assert folders(catalog) == [("2023", "the bridge.jpg")]


def test_a_kill_in_between_is_made_good_by_the_next_scan(catalog, library, monkeypatch):
    for number in range(5):
        draw_photo(library / "2023" / f"{number}.jpg", 10 + number)
    scan(catalog, library / "2023")
    monkeypatch.setattr(libraries, "_PART", 2)
    change, done = libraries.change_photos, []

    def killed(connection, changes):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(changes)
        return change(connection, changes)

    monkeypatch.setattr(libraries, "change_photos", killed)
    with pytest.raises(KeyboardInterrupt):
        Scan(catalog, raw(library)).run()
    monkeypatch.setattr(libraries, "change_photos", change)
    scan(catalog, library)
    assert folders(catalog)[1:] == [("2023", f"{n}.jpg") for n in range(5)] + [
        ("2023", "c.jpg"), ("2023/copies", "b again.jpg"),
    ]  # fmt: skip


@pytest.mark.parametrize("left", ["an empty mount point", "nothing"])
def test_a_disk_in_a_scanned_folder_that_is_not_mounted_has_lost_nothing(catalog, library, tmp_path, left):
    disk = library / "2023"
    scan(catalog, disk)
    away = disk.rename(tmp_path / "away")
    if left != "nothing":
        disk.mkdir()
    report = scan(catalog, library)
    why = "the folder cannot be read: it is empty, but 2 photos were there: is the disk mounted?"
    assert report.problems == ([] if left == "nothing" else [(raw(disk), why)])
    assert (report.missing, report.photos, catalog.stats().files) == (0, 3, 4)
    if left != "nothing":
        disk.rmdir()
    away.rename(disk)
    report = scan(catalog, library)
    assert (report.new, report.changed, report.problems) == (0, 0, [])
    assert folders(catalog) == [("", "a.jpg"), ("2023", "c.jpg"), ("2023/copies", "b again.jpg")]
    with catalog.connections.reading() as connection:
        assert libraries.roots_of(connection) == {raw(library)}


def test_a_library_that_a_scan_passes_by_has_lost_nothing(catalog, library):
    hidden = library / ".hidden" / "2024"
    draw_photo(hidden / "d.jpg", 4)
    scan(catalog, hidden)
    assert scan(catalog, library).missing == 0
    assert md5_at(catalog, raw(hidden / "d.jpg"))


def test_a_library_that_is_renamed_within_a_scanned_folder_is_taken_up(catalog, library):
    scan(catalog, library / "2023")
    (library / "2023").rename(library / "2024")
    report = scan(catalog, library)
    assert (report.moved, report.missing) == (2, 0)
    assert folders(catalog) == [*ALL[:2], ("2024", "c.jpg")]
    with catalog.connections.reading() as connection:
        assert libraries.roots_of(connection) == {raw(library)}
