"""Calls that never come back, made by tests that can wait: what hangs here hangs until the test lets it go."""

import threading

import pytest

from catalog.patience import Crew, patiently
from tests.conftest import wait_until

PATIENCE = 0.2


@pytest.fixture
def go():
    event = threading.Event()
    yield event
    event.set()


def collect(crew, number):
    done, stuck = [], []

    def told():
        done.extend(crew.take(0.05))
        stuck.extend(crew.stuck())
        return len(done) + len(stuck) == number

    wait_until(told)
    return sorted(done), stuck


def test_what_is_given_is_done():
    crew = Crew(lambda item, _: item * 2, size=2)
    crew.give(range(5))
    crew.give([5, 6])
    assert collect(crew, 7) == ([0, 2, 4, 6, 8, 10, 12], [])
    crew.dismiss()


def test_what_hangs_is_left_behind_and_the_rest_is_done(go):
    def work(item, _):
        return go.wait() and -1 if item in (2, 5) else item

    crew = Crew(work, size=1, patience=PATIENCE)
    crew.give(range(7))
    assert collect(crew, 7) == ([0, 1, 3, 4, 6], [2, 5])
    assert crew.still_stuck() == 2
    go.set()
    wait_until(lambda: crew.still_stuck() == 0)
    assert crew.take(0.05) == []
    crew.dismiss()


def test_what_moves_is_not_stuck_however_long_it_takes(go):
    moving = threading.Event()

    def work(item, beat):
        while not go.wait(PATIENCE / 10):
            beat()
            moving.set()
        return item

    crew = Crew(work, size=1, patience=PATIENCE)
    crew.give([1])
    for _ in range(10):
        assert crew.take(PATIENCE / 5) == []
        assert crew.stuck() == []
    assert moving.is_set()
    go.set()
    assert collect(crew, 1) == ([1], [])
    crew.dismiss()


def test_threads_that_have_nothing_to_do_are_not_stuck():
    crew = Crew(lambda item, _: item, size=2, patience=0)
    crew.take(0.05)
    assert crew.stuck() == []
    crew.give([1])
    assert crew.take(10) == [1]
    crew.dismiss()


def test_who_is_dismissed_is_told_by_the_beat():
    begun, told = threading.Event(), threading.Event()

    def work(_, beat):
        begun.set()
        while not beat():
            pass
        told.set()

    crew = Crew(work, size=1)
    crew.give([1, 2])
    assert begun.wait(10)
    crew.dismiss()
    assert told.wait(10)


def test_one_call_gives_its_result_or_its_error():
    assert patiently(lambda _: 7) == 7
    assert patiently(lambda _: None) is None
    with pytest.raises(ZeroDivisionError):
        patiently(lambda _: 1 / 0)


def test_one_call_that_hangs_is_an_error_in_time(go):
    with pytest.raises(TimeoutError, match=r"No answer for 0\.2 s") as late:
        patiently(lambda _: go.wait(), patience=PATIENCE)
    assert late.value.strerror == "No answer for 0.2 s"
