"""The names of one folder's files: in any order, as far as their photos pass."""

import os

import pytest

from catalog.reader import CatalogReader
from catalog.search.query import Order, Query
from tests.catalog.conftest import md5_at, raw, scan
from tests.conftest import draw_photo


@pytest.fixture
def reader(catalog, tmp_path):
    """A folder of four photos, one of them in two files, of four sizes and dates; and a file that is none."""
    folder = tmp_path / "roll"
    for number, name in enumerate("dabc"):
        path = draw_photo(folder / f"{name}.jpg", number, size=(16 + 40 * number, 12 + 40 * number))
        os.utime(path, (number, number))
    (folder / "copy of a.jpg").write_bytes((folder / "a.jpg").read_bytes())
    draw_photo(folder / "below" / "e.jpg", 9)
    os.mkfifo(folder / "pipe.jpg")
    scan(catalog, folder)
    catalog.update_star_status(md5_at(catalog, raw(folder / "a.jpg")), is_starred=True)
    return CatalogReader(catalog.path)


def names(reader, tmp_path, **asked):
    found = reader.names(Query(folder=raw(tmp_path / "roll"), recursive=False, **asked))
    return " ".join(name.decode().removesuffix(".jpg") for name in found)


def test_each_order_and_its_reverse(reader, tmp_path):
    assert names(reader, tmp_path, order=Order.NAME) == "a b c copy of a d pipe"
    assert names(reader, tmp_path, order=Order.NAME, reverse=True) == "pipe d copy of a c b a"
    assert names(reader, tmp_path, order=Order.SIZE) == "pipe d a copy of a b c"
    assert names(reader, tmp_path, order=Order.SIZE, reverse=True) == "c b copy of a a d pipe"
    assert names(reader, tmp_path, order=Order.STARRED).startswith("a copy of a ")


def test_what_passes_is_asked_of_the_photo_and_a_file_that_is_none_passes_nothing(reader, tmp_path):
    assert names(reader, tmp_path, starred=True) == "a copy of a"
    assert names(reader, tmp_path, duplicates=True) == "a copy of a"
    assert names(reader, tmp_path, not_backed_up=True) == "a b c copy of a d"
    assert names(reader, tmp_path, conflicts=True) == ""
    assert names(reader, tmp_path, starred=True, name="not in any name") == "a copy of a"
