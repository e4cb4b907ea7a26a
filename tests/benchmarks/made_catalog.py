"""Makes large catalogs quickly: rows first, then indexes; the photos are made up, the same each time."""

import hashlib
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from catalog.store import SqlCatalog
from catalog.upkeep import index_names

ROOT = "/photos"
YEARS = range(2005, 2025)
EVENT = 150  # photos in a folder
CAMERAS = (("Canon EOS R5", 30), ("NIKON Z 8", 25), ("iPhone 15 Pro", 40), ("FUJIFILM X100V", 5))
YEAR = 365.25 * 86400
FIRST = 1104537600  # 2005-01-01, Unix seconds

_SKELETON = "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
_PHOTO = """
INSERT INTO photo (md5, filename, folder, size, photodate, modified, width, height, applephotoid, starred,
                   uploaded, deleted, camera, backup_status, places)
VALUES (?, ?, ?, ?, ?, ?, 6000, 4000, '', ?, ?, 0, ?, ?, ?)
"""
_FILE = "INSERT INTO file (folder, name, md5, size, mtime_ns, inode, missing) VALUES (?, ?, ?, ?, 0, 0, 0)"
_FOLDERS = """
INSERT INTO folder SELECT file.folder, count(DISTINCT file.md5), min(photodate), max(photodate)
  FROM file JOIN photo ON photo.md5 = file.md5 GROUP BY file.folder
"""


class Made(NamedTuple):
    """One made-up photo; `places` are (folder, name)."""

    md5: str
    filename: str
    folder: str
    size: int
    photodate: int | None
    modified: int
    starred: bool
    uploaded: int | None
    camera: str
    backup_status: str
    places: list[tuple[bytes, bytes]]


def made_up(photos: int, *, one_folder: str | None = None) -> Iterator[Made]:
    """Make photos of twenty years, in folders by year and event, or all in one folder.

    Of them 10% are starred, 10% uploaded, 2% have no date, 2% lie in two places, 1% only on the remote, 0.1% failed.
    """
    dice = random.Random(1)
    names, weights = zip(*CAMERAS, strict=True)
    for number in range(photos):
        md5 = hashlib.md5(b"%d" % number).hexdigest()
        taken = int(FIRST + number * len(YEARS) * YEAR / photos + dice.randrange(3 * 86400))
        year, event = YEARS[number * len(YEARS) // photos], number // EVENT
        here = one_folder or f"{ROOT}/{year}/{event:05}"
        filename = f"{dice.choice(('IMG', 'DSC', 'PXL', 'P10'))}_{dice.randrange(10**6):06}_{number}.jpg"
        places = [] if number % 100 == 3 else [(here.encode(), filename.encode())]
        if number % 50 == 4:
            places.append((f"{one_folder or ROOT}/copies/{event:05}".encode(), filename.encode()))
        yield Made(
            md5, filename, here.removeprefix(ROOT).strip("/"), dice.randrange(500_000, 12_000_000),
            None if number % 50 == 7 else taken, taken, dice.random() < 0.1,
            taken if number % 100 == 3 or dice.random() < 0.1 else None,
            dice.choices(names, weights)[0], "failed" if dice.random() < 0.001 else "none", places,
        )  # fmt: skip


def make_catalog(path: Path, photos: int, *, one_folder: str | None = None) -> Path:
    """Make a catalog, with its names indexed.

    Args:
        path: where.
        photos: how many.
        one_folder: where all of them lie; None spreads them over years and events.
    """
    SqlCatalog(path).close()
    made = list(made_up(photos, one_folder=one_folder))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -262144")
        skeleton = connection.execute(_SKELETON).fetchall()
        connection.execute("BEGIN")
        for kind, name, _ in skeleton:
            connection.execute(f"DROP {kind} {name}")
        connection.executemany(_PHOTO, ((*photo[:-1], len(photo.places)) for photo in made))
        connection.executemany(
            _FILE, ((*place, photo.md5, photo.size) for photo in made for place in photo.places)
        )
        connection.execute(_FOLDERS)
        for _, _, sql in skeleton:
            connection.execute(sql)
        connection.execute("COMMIT")
    index_names(path)
    return path
