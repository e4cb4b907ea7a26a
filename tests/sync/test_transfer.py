"""Transfers go side by side, and no more of them are in memory than are under way."""

import threading

import pytest

from sync.transfer import AT_ONCE, CancelledError, Pause, in_parallel


def no_pause(cancel=None):
    return Pause(cancel or threading.Event(), 0.001)


def test_a_task_is_taken_when_another_has_ended_and_results_come_in_order():
    together, ended, taken = threading.Barrier(AT_ONCE), [], 0
    at_most = []

    def task(number):
        together.wait()  # so many go side by side, or this waits for ever
        ended.append(number)
        return number

    def tasks():
        nonlocal taken
        for number in range(8 * AT_ONCE):
            at_most.append(taken - len(ended))
            taken += 1
            yield lambda number=number: task(number)

    assert list(in_parallel(tasks(), lambda _: None, no_pause())) == list(range(8 * AT_ONCE))
    assert max(at_most) < AT_ONCE


def test_after_a_failure_nothing_more_is_begun():
    begun = []

    def task(number):
        begun.append(number)
        raise RuntimeError(number)

    tasks = (lambda number=number: task(number) for number in range(8 * AT_ONCE))
    with pytest.raises(RuntimeError, match="0"):
        list(in_parallel(tasks, lambda _: None, no_pause()))
    assert max(begun) < AT_ONCE


def test_after_a_cancel_nothing_more_is_begun():
    cancel, begun = threading.Event(), []

    def task(number):
        begun.append(number)
        cancel.set()

    tasks = (lambda number=number: task(number) for number in range(8 * AT_ONCE))
    with pytest.raises(CancelledError):
        list(in_parallel(tasks, lambda _: None, no_pause(cancel)))
    assert max(begun) < AT_ONCE
