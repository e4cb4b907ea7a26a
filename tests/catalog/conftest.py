"""What the catalog's tests share: catalogs on disk, rows to put into them, and processes to be killed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import settings
from sqlalchemy import select

from catalog.changes import add_photos
from catalog.exchange import Exchange
from catalog.row import PhotoRow
from catalog.scan.scanner import Scan, ScanReport
from catalog.store import SqlCatalog
from catalog.tables import PENDING, PHOTO, SYNCED, photo_row
from tests.conftest import draw_photo

settings.register_profile("unhurried", deadline=None)  # a busy machine is not a bug
settings.load_profile("unhurried")

URL = "s3://bucket/photos"


class PendingRow(NamedTuple):
    base: str | None
    batch: str | None
    sent: str | None


def photo(name: str, **values: Any) -> PhotoRow:
    """Return a row whose md5 begins with its name: `photo("a1")` is one of shard a."""
    return PhotoRow(f"{name:0<32}", **{"filename": f"{name}.jpg", **values})


def put_synced(catalog: SqlCatalog, *rows: PhotoRow) -> None:
    """Put photos into a catalog as they come from the remote: nothing of them is pending."""
    with Exchange(catalog).pull() as pull:
        pull.write(rows)


def put_new(catalog: SqlCatalog, *rows: PhotoRow) -> None:
    """Put photos into a catalog that this device is the first to tell of."""
    with catalog.connections.writing() as connection:
        add_photos(connection, rows)


def rows_of(catalog: SqlCatalog) -> dict[str, PhotoRow]:
    """Return all rows of a catalog by md5."""
    with catalog.reading() as connection:
        return {
            row.md5: row for row in map(photo_row, connection.execute(select(*SYNCED).order_by(PHOTO.c.md5)))
        }


def pending(catalog: SqlCatalog) -> dict[str, PendingRow]:
    """Return what is to be told to the remote, by md5."""
    columns = [PENDING.c[name] for name in ("md5", *PendingRow._fields)]
    with catalog.reading() as connection:
        return {md5: PendingRow(*rest) for md5, *rest in connection.execute(select(*columns))}


def md5_at(catalog: SqlCatalog, path: bytes) -> str | None:
    """Return the md5 of the photo at a raw path, None if none is known to lie there now."""
    folder = path.rpartition(b"/")[0]
    found = (entry for entry in catalog.load_catalog(folder) if entry.paths == (path,))
    return next((entry.md5 for entry in found), None)


def raw(path: Path) -> bytes:
    return os.fsencode(path)


def scan(catalog: SqlCatalog, directory: Path, **hooks: Any) -> ScanReport:
    return Scan(catalog, raw(directory), **hooks).run()


def start_python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a process of its own, to be talked to by lines."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def empty_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog as it is born, to be copied: a migration takes 0.2 s."""
    path = tmp_path_factory.mktemp("empty") / "catalog.sqlite"
    SqlCatalog(path).close()
    return path


@pytest.fixture
def catalog(tmp_path: Path, empty_catalog: Path) -> Iterator[SqlCatalog]:
    catalog = SqlCatalog(Path(shutil.copy(empty_catalog, tmp_path / "catalog.sqlite")))
    yield catalog
    catalog.close()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Three photos in four files in three folders."""
    root = tmp_path / "library"
    draw_photo(root / "b.jpg", 1)
    draw_photo(root / "a.jpg", 2)
    draw_photo(root / "2023" / "c.jpg", 3)
    draw_photo(root / "2023" / "copies" / "b again.jpg", 1)
    return root
