"""Scanning beside programs that do a part of it: rclone and md5sum hash, exiftool reads dates, find walks.

Run by `make bench`. The goals: at most 1.25 times the time of rclone with photos of 5 MB, and 2.86 times with
50 KB (0.8 and 0.35 of its throughput); 0.05 times md5sum and exiftool; 2.5 times find; 2.0 times executemany.
`PHOTOLALA_BENCH_FILES` is how many files are walked, 100,000 if nothing is said.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from catalog.photo_files.metadata import read_facts
from catalog.scan.libraries import library_root
from catalog.scan.scanned import ScannedFile, store_files
from catalog.scan.scanner import Scan
from catalog.scan.walk import Stat, stat_of
from catalog.store import SqlCatalog
from tests.benchmarks.ratios import in_turn, timed
from tests.conftest import REAL_PHOTOS, draw_photo

BATCH = 500
MANY = int(os.environ.get("PHOTOLALA_BENCH_FILES", "100000"))


def run(*command: object) -> float:
    words = [str(part) for part in command]
    quiet = subprocess.DEVNULL
    return timed(lambda: subprocess.run(words, check=True, stdout=quiet, stderr=quiet))


def scanned(catalog: SqlCatalog, folder: Path) -> float:
    begun = time.perf_counter()
    report = Scan(catalog, os.fsencode(folder)).run()
    assert report.complete
    assert not report.failed
    return time.perf_counter() - begun


class FirstScan:
    """Scans a folder into a catalog of its own each time."""

    def __init__(self, tmp_path: Path, folder: Path) -> None:
        self.folder = folder
        self.empty = tmp_path / "empty.sqlite"
        SqlCatalog(self.empty).close()

    def __call__(self) -> float:
        copy = Path(shutil.copy(self.empty, self.empty.with_name("catalog.sqlite")))
        catalog = SqlCatalog(copy)
        catalog.stats()
        took = scanned(catalog, self.folder)
        catalog.close()
        for path in copy.parent.glob("catalog.sqlite*"):
            path.unlink()
        return took


def pictures() -> list[bytes]:
    """Return JPEGs to be made longer: real ones, or drawn ones where those are not here."""
    real = sorted((REAL_PHOTOS / "cameras").glob("*.jpg")) if REAL_PHOTOS.is_dir() else []
    return [path.read_bytes() for path in real if path.stat().st_size > 20_000]


def write_photos(folder: Path, number: int, size: int, *, together: int = 500) -> Path:
    """Write photos of one size, each its own content; headers as they come from cameras."""
    bodies = pictures() or [draw_photo(folder / "drawn.jpg", 1).read_bytes()]
    for n in range(number):
        place = folder / f"{n // together:03}" / f"IMG_{n:06}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        body = bodies[n % len(bodies)][: size - 10]
        place.write_bytes(body + os.urandom(max(size - len(body) - 10, 0)) + b"%08d\xff\xd9" % n)
    (folder / "drawn.jpg").unlink(missing_ok=True)
    return folder


@pytest.mark.parametrize(("number", "size"), [(60, 5_000_000), (4000, 50_000)])
def test_a_first_scan_beside_rclone_which_only_hashes(tmp_path, capsys, number, size):
    folder = write_photos(tmp_path / "photos", number, size)
    rclone = Path(sys.executable).with_name("rclone")
    scan = FirstScan(tmp_path, folder)
    scan()
    told = in_turn(scan, lambda: run(rclone, "hashsum", "md5", "--config", "", folder), rounds=9)
    with capsys.disabled():
        print(f"\nscan of {number} photos of {size / 1e6:g} MB / rclone hashsum md5:  {told}")


def test_a_first_scan_beside_md5sum_and_exiftool(tmp_path, capsys):
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not here: apt install libimage-exiftool-perl")
    folder = write_photos(tmp_path / "photos", 400, 50_000)
    scan = FirstScan(tmp_path, folder)
    scan()

    def programs() -> float:
        paths = list(folder.rglob("*.jpg"))
        exiftool = ("exiftool", "-fast2", "-csv", "-r", "-DateTimeOriginal", "-ImageSize", "-Model", folder)
        return run("md5sum", *paths) + run(*exiftool)

    told = in_turn(scan, programs, rounds=3)
    with capsys.disabled():
        print(f"\nscan of 400 photos of 50 KB / md5sum, then exiftool -fast2:  {told}")


def test_a_second_scan_beside_find(tmp_path, capsys):
    folder = tmp_path / "photos"
    for n in range(MANY):
        place = folder / f"{n // 1000:03}" / f"IMG_{n:06}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"\xff\xd8 no photo, since none is read %d" % n)
    catalog = SqlCatalog(tmp_path / "catalog.sqlite")
    scanned(catalog, folder)
    find = ("find", folder, "-printf", "%p %s %T@\n")
    told = in_turn(lambda: scanned(catalog, folder), lambda: run(*find), rounds=9)
    catalog.close()
    with capsys.disabled():
        print(f"\nsecond scan of {MANY:,} files / find -printf:  {told}")


def test_storing_beside_bare_executemany(tmp_path, capsys):
    path = draw_photo(tmp_path / "photo.jpg", 1)
    facts = read_facts(os.fsencode(path))
    stat = Stat(*stat_of(path.stat()))
    files = []
    for n in range(20_000):
        md5 = f"{n * 2654435761 % (1 << 32):08x}{n:024x}"  # in no order, as real ones are
        name = b"IMG_%06d.jpg" % n
        own = facts._replace(md5=md5)
        files.append(ScannedFile(b"/photos/%03d" % (n // 1000), name, stat._replace(inode=n), md5, own))
    empty = tmp_path / "empty.sqlite"
    SqlCatalog(empty).close()

    def ours() -> float:
        catalog = SqlCatalog(Path(shutil.copy(empty, tmp_path / "ours.sqlite")))
        root = library_root(catalog, b"/photos")
        begun = time.perf_counter()
        for begin in range(0, len(files), BATCH):
            store_files(catalog, files[begin : begin + BATCH], root)
        took = time.perf_counter() - begun
        catalog.close()
        return took

    def bare() -> float:
        columns = (
            "filename",
            "folder",
            *facts._fields,
            "applephotoid",
            "starred",
            "deleted",
            "backup_status",
        )
        photos = [(file.name.decode(), file.folder.decode(), *file.facts, "", 0, 0, "none") for file in files]
        places = [(file.folder, file.name, file.md5, *file.stat) for file in files]
        marks = ", ".join("?" * len(columns))
        with closing(sqlite3.connect(shutil.copy(empty, tmp_path / "bare.sqlite"))) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -16384")
            begun = time.perf_counter()
            with connection:
                connection.executemany(f"INSERT INTO photo ({', '.join(columns)}) VALUES ({marks})", photos)
                connection.executemany("INSERT INTO pending (md5, revision) VALUES (?, 1)",
                                       [(file.md5,) for file in files])  # fmt: skip
                connection.executemany(
                    "INSERT INTO file (folder, name, md5, size, mtime_ns, inode, missing)"
                    " VALUES (?, ?, ?, ?, ?, ?, 0)", places,
                )  # fmt: skip
            return time.perf_counter() - begun

    told = in_turn(ours, bare)
    with capsys.disabled():
        print(f"\nstoring 20,000 scanned rows, {BATCH} a transaction / bare executemany in one:  {told}")
