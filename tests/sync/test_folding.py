"""Deltas are folded by number, size and age, the manifest stays small, and no fold spreads what is not so."""

import itertools
import random
from collections import Counter
from dataclasses import replace

import pytest

from catalog.row import SHARDS
from sync import folding
from sync.folding import MANIFEST_BYTES, crowded, is_due
from sync.manifest import KEY, MAX_BYTES, MAX_DEVICES, Delta, DeviceState, ManifestError, decode
from sync.shard import key_of
from tests.sync.memory_store import MemoryStore

WEEK = 7 * 86400
NAMES = itertools.count()


def puts(device):
    """The kinds of objects that the last sync has put."""
    return [key.split("/")[0] for method, key, _ in device.log if method == "PUT"]


def gets(device):
    return [key.split("/")[0] for method, key, _ in device.log if method == "GET"]


FOLDED = ["shards", "deltas", "manifests", KEY]
NOT_FOLDED = ["deltas", "manifests", KEY]


def commits(device, number, photo="a1"):
    for _ in range(number):
        device.change(photo, filename=f"{next(NAMES)}.jpg")
        assert device.sync().outcome == "committed"


def rewrite(bucket, x="a", **fields):
    """Change what the manifest says of a shard, as a device would that knows no better."""
    manifest = decode(bucket.objects[KEY].data)
    shards = {**manifest.shards, x: replace(manifest.shards[x], **fields)}
    bucket.write(KEY, replace(manifest, seq=manifest.seq + 1, commit_id="c" * 32, shards=shards).encode())


def test_past_twenty_deltas_the_next_commit_folds_and_costs_one_put_more(pair, manifest_of, bucket):
    laptop, _ = pair
    many = []
    for _ in range(22):
        commits(laptop, 1)
        many.append(len(manifest_of(bucket).shards["a"].deltas))
        assert puts(laptop) == (FOLDED if len(many) == 21 else NOT_FOLDED)
    assert many == [*range(1, 21), 1, 2]


def test_who_is_up_to_date_fetches_no_more_for_a_fold_and_who_is_not_the_shard(pair, device):
    laptop, server = pair
    commits(laptop, 19)
    server.sync()
    commits(laptop, 1)
    phone = device("phone")
    phone.sync()
    commits(laptop, 1)
    assert puts(laptop) == FOLDED
    phone.sync()
    assert gets(phone) == [KEY, "deltas"]
    server.sync()
    assert gets(server) == [KEY, "shards", "deltas"]
    desk = device("desk")
    desk.sync()
    assert desk.rows() == phone.rows() == server.rows() == laptop.rows()


def test_what_is_folded_is_what_the_remote_has_and_not_what_waits_here(pair, bucket, manifest_of):
    laptop, server = pair
    commits(laptop, 20)
    before = manifest_of(bucket).shards["a"].state
    laptop.add("a9")
    laptop.change("a2", filename="waits.jpg")
    laptop.sync()
    shard = manifest_of(bucket).shards["a"]
    assert (shard.rows, shard.deltas[0].rows, shard.state != before) == (2, 2, True)
    server.sync()
    assert server.rows() == laptop.rows()


def test_deltas_that_are_large_together_are_folded(pair, monkeypatch, manifest_of, bucket):
    laptop, _ = pair
    commits(laptop, 2)
    size = sum(delta.bytes for delta in manifest_of(bucket).shards["a"].deltas)
    monkeypatch.setattr(folding, "_DELTA_BYTES", size + 60)  # less than one more has
    commits(laptop, 1)
    assert puts(laptop) == FOLDED


def test_a_delta_that_is_large_by_itself_becomes_a_part_of_its_shard(pair, monkeypatch, manifest_of, bucket):
    laptop, server = pair
    monkeypatch.setattr(folding, "_DELTA_BYTES", 64)
    commits(laptop, 1)
    assert puts(laptop) == ["shards", "manifests", KEY]
    assert manifest_of(bucket).shards["a"].deltas == ()
    server.sync()
    assert server.rows() == laptop.rows()


def test_room_for_deltas_grows_with_the_shard(bucket, pair):
    shard = decode(bucket.objects[KEY].data).shards["a"]
    delta = Delta("", "", 300_000, 1, 2)
    assert is_due(replace(shard, deltas=(delta,)), 1, 0)
    assert not is_due(replace(shard, deltas=(delta,), bytes=3_100_000), 1, 0)


def test_after_seven_days_the_next_commit_folds_whosever_it_is(pair, manifest_of, bucket):
    laptop, server = pair
    commits(laptop, 2)
    since = manifest_of(bucket).shards["a"].since
    rewrite(bucket, since=since - WEEK + 100)
    commits(laptop, 1)
    assert (puts(laptop), manifest_of(bucket).shards["a"].since) == (NOT_FOLDED, since - WEEK + 100)
    rewrite(bucket, since=since - WEEK - 100)
    server.star("b1")
    server.sync()
    assert puts(server) == NOT_FOLDED  # shard a has no part in it
    commits(server, 1)
    assert puts(server) == FOLDED
    assert manifest_of(bucket).shards["a"].since >= since
    laptop.sync()
    assert laptop.rows() == server.rows()


@pytest.mark.parametrize("since", [0, 1 << 40], ids=["unknown", "by a clock that is ahead"])
def test_an_age_that_tells_nothing_folds_nothing(pair, bucket, since):
    laptop, _ = pair
    commits(laptop, 1)
    rewrite(bucket, since=since)
    commits(laptop, 1)
    assert puts(laptop) == NOT_FOLDED


def test_a_row_that_has_rotten_here_is_not_spread_and_a_sound_device_folds(pair, bucket):
    laptop, server = pair
    commits(laptop, 20)
    server.sync()
    sound = server.rows()
    with laptop.catalog.engine.begin() as connection:  # nobody has done this
        connection.exec_driver_sql("UPDATE photo SET filename = 'rotten' WHERE md5 LIKE 'a2%'")
    commits(laptop, 1)
    assert puts(laptop) == NOT_FOLDED
    server.sync()
    assert server.rows() == {**sound, **{md5: row for md5, row in laptop.rows().items() if md5[:2] == "a1"}}
    commits(server, 1)
    assert puts(server) == FOLDED


def test_not_even_by_a_large_change(pair, bucket, monkeypatch):
    laptop, server = pair
    monkeypatch.setattr(folding, "_DELTA_BYTES", 64)
    with laptop.catalog.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE photo SET filename = 'rotten' WHERE md5 LIKE 'a2%'")
    commits(laptop, 1)
    assert puts(laptop) == NOT_FOLDED
    server.sync()
    assert "rotten" not in server.names().values()


def test_over_four_hundred_commits_the_manifest_stays_small_and_most_cost_four_requests(
    device, bucket, manifest_of
):
    laptop, server = device("laptop"), device("server")
    laptop.add(*(f"{x}{n:02}" for x in SHARDS for n in range(20)))
    laptop.sync()
    server.sync()
    dice, costs = random.Random(7), Counter()
    for number in range(400):
        laptop.change(f"{dice.choice(SHARDS)}{dice.randrange(20):02}", filename=f"{number}.jpg")
        report = laptop.sync()
        manifest = len(bucket.objects[KEY].data)
        assert manifest <= MANIFEST_BYTES
        assert report.bytes_up - 2 * manifest <= 4096
        costs[sum(report.requests.values())] += 1
        if number % 100 == 0:
            assert server.sync().error is None
    assert sum(costs.values()) == 400
    assert costs[4] > 300
    assert sum(requests * times for requests, times in costs.items()) < 400 * 6
    server.sync()
    phone = device("phone")
    phone.sync()
    assert phone.rows() == server.rows() == laptop.rows()
    assert manifest_of(bucket).seq == 401


def full(bucket, **deltas):
    """The manifest with some deltas in some shards, which only it names."""
    manifest = decode(bucket.objects[KEY].data)
    shards = dict(manifest.shards)
    for x, number in deltas.items():
        key = key_of("deltas", x, "5" * 64, "0123456789")
        shards[x] = replace(shards[x], deltas=(Delta(key, "5" * 64, 300, 1, 2),) * number)
    return replace(manifest, shards=shards)


def test_a_manifest_with_room_crowds_no_shard(pair, bucket):
    assert crowded(full(bucket, a=20, b=19), {"a", "b", "c"}) == set()


def test_of_a_full_manifest_those_are_merged_that_have_most_and_those_that_go_up_anyway(pair, bucket):
    assert crowded(full(bucket, a=20, b=20, c=12), {"c"}) == {"b"}
    assert crowded(full(bucket, a=20, b=20, c=12), {"a"}) == {"a"}
    many = full(bucket, **dict.fromkeys("0123456789abcdef", 3))
    chosen = crowded(many, set(SHARDS))
    assert 1 < len(chosen) < 16


def test_merged_deltas_are_one_delta_with_each_row_as_it_is_now(pair, bucket, manifest_of, monkeypatch):
    laptop, server = pair
    commits(laptop, 3)
    commits(laptop, 2, "a2")
    server.sync()
    commits(laptop, 1)
    monkeypatch.setattr(folding, "MANIFEST_BYTES", 6000)
    laptop.star("b1")
    laptop.sync()  # another shard's deltas are in the way
    assert gets(laptop) == [KEY, *["deltas"] * 6]
    assert puts(laptop) == ["deltas", "deltas", "manifests", KEY]
    (delta,) = manifest_of(bucket).shards["a"].deltas
    assert delta.rows == 2
    server.sync()
    assert gets(server) == [KEY, "deltas", "deltas"]
    assert server.rows() == laptop.rows()


def test_a_delta_that_is_damaged_is_not_merged_into_another(pair, bucket, monkeypatch):
    laptop, _ = pair
    commits(laptop, 3)
    (key, *_) = bucket.keys("deltas/a/")
    bucket.write(key, b"\0" * len(bucket.objects[key].data))
    monkeypatch.setattr(folding, "MANIFEST_BYTES", 6000)
    laptop.star("a1")
    before = bucket.objects[KEY]
    report = laptop.sync()
    assert report.outcome == "refused"
    assert "is not what the manifest says" in report.error
    assert (bucket.objects[KEY], laptop.pending()) == (before, {"a1"})


def test_a_manifest_that_nobody_would_read_is_refused_before_anything_is_put(pair, bucket):
    laptop, _ = pair
    manifest = decode(bucket.objects[KEY].data)
    room = MAX_BYTES - len(manifest.encode()) - 500
    bucket.write(KEY, replace(manifest, seq=2, commit_id="c" * 32, unknown={"later": "x" * room}).encode())
    laptop.star("a1")
    report = laptop.sync(MemoryStore(bucket))
    assert (report.outcome, report.requests, laptop.pending()) == ("refused", {"GET": 1}, {"a1"})
    assert f"more than the {MAX_BYTES} bytes that a device reads: nothing was committed." in report.error
    with pytest.raises(ManifestError, match="would have"):
        replace(manifest, unknown={"later": "x" * MAX_BYTES}).encode()


def test_one_device_too_many_is_refused_before_anything_is_put_and_goes_on_pulling(pair, bucket):
    laptop, server = pair
    manifest = decode(bucket.objects[KEY].data)
    passers_by = {f"{n:032x}": DeviceState("cron", "b" * 32, 1, 0) for n in range(MAX_DEVICES - 1)}
    devices = {**manifest.devices, **passers_by}
    assert len(devices) == MAX_DEVICES
    bucket.write(KEY, replace(manifest, seq=2, commit_id="c" * 32, devices=devices).encode())
    server.star("b1")  # it has never committed anything
    report = server.sync(MemoryStore(bucket))
    assert (report.outcome, report.requests, server.pending()) == ("refused", {"GET": 1}, {"b1"})
    assert f"more than the {MAX_DEVICES} devices" in report.error
    laptop.star("a1")
    assert laptop.sync(MemoryStore(bucket)).outcome == "committed"
    server.sync(MemoryStore(bucket))
    assert "a1" in server.stars()
