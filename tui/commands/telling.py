"""What commands without a screen share: exit statuses, JSON, and paths."""

import json
import os
from collections.abc import Sequence
from typing import Any

from catalog.protocol import CatalogError
from catalog.scan.patience import Beat, patiently

DONE, FAILED, USAGE, CONFLICTS, OUT_OF_REACH = range(5)
"""Exit statuses."""


def print_json(values: dict[str, Any]) -> None:
    """Print one JSON object on a line of stdout."""
    print(json.dumps(values))  # in ASCII: safe in every locale, and on a terminal


def raw_path(text: str) -> bytes:
    """Return an argument as an absolute raw path.

    Raises:
        CatalogError: it is empty, as a variable of a script that was not set.
    """
    if not text:
        raise CatalogError("An empty name is no path. Nothing was done.")
    return os.path.abspath(os.fsencode(text))  # noqa: PTH100


def answering_path(text: str) -> bytes:
    """Return an argument as an absolute raw path, once what lies there has answered.

    Raises:
        TimeoutError: it does not: a network mount whose server is gone.
    """
    path = raw_path(text)
    files_among([path])
    return path


def files_among(paths: Sequence[bytes]) -> set[bytes]:
    """Return which raw paths are those of files.

    Raises:
        TimeoutError: one does not answer: a network mount whose server is gone.
    """
    found: set[bytes] = set()
    asked: list[bytes] = []

    def ask(beat: Beat) -> None:
        for path in paths:
            asked.append(path)
            if os.path.isfile(path):  # noqa: PTH113 (a raw path)
                found.add(path)
            beat()

    try:
        patiently(ask)
    except TimeoutError as error:
        raise TimeoutError(error.errno, error.strerror, asked[-1]) from error
    return found
