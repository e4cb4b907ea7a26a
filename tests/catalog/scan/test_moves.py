"""Files that were moved or renamed: what they are is known from `stat`, and read only where that is not proof."""

import os
import shutil

import pytest

from tests.catalog.conftest import md5_at, pending, raw, rows_of, scan
from tests.catalog.scan.test_scanner import change_unseen, synced
from tests.conftest import draw_photo


def place_of(catalog, md5):
    row = rows_of(catalog)[md5]
    return row.folder, row.filename


def swap(one, other):
    one.rename(one.with_name("aside"))
    other.rename(one)
    one.with_name("aside").rename(other)


def copy_over(source, target):
    """Give a file another one's content and time, but not its inode."""
    target.write_bytes(source.read_bytes())
    shutil.copystat(source, target)


@pytest.fixture
def scanned(catalog, library):
    scan(catalog, library)
    synced(catalog)
    return library


@pytest.mark.parametrize("new", ["0.jpg", "2023/0.jpg", "0/0.jpg", "z.jpg", "z/z.jpg"])
def test_a_file_that_is_moved_is_not_read_again(catalog, scanned, new):
    md5 = md5_at(catalog, raw(scanned / "a.jpg"))
    catalog.update_star_status(md5, is_starred=True)
    change_unseen(scanned / "a.jpg")
    (scanned / new).parent.mkdir(exist_ok=True)
    (scanned / "a.jpg").rename(scanned / new)
    report = scan(catalog, scanned)
    assert (report.moved, report.unchanged, report.missing, report.bytes_read) == (1, 4, 0, 0)
    assert catalog.find_entry(md5).paths == (raw(scanned / new),)
    assert catalog.find_entry(md5).starred
    assert scan(catalog, scanned).moved == 0


@pytest.mark.parametrize(("one", "other"), [("a.jpg", "b.jpg"), ("a.jpg", "2023/c.jpg")])
@pytest.mark.parametrize("by_inode", [True, False], ids=["renamed", "copied"])
def test_swapped_names_are_followed(catalog, scanned, one, other, by_inode):
    (scanned / "2023" / "copies" / "b again.jpg").unlink()
    scan(catalog, scanned)
    first, second = scanned / one, scanned / other
    os.utime(first, (1, 1))
    os.utime(second, (2, 2))
    scan(catalog, scanned)
    md5s = md5_at(catalog, raw(first)), md5_at(catalog, raw(second))
    places = [place_of(catalog, md5) for md5 in md5s]
    if by_inode:
        swap(first, second)
    else:
        shutil.copy2(first, first.with_name("aside"))
        copy_over(second, first)
        copy_over(first.with_name("aside"), second)
        first.with_name("aside").unlink()
    report = scan(catalog, scanned)
    assert (report.moved, report.changed) == ((2, 0) if by_inode else (0, 2))
    assert (report.new, report.missing, report.photos) == (0, 0, 3)
    assert (md5_at(catalog, raw(second)), md5_at(catalog, raw(first))) == md5s
    assert [place_of(catalog, md5) for md5 in md5s] == places[::-1]


def test_a_name_taken_over_by_another_photo_is_not_the_lost_ones_any_more(catalog, scanned):
    old = md5_at(catalog, raw(scanned / "a.jpg"))
    (scanned / "a.jpg").rename(scanned / "kept.jpg")
    draw_photo(scanned / "a.jpg", 9)
    report = scan(catalog, scanned)
    assert (report.moved, report.changed, report.new, report.missing) == (1, 1, 1, 0)
    assert place_of(catalog, old) == ("", "kept.jpg")
    assert place_of(catalog, md5_at(catalog, raw(scanned / "a.jpg"))) == ("", "a.jpg")


def test_a_move_from_one_scanned_folder_to_another_is_followed_at_once(catalog, scanned, tmp_path):
    other = tmp_path / "other"
    draw_photo(other / "d.jpg", 4)
    scan(catalog, other)
    md5 = md5_at(catalog, raw(scanned / "2023" / "c.jpg"))
    change_unseen(scanned / "2023" / "c.jpg")
    (other / "new").mkdir()
    (scanned / "2023" / "c.jpg").rename(other / "new" / "e.jpg")
    report = scan(catalog, other)
    assert (report.moved, report.changed, report.missing) == (1, 0, 0)
    assert place_of(catalog, md5) == ("new", "e.jpg")
    assert catalog.find_entry(md5).paths == (raw(other / "new" / "e.jpg"),)
    assert scan(catalog, scanned).missing == 0


def test_a_move_that_the_left_folder_shows_first_is_followed_when_the_other_is_scanned(
    catalog, scanned, tmp_path
):
    md5 = md5_at(catalog, raw(scanned / "a.jpg"))
    other = tmp_path / "other"
    other.mkdir()
    (scanned / "a.jpg").rename(other / "a.jpg")
    assert scan(catalog, scanned).missing == 1
    assert catalog.find_entry(md5).paths == ()
    change_unseen(other / "a.jpg")
    report = scan(catalog, other)
    assert (report.moved, report.changed) == (1, 0)
    assert catalog.find_entry(md5).paths == (raw(other / "a.jpg"),)


def test_a_photo_goes_by_its_other_place_in_the_same_library_before_one_in_another(
    catalog, scanned, tmp_path
):
    md5 = md5_at(catalog, raw(scanned / "b.jpg"))
    (tmp_path / "another").mkdir()
    shutil.copy(scanned / "b.jpg", tmp_path / "another" / "b.jpg")
    scan(catalog, tmp_path / "another")
    (scanned / "b.jpg").unlink()
    scan(catalog, scanned)
    assert place_of(catalog, md5) == ("2023/copies", "b again.jpg")
    (scanned / "2023" / "copies" / "b again.jpg").unlink()
    scan(catalog, scanned)
    assert place_of(catalog, md5) == ("", "b.jpg")


def test_a_photo_whose_files_are_all_gone_keeps_its_name_among_however_many(catalog, tmp_path):
    album = tmp_path / "album"
    content = draw_photo(album / "a" / "0 first.jpg", 1).read_bytes()
    (album / "z").mkdir()
    shutil.copy(album / "a" / "0 first.jpg", album / "z" / "second.jpg")
    for number in range(600):  # more than one transaction takes
        (album / "a" / f"{number}.jpg").write_bytes(content + b"%d" % number)
    draw_photo(album / "stays.jpg", 2)
    scan(catalog, album)
    md5 = md5_at(catalog, raw(album / "a" / "0 first.jpg"))
    for folder in ("a", "z"):
        for path in (album / folder).iterdir():
            path.unlink()
    assert scan(catalog, album).missing == 602
    assert place_of(catalog, md5) == ("a", "0 first.jpg")


def test_photos_of_one_size_and_one_time_are_told_apart_by_reading(catalog, tmp_path):
    """As on a memory card: uncompressed bursts, and inodes numbered anew at each mount."""
    library = tmp_path / "library"
    burst = [draw_photo(library / name, 1) for name in ("a.jpg", "b.jpg")]
    for path in burst:
        with path.open("ab") as file:
            file.write(path.name.encode())
        os.utime(path, (1, 1))
    scan(catalog, library)
    change_unseen(burst[0])
    burst[0].rename(library / "c.jpg")
    report = scan(catalog, library)
    assert (report.moved, report.changed, report.new) == (0, 1, 1)


@pytest.mark.parametrize("change", [lambda path: os.utime(path, (1, 1)), lambda path: draw_photo(path, 77)])
def test_a_file_that_is_moved_and_changed_is_read(catalog, scanned, change):
    (scanned / "a.jpg").rename(scanned / "z.jpg")
    change(scanned / "z.jpg")
    report = scan(catalog, scanned)
    assert (report.moved, report.changed) == (0, 1)


def test_a_hard_link_is_one_photo_with_two_files_and_not_read_again(catalog, scanned):
    md5 = md5_at(catalog, raw(scanned / "a.jpg"))
    change_unseen(scanned / "a.jpg")
    os.link(scanned / "a.jpg", scanned / "z.jpg")
    report = scan(catalog, scanned)
    assert (report.moved, report.changed, report.unchanged) == (0, 0, 5)
    assert catalog.find_entry(md5).paths == (raw(scanned / "a.jpg"), raw(scanned / "z.jpg"))
    assert pending(catalog) == {}


def test_empty_files_are_not_taken_for_each_other(catalog, tmp_path):
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "a.jpg").touch()
    scan(catalog, tmp_path / "library")
    (tmp_path / "library" / "a.jpg").rename(tmp_path / "library" / "b.jpg")
    assert scan(catalog, tmp_path / "library").moved == 0


def test_a_damaged_photo_stays_known_as_damaged_when_it_moves(catalog, scanned):
    (scanned / "broken.jpg").write_text("no photo at all")
    assert scan(catalog, scanned).damaged == 1
    (scanned / "broken.jpg").rename(scanned / "still broken.jpg")
    report = scan(catalog, scanned)
    assert (report.moved, [path for path, _ in report.problems]) == (1, [raw(scanned / "still broken.jpg")])
    (entry,) = (e for e in catalog.load_catalog(raw(scanned)) if e.filename == "still broken.jpg")
    assert entry.error


def test_times_and_sizes_beyond_all_bounds_are_taken(catalog, scanned):
    late = 15 * 10**18  # nanoseconds: the year 2445, which ext4 and XFS can tell
    os.utime(scanned / "a.jpg", ns=(late, late))
    scan(catalog, scanned)
    (scanned / "a.jpg").rename(scanned / "z.jpg")
    assert scan(catalog, scanned).moved == 1
