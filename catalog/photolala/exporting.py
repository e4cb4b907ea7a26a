"""Writes the photos of one directory as a Photolala catalog again: the way back from the store.

A row that stands there already is never lost: one that the store does not know in this directory stays as it
is, in the shard where it stands. A catalog that holds what cannot be read is not written over at all.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from catalog.photolala.folder import writing
from catalog.photolala.importing import IMPORTED, remember
from catalog.photolala.marks import Marks, drop_older, read_marks
from catalog.photolala.read import PhotolalaCatalog, read_catalog
from catalog.photolala.report import Kind, ReadReport
from catalog.photolala.rows import CsvRow, one_line, shard_bytes
from catalog.photolala.shard import MAX_BYTES, MAX_ROWS, parse_shard
from catalog.photolala.source import V4, V5, FolderSource, layout_beside
from catalog.photolala.write import appear, checksums_of, write_catalog
from catalog.protocol import CatalogError
from catalog.row import SHARDS, text_of_name
from catalog.search.filters import is_within
from catalog.store import SqlCatalog
from catalog.tables import FILE, PHOTO, SYNCED, photo_row

_WRITABLE = ("5.0", "5.1")
_BELOW = "SELECT count(DISTINCT md5) FROM file WHERE folder <> ? AND missing = 0 AND "


@dataclass
class ExportReport:
    """What an export did.

    Attributes:
        folder: of the photos, as text.
        photos: that the written catalog has.
        stars: that it has.
        kept: rows of photos that stood there and that the store does not know in this directory.
        below: photos in directories below, which are not in it: they have catalogs of their own.
        written: False if all stood there already.
    """

    folder: str
    photos: int
    stars: int
    kept: int
    below: int
    written: bool


def export_folder(
    catalog: SqlCatalog, directory: bytes, *, written: Callable[[], None] = lambda: None
) -> ExportReport:
    """Write `.photolala/`, version 5.1, into a directory, for the photos whose files lie in it.

    Args:
        catalog: the store.
        directory: an absolute raw path.
        written: called when all is written and not yet read back.

    Raises:
        CatalogError: the store knows no photo there, what stands there must not be written over, or it
            could not be written. What stood there is unharmed.
    """
    ours, stars, names = _photos(catalog, directory)
    if not ours:
        raise CatalogError(
            f"The catalog knows no photos in {text_of_name(directory)}. Run `photolala scan` on it first."
        )
    place = directory.rstrip(b"/") + b"/.photolala"
    fresh = _is_fresh(directory, place)
    folder = place + b"~new" if fresh else place
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 (a raw path)
    except OSError as error:
        raise CatalogError(
            f"{text_of_name(directory)} cannot be written ({error.strerror}). Nothing was changed."
        ) from error
    with writing(folder + b"/stars.csv.lock"):
        if fresh and layout_beside(directory) is not None:
            raise CatalogError(f"Another program has just written {text_of_name(place)}. Export again.")
        found = None if fresh else _standing(directory)
        took = found is not None and _imported(catalog, directory) == found.digest
        plan = _Plan(found, ours, names)
        marks = Marks(b"") if found is None else read_marks(FolderSource(directory), V5, "stars")
        for md5 in ours:
            if md5 in stars or took:  # else a star that stands there was never taken over
                marks.put(md5, "" if md5 in stars else None)
        if not fresh and plan.stands(marks):
            return plan.report(catalog, directory, marks, written=False)
        write_catalog(
            folder, plan.shards, marks, photos=plan.photos, changed=plan.changed,
            before=found.manifest if found else None,
        )  # fmt: skip
        if fresh:
            appear(folder, place)
        drop_older(folder[: -len(b".photolala")], "stars")
        written()
        _check(catalog, directory, plan, marks, known=took or not plan.kept)
    return plan.report(catalog, directory, marks, written=True)


def _is_fresh(directory: bytes, place: bytes) -> bool:
    layout = layout_beside(directory)
    if layout is V4:
        raise CatalogError(
            f"{text_of_name(directory)} holds a Photolala catalog of version 4, which would be in the way. "
            "Import it, move .photolala and .photolala#0 to .photolala#f elsewhere, and export again."
        )
    if layout is None and os.path.lexists(place):
        try:
            os.rmdir(place)  # noqa: PTH106
        except OSError as error:
            raise CatalogError(
                f"{text_of_name(place)} is there and holds no catalog. Move it elsewhere and export again."
            ) from error
    return layout is None


def _standing(directory: bytes) -> PhotolalaCatalog:
    found = read_catalog(FolderSource(directory))
    name = text_of_name(directory) + "/.photolala"
    if found.manifest is not None and found.manifest.version not in _WRITABLE:
        raise CatalogError(
            f"{name} is of version {found.manifest.version}, and this photolala writes 5.1. "
            "It was left as it is; move it elsewhere and export again."
        )
    if not found.complete:
        why = next(problem.why for problem in found.report.problems if problem.kind is Kind.SKIPPED)
        raise CatalogError(
            f"{name} cannot be read in whole: {why}. It was left as it is; "
            "move it elsewhere and export again."
        )
    return found


class _Plan:
    """What shall stand in each shard: what stands there, with ours in place of it where that is newer."""

    def __init__(
        self, found: PhotolalaCatalog | None, ours: dict[str, CsvRow], names: dict[str, list[str]]
    ) -> None:
        self._found = found
        self._before = dict.fromkeys(SHARDS, b"") if found is None else found.shards
        self.shards: dict[str, bytes] = {}
        self.changed: list[str] = []
        md5s = set(ours)
        for x in SHARDS:
            report = ReadReport()
            _, standing = parse_shard(self._before[x], x, report)
            if report.skipped:
                raise CatalogError(
                    f"Shard {x} of the Photolala catalog there holds rows that cannot be read "
                    f"({report.skipped}), which would be lost. It was left as it is; move it elsewhere and "
                    "export again."
                )
            md5s |= {row.md5 for row in standing}
            rows = _merged(standing, {md5: row for md5, row in ours.items() if md5[0] == x}, names)
            self._put(x, standing, rows, is_new=found is None)
        self.photos = len(md5s)
        self.kept = self.photos - len(ours)

    def _put(self, x: str, standing: list[CsvRow], rows: list[CsvRow], *, is_new: bool) -> None:
        if sorted(row.line() for row in rows) == sorted(row.line() for row in standing):
            self.shards[x] = self._before[x]
        else:
            self.shards[x] = shard_bytes([row.line() for row in rows])
            if len(self.shards[x]) > MAX_BYTES or len(rows) > MAX_ROWS:
                raise CatalogError("There are too many photos in one directory for a Photolala catalog.")
        if is_new or self.shards[x] != self._before[x]:
            self.changed.append(x)

    def stands(self, marks: Marks) -> bool:
        """Tell whether all is there already as it shall be."""
        if self._found is None or self._found.manifest is None or self.changed:
            return False
        manifest = self._found.manifest
        return (
            marks.values().keys() == self._found.stars
            and manifest.checksums == checksums_of(self.shards)
            and manifest.photo_count == self.photos
        )

    def report(self, catalog: SqlCatalog, directory: bytes, marks: Marks, *, written: bool) -> ExportReport:
        """Tell what was done."""
        within, places = is_within(directory, recursive=True)
        with catalog.connections.reading() as connection:
            (below,) = connection.execute(_BELOW + within, (directory, *places)).fetchone()
        return ExportReport(
            text_of_name(directory), self.photos, len(marks.values()), self.kept, below, written=written
        )


def _merged(standing: list[CsvRow], ours: dict[str, CsvRow], names: dict[str, list[str]]) -> list[CsvRow]:
    """Merge a shard: of a photo known here, its names that are still so; the facts are the store's."""
    rows: dict[tuple[str, str], CsvRow] = {}
    for row in standing:
        mine = ours.get(row.md5)
        if mine is None:
            rows.setdefault((row.md5, row.filename), row)
        elif row.filename in names[row.md5]:
            filled = mine._replace(filename=row.filename, applephotoid=mine.applephotoid or row.applephotoid)
            rows.setdefault((row.md5, row.filename), filled)
    has = {md5 for md5, _ in rows}
    rows |= {(md5, row.filename): _filled(row, standing) for md5, row in ours.items() if md5 not in has}
    return sorted(rows.values())


def _filled(row: CsvRow, standing: list[CsvRow]) -> CsvRow:
    if row.applephotoid:
        return row
    return row._replace(applephotoid=next((old.applephotoid for old in standing if old.md5 == row.md5), ""))


def _photos(
    catalog: SqlCatalog, directory: bytes
) -> tuple[dict[str, CsvRow], set[str], dict[str, list[str]]]:
    """Return the rows of the photos that lie in a directory, which are starred, and all names of each there.

    The Mac app reads no row without a size and both dates: what is unknown is taken from the file.
    """
    query = (
        select(*SYNCED, FILE.c.name, FILE.c.size.label("bytes"), FILE.c.mtime_ns)
        .join_from(FILE, PHOTO, FILE.c.md5 == PHOTO.c.md5)
        .where(FILE.c.folder == directory, FILE.c.missing.is_(False), PHOTO.c.deleted.is_(False))
        .order_by(FILE.c.name)
    )
    rows: dict[str, CsvRow] = {}
    stars: set[str] = set()
    names: dict[str, list[str]] = {}
    with catalog.reading() as connection:
        for record in connection.execute(query):
            photo = photo_row(record)
            name = one_line(text_of_name(record.name))
            names.setdefault(photo.md5, []).append(name)
            modified = photo.modified if photo.modified is not None else record.mtime_ns // 10**9
            rows.setdefault(
                photo.md5,
                CsvRow(
                    photo.md5, name, record.bytes if photo.size is None else photo.size,
                    modified if photo.photodate is None else photo.photodate, modified,
                    photo.width, photo.height, one_line(photo.applephotoid),
                ),
            )  # fmt: skip
            if photo.starred:
                stars.add(photo.md5)
    return rows, stars, names


def _imported(catalog: SqlCatalog, directory: bytes) -> str | None:
    with catalog.reading() as connection:
        return connection.scalar(select(IMPORTED.c.digest).where(IMPORTED.c.folder == directory))


def _check(catalog: SqlCatalog, directory: bytes, plan: _Plan, marks: Marks, *, known: bool) -> None:
    """Read back what was written; where the store knows all of it, it counts as imported."""
    found = read_catalog(FolderSource(directory))
    if found.shards != plan.shards or found.stars != marks.values().keys() or found.report.problem_count:
        raise CatalogError(
            f"What was written to {text_of_name(directory)}/.photolala does not read back as it was written. "
            "Is the disk well? Your catalog has all of it; export again."
        )
    if known:
        with catalog.engine.begin() as connection:
            remember(connection, directory, found.digest, plan.photos)
