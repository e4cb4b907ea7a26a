"""The pool makes what is still wanted, the most urgent first, and keeps it in bounded memory."""

import threading
from collections.abc import Callable

import pytest

from tests.conftest import wait_until
from tui.pictures.characters import HalfBlocks
from tui.pictures.loader import Loader
from tui.pictures.wanted import Drawn, Loaded, Source, Want


def want(number: int, *, here: bool = True) -> Want:
    return Want(Source(b"/%d" % number if here else None, f"{number:032x}"), 10, 5, HalfBlocks())


class Studio:
    """Makes pictures when it is let, and notes which."""

    def __init__(self, answer: Callable[[Want], Loaded] = lambda _: Loaded(Drawn([], cost=1000))) -> None:
        self.made: list[Want] = []
        self.open = threading.Event()
        self.answer = answer
        self.told: list[tuple[Want, Loaded]] = []

    def load(self, wanted: Want) -> Loaded:
        self.made.append(wanted)
        assert self.open.wait(20)
        return self.answer(wanted)

    def tell(self, wanted: Want, loaded: Loaded) -> None:
        self.told.append((wanted, loaded))

    @property
    def names(self) -> list[Want]:
        return [wanted for wanted, _ in self.told]


@pytest.fixture
def studio() -> Studio:
    return Studio()


def test_what_is_passed_by_is_never_made_and_the_newest_is_made_first(studio: Studio) -> None:
    loader = Loader(studio.load)
    loader.want("grid", [want(number) for number in range(10)], studio.tell)
    wait_until(lambda: len(studio.made) == 2)  # as many as there are threads
    loader.want("preview", [want(50), want(51)], studio.tell)
    loader.want("grid", [want(20), want(21)], studio.tell)  # scrolled on
    loader.want("preview", [want(60)], studio.tell)
    studio.open.set()
    wait_until(lambda: len(studio.told) == 3)
    assert studio.made[:2] == [want(0), want(1)]
    assert studio.made[2] == want(60)  # who has asked last is served first
    assert set(studio.made[3:]) == {want(20), want(21)}
    assert set(studio.names) == {want(60), want(20), want(21)}  # nobody hears of what is not wanted any more
    assert loader.found(want(0)) is not None  # but what was made is not lost
    loader.end()


def test_who_wants_nothing_any_more_gets_nothing_more_made(studio: Studio) -> None:
    loader = Loader(studio.load)
    loader.want("grid", [want(number) for number in range(10)], studio.tell)
    wait_until(lambda: len(studio.made) == 2)
    loader.want("grid", [], studio.tell)
    studio.open.set()
    loader.want("preview", [want(50)], studio.tell)
    wait_until(lambda: studio.names == [want(50)])
    assert len(studio.made) == 3
    loader.end()


def test_two_who_want_the_same_are_told_of_one_picture(studio: Studio) -> None:
    loader, other = Loader(studio.load), Studio()
    loader.want("grid", [want(1)], studio.tell)
    wait_until(lambda: studio.made)
    loader.want("preview", [want(1)], other.tell)
    studio.open.set()
    wait_until(lambda: studio.told and other.told)
    assert studio.made == [want(1)]
    loader.end()


def test_memory_is_bounded_by_the_longest_unused(studio: Studio) -> None:
    studio.open.set()
    loader = Loader(studio.load, most_bytes=10_000)  # five of them
    for number in range(5):
        loader.want("grid", [want(number)], studio.tell)
        wait_until(lambda number=number: len(studio.told) == number + 1)
    assert loader.found(want(0)) is not None
    loader.want("grid", [want(9)], studio.tell)
    wait_until(lambda: len(studio.told) == 6)
    assert loader.found(want(1)) is None
    assert loader.found(want(0)) is not None
    loader.end()


def test_what_is_wanted_stays_in_memory_however_much_it_is_and_goes_once_nobody_wants_it(
    studio: Studio,
) -> None:
    studio.open.set()
    loader = Loader(studio.load, most_bytes=3_000)  # one of them
    shown = [want(number) for number in range(5)]
    loader.want("view", shown, studio.tell)
    wait_until(lambda: len(studio.told) == 5)
    assert all(loader.found(one) is not None for one in shown)
    loader.want("view", [want(9)], studio.tell)
    wait_until(lambda: len(studio.told) == 6)
    assert [loader.found(one) for one in shown] == [None] * 5
    assert loader.found(want(9)) is not None
    loader.end()


def test_more_than_fits_into_memory_is_made_once_all_the_same(studio: Studio) -> None:
    studio.open.set()
    loader = Loader(studio.load, most_bytes=3_000)
    loader.want("grid", [want(number) for number in range(20)], studio.tell)
    loader.want("end", [want(99, here=False)], studio.tell)
    wait_until(lambda: len(studio.told) == 21)
    assert len(studio.made) == 21
    loader.end()


def test_a_slow_remote_does_not_hold_up_what_is_here() -> None:
    studio = Studio()
    remote = threading.Event()

    def load(wanted: Want) -> Loaded:
        if wanted.source.path is None:
            assert remote.wait(20)
        return Loaded(problem="x")

    loader = Loader(load)
    loader.want("grid", [*(want(n, here=False) for n in range(9)), want(1)], studio.tell)
    wait_until(lambda: studio.names == [want(1)])
    remote.set()
    wait_until(lambda: len(studio.told) == 10)
    loader.end()


def test_a_failure_that_may_pass_is_told_once_and_tried_again_when_wanted_again() -> None:
    studio = Studio(lambda _: Loaded(problem="offline", passing=True))
    studio.open.set()
    loader = Loader(studio.load)
    for times in (1, 2):
        loader.want("preview", [want(1, here=False)], studio.tell)
        wait_until(lambda times=times: len(studio.told) == times)
        assert loader.found(want(1, here=False)) is None
    assert len(studio.made) == 2
    loader.end()


def test_a_fault_in_making_one_does_not_end_the_pool() -> None:
    def load(wanted: Want) -> Loaded:
        if wanted == want(1):
            raise RuntimeError("boom")
        return Loaded(Drawn([]))

    studio, loader = Studio(), Loader(load)
    loader.want("grid", [want(n) for n in range(5)], studio.tell)
    wait_until(lambda: len(studio.told) == 5)
    assert dict(studio.told)[want(1)].problem == "the picture cannot be made: RuntimeError: boom"
    loader.end()


def test_the_end_ends_its_threads(studio: Studio) -> None:
    loader = Loader(studio.load)
    loader.want("grid", [want(n) for n in range(5)], studio.tell)
    wait_until(lambda: len(studio.made) == 2)
    threads = list(loader._threads)
    assert all(thread.is_alive() for thread in threads)
    loader.end()
    studio.open.set()
    wait_until(lambda: not any(thread.is_alive() for thread in threads))
    assert len(studio.made) == 2
    assert not studio.told
