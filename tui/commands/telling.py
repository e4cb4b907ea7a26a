"""What commands without a screen share: exit statuses, JSON, and paths."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from textwrap import fill
from typing import Any, TextIO

from catalog.patience import Beat, patiently
from catalog.protocol import CatalogError
from catalog.real_path import RealPaths, real_folder_soon
from catalog.row import text_of_name
from tui.words.shown import shown

DONE, FAILED, USAGE, CONFLICTS, OUT_OF_REACH = range(5)
"""Exit statuses."""


def say(text: str, *, stream: TextIO | None = None) -> None:
    """Print sentences: on a terminal, no line ends within a word.

    Args:
        text: made showable.
        stream: where to; stdout if None.
    """
    stream = stream or sys.stdout
    if stream.isatty():
        width = shutil.get_terminal_size().columns - 1
        text = fill(text, max(width, 30), break_long_words=False, break_on_hyphens=False)
    print(text, file=stream)


def complain(text: str) -> None:
    """Say on stderr what went wrong, in a sentence that may be hostile."""
    say(f"photolala: {shown(text)}", stream=sys.stderr)


def print_json(values: dict[str, Any]) -> None:
    """Print one JSON object on a line of stdout."""
    print(json.dumps(values))  # in ASCII: safe in every locale, and on a terminal


def raw_path(text: str) -> bytes:
    """Return an argument as an absolute raw path, without a look at the disk.

    Raises:
        CatalogError: it is empty, as a variable of a script that was not set; or it begins in the folder
            that the shell is in, and that is gone.
    """
    if not text:
        raise CatalogError("An empty name is no path. Nothing was done.")
    try:
        return os.path.abspath(os.fsencode(text))  # noqa: PTH100
    except FileNotFoundError as error:
        raise CatalogError(
            f"{text_of_name(os.fsencode(text))} cannot be found: the folder that you are in was removed. "
            "Change to another one. Nothing was done."
        ) from error


def answering_path(text: str) -> bytes:
    """Return an argument as the real path of a folder, once what lies there has answered.

    Raises:
        CatalogError: as for `raw_path`.
        TimeoutError: it does not answer: a network mount whose server is gone.
    """
    ((path, _),) = _asked([text], RealPaths().folder)
    return path


def known_path(text: str) -> bytes:
    """Return an argument as the real path of a folder; of one that does not answer, as it is written.

    Raises:
        CatalogError: as for `raw_path`.
    """
    written = raw_path(text)
    return real_folder_soon(os.fsencode(text)) or written


def files_among(texts: Sequence[str]) -> list[tuple[bytes, bool]]:
    """Return for each argument its path in its real folder, and whether that is a file's.

    Raises:
        CatalogError: as for `raw_path`.
        TimeoutError: one does not answer: a network mount whose server is gone.
    """
    return _asked(texts, RealPaths().file)


def _asked(texts: Sequence[str], real: Callable[[bytes], bytes]) -> list[tuple[bytes, bool]]:
    named = [raw_path(text) for text in texts]
    found: list[tuple[bytes, bool]] = []

    def ask(beat: Beat) -> None:
        for text in texts:
            path = real(os.fsencode(text))
            found.append((path, os.path.isfile(path)))  # noqa: PTH113 (a raw path)
            beat()

    try:
        patiently(ask)
    except TimeoutError as error:
        raise TimeoutError(error.errno, error.strerror, named[len(found)]) from error
    return found
