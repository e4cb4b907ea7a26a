"""Garbage goes in the end, and nothing that a kept manifest names, or a coming one may name, ever does."""

import contextlib
import itertools
import shutil
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sync import folding, garbage
from sync.garbage import Ages, collect, marks_after
from sync.manifest import KEY, ManifestError, decode
from sync.stores.objectstore import DeniedError
from sync.stores.s3 import S3Store
from sync.transfer import CancelledError, Pause
from tests.sync.conftest import Device
from tests.sync.fault_store import OF_ANY_CALL, Fault, FaultStore, Killed
from tests.sync.memory_store import MemoryStore

DAY = 86400
SHORT = Ages(at_least=4)
"""As in earnest, but for the number of manifests that are kept."""


class Clock:
    """The server's clock: it goes on a second with each look."""

    def __init__(self):
        self.now = 1_700_000_000.0

    def __call__(self):
        self.now += 1
        return self.now

    def days(self, number):
        self.now += number * DAY


@pytest.fixture
def clock(bucket):
    bucket.now = Clock()
    for key, stored in bucket.objects.items():
        bucket.objects[key] = stored._replace(modified=bucket.now())
    return bucket.now


@pytest.fixture(autouse=True)
def _garbage_comes_fast(monkeypatch):
    monkeypatch.setattr(garbage, "EVERY", 3)
    monkeypatch.setattr(folding, "_MAX_DELTAS", 2)


NAMES = itertools.count()


def commits(device, number, photo="a1"):
    for _ in range(number):
        device.change(photo, filename=f"{next(NAMES)}.jpg")
        assert device.sync().error is None


def current(bucket):
    return decode(bucket.objects[KEY].data)


def swept(bucket, store=None, **options):
    """Collect as the device would that has just committed."""
    pause = options.pop("pause", Pause(threading.Event(), 0.001))
    return collect(store or MemoryStore(bucket), current(bucket), pause, **{"ages": SHORT, **options})


def lineage(bucket):
    """Walk back from the manifest along its parents, as far as there are history copies."""
    copies = {}
    for key in filter(garbage._COPY.fullmatch, bucket.keys("manifests/")):
        manifest = decode(bucket.objects[key].data)
        copies[manifest.commit_id] = manifest
    manifest = current(bucket)
    while manifest:
        yield manifest
        manifest = copies.get(manifest.parent)


def check(bucket, ages=SHORT, *, stale=False):
    """All that is to be kept is there, and all that any committed manifest names, for as long as it is there.

    Where a listing was stale, manifests may outlive what they name, but none that is to be kept.
    """
    kept = list(lineage(bucket))
    for back, manifest in enumerate(kept):
        age = bucket.now.now - bucket.objects[manifest.copy_key].modified
        if stale and back >= ages.at_least and age > ages.kept + DAY:
            continue
        missing = manifest.keys() - bucket.objects.keys()
        assert not missing, f"{manifest.seq} of {kept[0].seq} names {missing}"
    oldest = kept[-1]
    # a device that was killed may put the copy of its commit long after it, but not after those that follow
    committed_before = min(bucket.objects[manifest.copy_key].modified for manifest in kept)
    age = bucket.now.now - committed_before
    assert oldest.seq == 1 or (len(kept) >= ages.at_least and age >= ages.kept)


# ---- the marks


def test_a_commit_in_every_fifty_marks_its_parent(pair, bucket, monkeypatch):
    monkeypatch.setattr(garbage, "EVERY", 50)
    manifest = replace(current(bucket), seq=49)
    assert marks_after(manifest) == ()
    manifest = replace(manifest, seq=50)
    marks = marks_after(manifest)
    assert marks == (manifest.copy_key,)
    assert marks_after(replace(manifest, seq=99, pending_delete=marks)) == marks
    assert len(marks_after(replace(manifest, seq=100, pending_delete=marks))) == 2


def test_a_few_marks_reach_far_back(pair, bucket, monkeypatch):
    monkeypatch.setattr(garbage, "EVERY", 50)
    manifest = current(bucket)
    for seq in range(50, 50_000, 50):
        manifest = replace(manifest, seq=seq, pending_delete=marks_after(replace(manifest, seq=seq)))
        back = sorted(seq - int(mark.split("/")[1].split("-")[0]) for mark in manifest.pending_delete)
        assert len(back) <= 16
        assert back[0] == 0
        assert all(later <= 2 * (earlier + 50) for earlier, later in itertools.pairwise(back))
    assert back[-1] > 10_000


HOSTILE_MARKS = [
    "photos/ab/x", "../../etc/passwd", "manifests/../photos/1-ab.json", "manifests/1-ab.json\n", "manifests/01-ab.json",
    "manifests/99999999999999999-ab.json", "manifests/1-AB.json", "shards/a", "", 7, None, {"key": "photos/ab/x"},
    ["manifests/1-ab.json"], "manifests/999-ab.json",
]  # fmt: skip


def test_what_is_no_mark_is_never_asked_for_and_not_carried_on(pair, bucket, clock):
    laptop, _ = pair
    bucket.write("photos/ab/x", b"mine")
    commits(laptop, 8)
    clock.days(90)
    manifest = current(bucket)
    spoilt = replace(manifest, seq=20, commit_id="c" * 32, pending_delete=tuple(HOSTILE_MARKS))
    bucket.write(KEY, spoilt.encode())
    bucket.write(spoilt.copy_key, spoilt.encode())
    before = bucket.keys()
    store = MemoryStore(bucket)
    assert swept(bucket, store) == 0
    assert [call.key for call in store.log] == [spoilt.copy_key]
    assert bucket.keys() == before
    commits(laptop, 1)
    assert set(current(bucket).pending_delete) == {spoilt.copy_key}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda m: b"{}",
        lambda m: replace(m, commit_id="d" * 32).encode(),
        lambda m: replace(m, seq=m.seq + 1).encode(),
        lambda m: replace(m, catalog_id="0ca7").encode(),
    ],
    ids=["damaged", "another commit", "another number", "another catalog"],
)
def test_a_mark_that_is_not_the_manifest_that_was_marked_parts_nothing(pair, bucket, clock, spoil):
    laptop, _ = pair
    commits(laptop, 12)
    clock.days(40)
    commits(laptop, 1)
    for mark in current(bucket).pending_delete:
        bucket.write(mark, spoil(decode(bucket.objects[mark].data)))
        stored = bucket.objects[mark]
        bucket.objects[mark] = stored._replace(modified=stored.modified - 40 * DAY)
    before = bucket.keys()
    with pytest.raises(ManifestError):
        swept(bucket)
    assert bucket.keys() == before


# ---- what goes, and what stays


def test_garbage_goes_and_everything_else_stays(pair, device, bucket, clock):
    laptop, server = pair
    others = ["photos/ab/x", "thumbnails/ab/x.jpg", "shards/a/mine.txt", "deltas/readme", "manifests/mine.json",
              "probes/mine", "notes.txt", "restore/1"]  # fmt: skip
    for key in [*others, f"probes/{'a' * 32}/raced", f"deltas/a/{'5' * 64}-01234567.csv.gz"]:
        bucket.write(key, b"1")
    for _ in range(6):
        commits(laptop, 3)
        clock.days(2)
    clock.days(38)
    laptop.star("b1")
    laptop.sync()
    before = set(bucket.keys())
    gone = swept(bucket)
    assert gone == len(before) - len(bucket.keys()) > 30
    assert {*others} <= set(bucket.keys())
    left = {key for key in bucket.objects if key not in others and key != KEY}
    assert left == {key for manifest in lineage(bucket) for key in (*manifest.keys(), manifest.copy_key)}
    check(bucket)
    assert swept(bucket) == 0
    for one in (server, device("phone")):
        one.sync()
        assert one.rows() == laptop.rows()


@pytest.mark.parametrize(("days", "goes"), [(1, False), (29, False), (36, False), (38, True)])
def test_it_waits_for_thirty_days_and_seven_by_the_servers_clock(pair, bucket, clock, days, goes):
    laptop, _ = pair
    clock.days(2)
    commits(laptop, 20)
    clock.days(days)
    commits(laptop, 1)
    assert (swept(bucket) > 0) == goes
    check(bucket)


def test_it_waits_for_fifty_commits_however_old_they_are(pair, bucket, clock):
    laptop, _ = pair
    clock.days(2)
    commits(laptop, 45)
    clock.days(400)
    commits(laptop, 1)
    assert swept(bucket, ages=Ages()) == 0
    commits(laptop, 10)  # collects by itself
    assert swept(bucket, ages=Ages()) == 0
    assert not bucket.keys("manifests/1-")
    check(bucket, Ages())


def test_a_sync_collects_when_it_sets_a_mark_and_costs_nothing_more_otherwise(pair, bucket, clock):
    laptop, _ = pair
    clock.days(2)
    collected = []
    for number in range(2, 66):
        clock.days(1)
        commits(laptop, 1)
        methods = {call.method for call in laptop.store.log}
        if number % 3 != 1:
            assert methods == {"GET", "PUT"}
        if "DELETE" in methods:
            collected.append(number)
    assert collected
    check(bucket, Ages())
    assert not bucket.keys("manifests/1-")


def test_manifests_go_before_what_they_name_however_much_there_is(pair, bucket, clock, monkeypatch):
    laptop, _ = pair
    monkeypatch.setattr(garbage, "_AT_ONCE", 5)
    clock.days(2)
    commits(laptop, 30)
    clock.days(40)
    commits(laptop, 1)
    rounds = 0
    while swept(bucket):
        rounds += 1
        for key in bucket.keys("manifests/"):
            assert decode(bucket.objects[key].data).keys() <= bucket.objects.keys()
    assert rounds > 4


def test_a_remote_that_was_copied_keeps_what_its_times_say_nothing_of(pair, bucket, clock):
    laptop, server = pair
    commits(laptop, 12)
    server.sync()
    for prefix in ("deltas/", "shards/", "photos/", "manifests/", KEY):  # the newest files are the oldest now
        clock.days(3)
        for key in bucket.keys(prefix):
            bucket.objects[key] = bucket.objects[key]._replace(modified=clock())
    clock.days(60)
    commits(laptop, 1)
    before = bucket.keys()
    assert swept(bucket) == 0
    assert bucket.keys() == before


# ---- those who are in the middle of something


def sleeps_and_wakes(bucket, clock, other):
    """Two months in which another device commits and collects."""

    def meanwhile():
        commits(other, 12, "c1")
        clock.days(60)
        commits(other, 1, "c1")
        assert swept(bucket) > 0
        check(bucket)

    return meanwhile


@pytest.mark.parametrize("key", ["deltas/a/*", "manifests/*", KEY])
def test_who_slept_in_the_middle_of_a_commit_is_refused_and_goes_again_with_keys_of_its_own(
    pair, device, bucket, clock, key
):
    laptop, server = pair
    clock.days(2)
    laptop.star("a1")
    store = FaultStore(MemoryStore(bucket)).before(sleeps_and_wakes(bucket, clock, server), "PUT", key)
    assert laptop.sync(store).outcome == "committed"
    put = [called for method, called in store.calls if (method, called[:6]) == ("PUT", "deltas")]
    assert len(set(put)) == len(put) == 2
    check(bucket)
    phone = device("phone")
    for one in (server, phone):
        one.sync()
        assert one.rows() == laptop.rows()
    assert "a1" in phone.stars()


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
@pytest.mark.parametrize("nth", [2, 3, 4])
def test_who_crashed_two_months_ago_names_nothing_that_was_collected(pair, bucket, clock, fault, nth):
    laptop, server = pair
    clock.days(2)
    laptop.star("a1")
    with pytest.raises(Killed):
        laptop.sync(FaultStore(MemoryStore(bucket)).fail(fault, nth=nth))
    server.sync()
    sleeps_and_wakes(bucket, clock, server)()
    laptop.sync()
    check(bucket)
    server.sync()
    laptop.sync()
    assert laptop.rows() == server.rows()
    assert "a1" in server.stars()


def test_who_crashed_and_comes_back_to_a_quiet_remote_finds_what_it_had_put(pair, bucket, clock):
    laptop, server = pair
    clock.days(2)
    commits(server, 12, "c1")
    laptop.sync()
    laptop.star("a1")
    with pytest.raises(Killed):
        laptop.sync(FaultStore(MemoryStore(bucket)).fail(Fault.KILLED_BEFORE, "PUT", KEY))
    clock.days(60)
    swept(bucket)  # nobody has committed since, and yet somebody looks
    assert laptop.sync().outcome == "committed"
    check(bucket)
    server.sync()
    assert "a1" in server.stars()


# ---- when it goes wrong


def ripe(pair, clock):
    """Bring a remote to where there is garbage; its next commit sets a mark."""
    laptop, _ = pair
    clock.days(2)
    commits(laptop, 20)
    clock.days(40)
    laptop.star("b1")
    return laptop


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_a_kill_in_the_middle_leaves_a_sound_remote_and_the_next_goes_on(pair, bucket, clock, fault):
    laptop = ripe(pair, clock)
    laptop.sync()
    objects = dict(bucket.objects)
    swept(bucket)
    clean = bucket.keys()
    for nth in (*range(1, 10), 20, 25):
        bucket.objects = dict(objects)
        with pytest.raises(Killed):
            swept(bucket, FaultStore(MemoryStore(bucket)).fail(fault, nth=nth))
        check(bucket)
        swept(bucket)
        assert bucket.keys() == clean


@pytest.mark.parametrize("fault", [*OF_ANY_CALL, Fault.DENIED, Fault.UNREACHABLE])
def test_a_failure_is_none_of_the_sync(pair, bucket, clock, fault, monkeypatch):
    laptop = ripe(pair, clock)
    monkeypatch.setattr(garbage, "EVERY", 1)
    monkeypatch.setattr(garbage.collect, "__defaults__", (SHORT,))
    for method, key in (("HEAD", "*"), ("GET", "manifests/*"), ("LIST", "*"), ("DELETE", "*"), ("TIDY", "*")):
        store = FaultStore(MemoryStore(bucket)).fail(fault, method, key, times=999)
        assert laptop.sync(store).outcome == "committed"
        assert store.injected
        check(bucket)
        laptop.change("b1", filename=f"{next(NAMES)}.jpg")


def test_a_remote_that_does_not_answer_is_not_asked_for_each_object(pair, bucket, clock):
    laptop = ripe(pair, clock)
    laptop.sync()
    store = FaultStore(MemoryStore(bucket)).fail(Fault.DENIED, "DELETE", times=999)
    with pytest.raises(DeniedError):
        swept(bucket, store)
    assert len(store.injected) < 40


def test_a_cancel_ends_it_between_two_objects_and_the_commit_stands(pair, bucket, clock, monkeypatch):
    laptop = ripe(pair, clock)
    monkeypatch.setattr(garbage, "EVERY", 1)
    monkeypatch.setattr(garbage.collect, "__defaults__", (SHORT,))
    cancel = threading.Event()
    store = FaultStore(MemoryStore(bucket)).before(cancel.set, "DELETE", "manifests/*", nth=3)
    report = laptop.sync(store, cancel=cancel)
    assert (report.outcome, report.error) == ("committed", None)
    assert bucket.keys("deltas/a/")
    check(bucket)
    with pytest.raises(CancelledError):
        swept(bucket, pause=Pause(cancel))


@pytest.mark.parametrize("prefix", ["shards/", "deltas/", "manifests/", "*"])
def test_a_stale_listing_only_delays(pair, device, bucket, clock, prefix):
    laptop, _ = pair
    store = FaultStore(MemoryStore(bucket))
    clock.days(2)
    for _ in range(3):
        for each in ("shards/", "deltas/", "manifests/", "probes/"):
            list(store.list(each))  # what a stale listing will show
        commits(laptop, 10)
        clock.days(40)
        commits(laptop, 2)
        store.fail(Fault.STALE_LIST, "LIST", prefix)
        swept(bucket, store)
        check(bucket, stale=True)
    swept(bucket)
    check(bucket)
    before = len(bucket.objects)
    assert before < 60
    phone = device("phone")
    phone.sync()
    assert phone.rows() == laptop.rows()


def test_times_that_are_all_the_same_part_nothing(pair, bucket):
    laptop, _ = pair
    bucket.now = lambda: 1e9
    for key, stored in bucket.objects.items():
        bucket.objects[key] = stored._replace(modified=1e9)
    commits(laptop, 12)
    before = bucket.keys()
    assert swept(bucket, ages=Ages(0, 4, 0, 0)) < len(bucket.keys("manifests/")) + 10
    assert {key for key in before if key[0] in "sd"} == {key for key in bucket.objects if key[0] in "sd"}


# ---- any of it, in any order

WHO = st.sampled_from([0, 1, 2])
PHOTO = st.sampled_from(["a1", "a2", "b1", "c1"])
ACTION = st.one_of(
    st.tuples(st.just("commit"), WHO, PHOTO, st.integers(1, 3)),
    st.tuples(st.just("crash"), WHO, PHOTO, st.integers(1, 9)),
    st.tuples(st.just("sleep"), WHO, PHOTO, WHO),
    st.tuples(st.just("days"), st.sampled_from([1, 8, 31, 38])),
    st.tuples(st.just("collect"), WHO, PHOTO),
    st.tuples(st.just("kill"), WHO, PHOTO, st.integers(1, 30)),
    st.tuples(st.just("stale"), WHO, PHOTO),
)


class World:
    """Three devices, one remote, and time that goes by."""

    def __init__(self, folder, template):
        self.bucket = template.copy()
        self.bucket.now = Clock()
        for key, stored in self.bucket.objects.items():
            self.bucket.objects[key] = stored._replace(modified=self.bucket.now())
        self.store = FaultStore(MemoryStore(self.bucket))
        self.devices = [
            Device(name, shutil.copy(SYNCED[0] / f"{source}.db", folder / name), self.bucket)
            for name, source in (("one", "laptop"), ("two", "server"), ("three", "server"))
        ]
        with self.devices[2].catalog.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM device")  # a copy, but for its id

    def change(self, who, photo):
        self.devices[who].change(photo, filename=f"{next(NAMES)}.jpg")

    def commit(self, who, photo, times):
        for _ in range(times):
            self.change(who, photo)
            assert self.devices[who].sync().error is None

    def crash(self, who, photo, nth):
        self.change(who, photo)
        store = FaultStore(MemoryStore(self.bucket)).fail(Fault.KILLED_AFTER, nth=nth)
        with contextlib.suppress(Killed):
            self.devices[who].sync(store)

    def sleep(self, who, photo, other):
        """In the middle of a commit; meanwhile another one commits and collects."""
        if who == other:
            return

        def meanwhile():
            self.commit(other, photo, 4)
            self.days(38)
            self.collect(other, photo)

        self.change(who, photo)
        store = FaultStore(MemoryStore(self.bucket)).before(meanwhile, "PUT", "manifests/*")
        assert self.devices[who].sync(store).error is None

    def days(self, number):
        self.bucket.now.days(number)

    def collect(self, who, photo):
        self.commit(who, photo, 1)
        swept(self.bucket, self.store)

    def kill(self, who, photo, nth):
        self.commit(who, photo, 1)
        with contextlib.suppress(Killed):
            swept(self.bucket, FaultStore(MemoryStore(self.bucket)).fail(Fault.KILLED_AFTER, nth=nth))

    def stale(self, who, photo):
        self.store.fail(Fault.STALE_LIST, "LIST", times=4)
        self.collect(who, photo)


SYNCED = []


@pytest.fixture
def _synced(synced):
    SYNCED[:] = synced


@pytest.mark.usefixtures("_synced")
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    actions=[
        ("commit", 0, "a1", 1),
        ("sleep", 2, "b1", 0),
        ("commit", 0, "a1", 3),
        ("days", 1),
        ("commit", 0, "a1", 1),
        ("commit", 0, "a1", 3),
        ("commit", 1, "a1", 1),
        ("crash", 0, "a1", 1),
        ("sleep", 0, "a1", 0),
        ("days", 1),
        ("collect", 0, "a1"),
        ("collect", 0, "a1"),
    ]
)
@example(
    actions=[("crash", 1, "a1", 4), ("commit", 0, "a1", 1), ("commit", 0, "a1", 1), ("sleep", 1, "a1", 0)]
)
@given(actions=st.lists(ACTION, min_size=5, max_size=15))
def test_whatever_happens_nothing_is_collected_that_is_named(actions):
    with tempfile.TemporaryDirectory(prefix="collect-") as folder:
        world = World(Path(folder), SYNCED[1])
        try:
            for name, *how in actions:
                getattr(world, name)(*how)
                check(world.bucket, stale=True)
            for _ in range(3):
                for one in world.devices:
                    assert one.sync().error is None
            assert world.devices[0].rows() == world.devices[1].rows() == world.devices[2].rows()
        finally:
            for one in world.devices:
                one.catalog.close()


# ---- over HTTP


class Aged(S3Store):
    """A real remote on which time goes by: a day from each noted object to the next."""

    def __init__(self, url):
        super().__init__(url)
        self.day = {}

    def note(self):
        for one in super().list(""):
            self.day.setdefault(one.key, len(self.day))

    def _aged(self, one):
        return one._replace(modified=self.day.get(one.key, 9999) * DAY)

    def head(self, key):
        return self._aged(super().head(key))

    def list(self, prefix):
        return map(self._aged, super().list(prefix))


def test_over_http_it_goes_too(device, remote):
    laptop, server = device("laptop").add("a1", "b1"), device("server")
    store = Aged(remote)
    laptop.sync(store)
    for number in range(12):
        store.note()
        laptop.change("a1", filename=f"{number}.jpg")
        assert laptop.sync(store).error is None
    store.put("photos/ab/x", b"mine", content_type="image/jpeg")
    manifest = decode(store.get(KEY, limit=99_999).data)
    before = {one.key for one in store.list("")}
    gone = collect(store, manifest, Pause(threading.Event()), SHORT)
    left = {one.key for one in store.list("")}
    assert gone == len(before - left) > 10
    assert manifest.keys() | {manifest.copy_key, KEY, "photos/ab/x"} <= left
    server.sync(S3Store(remote))
    assert server.rows() == laptop.rows()
