"""The word for the state never promises more than is known."""

import itertools
import time
from datetime import datetime, timedelta

import pytest

from catalog.reader import Summary
from sync.events import SUCCESSES, Outcome
from tui.words.sync_state import GLYPHS, SyncState, clock, sync_state

REMOTE = "s3://bucket"
THEN = 1_700_000_000


@pytest.mark.parametrize(
    ("summary", "state"),
    [
        (Summary(), "pending"),
        (Summary(pending=3), "pending"),
        (Summary(last_success=THEN, last_outcome="committed"), "synced"),
        (Summary(last_success=THEN, last_outcome="pulled"), "synced"),
        (Summary(last_success=THEN, last_outcome="up-to-date"), "synced"),
        (Summary(last_success=THEN, last_outcome="committed", pending=1), "pending"),
        (Summary(last_success=THEN, last_outcome="committed", open_conflicts=1), "conflicts"),
        (Summary(last_success=THEN, last_outcome="offline"), "offline"),
        (Summary(last_success=THEN, last_outcome="offline", pending=1, open_conflicts=2), "offline"),
        (Summary(last_outcome="offline", last_error="no"), "offline"),
        (Summary(last_success=THEN, last_outcome="failed", last_error="no"), "error"),
        (Summary(last_success=THEN, last_outcome="refused", open_conflicts=1), "error"),
    ],
)
def test_each_summary_has_its_word(summary: Summary, state: str) -> None:
    assert sync_state(summary, REMOTE) == state


@pytest.mark.parametrize(
    "summary", [Summary(), Summary(last_success=THEN, last_outcome="committed", pending=2)]
)
def test_without_a_remote_nothing_else_is_said(summary: Summary) -> None:
    assert sync_state(summary, None) is SyncState.NOT_CONFIGURED


def test_synced_is_said_only_after_a_success_with_nothing_left() -> None:
    outcomes = [None, *(outcome.value for outcome in Outcome)]
    for pending, open_conflicts, last_success, outcome in itertools.product(
        (0, 1), (0, 1), (None, THEN), outcomes
    ):
        summary = Summary(
            pending=pending, open_conflicts=open_conflicts, last_success=last_success, last_outcome=outcome
        )
        if sync_state(summary, REMOTE) is SyncState.SYNCED:
            assert pending == open_conflicts == 0
            assert last_success is not None
            assert outcome in {*SUCCESSES, None}


def test_each_word_has_a_sign_of_its_own() -> None:
    assert set(GLYPHS) == set(SyncState)
    assert len(set(GLYPHS.values())) == len(GLYPHS)


def test_a_moment_today_is_told_by_the_clock_and_an_older_one_with_its_date() -> None:
    now = time.time()
    assert clock(int(now)) == datetime.fromtimestamp(now).strftime("%H:%M")  # noqa: DTZ006
    before = datetime.now() - timedelta(days=2)  # noqa: DTZ005
    assert clock(int(before.timestamp())) == before.strftime("%Y-%m-%d %H:%M")
