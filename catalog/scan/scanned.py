"""What a scan reads from and writes to the store: files known, files seen, photos new, changed, renamed.

The statements are plain SQL, run many at a time: they are what a first scan spends its time on, and the ORM's
own take twice as long.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from catalog.changes import change_photo
from catalog.row import text_of_name
from catalog.scan.moves import Known
from catalog.scan.walk import Listing, Stat
from catalog.store import FILE, SqlCatalog, under
from catalog.tables import Library

if TYPE_CHECKING:
    from catalog.photo_files.metadata import PhotoFacts

LIBRARY = Library.__table__  # type: ignore[attr-defined]

_UNCHANGED = (  # a file that could not be read is never the same again
    "SELECT name, iif(md5 IS NULL, -1, size), mtime_ns, inode FROM file WHERE folder = ? AND NOT missing"
)
_KNOWN = "SELECT name, size, mtime_ns, inode, md5, error FROM file WHERE folder = ? AND NOT missing"
_FOLDERS = (  # from one to the next by the index: DISTINCT would look at each file
    "WITH RECURSIVE found(folder) AS (SELECT min(folder) FROM file WHERE folder = ?1 OR folder >= ?2"
    " UNION ALL SELECT (SELECT min(folder) FROM file WHERE folder > max(found.folder, ?2))"
    " FROM found WHERE found.folder < ?3)"
    " SELECT folder FROM found WHERE folder < ?3"
)
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


class Difference(NamedTuple):
    """In what a folder is not as the catalog knows it.

    Attributes:
        changed: files that are new or not what they were, each with what was known at its place.
        failed: (name, reason, what was known at its place) of files that cannot even be asked.
        gone: files that were known and are no more.
    """

    changed: list[tuple[bytes, Stat, Known | None]]
    failed: list[tuple[bytes, str, Known | None]]
    gone: list[Known]


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


def library_root(catalog: SqlCatalog, directory: bytes) -> bytes:
    """Return the library root that a directory belongs to; a directory in none becomes one itself.

    Args:
        catalog: the store.
        directory: an absolute raw path that is about to be scanned.
    """
    with catalog.engine.begin() as connection:
        roots = set(connection.scalars(select(LIBRARY.c.root)))
        if (outer := _root_of(directory, roots)) is not None:
            return outer
        inner = [root for root in roots if is_inside(root, directory)]
        connection.execute(delete(LIBRARY).where(LIBRARY.c.root.in_(inner)))
        connection.execute(insert(LIBRARY).values(root=directory))
        return directory


def _root_of(folder: bytes, roots: Iterable[bytes]) -> bytes | None:
    return next((root for root in roots if is_inside(folder, root)), None)


def is_inside(folder: bytes, outer: bytes) -> bool:
    """Tell whether a folder is another one, or lies anywhere below it; both raw paths."""
    return folder == outer or folder.startswith(outer.rstrip(b"/") + b"/")


def library_folder(folder: bytes, root: bytes) -> str:
    """Return a folder as the catalog tells it to other devices: text, relative to the library root."""
    return text_of_name(folder[len(root.rstrip(b"/")) :].strip(b"/"))


def differences(catalog: SqlCatalog, listings: Iterable[Listing]) -> Iterator[tuple[Listing, Difference]]:
    """Yield for each folder in what it is not as the last scan saw it.

    Args:
        catalog: the store.
        listings: folders that could be read.
    """
    with catalog.reading() as connection:
        cursor = connection.connection.cursor()
        for listing in listings:
            cursor.execute(_UNCHANGED, (listing.folder,))
            known = set(cursor.fetchall())
            if len(known) == len(listing.files) and known.issuperset(listing.files) and not listing.failed:
                yield listing, Difference([], [], [])
            else:
                changed = [file for file in listing.files if file not in known]
                yield listing, _difference(listing, changed, known_files(connection, listing.folder))


def _difference(
    listing: Listing, changed: Iterable[tuple[bytes, int, int, int]], known: dict[bytes, Known]
) -> Difference:
    gone = known.keys() - {file[0] for file in listing.files} - {name for name, _ in listing.failed}
    return Difference(
        [(name, Stat(*stat), known.get(name)) for name, *stat in changed],
        [(name, why, known.get(name)) for name, why in listing.failed],
        [known[name] for name in sorted(gone)],
    )


def known_files(connection: Connection, folder: bytes, name: bytes | None = None) -> dict[bytes, Known]:
    """Return by name what the last scan saw in one folder.

    Args:
        connection: of a reader.
        folder: raw path.
        name: only this file; None is all.
    """
    query, values = (_KNOWN, (folder,)) if name is None else (f"{_KNOWN} AND name = ?", (folder, name))
    return {
        name: Known(folder, name, Stat(size, mtime_ns, inode), md5, error)
        for name, size, mtime_ns, inode, md5, error in connection.exec_driver_sql(query, values)
    }


def count_files(catalog: SqlCatalog, root: bytes) -> int:
    """Return how many files are known to lie under a root."""
    query = select(func.count()).select_from(FILE).where(under(root), FILE.c.missing.is_(False))
    with catalog.reading() as connection:
        return connection.execute(query).scalar_one()


def count_photos(catalog: SqlCatalog, root: bytes, files: int | None = None) -> int:
    """Return how many different photos are known to lie under a root.

    Args:
        catalog: the store.
        root: raw path.
        files: how many files of known photos lie there, if that is known.
    """
    here = (under(root), FILE.c.missing.is_(False), FILE.c.md5.is_not(None))
    # ten times as fast as counting them as distinct: few photos have several files
    copied = select(FILE.c.md5).where(FILE.c.md5.is_not(None)).group_by(FILE.c.md5).having(func.count() > 1)
    each = (
        select(func.count().label("n")).where(*here, FILE.c.md5.in_(copied)).group_by(FILE.c.md5).subquery()
    )
    with catalog.reading() as connection:
        if files is None:
            files = connection.execute(select(func.count()).select_from(FILE).where(*here)).scalar_one()
        copies: int = connection.execute(select(func.coalesce(func.sum(each.c.n - 1), 0))).scalar_one()
    return files - copies


def folders_under(catalog: SqlCatalog, root: bytes) -> set[bytes]:
    """Return the folders under a root in which files are known to lie, or to have lain."""
    first = root.rstrip(b"/") + b"/"
    with catalog.reading() as connection:
        return {
            folder for (folder,) in connection.exec_driver_sql(_FOLDERS, (root, first, first[:-1] + b"0"))
        }


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
    with catalog.scanning() as connection:
        known = {row.md5: row for row in connection.exec_driver_sql(_PHOTOS, (json.dumps(list(read)),))}
        new = [file for md5, file in read.items() if md5 not in known]
        if new:
            photos = [(text_of_name(f.name), library_folder(f.folder, root), *_facts(f)) for f in new]
            connection.exec_driver_sql(_ADD_PHOTO, photos)
            connection.exec_driver_sql(_ADD_PENDING, [(photo[2],) for photo in photos])
        for md5, row in known.items():
            _complete(connection, row, read[md5])
        if files:
            places = [(f.folder, f.name, f.md5, *f.stat, f.error) for f in files]
            connection.exec_driver_sql(_SET_FILE, places)
    return len(new)


def _facts(file: ScannedFile) -> "PhotoFacts":
    assert file.facts is not None
    return file.facts


def _complete(connection: Connection, row: Any, file: ScannedFile) -> None:
    """Note what only the file tells of a photo that is known, perhaps first heard of from elsewhere.

    What other devices did not know either is told to them, if it follows from the content: every device
    finds the same. A photo that was deleted elsewhere and turns up here, where it did not lie, is back.
    """
    facts = _facts(file)
    local = (facts.date_source, facts.camera, facts.orientation, facts.latitude, facts.longitude, facts.error)
    connection.exec_driver_sql(_SET_LOCAL, (*local, facts.md5))
    found: dict[str, Any] = {"size": facts.size, "width": facts.width, "height": facts.height}
    if facts.date_source != "modified":
        found["photodate"] = facts.photodate
    changes = {name: found[name] for name in found if found[name] is not None and getattr(row, name) is None}
    if row.deleted and (file.before is None or file.before.md5 != facts.md5):
        changes["deleted"] = False
    if changes:
        change_photo(connection, facts.md5, **changes)


def leave_places(catalog: SqlCatalog, left: Sequence[Known]) -> None:
    """Note that photos are not any more where they were, in one transaction.

    A file that is gone is marked as missing. A photo that has lost its recorded place, and lies elsewhere,
    was renamed or moved: its name and folder follow, as a change to be synced. Its star never depended on
    them.

    Args:
        catalog: the store.
        left: files that are gone, or that are another photo now; at most a few hundred.
    """
    with catalog.engine.begin() as connection:
        connection.exec_driver_sql(_SET_MISSING, [(known.folder, known.name, *known.stat) for known in left])
        roots = set(connection.scalars(select(LIBRARY.c.root)))
        md5s = json.dumps([known.md5 for known in left if known.md5 is not None])
        recorded = {md5: place for md5, *place in connection.exec_driver_sql(_RECORDED, (md5s,))}
        astray = {
            known.md5: root
            for known in left
            if known.md5 is not None
            and (root := _root_of(known.folder, roots)) is not None
            and recorded[known.md5] == [text_of_name(known.name), library_folder(known.folder, root)]
        }
        _follow(connection, astray, roots)


def _follow(connection: Connection, astray: dict[str, bytes], roots: set[bytes]) -> None:
    """Give photos the name and folder of another place where they lie, in the same library if possible."""
    found: dict[str, tuple[bool, str, str]] = {}
    for md5, folder, name in connection.exec_driver_sql(_PLACES, (json.dumps(list(astray)),)):
        root = _root_of(folder, roots)
        if root is not None:
            place = (root != astray[md5], library_folder(folder, root), text_of_name(name))
            found[md5] = min(place, found.get(md5, place))
    for md5, (_, folder, filename) in found.items():
        change_photo(connection, md5, filename=filename, folder=folder)
