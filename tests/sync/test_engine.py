"""Devices and one remote: what travels, what it costs, and what is left alone when something is wrong."""

import gzip
import json
import threading
from dataclasses import replace

import pytest

import sync.commit
from catalog.conflicts import use_mine
from catalog.exchange import Exchange
from catalog.row import SHARDS, PhotoRow, state_of
from sync.events import Phase
from sync.manifest import KEY, decode
from sync.shard import key_of, pack
from tests.sync.fault_store import Fault, FaultStore
from tests.sync.memory_store import Bucket, MemoryStore


def kinds(device):
    """The last sync's calls as (method, first part of the key, status)."""
    return [(method, key.split("/")[0], status) for method, key, status in device.log]


def whole(method, key, status):
    return (method, key, status)


IDLE = [("GET", KEY, 304)]
COMMIT_OF_ONE = [*IDLE, ("PUT", "deltas", 200), ("PUT", "manifests", 200), ("PUT", KEY, 200)]


def test_the_first_device_commits_sixteen_shards_and_then_the_manifest(device, bucket, manifest_of):
    laptop = device("laptop").add("a1", "b1").add("a2", starred=True)
    report = laptop.sync()
    assert (report.outcome, report.seq, report.pushed_rows, report.pulled_rows) == ("committed", 1, 3, 0)
    assert report.error is None
    assert kinds(laptop)[0] == ("GET", KEY, 404)
    assert kinds(laptop)[1:17] == [("PUT", "shards", 200)] * 16
    assert kinds(laptop)[17:] == [("PUT", "manifests", 200), ("PUT", KEY, 200)]
    manifest = manifest_of(bucket)
    assert (manifest.seq, manifest.parent, manifest.photo_count) == (1, "", 3)
    assert manifest.commit_id == report.commit_id
    assert bucket.objects[f"manifests/1-{report.commit_id}.json"].data == bucket.objects[KEY].data
    assert {name: state.rows for name, state in manifest.shards.items() if state.rows} == {"a": 2, "b": 1}
    assert not laptop.pending()


def test_a_shard_on_the_remote_is_sorted_whatever_the_order_of_discovery(device, bucket):
    device("laptop").add("a9", "a1", "a5").sync()
    (key,) = bucket.keys("shards/a/")
    lines = gzip.decompress(bucket.objects[key].data).decode().splitlines()[1:]
    assert [line[:2] for line in lines] == ["a1", "a5", "a9"]


def test_the_second_device_pulls_all_and_is_equal(device):
    laptop, server = device("laptop"), device("server")
    laptop.add("a1", "f1").add("a2", starred=True, photodate=-5, width=640, folder="2001")
    laptop.sync()
    report = server.sync()
    assert (report.outcome, report.pulled_rows, report.new_conflicts) == ("pulled", 3, 0)
    assert server.rows() == laptop.rows()
    assert not server.pending()
    assert server.store.traffic.requests == {"GET": 17}


def test_an_empty_catalog_leaves_an_empty_remote_empty(device, bucket):
    laptop = device("laptop")
    assert laptop.sync().outcome == "up-to-date"
    assert not bucket.objects


def test_an_idle_sync_is_one_request_that_brings_nothing(pair):
    for device in pair:
        before = device.dump()
        report = device.sync()
        assert (report.outcome, report.seq) == ("up-to-date", 1)
        assert device.log == IDLE
        assert (report.requests, report.bytes_up, report.bytes_down) == ({"GET": 1}, 0, 0)
        assert device.dump() == before


def test_a_star_goes_up_in_four_requests_and_comes_down_in_two(pair, bucket, manifest_of):
    laptop, server = pair
    laptop.star("a1")
    report = laptop.sync()
    assert (report.outcome, report.seq, report.pushed_rows) == ("committed", 2, 1)
    assert kinds(laptop) == COMMIT_OF_ONE
    assert report.requests == {"GET": 1, "PUT": 3}
    (delta,) = manifest_of(bucket).shards["a"].deltas
    assert delta.rows == 1
    report = server.sync()
    assert (report.outcome, report.seq, report.pulled_rows) == ("pulled", 2, 1)
    assert server.log == [("GET", KEY, 200), ("GET", delta.key, 200)]
    assert server.stars() == {"a1", "a2"}
    assert server.sync().requests == {"GET": 1}


def test_an_unstar_travels(pair):
    laptop, server = pair
    laptop.unstar("a2")
    laptop.sync()
    report = server.sync()
    assert server.stars() == set()
    assert (report.new_conflicts, server.pending()) == (0, set())


def test_a_change_that_was_taken_back_costs_nothing(pair):
    laptop, _ = pair
    laptop.star("a1")
    laptop.unstar("a1")
    laptop.sync()
    assert laptop.log == IDLE


def test_changes_of_both_sides_meet_in_one_sync(pair):
    laptop, server = pair
    laptop.star("a1")
    laptop.sync()
    server.star("b1")
    server.add("d1")
    report = server.sync()
    assert (report.outcome, report.pulled_rows, report.pushed_rows) == ("committed", 1, 2)
    laptop.sync()
    assert laptop.rows() == server.rows()
    assert laptop.stars() == {"a1", "a2", "b1"}


def test_at_first_contact_the_remote_wins_and_stars_of_both_sides_survive(pair, device, bucket, manifest_of):
    laptop, _ = pair
    guest = device("guest")
    guest.add("a1", filename="other name.jpg", starred=True).add("a2").add("e1", starred=True)
    report = guest.sync()
    assert (report.outcome, report.new_conflicts) == ("committed", 0)
    assert guest.stars() == {"a1", "a2", "e1"}
    assert guest.names()["a1"] == "a1.jpg"
    assert report.pushed_rows == 2  # a star that was added, and a photo that was new
    laptop.sync()
    assert laptop.rows() == guest.rows()
    assert manifest_of(bucket).photo_count == 5


def test_hostile_names_travel_unharmed(pair):
    laptop, server = pair
    names = ['"', ",", "a\nb", "a\rb", "\r\n", "\x1b[2J", "\u202egpj", "\u2028", "[/b]", " ", "", "é😀", "\\xff"]
    for number, name in enumerate(names):
        laptop.add(f"d{number}1", filename=name, folder=name)
    laptop.sync()
    assert server.sync().error is None
    assert server.rows() == laptop.rows()


def test_a_conflict_names_both_devices_and_all_three_values(pair):
    laptop, server = pair
    laptop.change("a1", filename="laptop's.jpg")
    laptop.sync()
    server.change("a1", filename="server's.jpg")
    report = server.sync()
    assert (report.new_conflicts, report.open_conflicts) == (1, 1)
    (conflict,) = server.conflicts()
    assert conflict[2:11] == (
        "laptop's.jpg", "filename", "a1.jpg", "server's.jpg", "laptop's.jpg", "theirs", "server", "laptop", 2,
    )  # fmt: skip
    assert server.names() == laptop.names()
    assert not server.pending()


def test_a_conflict_that_is_turned_wins_everywhere(pair):
    laptop, server = pair
    laptop.change("a1", filename="laptop's.jpg")
    laptop.sync()
    server.change("a1", filename="server's.jpg")
    server.sync()
    use_mine(server.catalog, server.conflicts()[0].id)
    assert server.sync().outcome == "committed"
    assert laptop.sync().new_conflicts == 0
    assert laptop.names()["a1"] == server.names()["a1"] == "server's.jpg"
    assert not server.conflicts()


def test_policy_keep_brings_a_star_back_everywhere_and_says_so(pair):
    laptop, server = pair
    laptop.unstar("a2")
    laptop.sync()
    report = server.sync(keep_stars=True)
    assert (report.outcome, report.new_conflicts) == ("committed", 1)
    laptop.sync()
    assert laptop.stars() == server.stars() == {"a2"}


def test_a_tombstone_travels_and_is_counted_out(device, bucket, manifest_of):
    laptop, server = device("laptop"), device("server")
    photos = [f"{x}1" for x in SHARDS]
    laptop.add(*photos).sync()
    server.sync()
    laptop.change("a1", deleted=True)
    laptop.sync()
    server.sync()
    assert server.rows() == laptop.rows()
    assert server.catalog.stats().photos == manifest_of(bucket).photo_count == 15


WHILE = pytest.mark.parametrize("key", ["deltas/*", "manifests/*", KEY])


@WHILE
def test_a_star_set_during_an_upload_goes_with_the_next_sync(pair, bucket, key):
    laptop, server = pair
    laptop.star("a1")
    laptop.sync(FaultStore(MemoryStore(bucket)).before(lambda: laptop.star("a3", "b1"), "PUT", key)) if (
        laptop.add("a3") is None
    ) else laptop.sync(FaultStore(MemoryStore(bucket)).before(lambda: laptop.star("b1"), "PUT", key))
    assert laptop.pending() == {"b1"}
    server.sync()
    assert server.stars() == {"a1", "a2"}
    assert laptop.sync().outcome == "committed"
    server.sync()
    assert server.stars() == {"a1", "a2", "b1"}
    assert server.rows() == laptop.rows()
