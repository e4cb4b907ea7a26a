"""What a sync does on a remote that honours conditions, wants its ETags bare, or ignores conditions."""

import pytest

from catalog.exchange import Exchange
from sync.manifest import KEY
from sync.stores.objectstore import UnsupportedError
from tests.sync.memory_store import MemoryStore


class IgnoringStore(MemoryStore):
    """Stores whatever it is given, as `rclone serve s3` does."""

    def put(self, key, data, *, content_type, if_absent=False, if_etag=None):
        return super().put(key, data, content_type=content_type)


class BareStore(MemoryStore):
    """Refuses an ETag in quotes, as Ceph 16 does."""

    def put(self, key, data, *, content_type, if_absent=False, if_etag=None):
        if if_etag is not None:
            if_etag = "stale" if if_etag.startswith('"') else f'"{if_etag}"'
        return super().put(key, data, content_type=content_type, if_absent=if_absent, if_etag=if_etag)


def probes(store):
    return [call for call in store.log if call.key.startswith("probes/")]


def test_a_remote_is_probed_before_the_first_write_and_never_again(device):
    laptop = device("laptop").add("a1")
    assert laptop.sync(probed=True).outcome == "committed"
    assert probes(laptop.store)
    laptop.star("a1")
    assert laptop.sync(probed=True).outcome == "committed"
    assert not probes(laptop.store)


def test_a_device_that_only_reads_does_not_probe(device):
    device("laptop").add("a1").sync()
    server = device("server")
    assert server.sync(probed=True).outcome == "pulled"
    assert not probes(server.store)


def test_a_remote_that_ignores_conditions_is_only_read_and_says_why(device, bucket):
    device("laptop").add("a1", starred=True).sync()
    server = device("server").add("b1")
    report = server.sync(IgnoringStore(bucket), probed=True)
    assert report.outcome == "refused"
    assert "single_writer = true" in report.error
    assert server.stars() == {"a1"}, "what the remote has is merged all the same"
    assert server.pending() == {"b1"}
    before = bucket.objects[KEY].data
    assert server.sync(IgnoringStore(bucket), probed=True).outcome == "refused"
    assert bucket.objects[KEY].data == before


def test_the_user_may_say_that_nobody_else_writes(device, bucket):
    laptop = device("laptop").add("a1")
    assert laptop.sync(IgnoringStore(bucket), probed=True, single_writer=True).outcome == "committed"
    assert device("server").sync().pulled_rows == 1


class UnknowingStore(MemoryStore):
    """Says 501 to any condition, as Backblaze B2 does."""

    def put(self, key, data, *, content_type, if_absent=False, if_etag=None):
        if if_absent or if_etag is not None:
            raise UnsupportedError("Conditions are not implemented.")
        return super().put(key, data, content_type=content_type)


def test_a_single_writer_needs_no_conditions_of_a_remote_that_does_not_know_them(device, bucket):
    laptop = device("laptop").add("a1")
    assert laptop.sync(UnknowingStore(bucket), probed=True).outcome == "refused"
    for photo in ("b1", "c1"):  # the first commit, and one on top of it
        laptop.add(photo)
        assert laptop.sync(UnknowingStore(bucket), probed=True, single_writer=True).outcome == "committed"
    assert device("server").sync().pulled_rows == 3


@pytest.mark.parametrize("commits", [3])
def test_a_remote_that_wants_bare_etags_is_given_them(device, bucket, commits):
    laptop = device("laptop").add("a1")
    for number in range(commits):
        laptop.change("a1", filename=f"{number}.jpg")
        assert laptop.sync(BareStore(bucket), probed=True).outcome == "committed"
    assert laptop.sync(BareStore(bucket), probed=True).seq == commits
    assert Exchange(laptop.catalog).conditions(laptop.store.url) == "bare"


@pytest.mark.parametrize("now", [BareStore, IgnoringStore])
def test_a_server_that_is_another_one_now_is_probed_anew_once_it_refuses(device, bucket, now):
    laptop = device("laptop").add("a1")
    assert laptop.sync(probed=True).outcome == "committed"
    laptop.star("a1")
    assert laptop.sync(BareStore(bucket), probed=True).outcome == "failed"
    there = now(bucket)
    assert laptop.sync(there, probed=True).outcome == ("committed" if now is BareStore else "refused")
    assert probes(there)
