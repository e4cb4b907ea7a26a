"""What a scan writes to the store: files seen, photos new, changed, renamed.

The statements are plain SQL, run many at a time: they are what a first scan spends its time on, and the ORM's
own take twice as long.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from catalog.changes import change_photo
from catalog.row import text_of_name
from catalog.scan.known import Known
from catalog.scan.libraries import library_folder, root_of, roots_of
from catalog.scan.walk import Stat
from catalog.spellings import composed
from catalog.store import SqlCatalog

if TYPE_CHECKING:
    from catalog.photo_files.metadata import PhotoFacts

_TOGETHER = 500  # files

_PHOTOS = (
    "SELECT md5, deleted, size, width, height, photodate FROM photo"
    " WHERE md5 IN (SELECT value FROM json_each(?))"
)
_ADD_PHOTO = (
    "INSERT INTO photo (filename, folder, md5, size, modified, photodate, date_source, width, height,"
    " orientation, camera, latitude, longitude, error, applephotoid, starred, deleted, backup_status)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, 'none')"
)
_ADD_PENDING = "INSERT INTO pending (md5, revision) VALUES (?, 1)"
_SET_LOCAL = (
    "UPDATE photo SET date_source = ?, camera = ?, orientation = ?, latitude = ?, longitude = ?, error = ?"
    " WHERE md5 = ?"
)
_SET_FILE = (
    "INSERT INTO file (folder, name, md5, size, mtime_ns, inode, error, missing)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, 0)"
    " ON CONFLICT (folder, name) DO UPDATE SET md5 = excluded.md5, size = excluded.size,"
    " mtime_ns = excluded.mtime_ns, inode = excluded.inode, error = excluded.error, missing = 0"
)
_SET_MISSING = (  # unless another one was found there since
    "UPDATE file SET missing = 1"
    " WHERE folder = ? AND name = ? AND size = ? AND mtime_ns = ? AND inode = ? AND NOT missing"
)
_RECORDED = "SELECT md5, filename, folder FROM photo WHERE md5 IN (SELECT value FROM json_each(?))"
_PLACES = (
    "SELECT md5, folder, name FROM file WHERE NOT missing AND md5 IN (SELECT value FROM json_each(?))"
    " ORDER BY folder, name"
)


class _Recorded(NamedTuple):
    """A photo as it is recorded."""

    md5: str
    deleted: int
    size: int | None
    width: int | None
    height: int | None
    photodate: int | None


class _Place(NamedTuple):
    """Where a photo lies, as the catalog tells it to other devices."""

    filename: str
    folder: str


class _Astray(NamedTuple):
    """A photo that has left the place where it is recorded, which lay in this library."""

    root: bytes
    recorded: _Place


class ScannedFile(NamedTuple):
    """One file as a scan found it.

    Attributes:
        folder: raw path.
        name: raw.
        stat: as it was when it was read.
        md5: None if it could not be read.
        facts: None if it was not read: since it could not be, or since it is a known one that was moved.
        error: what is wrong with it, or why it could not be read.
        before: what was known at its place.
        moved_from: where it lay before.
    """

    folder: bytes
    name: bytes
    stat: Stat
    md5: str | None = None
    facts: "PhotoFacts | None" = None
    error: str | None = None
    before: Known | None = None
    moved_from: Known | None = None


def store_files(catalog: SqlCatalog, files: Sequence[ScannedFile], root: bytes) -> int:
    """Store what a scan has found, in one transaction.

    Args:
        catalog: the store.
        files: at most a few hundred, so that a star need not wait.
        root: of the library in which they lie.

    Returns:
        How many photos the catalog did not know before.
    """
    # of several files of one photo, the first gives it its name
    read = {file.facts.md5: file for file in reversed(files) if file.facts is not None}
    with catalog.connections.writing(found_again=True) as connection:
        rows = connection.execute(_PHOTOS, (json.dumps(list(read)),)).fetchall()
        known = {row.md5: row for row in map(_Recorded._make, rows)}
        new = [file for md5, file in read.items() if md5 not in known]
        if new:
            photos = [(text_of_name(f.name), library_folder(f.folder, root), *_facts(f)) for f in new]
            connection.executemany(_ADD_PHOTO, photos)
            connection.executemany(_ADD_PENDING, [(photo[2],) for photo in photos])
        for md5, row in known.items():
            _complete(connection, row, read[md5])
        places = [(f.folder, f.name, f.md5, *f.stat, f.error) for f in files]
        connection.executemany(_SET_FILE, places)
    return len(new)


def _facts(file: ScannedFile) -> "PhotoFacts":
    assert file.facts is not None
    return file.facts


def _complete(connection: sqlite3.Connection, row: _Recorded, file: ScannedFile) -> None:
    """Note what only the file tells of a photo that is known, perhaps first heard of from elsewhere.

    What other devices did not know either is told to them, if it follows from the content: every device
    finds the same. A photo that was deleted elsewhere and turns up here, where it did not lie, is back.
    """
    facts = _facts(file)
    local = (facts.date_source, facts.camera, facts.orientation, facts.latitude, facts.longitude, facts.error)
    connection.execute(_SET_LOCAL, (*local, facts.md5))
    found: dict[str, Any] = {"size": facts.size, "width": facts.width, "height": facts.height}
    if facts.date_source != "modified":
        found["photodate"] = facts.photodate
    changes = {name: found[name] for name in found if found[name] is not None and getattr(row, name) is None}
    if row.deleted and (file.before is None or file.before.md5 != facts.md5):
        changes["deleted"] = False
    if changes:
        change_photo(connection, facts.md5, **changes)


def left_together(left: Iterable[Known]) -> Iterator[list[Known]]:
    """Yield files that are gone in parts for `leave_places`, those of one photo in the same.

    In two transactions, the photo would be given the name of its second file, which is gone, too.
    """
    some: list[Known] = []
    for _, files in groupby(sorted(left, key=_photo_of), key=_photo_of):
        some += files
        if len(some) >= _TOGETHER:
            yield some
            some = []
    if some:
        yield some


def _photo_of(known: Known) -> str:
    return known.md5 or ""


def leave_places(catalog: SqlCatalog, left: Sequence[Known]) -> None:
    """Note that photos are not any more where they were, in one transaction.

    A file that is gone is marked as missing. A photo that has lost its recorded place, and lies elsewhere,
    was renamed or moved: its name and folder follow, as a change to be synced. Its star never depended on
    them.

    Args:
        catalog: the store.
        left: files that are gone, or that are another photo now; see `left_together`.
    """
    with catalog.connections.writing() as connection:
        connection.executemany(_SET_MISSING, [(known.folder, known.name, *known.stat) for known in left])
        roots = roots_of(connection)
        md5s = json.dumps([known.md5 for known in left if known.md5 is not None])
        recorded = {md5: _Place(*place) for md5, *place in connection.execute(_RECORDED, (md5s,))}
        astray = {
            known.md5: _Astray(root, recorded[known.md5])
            for known in left
            if known.md5 is not None
            and (root := root_of(known.folder, roots)) is not None
            and _is_recorded(recorded[known.md5], known, root)
        }
        _follow(connection, astray, roots)


def _is_recorded(place: _Place, known: Known, root: bytes) -> bool:
    """Tell whether a file lay where its photo is recorded, perhaps by a library that began further in."""
    folder, recorded = composed(library_folder(known.folder, root)), composed(place.folder)
    within = f"/{folder}".endswith(f"/{recorded}") or not recorded
    return within and composed(place.filename) == composed(text_of_name(known.name))


def _follow(connection: sqlite3.Connection, astray: dict[str, _Astray], roots: set[bytes]) -> None:
    """Give photos the name and folder of another place where they lie, in the same library if possible."""
    found: dict[str, list[tuple[bool, _Place]]] = {}
    for md5, folder, name in connection.execute(_PLACES, (json.dumps(list(astray)),)):
        root = root_of(folder, roots)
        if root is not None:
            place = _Place(text_of_name(name), library_folder(folder, root))
            found.setdefault(md5, []).append((root != astray[md5].root, place))
    for md5, places in found.items():
        if (False, astray[md5].recorded) not in places:  # it lies there, too
            _, place = min(places, key=lambda found: (found[0], found[1].folder, found[1].filename))
            change_photo(connection, md5, filename=place.filename, folder=place.folder)
