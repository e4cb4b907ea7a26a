"""The CSV service: `CatalogService` over one Photolala catalog, the one that lies in a folder of photos.

Its photos are the Mac app's business and are only read; stars go to `stars.csv`, which that app leaves alone,
and how far backups have come to `backup.csv`. A catalog of version 4 has them as `.photolala#stars` and
`.photolala#backup`.
"""

import os
import re
from collections.abc import Container, Iterator, Sequence

from catalog.entry import Entry
from catalog.photolala.beside import Beside
from catalog.photolala.folder import replace_file, writing
from catalog.photolala.marks import drop_older, read_marks
from catalog.photolala.report import ReadReport
from catalog.photolala.rows import CsvRow, find_row, is_md5
from catalog.photolala.shard import MAX_BYTES, parse_shard
from catalog.photolala.source import V5, FolderSource, Layout, SourceError, layout_beside
from catalog.protocol import BackupStatus, CatalogError, CatalogStats, PhotoNotFoundError
from catalog.row import SHARDS, RowError, text_of_name

_BEGINS_ROW = re.compile(rb"[0-9a-fA-F]{32},")


class CsvCatalog:
    """The Photolala catalog of one folder. Nothing is kept in memory: what others write is seen at once."""

    def __init__(self, directory: bytes) -> None:
        """Name the folder; nothing is touched.

        Args:
            directory: the absolute raw path of the folder that holds photos and catalog.
        """
        self.directory = directory
        self._prefix = directory.rstrip(b"/") + b"/"
        self._source = FolderSource(directory)

    def load_catalog(self, directory: bytes) -> Sequence[Entry]:
        """Return the photos whose files are there, by name; none for any other directory than its own."""
        if directory.rstrip(b"/") != self.directory.rstrip(b"/"):
            return []
        layout = self._layout()
        marks = self._marks(layout)
        entries = [self._entry(row, name, *marks) for row, name in self._placed(layout) if name is not None]
        return sorted(entries, key=lambda entry: entry.paths)

    def find_entry(self, md5: str) -> Entry | None:
        """Return one photo; see `CatalogService`."""
        layout = self._layout()
        row = self._find(layout, md5)
        return None if row is None else self._entries([row], layout)[0]

    def update_star_status(self, md5: str, is_starred: bool) -> bool:
        """Give or take a star; see `CatalogService`."""
        return self._mark("stars", md5, "" if is_starred else None)

    def update_backup_status(self, md5: str, status: BackupStatus) -> None:
        """Say how far a photo's backup has come; see `CatalogService`."""
        self._mark("backup", md5, None if status is BackupStatus.NONE else status.value)

    def starred_entries(self) -> Sequence[Entry]:
        """Return all photos with a star, by md5; a star whose photo the catalog has not is left alone."""
        layout = self._layout()
        stars = self._marks(layout)[0]
        return self._entries(sorted(self._rows(layout, stars)), layout)

    def stats(self) -> CatalogStats:
        """Count what is known; nothing is ever pending or in conflict here."""
        layout = self._layout()
        stars, statuses = self._marks(layout)
        photos = files = starred = 0
        backup = dict.fromkeys(BackupStatus, 0)
        for row, name in self._placed(layout):
            photos += 1
            files += name is not None
            starred += row.md5 in stars
            backup[statuses.get(row.md5, BackupStatus.NONE)] += 1
        return CatalogStats(photos, files, starred, pending=0, open_conflicts=0, backup=backup)

    def _layout(self) -> Layout:
        layout = layout_beside(self.directory)
        if layout is None:
            raise CatalogError(
                f"There is no Photolala catalog in {text_of_name(self.directory)}. "
                "`photolala export` writes one; the photos themselves need none."
            )
        return layout

    def _get(self, layout: Layout, x: str) -> bytes:
        try:
            return self._source.get(layout.part(x), MAX_BYTES) or b""
        except SourceError as error:
            raise self._unreadable(layout.part(x), error) from error

    def _unreadable(self, name: str, error: SourceError) -> CatalogError:
        return CatalogError(
            f"{text_of_name(self._prefix)}{name} cannot be read: {error}. Nothing was changed."
        )

    def _marks(self, layout: Layout) -> tuple[dict[str, str], dict[str, BackupStatus]]:
        try:
            stars, backup = (read_marks(self._source, layout, stem) for stem in ("stars", "backup"))
        except SourceError as error:
            raise self._unreadable(layout.part("stars"), error) from error
        return stars.values(), {md5: _status(text) for md5, text in backup.values().items()}

    def _mark(self, stem: str, md5: str, text: str | None) -> bool:
        layout = self._layout()
        path = self._prefix + layout.part(stem).encode()
        if self._find(layout, md5) is None:
            raise PhotoNotFoundError(
                f"No photo {md5} is in the Photolala catalog of {text_of_name(self.directory)}."
            )
        with writing(self._prefix + layout.part("stars").encode() + b".lock"):
            try:
                marks = read_marks(self._source, layout, stem)
            except SourceError as error:
                raise self._unreadable(layout.part(stem), error) from error
            if not marks.put(md5, text):
                return False
            replace_file(path, bytes(marks))
            if layout is V5:
                drop_older(self._prefix, stem)
        return True

    def _find(self, layout: Layout, md5: str) -> CsvRow | None:
        """Find a row: first in its own shard, then in the others, where damage may have put it."""
        if not is_md5(md5):
            return None
        for x in sorted(SHARDS, key=lambda x: x != md5[0]):
            data = self._get(layout, x)
            try:
                row = find_row(data, md5)
            except RowError:  # its line goes on in the next one
                row = _read(data, x).get(md5)
            if row is not None:
                return row
        return None

    def _rows(self, layout: Layout, wanted: Container[str] | None = None) -> Iterator[CsvRow]:
        """Yield the row of each photo, a shard at a time; those that stand in the wrong shard last."""
        strays: dict[str, CsvRow] = {}
        for x in SHARDS:
            data = self._get(layout, x)
            rows = _read(data if wanted is None else _lines_of(data, wanted), x)
            yield from (row for md5, row in rows.items() if md5[0] == x)
            strays |= {md5: row for md5, row in rows.items() if md5[0] != x}
        for md5, row in strays.items():
            if md5 not in _read(_lines_of(self._get(layout, md5[0]), {md5}), md5[0]):
                yield row

    def _placed(self, layout: Layout) -> Iterator[tuple[CsvRow, bytes | None]]:
        """Yield each photo with the raw name of its file, None if that is not there; cut names are mended."""
        beside = Beside(self.directory)
        taken: set[bytes] = set()
        nameless: list[CsvRow] = []
        for row in self._rows(layout):
            name = beside.file_named(row.filename)
            if name is None or name in taken:
                nameless.append(row)
            else:
                taken.add(name)
                yield row, name
        for row in nameless:
            name = beside.whole_name(row, taken)
            yield row, None if name in taken else name

    def _entries(self, rows: Sequence[CsvRow], layout: Layout) -> list[Entry]:
        """Make some rows entries, without listing the folder where their files are under their names."""
        marks = self._marks(layout)
        beside: Beside | None = None
        entries = []
        for row in rows:
            plain = row.filename.encode()
            name: bytes | None = plain
            if b"/" in plain or not os.path.isfile(self._prefix + plain):  # noqa: PTH113 (a raw path)
                beside = beside or Beside(self.directory)
                name = beside.file_named(row.filename) or beside.whole_name(row)
            entries.append(self._entry(row, name, *marks))
        return entries

    def _entry(
        self, row: CsvRow, name: bytes | None, stars: dict[str, str], backup: dict[str, BackupStatus]
    ) -> Entry:
        md5, filename, size, photodate, modified, width, height, _ = row
        return Entry(
            md5, filename if name is None else text_of_name(name),
            () if name is None else (self._prefix + name,),
            size, photodate, modified, width, height, md5 in stars, backup.get(md5, BackupStatus.NONE),
            error=None,
        )  # fmt: skip


def _read(data: bytes, x: str) -> dict[str, CsvRow]:
    rows: dict[str, CsvRow] = {}
    for row in parse_shard(data, x, ReadReport())[1]:
        rows.setdefault(row.md5, row)
    return rows


def _lines_of(data: bytes, wanted: Container[str]) -> bytes:
    """Return the lines of some photos, and all that begin no row: they may go on in those."""
    return b"\n".join(
        line
        for line in data.split(b"\n")
        if not _BEGINS_ROW.match(line) or line[:32].decode().lower() in wanted
    )


def _status(text: str) -> BackupStatus:
    try:
        return BackupStatus(text)
    except ValueError:
        return BackupStatus.NONE
