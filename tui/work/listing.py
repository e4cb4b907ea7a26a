"""Finds the photos that the screen shall show, and reads their rows; all of it on worker threads."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from catalog.photo_files.photo_names import is_photo_name
from catalog.protocol import CatalogError
from catalog.provider import Service
from catalog.raw_path import is_inside
from catalog.reader import CatalogReader
from catalog.search.query import Md5s, Order, Query
from catalog.spellings import spellings
from tui.messages import Listed
from tui.words.facts import date_of, plural
from tui.words.queries import told_filters, told_order, without_filters
from tui.words.shown import shown
from tui.work.folders import count_folders
from tui.work.rows import PackedKeys, Row, file_row, is_folder, photo_row
from tui.work.served import ServedFolders

_FIRST = 200  # photos: more than a screen, fewer than a search notices


def row_reader(
    served: ServedFolders, reader: CatalogReader, root: Callable[[], bytes]
) -> Callable[[Query, Sequence[bytes]], list[Row]]:
    """Return the function that reads the rows of some photos of a query.

    Args:
        served: the photos of a folder.
        reader: all others.
        root: tells the raw path of the folder that is walked: a photo's file in it is there to be seen, one
            elsewhere may lie on a disk that is not.
    """

    def read(query: Query, keys: Sequence[bytes]) -> list[Row]:
        if query.folder is not None and is_folder(query):
            known = served.facts(query.folder, keys)
            return [file_row(query.folder, name, known.get(name)) for name in keys]
        folder = query.folder or root()
        return [photo_row(entry, folder) for entry in reader.rows([key.hex() for key in keys])]

    return read


def list_photos(query: Query, served: ServedFolders, reader: CatalogReader) -> Listed:
    """Find photos: the names of one folder's files as the disk has them, all others as the catalog has them.

    Args:
        query: which.
        served: the photos of folders.
        reader: of the catalog.
    """
    if query.folder is not None and is_folder(query):
        return _list_folder(query, query.folder, served, reader)
    asked = replace(query, folder=None) if query.only_remote else query
    keys = PackedKeys(reader.md5s(asked))
    total = reader.count(without_filters(asked)) if told_filters(query) else len(keys)
    return Listed(query, keys, total)


def list_first(query: Query, reader: CatalogReader) -> Listed:
    """Find the first photos of a search of the catalog: a screen has no more, and all may take seconds."""
    asked = replace(query, folder=None) if query.only_remote else query
    found = [entry.md5 for entry in reader.page(asked, limit=_FIRST).entries if entry.md5 is not None]
    return Listed(query, PackedKeys(Md5s(found)), len(found), more=len(found) == _FIRST)


def _list_folder(query: Query, folder: bytes, served: ServedFolders, reader: CatalogReader) -> Listed:
    try:
        with os.scandir(folder) as entries:
            names = sorted(_photo_names(entry.name for entry in entries))
        folders = 0 if names else count_folders(folder)
    except OSError as error:
        return Listed(query, [], problem=error.strerror or str(error))
    serving = served.serving(folder)
    if not names:
        below = served.count_below(folder) if folders else 0
        anywhere = 0 if below else reader.count(Query())
        return Listed(query, [], folders=folders, below=below, anywhere=anywhere, serving=serving)
    try:
        if serving.service is Service.CSV:
            served.facts(folder, names[:1])
    except CatalogError as error:
        return Listed(query, [], serving=serving, problem=str(error))
    return Listed(query, _chosen(query, names, reader), len(names), serving=serving)


def _photo_names(names: Iterable[bytes]) -> Iterable[bytes]:
    return (name for name in names if is_photo_name(name) and not name.startswith(b"."))


def _chosen(query: Query, names: list[bytes], reader: CatalogReader) -> list[bytes]:
    """Return those of a folder's files that pass, in order.

    Args:
        query: filters and order.
        names: of all its photo files, sorted. Those that no scan has seen pass no filter, and come last.
        reader: knows the others.
    """
    plain = replace(query, name="")
    if plain != without_filters(plain) or query.order is not Order.NAME:
        there, known = set(names), reader.names(query)
        found = [name for name in known if name in there]
        if plain == without_filters(plain):
            found += sorted(there.difference(known))
        names = found
    elif query.reverse:
        names = names[::-1]
    if not query.name:
        return names
    parts = [os.fsencode(text).lower() for text in spellings(query.name)]
    return [name for name in names if any(part in name.lower() for part in parts)]


def heading(listed: Listed, root: bytes, key_of: Callable[[str], str]) -> str:
    """Return the list's heading: whose photos these are, which of them, how many of how many, in which order.

    It may hold a name that is not made showable by markup: it is to be given to a widget as `Content`.

    Args:
        listed: what stands in the list.
        root: raw path of the folder that is walked; the tree does not show where another one is.
        key_of: returns the key in force of an action, by its id.
    """
    query, serving = listed.query, listed.serving
    parts = ["Photos"]
    if serving is not None and serving.has_catalog:
        if serving.service is Service.CSV:
            parts = [f"Photos of Photolala, {key_of('import')} imports"]
        elif serving.offer_import:
            parts = [f"Photos, {key_of('import')} imports news"]
    if query.folder is None:
        parts = [_part_of_timeline(query)]
    elif query.recursive:  # with filters it is short, so that their count has room in a narrow terminal
        parts = ["All below" if told_filters(query) else "Photos, with all below"]
    if query.folder is not None and not is_inside(query.folder, root):
        parts.append(shown(query.folder))
    if filters := told_filters(query):
        parts += [*filters, "…" if listed.more else f"{len(listed.keys):,} of {listed.total:,}"]
    elif listed.more:
        parts.append("…")
    return " · ".join([*parts, *filter(None, [told_order(query)])])


def _part_of_timeline(query: Query) -> str:
    if query.since is None or query.until is None:
        return "Photos without a date" if query.undated else "All photos"
    days = (query.until - query.since) / 86400
    return f"Photos of {date_of(query.since)[: 4 if days > 32 else 7 if days > 2 else 10]}"


def empty_text(listed: Listed, root: bytes, key_of: Callable[[str], str]) -> str:
    """Return what to say where there are no photos, with the key that comes next.

    Args:
        listed: what was found.
        root: raw path of the folder that is walked: there is none above it.
        key_of: returns the key in force of an action, by its id.
    """
    below, timeline = key_of("below"), key_of("timeline")
    if listed.problem:
        return (
            f"This folder cannot be read: {listed.problem}. {key_of('rescan')} tries again, "
            f"{key_of('folders')} goes to the others."
        )
    if told_filters(listed.query):
        cancel, filters = key_of("cancel"), key_of("filters")
        here = f" here: {below} looks below, too;" if is_folder(listed.query) else ":"
        return f"No photo matches{here} {cancel} takes the filter away, {filters} chooses another."
    if listed.query.folder is not None and listed.query.recursive:
        scan = key_of("rescan")
        return f"No photo here or below is known yet: {scan} scans, {below} lists this folder alone."
    if listed.query.folder is None:
        scan, sync = key_of("rescan"), key_of("sync")
        return f"No photo is known here yet: {scan} scans, {sync} syncs, {timeline} goes to the folders."
    elsewhere = (
        f" Or press {timeline}: the timeline has {plural(listed.anywhere, 'photo')}."
        if listed.anywhere
        else ""
    )
    if not listed.folders:
        if listed.query.folder == root:
            return f"No photos in this folder, and none below: `photolala DIR` opens another.{elsewhere}"
        return f"No photos in this folder. Choose another at the left ({key_of('folders')}).{elsewhere}"
    folders = f"{plural(listed.folders, 'folder')} below"
    if not listed.below:
        return f"No photos here. {folders}: press {key_of('folders')}, then {key_of('right')}.{elsewhere}"
    photos = plural(listed.below, "photo")
    return f"No photos here. {photos} in {folders}: press {below} to list all.{elsewhere}"
