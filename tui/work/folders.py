"""Reads folders for the tree, on a worker thread."""

import os
from itertools import islice

from tui.messages import SubfoldersRead

_PEEK = 500  # entries looked at to tell whether a folder holds folders; a larger one is given the doubt


def read_subfolders(folder: bytes) -> SubfoldersRead:
    """Find the folders in a folder. Links are not followed: they could lead round in circles.

    Args:
        folder: raw path.
    """
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if _is_shown_folder(entry))
    except OSError as error:
        return SubfoldersRead(folder, [], error.strerror or str(error))
    base = folder.rstrip(b"/") + b"/"
    return SubfoldersRead(folder, [(name, _holds_folders(base + name)) for name in names], None)


def _is_shown_folder(entry: os.DirEntry[bytes]) -> bool:
    return not entry.name.startswith(b".") and entry.is_dir(follow_symlinks=False)


def _holds_folders(folder: bytes) -> bool:
    try:
        with os.scandir(folder) as entries:
            peeked = 0
            for entry in islice(entries, _PEEK):
                if _is_shown_folder(entry):
                    return True
                peeked += 1
            return peeked == _PEEK
    except OSError:
        return True  # opening it will say why it cannot be read


def count_folders(folder: bytes) -> int:
    """Return how many folders a folder shows.

    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(folder) as entries:
        return sum(map(_is_shown_folder, entries))
