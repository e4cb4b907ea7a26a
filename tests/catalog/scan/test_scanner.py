"""The scanner, over real folders: what it finds, what it leaves alone, and what it never takes as deleted."""

import os
import shutil
import signal
import socket
import threading
from dataclasses import asdict

import pytest

from catalog.exchange import Exchange
from catalog.pull import RemoteSeen
from catalog.scan import reading
from catalog.scan.chosen import scan_file
from catalog.scan.scanner import RootOfflineError
from tests.catalog.conftest import (
    URL,
    PendingRow,
    md5_at,
    pending,
    photo,
    put_synced,
    raw,
    rows_of,
    scan,
    start_python,
)
from tests.conftest import draw_photo, permissions_that_count


def counts(report):
    return {
        name: n for name, n in asdict(report).items() if n and name not in {"seconds", "problems", "complete"}
    }


def size(*paths):
    return sum(path.stat().st_size for path in paths)


def photo_at(catalog, path):
    return rows_of(catalog)[md5_at(catalog, raw(path))]


def everything(catalog):
    return list(catalog.entries()), rows_of(catalog), pending(catalog)


def change_unseen(path):
    """Change a file's content, but nothing that `stat` tells: whoever notices has read it."""
    before = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def synced(catalog):
    """Have all that is pending carried to a remote."""
    Exchange(catalog).freeze("batch", URL)
    Exchange(catalog).finish("batch", RemoteSeen(URL, 1, None, "{}"))


def many(folder, number):
    """Make more photos than the scanner stores at a time."""
    first = draw_photo(folder / "0000.jpg", 1)
    content = first.read_bytes()
    paths = [folder / f"{n:04}.jpg" for n in range(number)]
    for n, path in enumerate(paths[1:], 1):
        path.write_bytes(content + b"%d" % n)
    return paths


@pytest.fixture
def scanned(catalog, library):
    scan(catalog, library)
    return library


# --- counts


def test_a_first_scan_reads_every_photo_and_leaves_other_files_alone(catalog, library):
    (library / "notes.txt").write_text("not a photo")
    (library / ".hidden.jpg").write_text("nor this")
    draw_photo(library / ".thumbnails" / "d.jpg", 4)
    report = scan(catalog, library)
    paths = [library / name for name in ("a.jpg", "b.jpg", "2023/c.jpg", "2023/copies/b again.jpg")]
    assert counts(report) == {
        "files": 4, "photos": 3, "new": 3, "changed": 4, "skipped": 2, "bytes_read": size(*paths),
    }  # fmt: skip
    assert (report.complete, report.problems) == (True, [])
    assert {row.filename: row.folder for row in rows_of(catalog).values()} == {
        "a.jpg": "",
        "b.jpg": "",
        "c.jpg": "2023",
    }


def test_a_second_scan_reads_nothing(catalog, scanned):
    change_unseen(scanned / "a.jpg")
    before = everything(catalog)
    assert counts(scan(catalog, scanned)) == {"files": 4, "photos": 3, "unchanged": 4}
    assert everything(catalog) == before


def test_a_changed_file_is_read_again_and_is_another_photo(catalog, scanned):
    path = scanned / "a.jpg"
    old = md5_at(catalog, raw(path))
    catalog.update_star_status(old, is_starred=True)
    draw_photo(path, 5)
    assert counts(scan(catalog, scanned)) == {
        "files": 4, "photos": 3, "new": 1, "changed": 1, "unchanged": 3, "bytes_read": size(path),
    }  # fmt: skip
    assert md5_at(catalog, raw(path)) != old
    assert not catalog.find_entry(md5_at(catalog, raw(path))).starred
    kept = catalog.find_entry(old)
    assert (kept.starred, kept.paths) == (True, ())


def as_copied(path):
    shutil.copy2(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


@pytest.mark.parametrize("touch", [lambda path: os.utime(path, (1, 1)), as_copied], ids=["time", "inode"])
def test_a_file_of_another_time_or_another_inode_is_read_again(catalog, scanned, touch):
    change_unseen(scanned / "a.jpg")
    touch(scanned / "a.jpg")
    report = scan(catalog, scanned)
    assert (report.changed, report.new, report.unchanged) == (1, 1, 3)


def test_a_photo_known_from_elsewhere_is_not_new_and_keeps_its_star_and_name(catalog, library):
    scan(catalog, library)
    (row,) = (row for row in rows_of(catalog).values() if row.filename == "a.jpg")
    theirs = row._replace(filename="theirs.jpg", folder="there", starred=True)
    with Exchange(catalog).pull() as pull:
        pull.write([theirs])
    os.utime(library / "a.jpg", (1, 1))
    report = scan(catalog, library)
    assert (report.changed, report.new) == (1, 0)
    assert photo_at(catalog, library / "a.jpg") == theirs


def test_damaged_and_unreadable_files_are_told_with_their_reasons(catalog, library):
    broken, locked, dangling = (library / f"{name}.jpg" for name in ("broken", "locked", "dangling"))
    broken.write_text("no photo at all")
    draw_photo(locked, 7).chmod(0)
    dangling.symlink_to("nowhere")
    with permissions_that_count():
        report = scan(catalog, library)
    assert (report.files, report.photos, report.damaged, report.failed) == (7, 4, 1, 2)
    problems = dict(report.problems)
    assert problems.keys() == {raw(broken), raw(locked), raw(dangling)}
    assert problems[raw(locked)] == "cannot be read: Permission denied"
    assert problems[raw(dangling)] == "cannot be read: No such file or directory"
    locked.chmod(0o600)
    assert scan(catalog, library).new == 1
    assert md5_at(catalog, raw(locked))


def test_an_unforeseen_error_costs_one_row(catalog, library, monkeypatch):
    def read_facts(path, **options):
        if path.endswith(b"c.jpg"):
            raise ZeroDivisionError("a fault of ours")
        return real(path, **options)

    real = reading.read_facts
    monkeypatch.setattr(reading, "read_facts", read_facts)
    report = scan(catalog, library)
    assert (report.files, report.photos, report.failed, report.complete) == (4, 2, 1, True)
    ((path, reason),) = report.problems
    assert path == raw(library / "2023" / "c.jpg")
    assert "a fault of ours" in reason


def test_progress_is_told_while_it_scans(catalog, library):
    told = []
    scan(catalog, library, progress=lambda report: told.append(report.files))
    assert told[0] < told[-1] == 4
    assert told == sorted(told)


def test_a_screen_is_told_each_file_once_it_is_in_the_catalog(catalog, library):
    told = []

    def stored(batch):
        told.extend(
            (file.folder + b"/" + file.name, md5_at(catalog, file.folder + b"/" + file.name))
            for file in batch
        )

    scan(catalog, library, stored=stored)
    assert len(told) == 4
    assert all(md5 for _, md5 in told)


# --- moves


@pytest.mark.parametrize(
    ("old", "new", "filename", "folder"),
    [
        ("a.jpg", "z.jpg", "z.jpg", ""),
        ("a.jpg", "2023/a.jpg", "a.jpg", "2023"),
        ("2023/c.jpg", "c.jpg", "c.jpg", ""),
        ("2023/c.jpg", "2022/new/d.jpg", "d.jpg", "2022/new"),
        ("2023", "2024", "c.jpg", "2024"),
    ],
)
def test_a_photo_that_is_renamed_or_moved_keeps_its_star_and_takes_its_name_along(
    catalog, scanned, old, new, filename, folder
):
    was = scanned / old / "c.jpg" if old == "2023" else scanned / old
    md5 = md5_at(catalog, raw(was))
    catalog.update_star_status(md5, is_starred=True)
    synced(catalog)
    before = rows_of(catalog)[md5]
    (scanned / new).parent.mkdir(parents=True, exist_ok=True)
    (scanned / old).rename(scanned / new)
    report = scan(catalog, scanned)
    assert counts(report) == {"files": 4, "photos": 3, "unchanged": 4, "moved": 2 if old == "2023" else 1}
    after = before._replace(filename=filename, folder=folder)
    assert rows_of(catalog)[md5] == after
    assert after.starred
    assert pending(catalog) == {md5: PendingRow(before.line(), None, None)}
    assert catalog.find_entry(md5).paths == (raw(scanned / folder / filename),)


def test_a_photo_that_loses_its_first_place_goes_by_its_other_one(catalog, scanned):
    synced(catalog)
    md5 = md5_at(catalog, raw(scanned / "b.jpg"))
    (scanned / "b.jpg").unlink()
    scan(catalog, scanned)
    row = rows_of(catalog)[md5]
    assert (row.folder, row.filename) == ("2023/copies", "b again.jpg")


def test_a_photo_that_loses_a_further_place_keeps_its_name(catalog, scanned):
    synced(catalog)
    (scanned / "2023" / "copies" / "b again.jpg").unlink()
    assert scan(catalog, scanned).missing == 1
    assert pending(catalog) == {}


def test_a_rename_is_followed_also_if_its_folder_was_scanned_before_the_one_above(catalog, library):
    scan(catalog, library / "2023")
    scan(catalog, library)
    synced(catalog)
    (library / "2023" / "c.jpg").rename(library / "2023" / "d.jpg")
    scan(catalog, library)
    row = photo_at(catalog, library / "2023" / "d.jpg")
    assert (row.folder, row.filename) == ("2023", "d.jpg")


def test_a_photo_that_lies_where_it_is_recorded_keeps_its_name_when_a_copy_moves(catalog, library):
    draw_photo(library / "b" / "x.jpg", 9)
    scan(catalog, library)
    draw_photo(library / "a" / "b" / "x.jpg", 9)
    scan(catalog, library)
    synced(catalog)
    (library / "a" / "b").rename(library / "a" / "c")
    assert scan(catalog, library).moved == 1
    assert pending(catalog) == {}


def test_a_name_from_another_device_is_not_overwritten_by_a_rename_here(catalog, scanned):
    row = photo_at(catalog, scanned / "a.jpg")
    theirs = row._replace(filename="theirs.jpg")
    with Exchange(catalog).pull() as pull:
        pull.write([theirs])
    (scanned / "a.jpg").rename(scanned / "z.jpg")
    scan(catalog, scanned)
    assert photo_at(catalog, scanned / "z.jpg") == theirs


# --- files and folders that are gone, or only seem to be


def test_a_file_that_is_gone_is_missing_but_its_photo_and_its_star_stay(catalog, scanned):
    md5 = md5_at(catalog, raw(scanned / "a.jpg"))
    catalog.update_star_status(md5, is_starred=True)
    (scanned / "a.jpg").unlink()
    assert counts(scan(catalog, scanned)) == {"files": 3, "photos": 2, "unchanged": 3, "missing": 1}
    entry = catalog.find_entry(md5)
    assert (entry.starred, entry.paths) == (True, ())
    assert scan(catalog, scanned).missing == 0


def test_a_folder_that_is_gone_is_missing_and_may_come_back(catalog, scanned):
    (scanned / "2023").rename(scanned.parent / "elsewhere")
    assert scan(catalog, scanned).missing == 2
    (scanned.parent / "elsewhere").rename(scanned / "2023")
    report = scan(catalog, scanned)
    assert counts(report) == {"files": 4, "photos": 3, "unchanged": 4}
    assert catalog.stats().files == 4


@pytest.mark.parametrize(
    ("take_away", "reason"),
    [
        (
            lambda root: (shutil.rmtree(root), root.mkdir()),
            "is empty, but 4 photos were there: is the disk mounted",
        ),
        (shutil.rmtree, r"cannot be reached \(No such file or directory\)"),
        (lambda root: (shutil.rmtree(root), root.touch()), r"cannot be reached \(Not a directory\)"),
    ],
    ids=["empty", "not there", "a file"],
)
def test_a_root_that_is_suddenly_empty_or_not_there_is_offline_and_not_deleted(
    catalog, scanned, take_away, reason
):
    before = everything(catalog)
    take_away(scanned)
    with pytest.raises(RootOfflineError, match=reason) as offline:
        scan(catalog, scanned)
    assert str(scanned) in str(offline.value)
    assert everything(catalog) == before


def test_an_empty_folder_where_nothing_was_known_is_simply_empty(catalog, tmp_path):
    (tmp_path / "empty").mkdir()
    assert counts(scan(catalog, tmp_path / "empty")) == {}


@pytest.mark.parametrize("locked", ["2023", "2023/copies"])
def test_a_folder_that_cannot_be_read_is_told_and_its_photos_are_not_missing(catalog, scanned, locked):
    (scanned / "a.jpg").unlink()
    (scanned / locked).chmod(0)
    try:
        with permissions_that_count():
            report = scan(catalog, scanned)
    finally:
        (scanned / locked).chmod(0o700)
    assert report.problems == [(raw(scanned / locked), "the folder cannot be read: Permission denied")]
    assert report.missing == 1
    assert catalog.stats().files == 3


def test_a_root_that_cannot_be_read_is_offline(catalog, scanned):
    scanned.chmod(0)
    try:
        with permissions_that_count(), pytest.raises(RootOfflineError, match="Permission denied"):
            scan(catalog, scanned)
    finally:
        scanned.chmod(0o700)


# --- strange files


def test_links_to_photos_are_followed_and_links_to_folders_are_not(catalog, library):
    draw_photo(library.parent / "outside" / "linked.jpg", 8)
    (library / "link.jpg").symlink_to(library.parent / "outside" / "linked.jpg")
    (library / "loop").symlink_to(library)
    (library / "2023" / "up").symlink_to("..")
    (library / "outside").symlink_to(library.parent / "outside")
    (library / "itself.jpg").symlink_to("itself.jpg")
    report = scan(catalog, library)
    assert (report.files, report.photos, report.failed, report.skipped) == (6, 4, 1, 3)
    assert report.problems == [
        (raw(library / "itself.jpg"), "cannot be read: Too many levels of symbolic links")
    ]


def test_pipes_and_sockets_do_not_hold_it_up(catalog, library, monkeypatch):
    pipe = library / "pipe.jpg"
    os.mkfifo(pipe)
    monkeypatch.chdir(library)  # a socket's path may have but 107 bytes
    reports = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.jpg")
        thread = threading.Thread(target=lambda: reports.append(scan(catalog, library)))
        thread.start()
        thread.join(10)
        if thread.is_alive():
            os.close(os.open(pipe, os.O_RDWR))  # lets it go on
            thread.join()
            pytest.fail("the scan waited for somebody to write into the pipe")
    (report,) = reports
    assert (report.files, report.photos, report.failed) == (6, 3, 2)
    assert {path for path, _ in report.problems} == {raw(pipe), raw(library / "socket.jpg")}


def test_a_folder_whose_name_is_a_photos_is_a_folder(catalog, library):
    draw_photo(library / "album.jpg" / "d.jpg", 4)
    assert scan(catalog, library).files == 5


def test_names_that_are_not_utf_8_are_kept_as_they_are(catalog, tmp_path):
    folder = raw(tmp_path) + b"/library/caf\xe9"
    path = folder + b"/\xff.jpg"
    draw_photo(tmp_path / "library" / os.fsdecode(b"caf\xe9/\xff.jpg"), 1)
    report = scan(catalog, tmp_path / "library")
    assert (report.new, report.problems) == (1, [])
    ((md5, row),) = rows_of(catalog).items()
    assert (row.folder, row.filename) == (r"caf\xe9", r"\xff.jpg")
    assert md5_at(catalog, path) == md5
    assert catalog.find_entry(md5).paths == (path,)
    assert [entry.filename for entry in catalog.load_catalog(folder)] == [r"\xff.jpg"]
    assert scan(catalog, tmp_path / "library").unchanged == 1


def as_it_is_read(path, act):
    """Return a `cancelled` hook that does something to a file while a worker has it open."""

    def hook():
        if threading.current_thread() is not threading.main_thread():
            act(path)
        return False

    return hook


def grow(path):
    with path.open("ab") as file:
        file.write(b"more")


def grow_and_vanish(path):
    grow(path)
    path.unlink()


def test_a_file_that_is_still_being_written_is_told_and_read_by_the_next_scan(catalog, tmp_path):
    path = draw_photo(tmp_path / "library" / "a.jpg", 1)
    report = scan(catalog, path.parent, cancelled=as_it_is_read(path, grow))
    assert report.problems == [(raw(path), "the file changes while it is read")]
    assert (report.failed, report.complete) == (1, True)
    assert scan(catalog, path.parent).new == 1


def test_a_file_that_changes_once_while_it_is_read_is_read_again_at_once(catalog, tmp_path):
    path = draw_photo(tmp_path / "library" / "a.jpg", 1)
    before = size(path)
    once = as_it_is_read(path, lambda path: grow(path) if size(path) == before else None)
    report = scan(catalog, path.parent, cancelled=once)
    assert (report.new, report.problems, report.bytes_read) == (1, [], size(path))
    assert scan(catalog, path.parent).unchanged == 1


def test_a_file_that_vanishes_while_it_is_read_costs_one_row(catalog, scanned):
    path = scanned / "a.jpg"
    os.utime(path, (1, 1))  # so it is the one that is read
    report = scan(catalog, scanned, cancelled=as_it_is_read(path, grow_and_vanish))
    assert report.problems == [(raw(path), "cannot be read: No such file or directory")]
    assert (report.photos, report.failed, report.complete) == (2, 1, True)


# --- interrupted


def test_a_scan_that_is_cancelled_takes_nothing_as_missing_and_the_next_goes_on(catalog, tmp_path):
    library = tmp_path / "library"
    gone = draw_photo(library / "gone.jpg", 7)
    scan(catalog, library)
    gone.unlink()
    paths = many(library, 1200)
    stored = []
    cut = scan(catalog, library, stored=stored.extend, cancelled=lambda: bool(stored))
    assert (cut.complete, cut.missing) == (False, 0)
    assert 0 < len(stored) < 1200
    assert md5_at(catalog, raw(gone))
    for file in stored:
        change_unseen(library / os.fsdecode(file.name))
    rest = scan(catalog, library)
    assert (rest.complete, rest.missing, rest.files, rest.photos) == (True, 1, 1200, 1200)
    assert (rest.unchanged, rest.changed) == (len(stored), 1200 - len(stored))
    assert rest.bytes_read == size(*paths) - sum(file.stat.size for file in stored)


def test_a_scan_that_is_cancelled_before_it_begins_does_nothing(catalog, scanned):
    before = everything(catalog)
    (scanned / "a.jpg").unlink()
    report = scan(catalog, scanned, cancelled=lambda: True)
    assert (report.complete, report.missing) == (False, 0)
    assert everything(catalog) == before


def test_after_a_kill_the_next_scan_goes_on_where_it_ended(catalog, tmp_path):
    library = tmp_path / "library"
    many(library, 1200)
    code = """
import os, signal, sys
from pathlib import Path
from catalog.scan.scanner import Scan
from catalog.store import SqlCatalog
kill = lambda batch: os.kill(os.getpid(), signal.SIGKILL)
Scan(SqlCatalog(Path(sys.argv[1])), os.fsencode(sys.argv[2]), stored=kill).run()
"""
    killed = start_python(code, catalog.path, library)
    assert killed.communicate(timeout=30) == ("", "")
    assert killed.returncode == -signal.SIGKILL
    known = catalog.stats().photos
    assert 0 < known < 1200
    report = scan(catalog, library)
    assert (report.complete, report.unchanged, report.changed, report.new) == (
        True,
        known,
        1200 - known,
        1200 - known,
    )
    assert (catalog.stats().photos, catalog.stats().files) == (1200, 1200)


# --- folders in folders, and single files


def test_a_folder_inside_a_library_stays_told_from_the_librarys_root(catalog, scanned):
    path = draw_photo(scanned / "2023" / "deep" / "d.jpg", 4)
    report = scan(catalog, scanned / "2023")
    assert counts(report) == {
        "files": 3, "photos": 3, "new": 1, "changed": 1, "unchanged": 2, "bytes_read": size(path),
    }  # fmt: skip
    assert photo_at(catalog, path).folder == "2023/deep"
    assert catalog.stats().files == 5


def test_one_file_can_be_scanned_and_is_read_only_if_it_has_changed(catalog, library):
    path = library / "2023" / "c.jpg"
    md5 = scan_file(catalog, raw(path))
    assert catalog.find_entry(md5).paths == (raw(path),)
    change_unseen(path)
    assert scan_file(catalog, raw(path)) == md5
    os.utime(path, (1, 1))
    assert scan_file(catalog, raw(path)) != md5


def test_a_file_scanned_in_a_library_is_told_from_its_root(catalog, scanned):
    path = draw_photo(scanned / "2023" / "d.jpg", 4)
    scan_file(catalog, raw(path))
    assert photo_at(catalog, path).folder == "2023"


def test_one_file_that_cannot_be_read_is_an_error_and_changes_nothing(catalog, scanned):
    before = everything(catalog)
    with pytest.raises(FileNotFoundError):
        scan_file(catalog, raw(scanned / "no.jpg"))
    with pytest.raises(OSError, match="a folder, a pipe"):
        scan_file(catalog, raw(scanned / "2023"))
    assert everything(catalog) == before


def test_photos_known_only_from_elsewhere_are_none_of_a_scans_business(catalog, library):
    put_synced(catalog, photo("a", starred=True))
    report = scan(catalog, library)
    assert (report.photos, report.missing) == (3, 0)
    assert rows_of(catalog)[photo("a").md5] == photo("a", starred=True)
