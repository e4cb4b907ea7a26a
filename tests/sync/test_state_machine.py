"""Two to four devices, one remote, all that can go wrong: no star is lost, and all agree in the end.

`make soak` runs 2,000 examples. A failure prints its steps and its seed: PHOTOLALA_SEED=... repeats the run.
"""

import contextlib
import os
import random
import shutil
import sys
import tempfile
from functools import partial, wraps
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import hypothesis.internal.conjecture.engine
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import sync.commit
import sync.folding
import sync.garbage
import sync.transfer
from catalog.exchange import Exchange
from catalog.store import SqlCatalog
from sync.garbage import Ages
from sync.manifest import KEY
from sync.stores.probe import Conditions
from tests.sync.fault_store import Fault
from tests.sync.member import COUNTS, NAMES, Inline, Plot, Trouble
from tests.sync.memory_store import URL
from tests.sync.model import AuditedBucket, Model
from tests.sync.world import CLOCK, KEPT, World

SOAK = os.environ.get("PHOTOLALA_SOAK")
EXAMPLES = int(SOAK or 40)
SEED = int(os.environ.get("PHOTOLALA_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)

KNOWN = ("a1", "a2", "b1", "b2")
PHOTOS = ("a1", "a1", "a1", "a2", "a2", "b1", "b1", "c1")
PUT_KEY = ("PUT", KEY)
CALLS = (
    PUT_KEY, PUT_KEY, PUT_KEY, ("GET", KEY), ("PUT", "manifests/*"), ("PUT", "deltas/*"), ("PUT", "shards/*"),
    ("GET", "deltas/*"), ("GET", "shards/*"), ("LIST", "*"), ("HEAD", "*"), ("DELETE", "*"),
)  # fmt: skip
BAD_LUCK = (
    Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.LATE, Fault.CONFLICT, Fault.DONE_412, Fault.ERROR_500,
    Fault.SLOW_DOWN, Fault.RESET, Fault.DENIED, Fault.UNREACHABLE,
)  # fmt: skip
DEATHS = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
DOINGS = ("toggle", "toggle", "toggle", "star", "unstar", "rename", "delete")
PLOTS = ("commit", "commit", "commit", "sync", "late arrival", "days pass", *DOINGS)

devices = st.integers(0, 3)
photos = st.sampled_from(PHOTOS)
changes = st.lists(st.tuples(st.sampled_from(DOINGS), photos), min_size=1, max_size=3)
calls = st.one_of(
    st.tuples(st.just("*"), st.just("*"), st.integers(1, 8)),
    st.tuples(st.sampled_from(CALLS), st.integers(1, 2)).map(lambda call: (*call[0], call[1])),
)
plots = st.builds(
    lambda what, device, photo, call: Plot(what, device, photo, *call),
    st.sampled_from(PLOTS),
    st.sampled_from((0, 0, 1, 2)),
    photos,
    calls,
)


def troubles(kinds=BAD_LUCK, calls=calls):
    """What goes wrong with one call of a sync, and perhaps with the next ones like it."""
    return st.builds(
        lambda fault, call, times: Trouble(fault, *call, times),
        st.sampled_from(kinds),
        calls,
        st.sampled_from((1, 1, 1, 2, 99)),
    )


collecting = troubles(
    (*BAD_LUCK, *DEATHS, Fault.STALE_LIST, Fault.STALE_LIST),
    st.tuples(st.sampled_from(("LIST", "LIST", "HEAD", "DELETE")), st.just("*"), st.integers(1, 4)),
)


def step(**arguments):
    """A rule that is counted."""

    def counted(function):
        @wraps(function)
        def counting(*args, **how):
            COUNTS[f"step: {function.__name__}"] += 1
            return function(*args, **how)

        return rule(**arguments)(counting)

    return counted


class Devices(RuleBasedStateMachine):
    """Each step is something that a user, a device, the network or a power cut does."""

    def __init__(self, start: "Start"):
        super().__init__()
        self.start = start
        self.world: World = None  # type: ignore[assignment]

    @initialize(
        joined=st.sampled_from((2, 0, 3, 1, 0, 4)), fresh=st.integers(0, 2), first=st.lists(plots, max_size=2)
    )
    def begin(self, joined, fresh, first):
        """So many devices know each other, so many others never met them; or the remote is empty."""
        self.world = self.start.world(joined, fresh if joined > 1 else 2)
        COUNTS[f"examples of {len(self.world.members)} devices"] += 1
        if not joined:
            self.world.members[0].sync(plots=first)

    def member(self, device, first=()):
        """Return a device whose user has done something first."""
        member = self.world.members[device % len(self.world.members)]
        for what, photo in first:
            member.act(what, photo)
        return member

    @step(device=devices, first=changes)
    def user_changes_photos(self, device, first):
        self.member(device, first)

    @step(device=devices, nth=st.integers(0, 2), mine=st.booleans())
    def user_turns_a_conflict(self, device, nth, mine):
        self.member(device).turn(nth, mine=mine)

    @step(device=devices, nth=st.integers(0, 2))
    def user_rolls_back(self, device, nth):
        self.member(device).roll_back(nth)

    @step(device=devices, first=changes)
    def sync_in_peace(self, device, first):
        self.member(device, first).sync_well()

    @step(device=devices)
    def sync_that_keeps_stars(self, device):
        self.member(device).sync(keep_stars=True)

    @step(device=devices, first=changes, what=st.lists(plots, max_size=1))
    def sync_with_the_brake_on(self, device, first, what):
        self.member(device, first).sync(plots=what, accepted=())

    @step(device=devices, first=changes)
    def sync_after_a_rehearsal(self, device, first):
        self.member(device, first).rehearse_and_sync()

    @step(device=devices, photo=photos)
    def sync_overtaken_by_another_process(self, device, photo):
        member = self.member(device)
        member.sync_overtaken(self.world.next_to(member), photo)

    @step(device=devices, first=changes, what=st.lists(troubles(), min_size=1, max_size=3))
    def sync_in_bad_weather(self, device, first, what):
        self.member(device, first).sync(troubles=what)

    @step(device=devices, first=changes, what=st.lists(plots, min_size=1, max_size=3))
    def sync_while_others_act(self, device, first, what):
        self.member(device, first).sync(plots=what)

    @step(
        device=devices,
        first=changes,
        what=st.lists(troubles(), min_size=1, max_size=2),
        meanwhile=st.lists(plots, min_size=1, max_size=2),
    )
    def sync_in_bad_weather_while_others_act(self, device, first, what, meanwhile):
        self.member(device, first).sync(troubles=what, plots=meanwhile)

    @step(
        device=devices,
        first=changes,
        death=troubles(DEATHS),
        what=st.lists(troubles(), max_size=1),
        meanwhile=st.lists(plots, max_size=1),
    )
    def sync_and_die_at_a_call(self, device, first, death, what, meanwhile):
        self.member(device, first).sync(troubles=[*what, death], plots=meanwhile)

    @step(device=devices, first=changes, nth=st.integers(1, 8), what=st.lists(troubles(), max_size=1))
    def sync_and_die_at_a_transaction(self, device, first, nth, what):
        self.member(device, first).sync(troubles=what, die_at_commit=nth)

    @step(device=devices, photo=photos, what=st.lists(collecting, min_size=1, max_size=2))
    def collect_garbage_in_bad_weather(self, device, photo, what):
        self.world.days_pass(40)
        for _ in range(2):  # every second commit collects
            self.member(device, [("toggle", photo)]).sync(troubles=what)

    @step(device=devices)
    def power_cut(self, device):
        self.member(device).reopen()

    @step()
    def late_requests_arrive(self):
        self.world.deliver()

    @step(days=st.sampled_from((1, 8, 40)))
    def days_pass(self, days):
        self.world.days_pass(days)

    @invariant()
    def all_promises_are_kept(self):
        if self.world:
            self.world.check()

    def teardown(self):
        if not self.world:
            return
        try:
            if sys.exc_info()[0] is None:
                self.world.settle()
        finally:
            self.world.close()
            shutil.rmtree(self.world.folder)


class Start:
    """Where examples begin: copies of four devices in the same state, made once, and of an empty catalog."""

    def __init__(self, folder: Path, empty_catalog: Path):
        self._folder = folder
        self._numbers = count(1)
        self._empty = shutil.copy(empty_catalog, folder / "empty.db")
        with contextlib.closing(SqlCatalog(self._empty)) as catalog:
            Exchange(catalog).note_conditions(URL, Conditions.QUOTED)
        world = self._world(AuditedBucket(Model()), 1_700_000_000.0)
        for name in NAMES:
            world.join(name, self._empty, None)
        first = world.members[0]
        for photo in KNOWN:
            first.act("star" if photo == "a2" else "add", photo)
        first.act("delete", "b2")
        world.settle()
        world.close()
        self._synced = world

    def _world(self, bucket: AuditedBucket, now: float) -> World:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return World(folder, bucket, now)

    def world(self, joined: int, fresh: int) -> World:
        """Make the devices of an example: some that are in the same state, some that are new."""
        bucket = AuditedBucket(self._synced.model.copy() if joined else Model())
        if joined:
            bucket.objects = dict(self._synced.bucket.objects)
            bucket._writes = count(1_000_000)
        world = self._world(bucket, 1_700_100_000.0)
        for name in NAMES[:joined]:
            world.join(name, self._synced.folder / f"{name}.db", world.head)
        if joined:
            world.promises = dict(self._synced.promises)
        for number, name in enumerate(NAMES[joined:][:fresh]):
            world.join(name, self._empty, None)
            if number == 0:
                world.members[-1].act("star", "a1")
                world.members[-1].act("add", "b2")
        return world


def patch(monkeypatch):
    """Make the engine quick and its runs repeatable, and let it fold and collect all the time."""
    monkeypatch.setattr(sync.transfer, "ThreadPoolExecutor", Inline)
    monkeypatch.setattr(sync.commit, "time", SimpleNamespace(time=lambda: CLOCK.now))
    monkeypatch.setattr(sync.folding, "_MAX_DELTAS", 3)
    monkeypatch.setattr(sync.garbage, "EVERY", 2)
    monkeypatch.setattr(sync.garbage, "collect", partial(sync.garbage.collect, ages=Ages(at_least=KEPT)))


@pytest.fixture
def start(empty_catalog, monkeypatch):
    patch(monkeypatch)
    monkeypatch.setattr(hypothesis.internal.conjecture.engine, "MAX_SHRINKING_SECONDS", 60)  # not 300
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory, prefix="photolala-") as folder:
        yield Start(Path(folder), empty_catalog)


def test_devices_agree_and_lose_nothing_whatever_happens(start, capfd):
    print(f"PHOTOLALA_SEED={SEED}")
    how = settings(
        max_examples=EXAMPLES,
        stateful_step_count=25,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(hypothesis.seed(SEED)(lambda: Devices(start)), settings=how)
    if SOAK:
        with capfd.disabled():
            print(
                f"\nPHOTOLALA_SEED={SEED}", *sorted(f"{n:8} {what}" for what, n in COUNTS.items()), sep="\n"
            )
