"""What commands without a screen share: exit statuses, JSON, a line of progress, and a kind Ctrl-C."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tui.words.shown import shown

DONE, FAILED, USAGE, CONFLICTS, OUT_OF_REACH = range(5)
"""Exit statuses."""


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Let the first Ctrl-C end the work where nothing is lost, and a second one at once."""
    stopped = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(*_: object) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def print_json(values: dict[str, Any]) -> None:
    """Print one JSON object on a line of stdout."""
    print(json.dumps(values))  # in ASCII: safe in every locale, and on a terminal


class Ticker:
    """Progress on one line of a terminal's stderr; nothing where stderr is no terminal."""

    def __init__(self, *, quiet: bool) -> None:
        """Look whether there is anybody to tell.

        Args:
            quiet: tell nothing at all.
        """
        self._on = not quiet and sys.stderr.isatty()
        self._told = ""

    def tell(self, text: str) -> None:
        """Show a text in place of the one before."""
        if self._on and text != self._told:
            self._told = text
            print(f"\r\x1b[K{shown(text)}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the line away."""
        if self._told:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
