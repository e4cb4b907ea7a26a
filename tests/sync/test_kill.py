"""SIGKILL at each step of a sync over HTTP: the next sync finishes it, once."""

import json
import signal

import pytest

from sync.manifest import KEY, MAX_BYTES, decode
from sync.stores.s3 import S3Store
from tests.sync.mortal import is_sound, mortal

STEPS = {
    "before anything is sent": ("GET", KEY, 1, "before"),
    "before the first delta": ("PUT", "deltas/*", 1, "before"),
    "between two deltas": ("PUT", "deltas/*", 1, "after"),
    "before the history copy": ("PUT", "manifests/*", 1, "before"),
    "before the manifest": ("PUT", KEY, 1, "before"),
    "after the manifest": ("PUT", KEY, 1, "after"),
}
FIRST = {
    "among the shards": ("PUT", "shards/*", 7, "after"),
    "before the first manifest": ("PUT", KEY, 1, "before"),
    "after the first manifest": ("PUT", KEY, 1, "after"),
}


@pytest.fixture(scope="module")
def driver(demo_server):
    with mortal("tests.sync.killed_sync", demo_server.environment()) as process:
        yield process


@pytest.fixture
def kill(driver, remote):
    """Sync a device in a process of its own, which is killed at a step; its catalog is ours again afterwards."""

    def kill(device, method, key, nth, when):
        device.catalog.close()
        order = {"catalog": str(device.catalog.path), "url": remote, "name": device.name}
        order |= {"method": method, "key": key, "nth": nth, "when": when}
        driver.stdin.write(json.dumps(order) + "\n")
        driver.stdin.flush()
        assert int(driver.stdout.readline()) == signal.SIGKILL
        assert is_sound(device.catalog.path)

    return kill


@pytest.fixture
def store(remote):
    return S3Store(remote)


def recovers(store, laptop, server, seq):
    """A normal sync brings it to its end, once, and the other device sees the same."""
    assert laptop.sync(store).outcome in ("committed", "pulled")
    assert not laptop.pending()
    server.sync(store)
    assert server.rows() == laptop.rows()
    assert decode(store.get(KEY, limit=MAX_BYTES).data).seq == seq


@pytest.mark.parametrize("step", STEPS)
def test_a_star_is_committed_exactly_once_after_a_kill(device, store, kill, step):
    laptop, server = device("laptop").add("a1", "b1", "c1"), device("server")
    laptop.sync(store)
    laptop.star("a1", "b1")
    kill(laptop, *STEPS[step])
    assert laptop.pending() == {"a1", "b1"}
    recovers(store, laptop, server, seq=2)
    assert server.stars() == {"a1", "b1"}


@pytest.mark.parametrize("step", FIRST)
def test_a_first_commit_is_made_exactly_once_after_a_kill(device, store, kill, step):
    laptop, server = device("laptop").add("a1", starred=True), device("server")
    kill(laptop, *FIRST[step])
    recovers(store, laptop, server, seq=1)
    assert server.stars() == {"a1"}


def test_a_kill_during_the_recovery_is_recovered_too(device, store, kill):
    laptop, server = device("laptop").add("a1", "b1"), device("server")
    laptop.sync(store)
    laptop.star("a1")
    kill(laptop, *STEPS["before the manifest"])
    laptop.star("b1")  # meanwhile: it belongs to the next batch
    kill(laptop, *STEPS["after the manifest"])
    recovers(store, laptop, server, seq=3)
    assert server.stars() == {"a1", "b1"}


def test_a_star_taken_back_after_a_kill_stays_taken_back(device, store, kill):
    laptop, server = device("laptop").add("a1", "b1"), device("server")
    laptop.sync(store)
    laptop.star("a1", "b1")
    kill(laptop, *STEPS["after the manifest"])
    laptop.unstar("a1")
    recovers(store, laptop, server, seq=3)
    assert server.stars() == {"b1"}


def test_a_kill_while_shards_come_down_leaves_nothing_half_merged(device, store, kill):
    laptop, server = device("laptop").add(*(f"{x}1" for x in "0123456789abcdef")), device("server")
    laptop.sync(store)
    kill(server, "GET", "shards/*", 9, "after")
    assert server.rows() == {}
    assert server.sync(store).outcome == "pulled"
    assert server.rows() == laptop.rows()


TRANSACTIONS = ("who am I", "the merge", "the freeze", "the journal", "the end", "how it went")


@pytest.mark.parametrize("nth", range(1, 7), ids=TRANSACTIONS)
def test_a_kill_before_any_transaction_is_durable_loses_nothing(device, store, kill, nth):
    laptop, server = device("laptop").add("a1", "b1", "c1"), device("server")
    laptop.sync(store)
    server.sync(store)
    server.star("b1")
    server.sync(store)
    laptop.star("a1", "c1")
    kill(laptop, "COMMIT", "", nth, "before")
    laptop.unstar("c1")
    assert laptop.sync(store).error is None
    assert not laptop.pending()
    server.sync(store)
    assert server.rows() == laptop.rows()
    assert server.stars() == {"a1", "b1"}
    # the star on c1 was committed before it was taken back, or never
    assert decode(store.get(KEY, limit=MAX_BYTES).data).seq == (4 if nth > 4 else 3)


def test_a_kill_in_the_middle_of_a_merge_leaves_nothing_half_merged(device, store, kill):
    laptop, server = device("laptop").add(*(f"{x}1" for x in "0123456789abcdef")), device("server")
    laptop.sync(store)
    kill(server, "PHASE", "merging", 9, "before")
    assert server.rows() == {}
    assert server.sync(store).outcome == "pulled"
    assert server.rows() == laptop.rows()
