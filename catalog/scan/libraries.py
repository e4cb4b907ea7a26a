"""The libraries: the folders that were scanned. A photo's own folder is told from the root of its library.

That folder travels to other devices, and is where a restore puts the photo. So when a scan takes up a library
that lies further in, the photos of that one are told from the scan's root, as if it had been the first. A
star or a restore makes a library where there is none, and takes up no other: it has seen one file.
"""

import sqlite3
from collections.abc import Iterable

from catalog.changes import change_photos
from catalog.raw_path import is_inside
from catalog.row import text_of_name
from catalog.scan.known import folders_under
from catalog.spellings import composed
from catalog.store import SqlCatalog

_PART = 500  # photos in one transaction, so that a star need not wait

_ROOTS = "SELECT root FROM library"
_ADD_ROOT = "INSERT INTO library (root) VALUES (?)"
_DROP_ROOT = "DELETE FROM library WHERE root = ?"
_RECORDED_IN = (
    "SELECT photo.md5, name, filename FROM file JOIN photo ON photo.md5 = file.md5"
    " WHERE file.folder = ? AND photo.folder = ? AND deleted = 0"
)


def library_root(catalog: SqlCatalog, folder: bytes) -> bytes:
    """Return the root of the library that a folder lies in; a folder in none becomes one itself.

    Args:
        catalog: the store.
        folder: an absolute raw path.
    """
    with catalog.connections.reading() as connection:  # nearly always known, and a writer need not wait
        if (root := root_of(folder, roots_of(connection))) is not None:
            return root
    with catalog.connections.writing() as connection:
        return make_library(connection, folder)


def make_library(connection: sqlite3.Connection, folder: bytes) -> bytes:
    """Do the same as `library_root` inside a writer's transaction."""
    root = root_of(folder, roots_of(connection))
    if root is None:
        connection.execute(_ADD_ROOT, (folder,))
    return root or folder


def libraries_below(catalog: SqlCatalog, directory: bytes) -> set[bytes]:
    """Return the roots of the libraries that lie in a folder, and are not itself."""
    with catalog.connections.reading() as connection:
        return {root for root in roots_of(connection) if root != directory and is_inside(root, directory)}


def take_up(catalog: SqlCatalog, inner: bytes, root: bytes) -> None:
    """Have a library be a part of another one from now on; what a kill leaves undone, the next scan does.

    Args:
        catalog: the store.
        inner: its root.
        root: of the other one.
    """
    for folder in folders_under(catalog, inner):
        tell_anew(catalog, folder, library_folder(folder, inner), library_folder(folder, root))
    with catalog.connections.writing(found_again=True) as connection:
        drop_library(connection, inner)


def tell_anew(catalog: SqlCatalog, folder: bytes, before: str, after: str) -> None:
    """Tell the photos that lie in a folder from another root, as changes to be synced.

    Only those that are recorded where they lie here: others may have been first seen by another device.

    Args:
        catalog: the store.
        folder: raw path.
        before: the folder as it was told to other devices.
        after: the folder as it is to be told.
    """
    if before == after:
        return
    with catalog.connections.reading() as connection:
        there = connection.execute(_RECORDED_IN, (folder, before)).fetchall()
    md5s = [md5 for md5, name, filename in there if composed(text_of_name(name)) == composed(filename)]
    for begin in range(0, len(md5s), _PART):
        changes = {md5: {"folder": after} for md5 in md5s[begin : begin + _PART]}
        with catalog.connections.writing(found_again=True) as connection:
            change_photos(connection, changes)


def drop_library(connection: sqlite3.Connection, root: bytes) -> None:
    """Have a folder be no library any more, inside a writer's transaction."""
    connection.execute(_DROP_ROOT, (root,))


def roots_of(connection: sqlite3.Connection) -> set[bytes]:
    """Return the roots of all libraries."""
    return {root for (root,) in connection.execute(_ROOTS)}


def root_of(folder: bytes, roots: Iterable[bytes]) -> bytes | None:
    """Return the root of the library that a folder lies in, the innermost; None if it lies in none."""
    return max((root for root in roots if is_inside(folder, root)), key=len, default=None)


def library_folder(folder: bytes, root: bytes) -> str:
    """Return a folder as the catalog tells it to other devices: text, relative to the library root."""
    return text_of_name(folder[len(root.rstrip(b"/")) :].strip(b"/"))
