"""Files that were moved or renamed, told by what `stat` says of them: so they need not be read again.

A file at a place where none, or another one, was known is taken for a known one, if inode, size and modified
time are that one's, if that one is not at its own place any more (or is the same file: a hard link), and if
no other photo is known with the same size and time. The last guards against file systems that number their
inodes anew at each mount, FAT among them, where bursts of uncompressed photos have one size and one time.
"""

import json
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal

from catalog.raw_path import path_in
from catalog.scan.known import Known
from catalog.scan.walk import Stat, stat_of
from catalog.store import SqlCatalog

_MOST_ALIKE = 32  # files of one size and one time; more tell nothing
_SIZE_BITS = 0xFFFFFFFF  # that many of a size leave room for its sum with a time in 64 bits
_MOST_ASKED = 500  # rows in one query

_KEYS = (  # as `_key` has them
    f"SELECT mtime_ns + (size & {_SIZE_BITS}) AS key, id FROM file"
    " WHERE md5 IS NOT NULL AND size > 0 ORDER BY key"
)
_ROWS = (  # a photo that was deleted elsewhere is read when it turns up, and so found anew
    "SELECT file.folder, name, file.size, mtime_ns, inode, file.md5, file.error"
    "  FROM file JOIN photo ON photo.md5 = file.md5"
    " WHERE id IN (SELECT value FROM json_each(?)) AND deleted = 0 ORDER BY missing, file.folder, name"
)


class KnownPlaces:
    """Finds the files that the catalog knew before, by size, time and inode.

    The table has no index for this, since no other one asks; 16 bytes a file are kept while a scan lasts,
    from the first file on that is not known at its place.
    """

    def __init__(self, catalog: SqlCatalog) -> None:
        """Prepare; nothing is read yet."""
        self._catalog = catalog
        self._keys: array[int] | None = None
        self._ids = array("q")

    def find(self, stats: Sequence[Stat]) -> dict[Stat, Known]:
        """Return the known file that each may be, if there is one and only one photo that it may be."""
        asked = {stat: self._ids_of(stat) for stat in stats if stat.size and stat.inode}
        ids = [id_ for some in asked.values() for id_ in some]
        alike: dict[tuple[int, int], list[Known]] = {}
        for begin in range(0, len(ids), _MOST_ASKED):
            for known in self._rows(ids[begin : begin + _MOST_ASKED]):
                alike.setdefault(known.stat[:2], []).append(known)
        found = {}
        for stat in asked:
            group = alike.get(stat[:2], [])
            same = [known for known in group if known.stat == stat]
            if same and len({known.md5 for known in group}) == 1:
                found[stat] = same[0]
        return found

    def _ids_of(self, stat: Stat) -> Sequence[int]:
        if self._keys is None:
            self._load()
            assert self._keys is not None
        key = _key(stat)
        begin = bisect_left(self._keys, key)
        end = bisect_left(self._keys, key + 1, begin)
        return self._ids[begin:end] if end - begin <= _MOST_ALIKE else ()

    def _load(self) -> None:
        self._keys = array("q")
        with self._catalog.connections.reading() as connection:
            for number, id_ in connection.execute(_KEYS):
                self._keys.append(number)
                self._ids.append(id_)

    def _rows(self, ids: Sequence[int]) -> Iterator[Known]:
        with self._catalog.connections.reading() as connection:
            for folder, name, size, mtime_ns, inode, md5, error in connection.execute(
                _ROWS, (json.dumps(ids),)
            ):
                yield Known(folder, name, Stat(size, mtime_ns, inode), md5, error)


def _key(stat: Stat) -> int:
    return stat.mtime_ns + (stat.size & _SIZE_BITS)


def whereabouts(path: bytes, stat: Stat, known: Known) -> Literal["moved", "linked", "another"]:
    """Tell what has become of a known file, where one just like it has turned up.

    Args:
        path: where it has turned up; raw.
        stat: what that is: the known one's inode, size and time.
        known: asked of the file system; so this may block.

    Returns:
        "moved" if it has left its place, "linked" if it is at both, "another" if nothing can be said.
    """
    try:
        there = os.stat(path_in(known.folder, known.name))  # noqa: PTH116 (a raw path)
        if stat_of(there) != stat:
            return "moved"
        same = os.path.samestat(there, os.stat(path))  # noqa: PTH116 (a raw path)
    except (FileNotFoundError, NotADirectoryError):
        return "moved"
    except OSError:
        return "another"
    return "linked" if same else "another"
