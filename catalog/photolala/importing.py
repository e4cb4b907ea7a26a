"""Takes a Photolala catalog over into the store: one transaction, checked; the source is only read.

A photo that the store does not know is added, as one that this device is the first to tell of. Of one that it
knows, only what is empty is filled, and no star is taken. A file that lies beside under a row's name and size
is shown with its photo at once, and the next scan reads it: its stat is left unknown on purpose.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from catalog.changes import add_photos, change_photo
from catalog.photo_files.photo_names import is_photo_name
from catalog.photolala.beside import Beside
from catalog.photolala.read import PhotolalaCatalog, read_catalog
from catalog.photolala.report import Kind, Problem
from catalog.photolala.rows import CsvRow, is_no_name
from catalog.photolala.source import CatalogSource, FolderSource
from catalog.protocol import CatalogError
from catalog.row import PhotoRow, text_of_name
from catalog.scan.libraries import library_folder, make_library
from catalog.store import SqlCatalog, driver, star_values
from catalog.tables import PHOTO, SYNCED, Imported, photo_row

IMPORTED = Imported.__table__  # type: ignore[attr-defined]

_PART = 500
_ADD_FILE = (
    "INSERT INTO file (folder, name, md5, size, mtime_ns, inode, missing) VALUES (?, ?, ?, ?, 0, 0, 0)"
    " ON CONFLICT (folder, name) DO NOTHING"
)
_FILLED = ("size", "photodate", "modified", "width", "height", "applephotoid")


@dataclass
class ImportReport:
    """What an import did. `read` = `imported` + `known` + `skipped` + `duplicates`.

    Attributes:
        source: its address, as text.
        version: of the Photolala catalog.
        read: rows that stand there.
        imported: photos that the store did not know.
        known: photos that it knew.
        changed: of these, those in which something empty was filled or which got a star.
        mended: rows used with something put right.
        skipped: rows that could not be used.
        duplicates: further rows of an md5.
        stars: photos that got their star by this import.
        files: files beside that are shown with their photo from now on.
        unchanged: whether the same content was imported before; its stars are then not given again.
        complete: whether everything there could be fetched; if not, it does not count as imported.
        problems: the first thousand; `problem_count` has them all.
    """

    source: str
    version: str = "unknown"
    read: int = 0
    imported: int = 0
    known: int = 0
    changed: int = 0
    mended: int = 0
    skipped: int = 0
    duplicates: int = 0
    stars: int = 0
    files: int = 0
    unchanged: bool = False
    complete: bool = True
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)


def import_folder(
    catalog: SqlCatalog, directory: bytes, *, progress: Callable[[int], None] = lambda _: None
) -> ImportReport:
    """Import the Photolala catalog of a folder of photos; see `import_catalog`.

    Args:
        catalog: the store.
        directory: an absolute raw path.
        progress: told how many rows are done, now and then.
    """
    return import_catalog(catalog, FolderSource(directory), beside=directory, progress=progress)


def import_catalog(
    catalog: SqlCatalog,
    source: CatalogSource,
    *,
    beside: bytes | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Import a Photolala catalog. Doing it again changes nothing.

    Args:
        catalog: the store.
        source: what holds it; it is only read, and before the transaction.
        beside: the folder that its photos lie in, an absolute raw path, likewise; None if they are elsewhere.
        progress: told how many rows are done, now and then.

    Raises:
        CatalogError: there is none, it cannot be read, or the store does not hold afterwards what it should;
            then nothing was imported.
    """
    found = read_catalog(source)
    files = None if beside is None else Beside(beside)
    parts: Iterable[list[CsvRow]] = in_parts(found.parts(files.mend if files else None))
    if files is not None:
        parts = list(parts)  # all files are looked at: on a slow disk nobody could write meanwhile
    with catalog.engine.begin() as connection:
        work = _Import(connection, found, beside, files)
        for rows in parts:
            work.take(rows)
            progress(work.report.imported + work.report.known)
        return work.finish()


class _Import:
    """One import, in its transaction."""

    def __init__(
        self, connection: Connection, found: PhotolalaCatalog, directory: bytes | None, beside: Beside | None
    ) -> None:
        self.report = ImportReport(text_of_name(found.address), complete=found.complete)
        self._connection = connection
        self._found = found
        self._directory = directory
        self._beside = beside
        this = select(IMPORTED.c.digest).where(IMPORTED.c.folder == found.address)
        self.report.unchanged = connection.scalar(this) == found.digest
        # what was unstarred here since then stays so
        self._stars = set() if self.report.unchanged else set(found.stars)
        self._starless = set(self._stars)
        self._folder = ""
        if directory is not None:
            self._folder = library_folder(directory, make_library(driver(connection), directory))
        self._before = self._count()

    def take(self, rows: list[CsvRow]) -> None:
        """Put some rows in, and look whether they are there."""
        wanted: dict[str, PhotoRow] = {}
        known = self._known(row.md5 for row in rows)
        for row in rows:
            starred = row.md5 in self._stars
            before = known.get(row.md5)
            after = self._photo(row, starred=starred) if before is None else _filled(before, row, starred)
            wanted[row.md5] = after
            self.report.stars += after.starred and not (before and before.starred)
            if before is not None and after is not before:
                self.report.changed += 1
                differs = {name: new for name, new in after._asdict().items() if new != getattr(before, name)}
                change_photo(driver(self._connection), row.md5, **differs)
        add_photos(driver(self._connection), [wanted[md5] for md5 in wanted if md5 not in known])
        self.report.imported += len(wanted) - len(known)
        self.report.known += len(known)
        self._starless -= wanted.keys()
        self._note_files(row for row in rows if not wanted[row.md5].deleted)
        written = {md5: row for md5, row in wanted.items() if row is not known.get(md5)}
        if self._known(written) != written:
            raise self._refused("rows are not what they should be")

    def finish(self) -> ImportReport:
        """Give the stars whose photos have no row here, count, and remember that this was imported."""
        for md5 in sorted(self._starless):
            (before,) = self._known([md5]).values() or (None,)
            if before is None:
                self._found.report.tell("stars", None, Kind.NOTED, f"no row tells of the photo {md5}")
            elif change_photo(driver(self._connection), md5, **star_values(is_starred=True)):
                self.report.stars += 1
                self.report.changed += 1
        if self._count() != self._before + self.report.imported:
            raise self._refused("the number of photos is not what it should be")
        if self._found.complete:
            remember(self._connection, self._found.address, self._found.digest, self._photos())
        for name in ("version", "read", "mended", "skipped", "duplicates", "problem_count", "problems"):
            setattr(self.report, name, getattr(self._found.report, name))
        if self.report.read != self._photos() + self.report.skipped + self.report.duplicates:
            raise self._refused("not every row is accounted for")
        return self.report

    def _photos(self) -> int:
        return self.report.imported + self.report.known

    def _refused(self, why: str) -> CatalogError:
        return CatalogError(
            f"The import of {self.report.source} was checked and undone, since {why}. The folder and your "
            "catalog are as they were. `photolala doctor` looks at the catalog."
        )

    def _photo(self, row: CsvRow, *, starred: bool) -> PhotoRow:
        return PhotoRow(
            row.md5, row.filename, self._folder, row.size, row.photodate, row.modified, row.width, row.height,
            row.applephotoid, starred=starred,
        )  # fmt: skip

    def _known(self, md5s: Iterable[str]) -> dict[str, PhotoRow]:
        query = select(*SYNCED).where(PHOTO.c.md5.in_(list(md5s)))
        return {record.md5: photo_row(record) for record in self._connection.execute(query)}

    def _count(self) -> int:
        return self._connection.execute(select(func.count()).select_from(PHOTO)).scalar_one()

    def _note_files(self, rows: Iterable[CsvRow]) -> None:
        if self._beside is None:
            return
        values = [
            (self._directory, name, row.md5, row.size)
            for row in rows
            if (name := self._beside.file_of(row)) is not None and is_photo_name(name) and name[:1] != b"."
        ]
        if values:
            self.report.files += self._connection.exec_driver_sql(_ADD_FILE, values).rowcount


def _filled(before: PhotoRow, row: CsvRow, starred: bool) -> PhotoRow:
    """Return a photo as it is known, with what was empty, and its star."""
    values: dict[str, Any] = {}
    if not before.deleted:
        values = {name: getattr(row, name) for name in _FILLED if getattr(before, name) in (None, "")}
        if is_no_name(row._replace(filename=before.filename)) and not is_no_name(row):
            values["filename"] = row.filename
    if starred:
        values |= star_values(is_starred=True)
    after = before._replace(**values)
    return before if after == before else after


def remember(connection: Connection, address: bytes, digest: str, photos: int) -> None:
    """Note that a Photolala catalog's content is in the store.

    Args:
        connection: a writer's transaction.
        address: of its source.
        digest: of its content, as `PhotolalaCatalog.digest`.
        photos: how many it has.
    """
    values = {"digest": digest, "imported_at": int(time.time()), "photos": photos}
    statement = insert(IMPORTED).values(folder=address, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["folder"], set_=values))


def in_parts(shards: Iterable[tuple[str, list[CsvRow]]]) -> Iterator[list[CsvRow]]:
    """Yield rows in lists that SQLite takes as parameters."""
    for _, rows in shards:
        for begin in range(0, len(rows), _PART):
            yield rows[begin : begin + _PART]
