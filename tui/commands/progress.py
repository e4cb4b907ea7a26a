"""How far a command has come: a bar on a terminal, a line now and then in a log, nothing if nobody looks."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from tui.words.facts import size_of
from tui.words.shown import shown

if TYPE_CHECKING:
    from rich.progress import Progress

_EACH = 10.0  # seconds between two lines of one step


class Step(NamedTuple):
    """How far a command has come.

    Attributes:
        what: it does: "uploading".
        done: photos, files or rows.
        total: of them; 0 if unknown.
        bytes_done: of what is read or sent.
        bytes_total: if known, the bar is about bytes; 0 if unknown.
        name: of what it works on; it may be hostile.
    """

    what: str
    done: int = 0
    total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    name: str = ""

    @property
    def counts(self) -> str:
        """What is done, of how much: "3 of 12, 40.2 MB of 1.2 GB"."""
        of = f"{self.done:,} of {self.total:,}" if self.total else f"{self.done:,}" if self.done else ""
        sizes = size_of(self.bytes_done) if self.bytes_done or self.bytes_total else ""
        all_of = f" of {size_of(self.bytes_total)}" if self.bytes_total else ""
        return ", ".join(filter(None, [of, sizes + all_of]))


Tell = Callable[[Step], None]


@contextmanager
def progress(options: argparse.Namespace) -> Iterator[Tell]:
    """Give a function that tells each step on stderr, to whoever looks there."""
    if options.quiet or (options.json and not options.verbose):
        yield _nobody
    elif sys.stderr.isatty():
        with _Bar() as tell:
            yield tell
    elif options.verbose:
        yield _Lines().tell
    else:
        yield _nobody


def _nobody(_: Step) -> None:
    pass


class _Lines:
    """Lines with the time, for a log."""

    def __init__(self) -> None:
        self._what, self._told = "", 0.0

    def tell(self, step: Step) -> None:
        """Write a line if it is another step, or if the last line is old."""
        if step.what == self._what and time.monotonic() - self._told < _EACH:
            return
        self._what, self._told = step.what, time.monotonic()
        text = ", ".join(filter(None, [step.what, step.counts, step.name]))
        print(f"{time.strftime('%H:%M:%S')} {shown(text)}", file=sys.stderr, flush=True)


class _Bar:
    """One line at the foot of a terminal, which is gone at the end."""

    def __init__(self) -> None:
        self._bar: Progress | None = None  # rich is loaded with the first step: an idle sync needs none
        self._kind = ("", False)

    def __enter__(self) -> Tell:
        return self._tell

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _tell(self, step: Step) -> None:
        if self._bar is None:
            self._bar = _columns()
            self._bar.start()
        kind = (step.what, step.bytes_total > 0)
        if kind != self._kind:  # the speed of one step says nothing of another
            self._kind = kind
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(step.what, total=None, counts="")
        done, total = (step.bytes_done, step.bytes_total) if kind[1] else (step.done, step.total)
        told = shown(", ".join(filter(None, [step.what, step.name])))
        task = self._bar.task_ids[0]
        self._bar.update(task, description=told, completed=done, total=total or None, counts=step.counts)
        if kind[1] and (speed := self._bar.tasks[0].speed):
            self._bar.update(task, counts=f"{step.counts}, {size_of(int(speed))}/s")


def _columns() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    # a terminal shows ^C on the line of the bar only if there is room: otherwise the bar would stay behind
    width = os.get_terminal_size(sys.stderr.fileno()).columns - len("^C")
    return Progress(
        TextColumn(
            "{task.description}",
            markup=False,
            table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
        ),
        BarColumn(bar_width=16),
        TextColumn("{task.fields[counts]}", markup=False, table_column=Column(no_wrap=True)),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True, highlight=False, width=width),
        transient=True,
        expand=True,
        redirect_stdout=False,  # what is piped away stays piped away
        redirect_stderr=False,
    )
