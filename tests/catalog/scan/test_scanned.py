"""What a scan adds to photos that are known already, most of them from other devices."""

import os

import pytest

from tests.catalog.conftest import md5_at, pending, put_synced, raw, rows_of, scan
from tests.catalog.scan.test_scanner import synced
from tests.conftest import draw_photo

BATCHES = 1200  # files: more than are stored at a time


@pytest.fixture
def known(catalog, library):
    """Have all photos scanned and synced; the row of a.jpg."""
    scan(catalog, library)
    synced(catalog)
    return rows_of(catalog)[md5_at(catalog, raw(library / "a.jpg"))]


def arrive(catalog, library, row):
    """Have a row come from elsewhere for a photo whose file is new here."""
    (library / "a.jpg").rename(library / "aside")
    scan(catalog, library)
    put_synced(catalog, row)
    (library / "aside").rename(library / "a.jpg")
    os.utime(library / "a.jpg", (1, 1))


def test_what_follows_from_the_content_is_filled_in_where_it_was_not_known(catalog, library, known):
    theirs = known._replace(filename="theirs.jpg", size=None, width=None, height=None, modified=None)
    arrive(catalog, library, theirs)
    report = scan(catalog, library)
    assert (report.new, report.changed) == (0, 1)
    whole = theirs._replace(size=known.size, width=known.width, height=known.height)
    assert rows_of(catalog)[known.md5] == whole
    assert pending(catalog)[known.md5].base == theirs.line()
    os.utime(library / "a.jpg", (2, 2))
    before = pending(catalog)
    scan(catalog, library)
    assert (rows_of(catalog)[known.md5], pending(catalog)) == (whole, before)


def test_what_another_device_knows_is_not_overwritten(catalog, library, known):
    theirs = known._replace(filename="theirs.jpg", width=99, photodate=5)
    arrive(catalog, library, theirs)
    scan(catalog, library)
    assert rows_of(catalog)[known.md5] == theirs
    assert pending(catalog) == {}


def test_a_date_is_filled_in_only_if_the_photo_tells_it(catalog, library, photos, known):
    taken = (photos / "cameras" / "Canon EOS 7D.jpg").read_bytes()
    (library / "taken.jpg").write_bytes(taken)
    scan(catalog, library)
    synced(catalog)
    row = rows_of(catalog)[md5_at(catalog, raw(library / "taken.jpg"))]
    for path, photo in ((library / "a.jpg", known), (library / "taken.jpg", row)):
        put_synced(catalog, photo._replace(photodate=None))
        os.utime(path, (7, 7))
    scan(catalog, library)
    assert rows_of(catalog)[row.md5] == row
    assert rows_of(catalog)[known.md5].photodate is None  # from another device's copy it would be another


def test_a_deleted_photo_whose_file_has_been_here_stays_deleted(catalog, library, known):
    put_synced(catalog, known._replace(deleted=True))
    scan(catalog, library)
    os.utime(library / "a.jpg", (1, 1))
    assert scan(catalog, library).changed == 1
    assert rows_of(catalog)[known.md5].deleted
    assert pending(catalog) == {}


@pytest.mark.parametrize("appear", ["copied", "back"])
def test_a_deleted_photo_whose_file_appears_is_a_photo_again(catalog, library, known, appear):
    deleted = known._replace(deleted=True)
    if appear == "back":
        (library / "a.jpg").rename(library / "aside")
        scan(catalog, library)
        put_synced(catalog, deleted)
        (library / "aside").rename(library / "a.jpg")
    else:
        put_synced(catalog, deleted)
        (library / "new.jpg").write_bytes((library / "a.jpg").read_bytes())
    scan(catalog, library)
    assert not rows_of(catalog)[known.md5].deleted
    assert pending(catalog)[known.md5].base == deleted.line()


def test_a_folder_of_many_photos_that_is_renamed_is_followed_in_whole(catalog, tmp_path):
    folder = tmp_path / "library" / "old"
    content = draw_photo(folder / "0000.jpg", 1).read_bytes()
    for number in range(1, BATCHES):
        (folder / f"{number:04}.jpg").write_bytes(content + b"%d" % number)
    scan(catalog, tmp_path / "library")
    folder.rename(folder.with_name("new"))
    report = scan(catalog, tmp_path / "library")
    assert (report.moved, report.missing, report.photos, report.bytes_read) == (BATCHES, 0, BATCHES, 0)
    assert {row.folder for row in rows_of(catalog).values()} == {"new"}
