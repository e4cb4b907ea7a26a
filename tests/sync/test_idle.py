"""The sync that finds nothing to do, and what it hands to the engine when there is something."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from catalog.glance import quiet
from catalog.reader import CatalogReader
from sync.engine import Sync
from sync.events import Outcome, SyncReport
from sync.idle import News, idle_sync
from sync.lock import sync_lock
from sync.manifest import KEY
from tests.sync.fault_store import Fault, FaultStore
from tests.sync.memory_store import URL, MemoryStore


def look(device):
    device.store = MemoryStore(device.bucket)
    return idle_sync(device.catalog.path, device.store)


def test_nothing_new_here_or_there_is_one_request_and_is_told_as_a_success(pair):
    laptop, _ = pair
    with closing(sqlite3.connect(laptop.catalog.path)) as connection, connection:
        connection.execute("UPDATE remote SET last_outcome = 'offline', last_error = 'x', last_success = 1")
    report = look(laptop)
    assert isinstance(report, SyncReport)
    assert (report.outcome, report.seq, report.requests) == (Outcome.UP_TO_DATE, 1, {"GET": 1})
    assert laptop.log == [("GET", KEY, 304)]
    summary = CatalogReader(laptop.catalog.path).summary(URL)
    assert (summary.last_outcome, summary.last_error) == ("up-to-date", None)
    assert summary.last_success > 1


def test_news_from_elsewhere_are_not_fetched_twice(pair):
    laptop, server = pair
    server.star("a1")
    server.sync()
    news = look(laptop)
    assert isinstance(news, News)
    report = Sync(laptop.catalog, laptop.store, "laptop", news=news).run()
    assert (report.outcome, report.pulled_rows) == (Outcome.PULLED, 1)
    assert [key.partition("/")[0] for _, key, _ in laptop.log] == [KEY, "deltas"]


def test_news_that_are_old_by_now_are_fetched_again(pair):
    laptop, server = pair
    server.star("a1")
    server.sync()
    news = look(laptop)
    server.unstar("a2")
    server.sync()
    laptop.sync()  # as from cron
    report = laptop.sync(news=news)
    assert (report.outcome, report.seq) == (Outcome.UP_TO_DATE, 3)
    assert laptop.stars() == server.stars() == {"a1"}


def test_a_remote_that_cannot_be_reached_is_waited_for_once(pair):
    laptop, _ = pair
    before = CatalogReader(laptop.catalog.path).summary(URL)
    store = FaultStore(MemoryStore(laptop.bucket)).fail(Fault.UNREACHABLE)
    report = idle_sync(laptop.catalog.path, store)
    assert isinstance(report, SyncReport)
    assert (store.calls, report.seq) == ([("GET", KEY)], None)
    engines = laptop.sync(FaultStore(MemoryStore(laptop.bucket)).fail(Fault.UNREACHABLE))
    assert (report.outcome, report.error) == (engines.outcome, engines.error)
    summary = CatalogReader(laptop.catalog.path).summary(URL)
    assert summary == before._replace(last_outcome="offline", last_error=report.error)


def test_what_was_changed_here_is_the_engines(pair):
    laptop, _ = pair
    laptop.star("a1")
    assert look(laptop) is None
    assert laptop.log == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO journal (batch_id, url, created_at) VALUES ('b', 'memory://bucket/library', 1)",
        "UPDATE alembic_version SET version_num = '9999'",
        "UPDATE remote SET url = 'memory://another'",
        "UPDATE remote SET etag = NULL",
        "DROP TABLE conflict",
    ],
)
def test_so_is_whatever_is_not_plain(pair, statement):
    laptop, _ = pair
    assert quiet(laptop.catalog.path, URL) is not None
    with closing(sqlite3.connect(laptop.catalog.path)) as connection, connection:
        connection.execute(statement)
    assert look(laptop) is None
    assert laptop.log == []


def test_so_is_a_remote_that_fails_and_a_sync_under_way(pair):
    laptop, _ = pair
    with sync_lock(laptop.catalog.path):
        assert look(laptop) is None
    del laptop.bucket.objects[KEY]
    assert look(laptop) is None
    assert laptop.sync().outcome is Outcome.REFUSED


def test_a_catalog_that_is_not_there_is_not_made(tmp_path):
    assert quiet(tmp_path / "none.sqlite", URL) is None
    assert not list(tmp_path.iterdir())


def test_it_loads_no_orm():
    code = (
        "import sync.idle, sys; print([m for m in ('sqlalchemy', 'sqlmodel', 'boto3') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
