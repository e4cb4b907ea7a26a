"""The timeline: every photo is counted once on each level, in the time zone of the machine."""

import sqlite3
import time
from contextlib import closing

import pytest

from catalog.reader import CatalogReader
from catalog.search.query import Query


@pytest.fixture
def berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def fill(catalog, *dates):
    with closing(sqlite3.connect(catalog.path)) as connection:
        for number, date in enumerate(dates):
            connection.execute(
                "INSERT INTO photo (md5, filename, folder, photodate, applephotoid, starred, deleted, backup_status)"
                " VALUES (?, 'x', '', ?, '', 0, 0, 'none')",
                (f"{number:032x}", date),
            )
        connection.commit()
    return CatalogReader(catalog.path)


def at(year, month=1, day=1, hour=0, minute=0):
    return int(time.mktime((year, month, day, hour, minute, 0, 0, 0, -1)))


def test_each_level_holds_what_the_one_above_it_says(catalog, berlin):
    dates = [
        at(2023, 12, 31, 23, 59), at(2024), at(2024, 2, 29, 12), at(2024, 3, 31, 0), at(2024, 3, 31, 23, 59),
        at(2024, 4, 1), at(1969, 7, 20), at(2024, 10, 27, 23), None, 10**15, -(10**15),
    ]  # fmt: skip
    reader = fill(catalog, *dates)
    assert tuple(reader.span(reader.periods())) == (11, 1)
    years = reader.periods()
    assert [(year.date, year.photos) for year in years] == [((1969,), 1), ((2023,), 1), ((2024,), 6)]
    months = reader.periods(years[2])
    assert [(month.date[1], month.photos) for month in months] == [(1, 1), (2, 1), (3, 2), (4, 1), (10, 1)]
    (day,) = reader.periods(months[2])
    assert (day.date, day.photos) == ((2024, 3, 31), 2)
    assert day.until - day.since == 23 * 3600  # the clocks go forward
    assert reader.periods(months[4])[0].until - reader.periods(months[4])[0].since == 25 * 3600
    for period in (*years, *months, day):
        assert reader.count(Query(since=period.since, until=period.until)) == period.photos


def test_an_empty_catalog_has_an_empty_timeline(catalog):
    reader = CatalogReader(catalog.path)
    assert reader.periods() == []
    assert reader.span(reader.periods()) == (0, 0)
