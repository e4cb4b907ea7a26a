"""Reads folders for the screen, on a worker thread: what lies in them, and what the catalog knows of it."""

import os
from itertools import islice

from catalog.photo_files.photo_names import is_photo_name
from catalog.protocol import CatalogError
from catalog.provider import Service
from tui.messages import FolderRead, SubfoldersRead
from tui.words.facts import plural
from tui.work.served import ServedFolders

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


def read_folder(folder: bytes, served: ServedFolders) -> FolderRead:
    """Find the photos of a folder.

    Args:
        folder: raw path.
        served: what is known of them.
    """
    try:
        names = sorted(n for n in os.listdir(folder) if is_photo_name(n) and not n.startswith(b"."))  # noqa: PTH208
        folders = 0 if names else _count_folders(folder)
    except OSError as error:
        return FolderRead(folder, [], {}, error.strerror or str(error))
    serving = served.serving(folder)
    if not names:
        below = served.count_below(folder) if folders else 0
        return FolderRead(folder, [], {}, None, folders, below, serving)
    try:
        return FolderRead(folder, names, served.facts(folder), None, serving=serving)
    except CatalogError as error:
        return FolderRead(folder, [], {}, str(error), serving=serving)


def _count_folders(folder: bytes) -> int:
    with os.scandir(folder) as entries:
        return sum(map(_is_shown_folder, entries))


def heading(folder: FolderRead) -> str:
    """Return the list's heading: whose photos these are, where they are not the catalog's own."""
    serving = folder.serving
    if serving is None or not serving.has_catalog:
        return "Photos"
    if serving.service is Service.CSV:
        return "Photos of Photolala, I imports"
    return "Photos, I imports news" if serving.offer_import else "Photos"


def empty_text(folder: FolderRead) -> str:
    """Return what to say where there are no photos, with the key that comes next."""
    if folder.problem:
        return f"This folder cannot be read: {folder.problem}."
    if not folder.folders:
        return "No photos in this folder. Choose another at the left (1)."
    photos = f"{plural(folder.below, 'photo')} in " if folder.below else ""
    return f"No photos here. {photos}{plural(folder.folders, 'folder')} below: press 1, then l."
