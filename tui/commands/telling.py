"""What commands without a screen share: exit statuses, JSON, and a line of progress."""

import json
import os
import sys
from typing import Any

from catalog.scan.patience import patiently
from tui.words.shown import shown

DONE, FAILED, USAGE, CONFLICTS, OUT_OF_REACH = range(5)
"""Exit statuses."""


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


def raw_path(text: str) -> bytes:
    """Return an argument as an absolute raw path."""
    return os.path.abspath(os.fsencode(text))  # noqa: PTH100


def answering_path(text: str) -> bytes:
    """Return an argument as an absolute raw path, once what lies there has answered.

    Raises:
        TimeoutError: it does not: a network mount whose server is gone.
    """
    path = raw_path(text)
    try:
        patiently(lambda _: os.path.lexists(path))  # noqa: PTH
    except TimeoutError as error:
        raise TimeoutError(error.errno, error.strerror, path) from error
    return path
