"""A prefix that holds the Mac app's catalog and no manifest: taken over, left as it is, from then on format 6."""

import threading

import pytest

from catalog.photolala.importing import import_catalog
from sync.engine import Sync
from sync.events import Outcome
from sync.manifest import KEY
from sync.photolala import StoreSource
from sync.stores.directory import DirectoryStore
from sync.transfer import Pause
from tests.catalog.photolala import by_hand
from tests.sync.conftest import md5_of
from tests.sync.memory_store import MemoryStore

LINES = [by_hand.line("a1", "Rose.jpg"), by_hand.line("a2", "Lake.jpg"), by_hand.line("f3", "Fox.jpg")]


@pytest.fixture(params=["v4", "v5.0", "v5.1 with stars", "XML"])
def old(request, bucket, tmp_path):
    """The objects of a catalog of the Mac app, in the bucket."""
    folder = tmp_path / "old"
    if request.param == "v4":
        by_hand.lay_v4(folder, LINES)
    elif request.param == "XML":
        header = b"md5,filename,size,photodate,modified,width,height,applephotoid\n"
        shards = {x: header + data for x, data in by_hand.by_shard(LINES).items() if data}
        by_hand.lay_bytes(
            folder, shards, xml=True, version="6.0", photoCount=3,
            without=("directory-uuid", "created", "modified"),
        )  # fmt: skip
    else:
        by_hand.lay(folder, LINES, version=request.param[1:4])
    if "stars" in request.param:
        (folder / ".photolala" / "stars.csv").write_text(md5_of("a2") + "\n")
    objects = by_hand.everything(folder)
    for name, data in objects.items():
        bucket.write(name, data)
    return objects


def test_the_first_sync_takes_it_over_and_every_device_gets_it(old, device, bucket):
    desk, attic = device("desk"), device("attic")
    desk.add("b4").star("b4")

    report = desk.sync()

    assert (report.outcome, report.pulled_rows, report.pushed_rows) == (Outcome.COMMITTED, 3, 4), report
    assert attic.sync().pulled_rows == 4
    rows = attic.rows()
    assert {rows[md5_of(photo)].filename for photo in ("a1", "a2", "f3")} == {
        "Rose.jpg",
        "Lake.jpg",
        "Fox.jpg",
    }
    assert (rows[md5_of("a1")].size, rows[md5_of("a1")].photodate) == (1000, 1600000000)
    assert attic.stars() == {"b4"} | ({"a2"} if ".photolala/stars.csv" in old else set())
    assert {key: bucket.objects[key].data for key in old} == old


def test_once_there_is_a_manifest_the_old_catalog_is_looked_at_no_more(old, device, bucket):
    device("desk").sync()
    bucket.write(next(iter(old)), b"somebody writes to the old catalog")
    attic = device("attic")
    assert attic.sync().outcome is Outcome.PULLED
    assert not [key for _, key, _ in attic.log if ".photolala" in key]


def test_without_one_a_first_commit_looks_for_it_once(device):
    desk = device("desk").add("a1")
    assert desk.sync().outcome is Outcome.COMMITTED
    assert [key for _, key, _ in desk.log if ".photolala" in key] == [".photolala"]


def test_one_that_cannot_be_read_in_whole_begins_no_catalog(old, device, bucket):
    shard = next(key for key in old if key.endswith(("a", "a.csv")))
    bucket.write(shard, b"x" * 100_000_000)
    desk = device("desk")
    report = desk.sync()
    assert report.outcome is Outcome.REFUSED
    assert shard in report.error, report.error
    assert KEY not in bucket.objects


def test_a_dry_run_leaves_it_where_it_is(old, device, bucket):
    desk = device("desk")
    assert Sync(desk.catalog, MemoryStore(bucket), "desk").rehearse().error is None
    assert desk.rows() == {}


def test_import_reads_it_without_making_the_place_a_remote(old, device, bucket):
    desk = device("desk")
    source = StoreSource(MemoryStore(bucket), Pause(threading.Event()))
    report = import_catalog(desk.catalog, source)
    assert (report.read, report.imported) == (3, 3)
    assert set(bucket.objects) == set(old)
    assert import_catalog(desk.catalog, source).imported == 0


def test_a_folder_as_the_remote_is_taken_over_too(tmp_path, device):
    by_hand.lay(tmp_path / "nas", LINES)
    desk = device("desk")
    report = desk.sync(DirectoryStore(f"file://{tmp_path}/nas"))
    assert (report.outcome, report.pushed_rows) == (Outcome.COMMITTED, 3), report
