"""The remote's history: what was committed, and nothing else; and what it says where a manifest has vanished."""

import json
import threading

import pytest

from catalog.reader import CatalogReader
from sync.events import Reason
from sync.history import Commit, commits
from sync.manifest import KEY, ManifestError
from tests.sync.fault_store import Fault, FaultStore
from tests.sync.memory_store import URL, MemoryStore


def seqs(bucket, most=20):
    return [commit.seq for commit in commits(MemoryStore(bucket), most)]


@pytest.fixture
def three(pair, bucket):
    """Three commits, by laptop, server and laptop."""
    laptop, server = pair
    server.star("a1")
    server.add("d1")
    server.sync()
    laptop.unstar("a2")
    laptop.sync()
    return bucket


def test_it_goes_back_from_the_manifest_to_the_first_commit(three):
    found = list(commits(MemoryStore(three), 20))
    manifest = json.loads(three.objects[KEY].data)
    assert found[0] == Commit(3, manifest["commit_id"], manifest["written_at"], "laptop", 5)
    assert [(commit.seq, commit.device, commit.photos) for commit in found[1:]] == [
        (2, "server", 5), (1, "laptop", 4)
    ]  # fmt: skip


def test_a_copy_of_what_was_never_committed_is_not_in_it(pair, three):
    laptop, server = pair
    laptop.star("b1")
    store = FaultStore(MemoryStore(three)).before(lambda: (server.star("c1"), server.sync()), "PUT", KEY)
    laptop.sync(store)
    assert len(three.keys("manifests/")) == 6
    found = list(commits(MemoryStore(three), 20))
    assert [(commit.seq, commit.device) for commit in found[:2]] == [(5, "laptop"), (4, "server")]
    assert seqs(three) == [5, 4, 3, 2, 1]


def test_it_asks_for_no_more_than_is_wanted(three):
    store = MemoryStore(three)
    assert [commit.seq for commit in commits(store, 2)] == [3, 2]
    assert store.traffic.requests == {"GET": 2}


def test_it_ends_where_older_manifests_are_kept_no_more(three):
    three.objects.pop(three.keys("manifests/2-")[0])
    assert seqs(three) == [3]


def test_an_empty_remote_has_none(bucket):
    assert seqs(bucket) == []


def test_a_copy_that_holds_another_commit_is_not_believed(three):
    (second,), (first,) = three.keys("manifests/2-"), three.keys("manifests/1-")
    three.write(second, three.objects[first].data)
    with pytest.raises(ManifestError, match=r"manifests/2-.*another commit"):
        seqs(three)


# --- no manifest


def test_a_new_device_does_not_begin_anew_where_a_catalog_was(three, device):
    del three.objects[KEY]
    phone = device("phone").add("e1", starred=True)
    before, objects = phone.dump(), dict(three.objects)
    report = phone.sync(probed=True)
    assert report.outcome == "refused"
    assert "has held a catalog" in report.error
    assert "Put the newest of manifests/ back as catalog_manifest.json" in report.error
    assert three.objects == objects
    assert {name for name, rows in phone.dump().items() if rows != before[name]} <= {"device", "remote"}
    (newest,) = three.keys("manifests/3-")
    three.write(KEY, three.objects[newest].data)
    assert phone.sync().outcome == "committed"


def test_a_first_commit_that_was_never_finished_is_in_nobodys_way(device, bucket):
    laptop, phone = device("laptop").add("a1"), device("phone").add("e1")
    laptop.sync(FaultStore(MemoryStore(bucket)).fail(Fault.UNREACHABLE, "*", KEY, nth=2, times=99))
    assert len(bucket.keys("manifests/1-")) == 1
    assert phone.sync().outcome == "committed"
    assert laptop.sync().error is None


def test_a_remote_that_refuses_to_tell_is_not_taken_for_an_empty_one(device, bucket):
    laptop = device("laptop").add("a1")
    for method, key in (("GET", KEY), ("LIST", "manifests/")):
        report = laptop.sync(FaultStore(MemoryStore(bucket)).fail(Fault.DENIED, method, key), probed=True)
        assert (report.outcome, report.requests.get("PUT")) == ("failed", None)
    assert not bucket.objects


# --- a sync that says nothing of the remote


def test_a_cancel_leaves_the_status_as_it_was(pair, bucket):
    laptop, _ = pair
    laptop.sync()
    before = CatalogReader(laptop.catalog.path).summary(URL)
    assert before.last_outcome == "up-to-date"
    laptop.star("a1")
    cancel = threading.Event()
    store = FaultStore(MemoryStore(bucket)).before(cancel.set, "PUT", "deltas/*")
    report = laptop.sync(store, cancel=cancel)
    assert (report.outcome, report.reason) == ("failed", Reason.CANCELLED)
    assert CatalogReader(laptop.catalog.path).summary(URL)[5:] == before[5:]
