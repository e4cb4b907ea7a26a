"""Of each kind of work only the newest still matters, and none holds anybody up."""

import threading
from collections.abc import Callable

import pytest

from tui.work.background import Background

PATIENCE = 10


class Held:
    """Work that waits until it is let go, and then tells whether it had become stale."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.stale: bool | None = None

    def __call__(self, stale: Callable[[], bool]) -> None:
        self.begun.set()
        assert self.go.wait(PATIENCE)
        self.stale = stale()


def let_go(*all_held: tuple[Held, threading.Thread]) -> list[bool | None]:
    for held, thread in all_held:
        held.go.set()
        thread.join(PATIENCE)
    return [held.stale for held, _ in all_held]


def start(background: Background, kind: str) -> tuple[Held, threading.Thread]:
    held = Held()
    thread = background.run(kind, held)
    assert held.begun.wait(PATIENCE), "a thread of its own, at once"
    return held, thread


def test_of_a_kind_only_the_newest_is_not_stale() -> None:
    background = Background()
    first, second, third = (start(background, "folder") for _ in range(3))
    assert let_go(third, first, second) == [False, True, True]


def test_kinds_do_not_disturb_each_other() -> None:
    background = Background()
    assert let_go(start(background, "folder"), start(background, "scan")) == [False, False]


def test_cancelling_a_kind_makes_its_work_stale_but_not_what_comes_after() -> None:
    background = Background()
    before, other = start(background, "preview"), start(background, "scan")
    background.cancel("preview")
    assert let_go(before, other, start(background, "preview")) == [True, False, False]


def test_at_the_end_all_is_stale_and_stays_so() -> None:
    background = Background()
    before = start(background, "scan")
    background.end()
    assert let_go(before, start(background, "scan")) == [True, True]


def test_work_never_keeps_the_program_from_ending() -> None:
    held, thread = start(Background(), "scan")
    assert thread.daemon
    let_go((held, thread))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_work_that_fails_leaves_the_rest_alone() -> None:
    background = Background()

    def fail(_: Callable[[], bool]) -> None:
        raise RuntimeError("on purpose")

    background.run("scan", fail).join(PATIENCE)
    assert let_go(start(background, "scan")) == [False]


def test_one_may_wait_for_what_ends_soon_and_leaves_behind_what_does_not() -> None:
    background = Background()
    held, left = start(background, "sync"), start(background, "list")
    threading.Timer(0.05, held[0].go.set).start()
    background.wait(["sync", "backup"], PATIENCE)
    assert not held[1].is_alive()
    background.wait(["list"], 0.01)
    assert left[1].is_alive()
    let_go(left)
