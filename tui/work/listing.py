"""Finds the photos that the screen shall show, and reads their rows; all of it on worker threads."""

import os
from collections.abc import Callable, Iterable, Sequence

from catalog.photo_files.photo_names import is_photo_name
from catalog.protocol import CatalogError
from catalog.provider import Service
from catalog.reader import CatalogReader
from catalog.search.query import Query
from tui.messages import Listed
from tui.words.facts import plural
from tui.work.folders import count_folders
from tui.work.rows import PackedKeys, Row, file_row, is_folder, photo_row
from tui.work.served import ServedFolders


def row_reader(served: ServedFolders, reader: CatalogReader) -> Callable[[Query, Sequence[bytes]], list[Row]]:
    """Return the function that reads the rows of some photos of a query.

    Args:
        served: the photos of a folder.
        reader: all others.
    """

    def read(query: Query, keys: Sequence[bytes]) -> list[Row]:
        if query.folder is not None and is_folder(query):
            known = served.facts(query.folder, keys)
            return [file_row(query.folder, name, known.get(name)) for name in keys]
        return [photo_row(entry, query.folder) for entry in reader.rows([key.hex() for key in keys])]

    return read


def list_photos(query: Query, served: ServedFolders, reader: CatalogReader) -> Listed:
    """Find photos: the names of one folder's files as the disk has them, all others as the catalog has them.

    Args:
        query: which.
        served: the photos of folders.
        reader: of the catalog.
    """
    if query.folder is None or not is_folder(query):
        keys = PackedKeys(reader.md5s(query))
        return Listed(query, keys, len(keys))
    try:
        with os.scandir(query.folder) as entries:
            names = sorted(_photo_names(entry.name for entry in entries))
        folders = 0 if names else count_folders(query.folder)
    except OSError as error:
        return Listed(query, [], problem=error.strerror or str(error))
    serving = served.serving(query.folder)
    if not names:
        below = served.count_below(query.folder) if folders else 0
        return Listed(query, [], folders=folders, below=below, serving=serving)
    try:
        if serving.service is Service.CSV:
            served.facts(query.folder, names[:1])
    except CatalogError as error:
        return Listed(query, [], serving=serving, problem=str(error))
    return Listed(query, names, len(names), serving=serving)


def _photo_names(names: Iterable[bytes]) -> Iterable[bytes]:
    return (name for name in names if is_photo_name(name) and not name.startswith(b"."))


def heading(listed: Listed) -> str:
    """Return the list's heading: whose photos these are, where they are not the catalog's own."""
    serving = listed.serving
    if serving is None or not serving.has_catalog:
        return "Photos"
    if serving.service is Service.CSV:
        return "Photos of Photolala, I imports"
    return "Photos, I imports news" if serving.offer_import else "Photos"


def empty_text(listed: Listed) -> str:
    """Return what to say where there are no photos, with the key that comes next."""
    if listed.problem:
        return f"This folder cannot be read: {listed.problem}."
    if not listed.folders:
        return "No photos in this folder. Choose another at the left (1)."
    photos = f"{plural(listed.below, 'photo')} in " if listed.below else ""
    return f"No photos here. {photos}{plural(listed.folders, 'folder')} below: press 1, then l."
