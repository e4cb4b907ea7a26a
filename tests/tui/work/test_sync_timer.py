"""The timer says when to sync, on a clock that tests turn."""

import pytest

from sync.events import Outcome
from tui.work.sync_timer import SyncTimer

EVERY = 300.0
FAILURES = [Outcome.OFFLINE, Outcome.FAILED]


class Clock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timer(clock: Clock) -> SyncTimer:
    """One whose waits are the longest that chance allows."""
    return SyncTimer(EVERY, clock=clock, chance=lambda: 1.0)


def sync(timer: SyncTimer, outcome: Outcome = Outcome.UP_TO_DATE) -> float | None:
    """Let a sync begin and end; returns the wait for the next one."""
    timer.begun()
    assert timer.wait is None
    timer.ended(outcome)
    return timer.wait


def test_nothing_is_due_before_anything_has_happened(timer: SyncTimer) -> None:
    assert timer.wait is None


def test_a_change_is_synced_after_three_quiet_seconds(timer: SyncTimer, clock: Clock) -> None:
    timer.changed()
    assert timer.wait == 3
    clock.now += 2
    assert timer.wait == 1
    timer.changed()
    assert timer.wait == 3
    clock.now += 9
    assert timer.wait == 0


def test_changes_without_end_do_not_put_it_off_for_ever(timer: SyncTimer, clock: Clock) -> None:
    for _ in range(15):
        timer.changed()
        clock.now += 2
    assert timer.wait == 0
    sync(timer)
    timer.changed()
    assert timer.wait == 3, "the patience begins anew"


@pytest.mark.parametrize("outcome", [Outcome.COMMITTED, Outcome.PULLED, Outcome.UP_TO_DATE])
def test_after_a_sync_that_went_well_the_next_is_regular_and_never_late(
    timer: SyncTimer, outcome: Outcome
) -> None:
    wait = sync(timer, outcome)
    assert wait is not None
    assert 0.9 * EVERY < wait < EVERY


def test_chance_spreads_devices_over_the_interval(clock: Clock) -> None:
    waits = [sync(SyncTimer(EVERY, clock=clock, chance=lambda c=c: c)) for c in (0.0, 0.5, 1.0)]
    assert waits == sorted(waits)
    assert len(set(waits)) == 3
    assert waits[0] == 0.8 * EVERY


@pytest.mark.parametrize("outcome", FAILURES)
def test_failures_are_tried_again_at_growing_distances(timer: SyncTimer, outcome: Outcome) -> None:
    waits = [sync(timer, outcome) for _ in range(2000)]
    assert waits[:7] == [9.5, 19, 38, 76, 152, 285, 285]
    assert set(waits[6:]) == {285}
    assert timer.failures == 2000
    sync(timer)
    assert timer.failures == 0
    assert sync(timer, outcome) == 9.5


def test_no_change_hastens_what_waits_for_the_network(timer: SyncTimer, clock: Clock) -> None:
    for _ in range(5):
        sync(timer, Outcome.OFFLINE)
    wait = timer.wait
    timer.changed()
    assert timer.wait == wait


def test_a_refused_sync_is_not_tried_again_before_a_person_has_made_it_go_well(timer: SyncTimer) -> None:
    assert sync(timer, Outcome.REFUSED) is None
    timer.changed()
    assert timer.wait is None
    assert sync(timer, Outcome.REFUSED) is None  # by the key
    assert sync(timer) is not None
    timer.changed()
    assert timer.wait == 3


def test_a_refusal_once_out_of_reach_is_retried_after_the_network_is_back(timer: SyncTimer) -> None:
    sync(timer, Outcome.REFUSED)
    assert sync(timer, Outcome.OFFLINE) == 19  # the second failure in a row


def test_what_changes_during_a_sync_belongs_to_the_next_one(timer: SyncTimer, clock: Clock) -> None:
    timer.begun()
    timer.changed()
    assert timer.wait is None, "one at a time"
    timer.ended(Outcome.COMMITTED)
    assert timer.wait == 3
    assert sync(timer) == 285


def test_a_sync_by_hand_is_as_good_as_an_automatic_one(timer: SyncTimer, clock: Clock) -> None:
    timer.changed()
    clock.now += 1
    assert sync(timer) == 285


@pytest.mark.parametrize("failed", [0, 3])
def test_a_sync_cancelled_or_passed_over_waits_for_its_next_turn(timer: SyncTimer, failed: int) -> None:
    for _ in range(failed):
        sync(timer, Outcome.OFFLINE)
    timer.begun()
    timer.passed_over()
    assert timer.wait == 285
    assert timer.failures == failed


def test_after_a_refusal_a_cancelled_try_changes_nothing(timer: SyncTimer) -> None:
    sync(timer, Outcome.REFUSED)
    timer.begun()
    timer.passed_over()
    timer.changed()
    assert timer.wait is None


def test_without_an_interval_only_changes_and_failures_lead_to_a_sync(clock: Clock) -> None:
    timer = SyncTimer(0, clock=clock, chance=lambda: 1.0)
    assert sync(timer) is None
    timer.changed()
    assert timer.wait == 3
    assert sync(timer, Outcome.OFFLINE) == 9.5
    timer.begun()
    timer.passed_over()
    assert timer.wait == 285, "what is pending is not forgotten"


def test_the_clock_and_the_chance_of_every_day_are_there() -> None:
    timer = SyncTimer(EVERY)
    wait = sync(timer)
    assert wait is not None
    assert 0.7 * EVERY < wait < EVERY
