"""What the catalog knows of originals on a remote: which should be there, and when that was proved."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from catalog.spellings import spellings
from catalog.store import SqlCatalog

_WANTED = """
SELECT md5, filename, size, uploaded IS NOT NULL, places > 0
  FROM photo WHERE starred = 1 AND deleted = 0 AND md5 >= ? AND md5 < ? ORDER BY md5
"""
_STARRED = "SELECT count(*) FROM photo WHERE starred = 1 AND deleted = 0"
_SET_PROOF = """
INSERT INTO proof (md5, url, {column}) VALUES (?, ?, ?)
    ON CONFLICT (md5) DO UPDATE
   SET listed_at = iif(url = excluded.url, coalesce(excluded.listed_at, listed_at), excluded.listed_at),
       read_at = iif(url = excluded.url, coalesce(excluded.read_at, read_at), excluded.read_at),
       url = excluded.url
"""
_DROP_PROOF = "DELETE FROM proof WHERE md5 = ?"
_OLDEST = """
SELECT photo.md5, filename, size
  FROM photo LEFT JOIN proof ON proof.md5 = photo.md5 AND proof.url = ?
 WHERE starred = 1 AND deleted = 0 AND uploaded IS NOT NULL ORDER BY coalesce(read_at, 0), photo.md5
"""
_PROVED = """
SELECT count(*), max(max(coalesce(listed_at, 0), coalesce(read_at, 0)))
  FROM proof JOIN photo ON photo.md5 = proof.md5
 WHERE proof.url = ? AND starred = 1 AND deleted = 0 AND uploaded IS NOT NULL
"""
_RESTORABLE = (
    "SELECT md5, filename, folder, size, coalesce(modified, photodate) FROM photo WHERE deleted = 0 AND "
)
_IN_FOLDER = "folder = ? OR (folder >= ? || '/' AND folder < ? || '0')"
_PART = 500


class Wanted(NamedTuple):
    """A starred photo: whether its original is said to be on the remote, and whether a file of it is here.

    `size` is bytes.
    """

    md5: str
    filename: str
    size: int | None
    uploaded: bool
    here: bool


class Oldest(NamedTuple):
    """An original whose bytes were proved longer ago than those of all after it; `size` is bytes."""

    md5: str
    filename: str
    size: int | None


class Restorable(NamedTuple):
    """A photo with its own name and folder; `size` is bytes, `modified` Unix seconds."""

    md5: str
    filename: str
    folder: str
    size: int | None
    modified: int | None


class Originals:
    """The originals of one catalog on one remote. Any thread may call; each call is one transaction."""

    def __init__(self, catalog: SqlCatalog, url: str) -> None:
        """Look at a catalog.

        Args:
            catalog: this device's.
            url: the remote's address; what was proved of another one is no proof.
        """
        self._catalog = catalog
        self._url = url

    def starred(self) -> int:
        """Return how many photos have a star."""
        with self._catalog.connections.reading() as connection:
            return int(connection.execute(_STARRED).fetchone()[0])

    def wanted(self, prefix: str = "") -> Iterator[Wanted]:
        """Yield the starred photos whose md5 begins so, by md5."""
        with self._catalog.connections.reading() as connection:
            for md5, filename, size, uploaded, here in connection.execute(_WANTED, (prefix, prefix + "g")):
                yield Wanted(md5, filename, size, bool(uploaded), bool(here))

    def oldest(self) -> list[Oldest]:
        """Return starred originals that are said to be there, by when their bytes were last proved."""
        with self._catalog.connections.reading() as connection:
            return [Oldest(*record) for record in connection.execute(_OLDEST, (self._url,))]

    def proved(self) -> tuple[int, int | None]:
        """Return how many starred originals were ever proved, and when the last one was, Unix seconds."""
        with self._catalog.connections.reading() as connection:
            count, last = connection.execute(_PROVED, (self._url,)).fetchone()
        return count, last

    def listed(self, md5s: Iterable[str], now: int) -> None:
        """Note that the remote lists originals as they should be.

        Args:
            md5s: which.
            now: Unix seconds.
        """
        self._prove("listed_at", md5s, now)

    def read(self, md5: str, now: int) -> None:
        """Note that an original was fetched and has the right MD5, at Unix seconds `now`."""
        self._prove("read_at", [md5], now)

    def _prove(self, column: str, md5s: Iterable[str], now: int) -> None:
        values = [(md5, self._url, now) for md5 in md5s]
        if values:
            with self._catalog.connections.writing() as connection:
                connection.executemany(_SET_PROOF.format(column=column), values)

    def disproved(self, md5s: Iterable[str]) -> None:
        """Note that originals are not what was proved."""
        values = [(md5,) for md5 in md5s]
        if values:
            with self._catalog.connections.writing() as connection:
                connection.executemany(_DROP_PROOF, values)

    def restorable(
        self,
        md5s: Sequence[str] = (),
        *,
        folder: str | None = None,
        starred: bool = False,
        missing: bool = False,
    ) -> list[Restorable]:
        """Return photos whose original can be asked for, by folder and name.

        Args:
            md5s: these; none is all that the rest says.
            folder: those of this folder and below; relative to the library root, `/` between parts, in either
                spelling that Unicode has.
            starred: those with a star.
            missing: those of which no file is here.
        """
        conditions = ["1"]
        values: list[str] = []
        inside = "/".join(part for part in (folder or "").split("/") if part not in ("", "."))
        if inside:  # all photos are below the root
            here = spellings(inside)
            conditions.append(f"({' OR '.join([_IN_FOLDER] * len(here))})")
            values += [text for text in here for _ in range(_IN_FOLDER.count("?"))]
        if starred:
            conditions.append("starred = 1")
        if missing:
            conditions.append("places = 0")
        found: list[Restorable] = []
        parts = [list(md5s[at : at + _PART]) for at in range(0, len(md5s), _PART)] or [[]]
        with self._catalog.connections.reading() as connection:
            for part in parts:
                which = [f"md5 IN ({', '.join('?' * len(part))})"] if part else ["uploaded IS NOT NULL"]
                query = _RESTORABLE + " AND ".join(conditions + which)
                records = connection.execute(query, (*values, *part))
                found += (Restorable(*record) for record in records)
        return sorted(found, key=lambda one: (one.folder, one.filename, one.md5))
