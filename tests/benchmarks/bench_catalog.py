"""The store beside the CSV service, on the same photos in one folder; and storing rows beside sqlite3's own way.

PHOTOLALA_BENCH_SIZES says how many photos ("10000,100000" if not given; with 1000000 it takes some minutes).
The CSV service shows what lies there, so as many files are made; they are empty, but claim their size.
"""

import os
import random
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from catalog.exchange import Exchange
from catalog.photolala.service import CsvCatalog
from catalog.reader import CatalogReader
from catalog.row import SHARDS, PhotoRow
from catalog.search.query import Order, Query
from catalog.store import SqlCatalog
from tests.benchmarks.made_catalog import Made, made_up, make_catalog
from tests.benchmarks.ratios import in_turn, timed
from tests.catalog.photolala.by_hand import lay

SIZES = [int(size) for size in os.environ.get("PHOTOLALA_BENCH_SIZES", "10000,100000").split(",")]
_INSERT = f"INSERT INTO photo ({', '.join(PhotoRow._fields)}, backup_status) VALUES ({', '.join('?' * 13)})"


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size:,}")
def folder(request, tmp_path_factory) -> Path:
    """A folder of photos with a Photolala catalog; the store that has the same photos lies beside it."""
    place = tmp_path_factory.mktemp("photos")
    (place / "photos").mkdir()
    photos = made_up(request.param, one_folder=str(place / "photos"))
    lay(place / "photos", [_line(photo) for photo in photos])
    make_catalog(place / "catalog.sqlite", request.param, one_folder=str(place / "photos"))
    return place / "photos"


def _line(photo: Made) -> str:
    for where, name in photo.places[:1]:
        with Path(os.fsdecode(where + b"/" + name)).open("wb") as file:
            file.truncate(photo.size)
    taken = "" if photo.photodate is None else photo.photodate
    return f"{photo.md5},{photo.filename},{photo.size},{taken},{photo.modified},6000,4000,"


def test_each_operation_of_both_services(folder, capsys):
    raw = os.fsencode(folder)
    store, csv = SqlCatalog(folder.parent / "catalog.sqlite"), CsvCatalog(raw)
    reader, view = CatalogReader(store.path), Query(folder=raw, recursive=False, order=Order.NAME)
    md5s = random.Random(2).sample([entry.md5 for entry in csv.load_catalog(raw)], 20)
    turn = count()

    def star(service):
        return lambda: service.update_star_status(md5s[0], next(turn) // 2 % 2 == 0)

    def opened():
        assert len(reader.page(view).entries) == 50
        assert reader.count(view) >= len(md5s)

    pairs = {
        "find by md5": (lambda: store.find_entry(md5s[1]), lambda: csv.find_entry(md5s[1])),
        "find one that is not there": (lambda: store.find_entry("f" * 32), lambda: csv.find_entry("f" * 32)),
        "toggle a star, durably": (star(store), star(csv)),
        "open a folder: first page and count": (opened, lambda: csv.load_catalog(raw)),
        "load the whole folder": (lambda: store.load_catalog(raw), lambda: csv.load_catalog(raw)),
        "all stars": (store.starred_entries, csv.starred_entries),
        "stats": (store.stats, csv.stats),
    }
    with capsys.disabled():
        print(f"\n{len(list(reader.md5s(Query()))):,} photos, store / CSV service")
        for name, (ours, theirs) in pairs.items():
            told = in_turn(lambda do=ours: timed(do), lambda do=theirs: timed(do))
            print(f"{name:36} {told}")
    store.close()


@pytest.mark.parametrize("photos", SIZES, ids=lambda size: f"{size:,}")
def test_a_first_sync_is_stored_beside_a_bare_executemany(tmp_path, photos, capsys):
    """The same rows into the same tables, by shard, once through the merge's own door and once by hand."""
    rows = [
        PhotoRow(m.md5, m.filename, m.folder, m.size, m.photodate, m.modified, 6000, 4000)
        for m in made_up(photos)
    ]
    shards = [sorted(row for row in rows if row.md5[0] == x) for x in SHARDS]
    files = count()

    def ours() -> float:
        catalog = SqlCatalog(tmp_path / f"{next(files)}.sqlite")

        def write() -> None:
            with Exchange(catalog).pull() as pull:
                for shard in shards:
                    pull.write(shard)

        took = timed(write)
        catalog.close()
        return took

    def bare() -> float:
        path = tmp_path / f"{next(files)}.sqlite"
        SqlCatalog(path).close()
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:

            def write() -> None:
                connection.execute("BEGIN IMMEDIATE")
                for shard in shards:
                    connection.executemany(_INSERT, ((*row, "none") for row in shard))
                connection.execute("COMMIT")

            return timed(write)

    told = in_turn(ours, bare, rounds=3)
    with capsys.disabled():
        print(f"\n{photos:,} rows of a first sync / bare executemany: {told}")
