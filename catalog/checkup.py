"""Checks made one by one: what each has found, and what to do next. One that hangs holds nobody up.

Nothing is printed here: a command prints results as they come, a screen shows them.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from catalog.patience import Beat, Crew, no_answer

_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 0.3  # for a check that is cancelled, to put away what it has made


class Status(StrEnum):
    """How a check has ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Finding(NamedTuple):
    """What a check has found, and what to do next: a sentence each, `advice` empty if there is nothing to do.

    Both may hold text from outside (paths, servers' words), and are to be made showable by a screen.
    """

    status: Status
    found: str
    advice: str = ""


def ok(found: str, advice: str = "") -> Finding:
    """Return that all is well."""
    return Finding(Status.OK, found, advice)


def warning(found: str, advice: str) -> Finding:
    """Return that it works, but not as well as it should."""
    return Finding(Status.WARNING, found, advice)


def failed(found: str, advice: str) -> Finding:
    """Return that it does not work; `found` may be another's words, without a full stop."""
    return Finding(Status.FAILED, found if found.endswith(".") else f"{found}.", advice)


def skipped(found: str, advice: str = "") -> Finding:
    """Return that it could not be tried, or that nobody tells."""
    return Finding(Status.SKIPPED, found, advice)


class Result(NamedTuple):
    """A finding under the name of its check, and the seconds that it took."""

    name: str
    status: Status
    found: str
    advice: str
    seconds: float


@dataclass(frozen=True)
class Check:
    """One thing to look at.

    Attributes:
        name: short, for people and scripts.
        look: finds out; called on a thread of its own. What it raises is a failure, told by its text.
        needs: names of checks before it without whose success it makes no sense.
        patience: seconds after which it is left behind.
    """

    name: str
    look: Callable[[], Finding]
    needs: tuple[str, ...] = ()
    patience: float = 20.0


def run_checks(checks: Iterable[Check], cancel: threading.Event | None = None) -> Iterator[Result]:
    """Make checks, each when its result is asked for.

    Args:
        checks: in the order in which they are to be made.
        cancel: set by another thread, it ends them, within half a second.

    Yields:
        A result for each, also for those that were skipped; none more after a cancel.
    """
    cancel = cancel or threading.Event()
    without: set[str] = set()
    for check in checks:
        if cancel.is_set():
            return
        begun = time.monotonic()
        missing = next((need for need in check.needs if need in without), None)
        finding = skipped(f"Not tried without {missing}.") if missing else _finding(check, cancel)
        if finding is None:
            return
        if finding.status in (Status.FAILED, Status.SKIPPED):
            without.add(check.name)
        yield Result(check.name, *finding, time.monotonic() - begun)


def _finding(check: Check, cancel: threading.Event) -> Finding | None:
    """Make a check on a thread that can be left behind; None if it was cancelled."""

    def look(_: None, beat: Beat) -> Finding:
        del beat
        try:
            return check.look()
        except Exception as error:
            return failed(str(error) or type(error).__name__, "Try again; if it stays so, report it.")

    crew = Crew(look, size=1, patience=check.patience)
    try:
        crew.give([None])
        while not (done := crew.take(_LOOK_SECONDS)):
            if cancel.is_set():
                crew.take(_GRACE_SECONDS)
                return None
            if crew.stuck():
                return failed(
                    f"{no_answer(check.patience)}.",
                    "Check the disk, the mount or the network; try again.",
                )
    finally:
        crew.dismiss()
    return done[0]
