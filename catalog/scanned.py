"""What a scan reads from and writes to the store: files known, files seen, files gone, photos renamed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from catalog.changes import PHOTO, add_photos, change_photo
from catalog.row import text_of_name
from catalog.store import FILE, SqlCatalog, under
from catalog.tables import Library

if TYPE_CHECKING:
    from catalog.metadata import PhotoFacts


LIBRARY = Library.__table__  # type: ignore[attr-defined]


class Stat(NamedTuple):
    """What tells, without reading a file, that it has not changed."""

    size: int
    mtime_ns: int
    inode: int


class ScannedFile(NamedTuple):
    """One file as a scan found it: with facts, or with the reason why there are none."""

    folder: bytes
    name: bytes
    stat: Stat
    library_folder: str
    facts: "PhotoFacts | None"
    error: str | None


def library_root(catalog: SqlCatalog, directory: bytes) -> bytes:
    """Return the library root that a directory belongs to; a directory in none becomes one itself.

    Args:
        catalog: the store.
        directory: an absolute raw path that is about to be scanned.
    """
    with catalog.engine.begin() as connection:
        roots = set(connection.scalars(select(LIBRARY.c.root)))
        parts = directory.split(b"/")
        for end in range(1, len(parts) + 1):
            outer = b"/".join(parts[:end]) or b"/"
            if outer in roots:
                return outer
        inner = [root for root in roots if root.startswith(directory.rstrip(b"/") + b"/")]
        connection.execute(delete(LIBRARY).where(LIBRARY.c.root.in_(inner)))
        connection.execute(insert(LIBRARY).values(root=directory))
        return directory


def known_files(catalog: SqlCatalog, folder: bytes) -> dict[bytes, tuple[Stat, str | None]]:
    """Return what the last scan saw in one folder: name -> (stat, md5; None if it could not be read)."""
    query = select(FILE.c.name, FILE.c.size, FILE.c.mtime_ns, FILE.c.inode, FILE.c.md5).where(
        FILE.c.folder == folder, FILE.c.missing.is_(False)
    )
    with catalog.reading() as connection:
        return {
            name: (Stat(size, mtime_ns, inode), md5)
            for name, size, mtime_ns, inode, md5 in connection.execute(query)
        }


def count_files(catalog: SqlCatalog, root: bytes) -> int:
    """Return how many files are known to lie under a root."""
    query = select(func.count()).select_from(FILE).where(under(root), FILE.c.missing.is_(False))
    with catalog.reading() as connection:
        return connection.execute(query).scalar_one()


def store_files(catalog: SqlCatalog, files: Sequence[ScannedFile]) -> int:
    """Store what a scan has read, in one transaction.

    Args:
        catalog: the store.
        files: at most a few hundred, so that a star need not wait.

    Returns:
        How many photos the catalog did not know before.
    """
    with catalog.engine.begin() as connection:
        new = _store_photos(connection, files)
        _store_places(connection, files)
    return new


def _store_photos(connection: Connection, files: Sequence[ScannedFile]) -> int:
    # of several files of one photo, the first gives it its name
    read = {file.facts.md5: file for file in reversed(files) if file.facts is not None}
    known = set(connection.scalars(select(PHOTO.c.md5).where(PHOTO.c.md5.in_(list(read)))))
    add_photos(connection, (_photo(file) for md5, file in read.items() if md5 not in known))
    if known:
        # a photo first heard of from elsewhere: what only its file tells is known from now on
        local = ("date_source", "camera", "orientation", "latitude", "longitude", "error")
        connection.execute(
            update(PHOTO)
            .where(PHOTO.c.md5 == bindparam("seen"))
            .values({name: bindparam(f"new_{name}") for name in local}),
            [
                {"seen": md5, **{f"new_{name}": getattr(read[md5].facts, name) for name in local}}
                for md5 in known
            ],
        )
    return len(read) - len(known)


def _photo(file: ScannedFile) -> dict[str, Any]:
    assert file.facts is not None
    return {"filename": text_of_name(file.name), "folder": file.library_folder, **file.facts._asdict()}


def _store_places(connection: Connection, files: Sequence[ScannedFile]) -> None:
    if not files:
        return
    statement = insert(FILE)
    changing = ("md5", "size", "mtime_ns", "inode", "error", "missing")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["folder", "name"], set_={name: statement.excluded[name] for name in changing}
        ),
        [
            {
                "folder": file.folder,
                "name": file.name,
                "md5": file.facts.md5 if file.facts else None,
                **file.stat._asdict(),
                "error": file.error,
                "missing": False,
            }
            for file in files
        ],
    )


def mark_missing(catalog: SqlCatalog, gone: Mapping[bytes, Iterable[bytes]], root: bytes) -> int:
    """Note that files are gone, and let a photo follow a rename that this device has seen.

    A photo whose recorded place was among them, and which lies elsewhere under the root now, was renamed
    or moved: its name and folder follow, as a change to be synced. Its star never depended on them.

    Args:
        catalog: the store.
        gone: folder -> names that were known there and are no more.
        root: the library root that was scanned, in whole.

    Returns:
        How many files are marked.
    """
    marked = 0
    with catalog.engine.begin() as connection:
        for folder, names in gone.items():
            for name in names:
                place = (FILE.c.folder == folder, FILE.c.name == name)
                md5 = connection.scalar(select(FILE.c.md5).where(*place))
                connection.execute(update(FILE).where(*place).values(missing=True))
                marked += 1
                if md5 is not None:
                    _follow_rename(connection, md5, folder, name, root)
    return marked


def _follow_rename(connection: Connection, md5: str, folder: bytes, name: bytes, root: bytes) -> None:
    old = (text_of_name(name), library_folder(folder, root))
    recorded = connection.execute(select(PHOTO.c.filename, PHOTO.c.folder).where(PHOTO.c.md5 == md5)).one()
    if tuple(recorded) != old:
        return
    here = (
        select(FILE.c.folder, FILE.c.name)
        .where(FILE.c.md5 == md5, FILE.c.missing.is_(False), under(root))
        .order_by(FILE.c.folder, FILE.c.name)
        .limit(1)
    )
    found = connection.execute(here).one_or_none()
    if found is not None:
        change_photo(
            connection, md5, filename=text_of_name(found.name), folder=library_folder(found.folder, root)
        )


def library_folder(folder: bytes, root: bytes) -> str:
    """Return a folder as the catalog tells it to other devices: text, relative to the library root."""
    return text_of_name(folder[len(root.rstrip(b"/")) :].strip(b"/"))


def folders_under(catalog: SqlCatalog, root: bytes) -> set[bytes]:
    """Return the folders under a root in which files are known to lie."""
    query = select(FILE.c.folder).where(under(root), FILE.c.missing.is_(False)).distinct()
    with catalog.reading() as connection:
        return set(connection.scalars(query))
