"""A remote that is damaged, gone back, somebody else's or out of reach: one sentence, and nothing changes here."""

import gzip
import hashlib
import json
import re
from dataclasses import replace

import pytest

from catalog.row import PhotoRow
from sync.events import Reason
from sync.manifest import KEY, MAX_BYTES, decode
from sync.shard import key_of, pack
from tests.sync.fault_store import Fault, FaultStore
from tests.sync.memory_store import MemoryStore


def manifest(bucket, **fields):
    """Write the manifest again with fields set otherwise."""
    bucket.write(KEY, replace(decode(bucket.objects[KEY].data), **fields).encode())


def values(bucket, change):
    """Write the manifest again with its JSON changed in any way."""
    found = json.loads(bucket.objects[KEY].data)
    change(found)
    bucket.write(KEY, json.dumps(found).encode())


def newest_delta(bucket):
    return decode(bucket.objects[KEY].data).shards["a"].deltas[-1].key


def spoil_delta(change):
    """Change the newest delta's bytes behind the manifest's back."""

    def spoil(bucket):
        key = newest_delta(bucket)
        bucket.write(key, change(bucket.objects[key].data))

    return spoil


def plant_delta(data, rows=1):
    """Put other bytes in the newest delta's place, and let the manifest agree with them."""

    def plant(bucket):
        sha256 = hashlib.sha256(data).hexdigest()
        key = key_of("deltas", "a", sha256, "e" * 8)
        bucket.write(key, data)
        shards = decode(bucket.objects[KEY].data).shards
        lie = {"key": key, "sha256": sha256, "bytes": len(data), "rows": rows}
        deltas = (*shards["a"].deltas[:-1], replace(shards["a"].deltas[-1], **lie))
        manifest(bucket, shards={**shards, "a": replace(shards["a"], deltas=deltas)})

    return plant


def go_back(bucket):
    (key,) = bucket.keys("manifests/1-")
    bucket.write(KEY, bucket.objects[key].data)


OTHER_ROW = pack([PhotoRow("a1".ljust(32, "0"), "not what was committed.jpg")]).data

REFUSED = {
    "the manifest is gone": (lambda b: b.objects.pop(KEY), "has vanished from memory:.* commit 2 was seen"),
    "an older manifest is back": (go_back, "has gone back to commit 1, but commit 2 was seen"),
    "another commit of the same number": (
        lambda b: manifest(b, seq=2),
        "has gone back to commit 2, but commit 2 was seen",
    ),
    "another catalog": (lambda b: manifest(b, catalog_id="0ca7"), "holds another catalog than before"),
    "a shard is missing": (lambda b: values(b, lambda v: v["shards"].pop("7")), "shards are missing"),
    "no shards": (lambda b: values(b, lambda v: v.update(shards={})), "shards are missing"),
    "cut off": (lambda b: b.write(KEY, b.objects[KEY].data[:-50]), "The manifest is damaged"),
    "empty": (lambda b: b.write(KEY, b""), "The manifest is damaged"),
    "{}": (lambda b: b.write(KEY, b"{}"), "The manifest is damaged"),
    "UTF-16": (
        lambda b: b.write(KEY, b.objects[KEY].data.decode().encode("utf-16")),
        "The manifest is damaged",
    ),
    "a name that no file can hold": (
        lambda b: values(b, lambda v: v["devices"].popitem()[1].update(name="\ud800") or v.update(x="\ud800")),
        "The manifest is damaged",
    ),
    "a path": (
        lambda b: values(b, lambda v: v["shards"]["a"].update(key="../../etc/passwd")),
        "names an object that is not its own",
    ),
    "from the future": (lambda b: manifest(b, min_writer=7), "Upgrade photolala here"),
    "a delta with a bit turned": (
        spoil_delta(lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:]),
        "is not what the manifest says",
    ),
    "a delta cut off": (spoil_delta(lambda data: data[:-1]), "is not what the manifest says"),
    "a delta that is no gzip": (plant_delta(b"hello"), "is damaged: it is not gzip"),
    "a delta with the wrong count": (plant_delta(OTHER_ROW, rows=2), "is damaged: its number of rows is not the 2"),
    "a delta of another shard": (
        plant_delta(pack([PhotoRow("b" * 32, "b.jpg")]).data),
        "is damaged: a row of shard b is in it",
    ),
    "a delta that is a bomb": (plant_delta(gzip.compress(b"\0" * 2**25)), "is damaged: it has a line of more"),
    "a delta is gone": (
        lambda b: b.objects.pop(newest_delta(b)),
        r"deltas/a/\S+ is missing in memory:\S+, though the manifest names it\. .* can begin anew at another",
    ),
    "a good delta of other content": (plant_delta(OTHER_ROW), "its content is not what the manifest says"),
}  # fmt: skip

FAILED = {
    "a delta has grown": (spoil_delta(lambda data: data + b"x"), "allowed"),
    "the manifest is too large": (lambda b: b.write(KEY, b" " * (MAX_BYTES + 1)), "allowed"),
}


@pytest.fixture
def server(pair):
    """Has seen commit 2; commit 3 with a delta of shard a waits on the remote, and a star waits here."""
    laptop, server = pair
    laptop.star("a1")
    laptop.sync()
    server.sync()
    laptop.change("a1", filename="renamed.jpg")
    laptop.sync()
    server.star("b1")
    return server


def catches_up(server):
    return server.sync().outcome == "committed" and server.stars() == {"a1", "a2", "b1"}


@pytest.mark.parametrize("what", [*REFUSED, *FAILED])
def test_it_is_refused_in_one_sentence_and_nothing_changes(server, bucket, what):
    spoil, says = {**REFUSED, **FAILED}[what]
    sound, before = bucket.copy(), server.dump()
    spoil(bucket)
    report = server.sync()
    assert report.outcome == ("refused" if what in REFUSED else "failed")
    assert re.search(says, report.error)
    assert "\n" not in report.error
    assert server.dump() == before
    assert "PUT" not in report.requests
    bucket.objects = sound.objects
    assert catches_up(server)


@pytest.mark.parametrize(
    ("fault", "method", "key", "outcome"),
    [
        (Fault.DENIED, "GET", KEY, "failed"),
        (Fault.DENIED, "GET", "deltas/*", "failed"),
        (Fault.UNREACHABLE, "GET", KEY, "offline"),
        (Fault.UNREACHABLE, "GET", "deltas/*", "offline"),
        (Fault.ERROR_500, "GET", KEY, "offline"),
        (Fault.SLOW_DOWN, "GET", KEY, "offline"),
        (Fault.RESET, "GET", "deltas/*", "offline"),
    ],
)
def test_out_of_reach_everything_is_left_as_it_was(server, bucket, fault, method, key, outcome):
    before = server.dump()
    report = server.sync(FaultStore(MemoryStore(bucket)).fail(fault, method, key, times=99))
    assert (report.outcome, server.dump()) == (outcome, before)
    assert report.error.endswith("." if outcome == "failed" else "Everything is queued.")
    assert catches_up(server)


@pytest.mark.parametrize("key", ["deltas/*", "manifests/*"])
@pytest.mark.parametrize("fault", [Fault.DENIED, Fault.UNREACHABLE, Fault.ERROR_500])
def test_what_cannot_go_up_stays_pending(server, bucket, fault, key):
    report = server.sync(FaultStore(MemoryStore(bucket)).fail(fault, "PUT", key, times=99))
    assert report.outcome == ("failed" if fault is Fault.DENIED else "offline")
    assert server.pending() == {"b1"}
    assert catches_up(server)


def test_a_passing_failure_is_not_even_noticed(server, bucket):
    store = FaultStore(MemoryStore(bucket))
    for key in (KEY, "deltas/*"):
        store.fail(Fault.SLOW_DOWN, "GET", key, times=3)
    store.fail(Fault.RESET, "PUT", "deltas/*", times=3).fail(Fault.ERROR_500, "PUT", "manifests/*", times=3)
    assert server.sync(store).outcome == "committed"


def test_commits_that_were_lost_are_missed_though_others_have_gone_on_since(server, pair, device, bucket):
    laptop, _ = pair
    phone = device("phone")
    go_back(bucket)  # an old copy is put back, and a device that has seen no more goes on from there
    for number in range(4):
        phone.add(f"d{number}1").sync()
    for one, lost in ((laptop, 3), (server, 2)):
        before = one.dump()
        report = one.sync()
        assert (report.outcome, one.dump()) == ("refused", before)
        assert f"has lost commit {lost}, which was seen" in report.error
    assert laptop.stars() == {"a1", "a2"}


def test_a_photo_count_that_is_too_low_does_not_stop_anybody(server, bucket):
    manifest(bucket, seq=4, commit_id="c" * 32, photo_count=0)
    server.change("c1", deleted=True)
    assert server.sync(accepted={Reason.REMOVALS}).outcome == "committed"
    assert decode(bucket.objects[KEY].data).photo_count == 0


def test_a_first_contact_with_a_damaged_remote_changes_nothing(server, device, bucket):
    REFUSED["a delta with a bit turned"][0](bucket)
    guest = device("guest").add("a1", "e1")
    before = {table: rows for table, rows in guest.dump().items() if table not in ("device", "remote")}
    assert guest.sync().outcome == "refused"
    after = guest.dump()
    assert {table: after[table] for table in before} == before
