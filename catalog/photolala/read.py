"""Reads a whole Photolala catalog, v4 or v5, from wherever it is; reports all damage, loses no row."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.photolala import shard as shards
from catalog.photolala.manifest import KNOWN_VERSIONS, MAX_BYTES, Manifest, ManifestError, parse_manifest
from catalog.photolala.marks import Marks, read_marks
from catalog.photolala.report import Kind, ReadReport
from catalog.photolala.rows import CsvRow, find_row, is_no_name
from catalog.photolala.shard import Mend, parse_shard
from catalog.photolala.source import V4, V5, CatalogSource, Layout, SourceError
from catalog.protocol import CatalogError
from catalog.row import SHARDS, RowError, text_of_name

_TRIES = 3


@dataclass
class PhotolalaCatalog:
    """A catalog's bytes, all fetched; `parts` reads them.

    Attributes:
        address: of its source.
        layout: how its objects are called.
        manifest: None if it is missing or damaged.
        shards: content by hex digit; one that is missing or cannot be read is empty.
        stars: md5s.
        digest: SHA-256 over all of it, in small hex: the same for the same content.
        complete: whether nothing was there that could not be fetched.
        report: grows while `parts` reads.
    """

    address: bytes
    layout: Layout
    manifest: Manifest | None
    shards: dict[str, bytes]
    stars: frozenset[str]
    digest: str
    complete: bool
    report: ReadReport

    def parts(self, mend: Mend | None = None) -> Iterator[tuple[str, list[CsvRow]]]:
        """Read the rows, a shard at a time; each md5 comes once. To be called once.

        Args:
            mend: asked about each row, as from `Beside.mend`.

        Yields:
            (shard, rows that belong to it). Rows that stood in another shard than theirs come last.
        """
        strays: dict[str, CsvRow] = {}
        count = 0
        for x in SHARDS:
            own: dict[str, CsvRow] = {}
            for line, row in zip(*parse_shard(self.shards[x], x, self.report, mend), strict=True):
                if is_no_name(row):
                    self.report.tell(
                        x, line, Kind.NOTED, "its name is not known here: it is the md5, or none"
                    )
                if row.md5[0] != x:
                    self._stray(x, line, row, strays)
                elif row.md5 in own:
                    self._duplicate(x, line)
                else:
                    own[row.md5] = row
            count += len(own)
            if own:
                yield x, list(own.values())
        for x in sorted({md5[0] for md5 in strays}):
            yield x, [row for md5, row in strays.items() if md5[0] == x]
        self._check_count(count + len(strays))

    def _stray(self, x: str, line: int, row: CsvRow, strays: dict[str, CsvRow]) -> None:
        if row.md5 in strays or _stands(self.shards[row.md5[0]], row.md5):
            self._duplicate(x, line)
            return
        strays[row.md5] = row
        self.report.mended += 1
        self.report.tell(x, line, Kind.MENDED, f"it belongs to shard {row.md5[0]}")

    def _duplicate(self, x: str, line: int) -> None:
        self.report.duplicates += 1
        self.report.tell(x, line, Kind.NOTED, "a second row of one md5; the first is used")

    def _check_count(self, count: int) -> None:
        said = self.manifest.photo_count if self.manifest else None
        if said is not None and said != count:
            self.report.tell(
                "manifest", None, Kind.NOTED, f"its count of photos is {said} instead of {count}"
            )


def read_catalog(source: CatalogSource) -> PhotolalaCatalog:
    """Fetch a catalog. If it is written to meanwhile, it is fetched again.

    Args:
        source: what holds it.

    Raises:
        CatalogError: there is none, or the source cannot be read at all.
    """
    for _ in range(_TRIES):
        fetched = _Fetched(source)
        if fetched.is_still_so():
            break
    return fetched.catalog()


class _Fetched:
    """One attempt at fetching all objects."""

    def __init__(self, source: CatalogSource) -> None:
        self._source = source
        self._report = ReadReport()
        self._complete = True
        self._layout, self._manifest = self._which()
        self._shards = {x: self._get(self._layout.part(x), x, shards.MAX_BYTES) for x in SHARDS}

    def _which(self) -> tuple[Layout, bytes | None]:
        for layout in (V5, V4):
            found = self._get(layout.manifest, "manifest", MAX_BYTES)
            if found is not None or not self._complete:
                return layout, found
        for layout in (V5, V4):
            if any(self._get(layout.part(x), x, shards.MAX_BYTES) is not None for x in SHARDS):
                return layout, None
        raise CatalogError(
            f"There is no Photolala catalog in {text_of_name(self._source.address)}: "
            "neither .photolala/manifest.plist nor .photolala."
        )

    def _get(self, name: str, part: str, limit: int) -> bytes | None:
        try:
            return self._source.get(name, limit)
        except SourceError as error:
            self._complete = False
            self._report.tell(part, None, Kind.SKIPPED, f"{name} cannot be read: {error}")
            return None

    def is_still_so(self) -> bool:
        """Tell whether the manifest is what it was: a writer puts it last."""
        try:
            return self._source.get(self._layout.manifest, MAX_BYTES) == self._manifest
        except SourceError:
            return True

    def catalog(self) -> PhotolalaCatalog:
        """Make what was fetched a catalog; the checksums are looked at."""
        manifest = self._parsed()
        self._report.version = manifest.version if manifest else "unknown"
        digest = hashlib.sha256()
        for name, data in (("manifest", self._manifest), *self._shards.items()):
            digest.update(f"{name}:{len(data or b'')}\n".encode() + (data or b""))
        for x, data in self._shards.items():
            self._check(x, data, manifest)
        stars = self._stars()
        digest.update(bytes(stars))
        return PhotolalaCatalog(
            self._source.address, self._layout, manifest,
            {x: data or b"" for x, data in self._shards.items()},
            frozenset(stars.values()), digest.hexdigest(), self._complete, self._report,
        )  # fmt: skip

    def _stars(self) -> Marks:
        try:
            return read_marks(self._source, self._layout, "stars")
        except SourceError as error:
            self._complete = False
            self._report.tell("stars", None, Kind.SKIPPED, f"they cannot be read: {error}")
            return Marks(b"")

    def _parsed(self) -> Manifest | None:
        if self._manifest is None:
            self._report.tell("manifest", None, Kind.NOTED, "it is missing")
            return None
        try:
            manifest = parse_manifest(self._manifest)
        except ManifestError as error:
            self._report.tell("manifest", None, Kind.NOTED, f"it is damaged: {error}")
            return None
        if manifest.version not in KNOWN_VERSIONS:
            why = f"its version {manifest.version} is not known here"
            self._report.tell("manifest", None, Kind.NOTED, why)
        return manifest

    def _check(self, x: str, data: bytes | None, manifest: Manifest | None) -> None:
        if manifest is None:
            return
        wanted = manifest.checksums.get(x)
        if data is None and wanted:
            self._report.tell(x, None, Kind.NOTED, "the shard is missing, though the manifest tells of it")
        elif wanted and hashlib.sha256(data or b"").hexdigest() != wanted:
            self._report.tell(x, None, Kind.NOTED, "its checksum is not what the manifest says; it was read")
        elif data and not wanted:
            self._report.tell(x, None, Kind.NOTED, "the manifest has no checksum for it; it was read")


def _stands(data: bytes, md5: str) -> bool:
    try:
        return find_row(data, md5) is not None
    except RowError:
        return False
