"""Devices and one remote: what travels, what it costs, and what is left alone when something is wrong."""

import gzip
import threading
from dataclasses import replace

import pytest

from catalog.conflicts import use_mine
from catalog.row import SHARDS, state_of
from sync.events import Phase, Reason
from sync.manifest import KEY, decode
from sync.shard import key_of, pack
from sync.stores.directory import DirectoryStore
from tests.sync.fault_store import Fault, FaultStore, Killed
from tests.sync.memory_store import Bucket, MemoryStore


def kinds(device):
    """The last sync's calls as (method, first part of the key, status)."""
    return [(method, key.split("/")[0], status) for method, key, status in device.log]


IDLE = [("GET", KEY, 304)]
COMMIT_OF_ONE = [*IDLE, ("PUT", "deltas", 200), ("PUT", "manifests", 200), ("PUT", KEY, 200)]


def test_the_first_device_commits_sixteen_shards_and_then_the_manifest(device, bucket, manifest_of):
    laptop = device("laptop").add("a1", "b1").add("a2", starred=True)
    report = laptop.sync()
    assert (report.outcome, report.seq, report.pushed_rows, report.pulled_rows) == ("committed", 1, 3, 0)
    assert report.error is None
    assert kinds(laptop)[0] == ("GET", KEY, 404)
    assert kinds(laptop)[1] == ("LIST", "manifests", 200)
    assert kinds(laptop)[2] == ("LIST", ".photolala", 200)
    assert kinds(laptop)[3:19] == [("PUT", "shards", 200)] * 16
    assert kinds(laptop)[19:] == [("PUT", "manifests", 200), ("PUT", KEY, 200)]
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
    names = [
        '"',
        ",",
        "a\nb",
        "a\rb",
        "\r\n",
        "\x1b[2J",
        "\u202egpj",
        "\u2028",
        "[/b]",
        " ",
        "",
        "é😀",
        "\\xff",
    ]
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


def sync_while(device, bucket, do, key, **options):
    """Sync, and do something just before a PUT of the sync."""
    return device.sync(FaultStore(MemoryStore(bucket)).before(do, "PUT", key), **options)


@pytest.mark.parametrize("key", ["deltas/*", "manifests/*", KEY])
@pytest.mark.parametrize(
    ("do", "still_pending"),
    [
        (lambda laptop: laptop.star("b1"), {"b1"}),
        (lambda laptop: laptop.unstar("a1"), {"a1"}),
        (lambda laptop: laptop.change("a1", filename="renamed.jpg"), {"a1"}),
        (lambda laptop: laptop.add("a3", starred=True), {"a3"}),
        (lambda laptop: (laptop.unstar("a1"), laptop.star("a1")), set()),
        (lambda laptop: (laptop.star("b1"), laptop.unstar("b1")), set()),
    ],
    ids=[
        "another star",
        "the star taken back",
        "a rename",
        "a new photo",
        "there and back",
        "back and there",
    ],
)
def test_what_changes_during_an_upload_goes_with_the_next_sync(pair, bucket, key, do, still_pending):
    laptop, server = pair
    laptop.star("a1")
    frozen = laptop.rows()
    assert sync_while(laptop, bucket, lambda: do(laptop), key).pushed_rows == 1
    assert laptop.pending() == still_pending
    server.sync()
    assert server.rows() == frozen
    assert laptop.sync().outcome == ("committed" if still_pending else "up-to-date")
    server.sync()
    assert server.rows() == laptop.rows()


def test_what_changes_during_the_first_commit_goes_with_the_next_sync(device, bucket):
    laptop, server = device("laptop"), device("server")
    laptop.add(*(f"{x}1" for x in SHARDS))
    frozen = laptop.rows()

    def change_each_shard():
        laptop.star(*(f"{x}1" for x in SHARDS))
        laptop.add(*(f"{x}2" for x in SHARDS))

    sync_while(laptop, bucket, change_each_shard, "shards/*")
    server.sync()
    assert server.rows() == frozen
    laptop.sync()
    server.sync()
    assert server.rows() == laptop.rows()
    assert len(server.stars()) == 16


def test_who_comes_second_merges_and_commits_on_top(pair, bucket):
    laptop, server = pair
    laptop.star("a1")
    server.star("b1")
    report = sync_while(laptop, bucket, server.sync, KEY)
    assert (report.outcome, report.seq, report.pulled_rows, report.pushed_rows) == ("committed", 3, 1, 1)
    server.sync()
    assert laptop.stars() == server.stars() == {"a1", "a2", "b1"}


def test_who_comes_second_to_an_empty_remote_joins_the_catalog_there(device, bucket):
    laptop, server = device("laptop").add("a1", starred=True), device("server").add("b1", "a1")
    assert sync_while(laptop, bucket, server.sync, KEY).seq == 2
    server.sync()
    assert laptop.rows() == server.rows()
    assert (laptop.stars(), len(laptop.rows())) == ({"a1"}, 2)


def test_a_sync_gives_up_when_others_never_stop_and_keeps_everything(pair, bucket):
    laptop, server = pair
    laptop.star("a1")

    def commit():
        (server.unstar if "b1" in server.stars() else server.star)("b1")
        server.sync()

    store = FaultStore(MemoryStore(bucket))
    for nth in range(1, 16):
        store.before(commit, "PUT", KEY, nth=nth)
    report = laptop.sync(store)
    assert (report.outcome, laptop.pending()) == ("failed", {"a1"})
    assert report.error == "Other devices commit all the time; everything is queued for the next sync."
    assert laptop.sync().outcome == "committed"


def test_only_the_deltas_that_are_new_here_are_fetched(pair, manifest_of, bucket):
    laptop, server = pair
    laptop.star("a1")
    laptop.sync()
    server.sync()
    for name in ("one.jpg", "two.jpg"):
        laptop.change("a1", filename=name)
        laptop.sync()
    server.sync()
    assert [key for _, key, _ in server.log[1:]] == [
        d.key for d in manifest_of(bucket).shards["a"].deltas[1:]
    ]
    assert server.rows() == laptop.rows()


def rewritten(bucket, rows, **fields):
    """Another device's commit, made by hand: shard a packed anew from rows, and fields of the manifest."""
    manifest = decode(bucket.objects[KEY].data)
    packed = pack(rows)
    key = key_of("shards", "a", packed.sha256, "c" * 32)
    bucket.write(key, packed.data)
    shard = replace(
        manifest.shards["a"], key=key, sha256=packed.sha256, bytes=len(packed.data), rows=packed.rows,
        state=state_of(row.line() for row in rows), deltas=(),
    )  # fmt: skip
    values = {"seq": manifest.seq + 1, "commit_id": "c" * 32, "shards": {**manifest.shards, "a": shard}}
    bucket.write(KEY, replace(manifest, **{**values, **fields}).encode())


def of_shard_a(device):
    return [row for md5, row in device.rows().items() if md5[0] == "a"]


def test_a_compaction_elsewhere_downloads_nothing(pair, bucket):
    laptop, server = pair
    laptop.star("a1")
    laptop.sync()
    server.sync()
    rewritten(bucket, of_shard_a(laptop))
    server.sync()
    assert server.log == [("GET", KEY, 200)]
    assert server.sync().requests == {"GET": 1}
    server.star("b1")
    assert server.sync().seq == 4


def test_a_delta_that_does_not_fit_falls_back_to_the_whole_shard(pair, bucket):
    laptop, server = pair
    with server.catalog.engine.begin() as connection:  # a row that has changed without anybody's doing
        connection.exec_driver_sql("UPDATE photo SET filename = 'rotten' WHERE md5 LIKE 'a%'")
    laptop.star("a1")
    laptop.sync()
    report = server.sync()
    assert report.error is None
    assert [key.split("/")[0] for _, key, _ in server.log] == [KEY, "deltas", "shards", "deltas"]
    assert server.rows() == laptop.rows()


def test_a_photo_that_vanished_without_a_tombstone_goes_up_again(pair, bucket):
    laptop, server = pair
    rewritten(bucket, of_shard_a(laptop)[1:])
    assert server.sync().outcome == "committed"
    laptop.sync()
    assert laptop.rows() == server.rows()
    assert "a1" in laptop.names()


def test_a_second_sync_of_one_catalog_at_the_same_time_is_turned_away(pair, device, bucket):
    laptop, _ = pair
    again = device("laptop", at=laptop.catalog.path)
    reports = []
    laptop.star("a1")
    sync_while(laptop, bucket, lambda: reports.append(again.sync()), KEY)
    assert (reports[0].outcome, reports[0].error) == ("failed", "Another sync of this catalog is under way.")
    assert again.log == []
    assert again.sync().outcome == "up-to-date"


@pytest.mark.parametrize("key", ["deltas/*", "manifests/*"])
def test_a_cancel_between_two_objects_leaves_everything_pending(pair, bucket, key):
    laptop, server = pair
    laptop.star("a1", "b1")
    cancel = threading.Event()
    report = sync_while(laptop, bucket, cancel.set, key, cancel=cancel)
    assert (report.outcome, laptop.pending()) == ("failed", {"a1", "b1"})
    assert report.error.startswith("Cancelled")
    assert server.sync().requests == {"GET": 1}
    assert laptop.sync().outcome == "committed"
    server.sync()
    assert server.stars() == {"a1", "a2", "b1"}


def test_a_cancel_of_a_download_changes_nothing(pair, bucket):
    laptop, server = pair
    laptop.star("a1")
    laptop.sync()
    before = server.dump()
    cancel = threading.Event()
    report = server.sync(FaultStore(MemoryStore(bucket)).before(cancel.set, "GET", "deltas/*"), cancel=cancel)
    assert (report.outcome, server.dump()) == ("failed", before)


def test_a_cancel_never_says_that_nothing_was_committed_when_that_is_not_known(pair, bucket):
    laptop, server = pair
    laptop.star("a1")
    cancel = threading.Event()
    store = FaultStore(MemoryStore(bucket)).before(cancel.set, "PUT", KEY).fail(Fault.LOST_ANSWER, "PUT", KEY)
    report = laptop.sync(store, cancel=cancel)
    assert report.error.startswith("Cancelled")
    assert "nothing was committed" not in report.error
    assert laptop.sync().outcome == "committed"
    server.sync()
    assert (server.stars(), decode(bucket.objects[KEY].data).seq) == ({"a1", "a2"}, 2)


def test_another_remote_that_is_empty_gets_everything(pair, device, bucket, manifest_of):
    laptop, _ = pair
    elsewhere = Bucket()
    there = MemoryStore(elsewhere, "memory://elsewhere/library")
    report = laptop.sync(there, accepted={Reason.ADDRESS})
    assert (report.outcome, report.pushed_rows) == ("committed", 4)
    assert manifest_of(elsewhere).photo_count == 4
    phone = device("phone", bucket=elsewhere)
    phone.sync(MemoryStore(elsewhere, "memory://elsewhere/library"))
    assert phone.rows() == laptop.rows()
    laptop.star("b1")
    assert laptop.sync().outcome == "committed"  # back again: first contact, and nothing is lost
    assert laptop.stars() == {"a2", "b1"}


def test_another_remote_with_a_catalog_is_a_first_contact(pair, device):
    laptop, _ = pair
    elsewhere = Bucket()
    desk = device("desk", bucket=elsewhere).add("a1", starred=True).add("e1").add("a2", filename="e.jpg")
    desk.sync()
    there = MemoryStore(elsewhere, "memory://elsewhere/library")
    laptop.sync(there, accepted={Reason.ADDRESS})
    desk.sync()
    assert laptop.rows() == desk.rows()
    assert laptop.stars() == {"a1", "a2"}
    assert laptop.names() == {"a1": "a1.jpg", "a2": "e.jpg", "b1": "b1.jpg", "c1": "c1.jpg", "e1": "e1.jpg"}


def test_a_sync_tells_how_far_it_is(pair):
    laptop, server = pair
    laptop.star("a1", "b1")
    told = []
    laptop.sync(progress=told.append)
    assert told == [
        (Phase.CHECKING, 0, 0), (Phase.UPLOADING, 0, 2), (Phase.UPLOADING, 1, 2), (Phase.UPLOADING, 2, 2), (Phase.COMMITTING, 0, 1),
    ]  # fmt: skip
    told.clear()
    server.sync(progress=told.append)
    assert told == [
        (Phase.CHECKING, 0, 0), *((Phase.DOWNLOADING, n, 2) for n in range(3)), *((Phase.MERGING, n, 2) for n in (1, 2)),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["n" * 100, "no\udcffutf-8", "", "\x1b[2J"])
def test_any_name_of_a_device_can_be_committed(device, name):
    laptop = device("laptop").add("a1")
    laptop.name = name
    assert laptop.sync().outcome == "committed"
    laptop.star("a1")
    assert laptop.sync().outcome == "committed"


def test_how_a_sync_ended_is_kept_for_the_status(pair, bucket):
    laptop, _ = pair

    def last():
        with laptop.catalog.reading() as connection:
            return connection.exec_driver_sql(
                "SELECT last_outcome, last_error, last_success FROM remote"
            ).one()

    outcome, error, success = last()
    assert (outcome, error) == ("committed", None)
    laptop.sync(FaultStore(MemoryStore(bucket)).fail(Fault.UNREACHABLE))
    assert last() == ("offline", "The remote cannot be reached. Everything is queued.", success)
    laptop.sync()
    assert last()[:2] == ("up-to-date", None)


def test_who_is_slow_at_the_first_contact_is_not_refused(device, bucket):
    laptop, server = device("laptop").add("a1", starred=True), device("server").add("b1")

    def others_commit_twice():  # between the GET of the manifest (404) and the LIST of manifests/
        server.sync()
        server.star("b1")
        server.sync()

    report = laptop.sync(FaultStore(MemoryStore(bucket)).before(others_commit_twice, "LIST"))
    assert report.error is None, (report.outcome, report.error)


@pytest.mark.parametrize("is_first", [True, False], ids=["the first batch", "a later one"])
def test_a_batch_left_open_waits_for_a_disk_that_is_not_mounted_and_writes_nothing_in_its_place(
    device, tmp_path, is_first
):
    mount, away = tmp_path / "mnt", tmp_path / "away"
    mount.mkdir()
    remote = (mount / "library").as_uri()
    laptop = device("laptop").add("a1")
    if not is_first:
        assert laptop.sync(DirectoryStore(remote)).outcome == "committed"
        laptop.star("a1")
    killed = FaultStore(DirectoryStore(remote)).fail(Fault.KILLED_BEFORE, "PUT", KEY)
    with pytest.raises(Killed):
        laptop.sync(killed)
    mount.rename(away)
    mount.mkdir()
    report = laptop.sync(DirectoryStore(remote))
    assert (report.outcome, list(mount.iterdir())) == ("offline", [])
    mount.rmdir()
    away.rename(mount)
    assert laptop.sync(DirectoryStore(remote)).outcome == "committed"
    assert not laptop.pending()


@pytest.mark.parametrize(
    ("end", "requests"),
    [
        (
            Fault.KILLED_AFTER,
            {"GET": 2},
        ),  # the manifest tells that it is committed; then, whether more is new
        (Fault.KILLED_BEFORE, {"GET": 2, "PUT": 2}),
    ],
    ids=["committed", "not committed"],
)
def test_what_has_become_of_a_batch_left_open_is_looked_up_before_anything_is_sent_again(
    pair, bucket, end, requests
):
    laptop, _ = pair
    laptop.star("a1")
    with pytest.raises(Killed):
        laptop.sync(FaultStore(MemoryStore(bucket)).fail(end, "PUT", KEY))
    report = laptop.sync()
    assert (report.outcome, report.requests) == ("committed", requests)
    assert not laptop.pending()
