"""The first page of a million photos beside that of ten thousand: each order, each filter.

PHOTOLALA_BENCH_PHOTOS says how many the large catalog has (1,000,000 if not given). Both are asked in turn as a
screen asks: through `CatalogReader`, which opens the file for each page.
"""

import os
from functools import partial

import pytest

from catalog.protocol import BackupStatus
from catalog.reader import CatalogReader
from catalog.search.query import Cursor, Order, Query
from tests.benchmarks.made_catalog import EVENT, FIRST, ROOT, YEAR, YEARS, make_catalog
from tests.benchmarks.ratios import in_turn, timed

SMALL, LARGE = 10_000, int(os.environ.get("PHOTOLALA_BENCH_PHOTOS", "1000000"))
ROUNDS = 9
ORDERS = (Order.DATE, Order.NAME, Order.SIZE, Order.STARRED)


def event(photos: int) -> bytes:
    """Return a folder in the middle of 2015."""
    number = int((YEARS.index(2015) + 0.5) * photos / len(YEARS))
    return f"{ROOT}/2015/{number // EVENT:05}".encode()


FILTERS = {
    "all": lambda photos: {},
    "a folder": lambda photos: {"folder": event(photos), "recursive": False},
    "a year's folders": lambda photos: {"folder": f"{ROOT}/2015".encode()},
    "all folders": lambda photos: {"folder": ROOT.encode()},
    "a name's part, rare": lambda photos: {"name": f"_{photos // 2}."},
    "a name's part, common": lambda photos: {"name": "_00"},
    "a name's part, none": lambda photos: {"name": "holiday"},
    "a year": lambda photos: {"since": int(FIRST + 10 * YEAR), "until": int(FIRST + 11 * YEAR)},
    "a day": lambda photos: {"since": int(FIRST + 10 * YEAR), "until": int(FIRST + 10 * YEAR) + 86400},
    "a camera": lambda photos: {"camera": "FUJIFILM X100V"},
    "starred": lambda photos: {"starred": True},
    "backup none": lambda photos: {"backup": BackupStatus.NONE},
    "backup queued": lambda photos: {"backup": BackupStatus.QUEUED},
    "backup uploaded": lambda photos: {"backup": BackupStatus.UPLOADED},
    "backup failed": lambda photos: {"backup": BackupStatus.FAILED},
    "duplicates": lambda photos: {"duplicates": True},
    "only on the remote": lambda photos: {"only_remote": True},
    "starred, a year's folders": lambda photos: {"starred": True, "folder": f"{ROOT}/2015".encode()},
}


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    place = tmp_path_factory.mktemp("search")
    return {
        photos: CatalogReader(make_catalog(place / f"{photos}.sqlite", photos)) for photos in (SMALL, LARGE)
    }


def test_the_first_page_of_a_million_beside_that_of_ten_thousand(readers, capsys):
    lines, worst = [], []
    for name, of in FILTERS.items():
        cells = []
        for order in ORDERS:
            for reverse in (False, True):
                queries = {photos: Query(**of(photos), order=order, reverse=reverse) for photos in readers}
                asked = [partial(readers[photos].page, queries[photos]) for photos in (LARGE, SMALL)]
                pairs = [[timed(ask) for ask in asked] for _ in range(ROUNDS)]
                # the best of each: on a busy machine the others tell of the machine
                large, small = (min(side) * 1000 for side in zip(*pairs, strict=True))
                cells.append(f"{large:6.2f}/{small:5.2f}={large / small:5.1f}")
                worst.append((large / small, f"{name}, {order}{' reversed' if reverse else ''}"))
        lines.append(f"{name:26} " + "  ".join(cells))
    worst.sort(reverse=True)
    with capsys.disabled():
        heads = [f"{order}{way}" for order in ORDERS for way in ("", " reversed")]
        print(f"\nfirst page of 50, ms: {LARGE:,} / {SMALL:,} photos = ratio")
        print(" " * 27 + "  ".join(f"{head:>18}" for head in heads))
        print("\n".join(lines))
        print(f"{sum(ratio <= 3 for ratio, _ in worst)} of {len(worst)} at most 3; the largest: {worst[:5]}")


def test_counts_and_ids_of_a_million(readers, capsys):
    with capsys.disabled():
        print(f"\n{'':26}   count  all md5s  (ms, {LARGE:,} photos)")
        for name, of in FILTERS.items():
            query = Query(**of(LARGE), order=Order.DATE)
            asked = (readers[LARGE].count, readers[LARGE].md5s)
            found = [timed(partial(ask, query)) * 1000 for ask in asked]
            print(f"{name:26} {found[0]:8.1f} {found[1]:8.1f}")


def test_a_page_in_the_middle_beside_the_first(readers, capsys):
    reader = readers[LARGE]
    for order, key in ((Order.DATE, "photodate"), (Order.NAME, "filename"), (Order.SIZE, "size")):
        query = Query(order=order)
        (middle,) = reader.rows([reader.md5s(query)[LARGE // 2]])
        after = Cursor(0, getattr(middle, key), middle.md5)
        told = in_turn(
            lambda q=query, a=after: timed(lambda: reader.page(q, a)),
            lambda q=query: timed(lambda: reader.page(q)),
        )
        with capsys.disabled():
            print(f"\na page in the middle / the first, by {order}: {told}")


def test_the_years_of_a_million_beside_counting_them(readers, capsys):
    reader = readers[LARGE]
    told = in_turn(
        lambda: timed(lambda: reader.span(reader.periods())),
        lambda: timed(lambda: reader.count(Query(since=-(10**11), until=10**12))),
    )
    with capsys.disabled():
        print(f"\nyears with their counts, and all / one count of all dated photos: {told}")
