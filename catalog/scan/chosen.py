"""Files that somebody has chosen, one or thousands: which photos they are, without a scan of their folder."""

import errno
import os
from collections.abc import Iterable, Iterator
from itertools import islice

from catalog.patience import PATIENCE, Beat, Crew, no_answer, patiently
from catalog.photo_files.metadata import read_facts
from catalog.raw_path import folder_and_name
from catalog.scan.known import Known, known_file
from catalog.scan.libraries import library_root
from catalog.scan.scanned import ScannedFile, store_files
from catalog.scan.walk import Stat, stat_of
from catalog.store import SqlCatalog

_PART = 500  # files
_LOOK_SECONDS = 0.1
_MOST_STUCK = 2


def scan_file(catalog: SqlCatalog, path: bytes, *, patience: float = PATIENCE) -> str:
    """Return the md5 of the photo at a path; see `scan_files`.

    Raises:
        OSError: it cannot be read; TimeoutError: it does not answer.
        FileChanged: it changes while it is read.
    """
    ((_, told),) = scan_files(catalog, [path], patience=patience)
    if isinstance(told, Exception):
        raise told
    return told


def scan_files(
    catalog: SqlCatalog, paths: Iterable[bytes], *, patience: float = PATIENCE
) -> Iterator[tuple[bytes, str | Exception]]:
    """Yield for each path the md5 of the photo there, or why it cannot be told.

    A file is read only if the catalog does not know it as it is; what was read is stored.

    Args:
        catalog: the store.
        paths: absolute raw ones.
        patience: seconds after which a file that does not answer is left alone.
    """
    rest = iter(dict.fromkeys(paths))
    while part := list(islice(rest, _PART)):
        stats = _stats(part, patience)
        with catalog.connections.reading() as connection:
            known = {path: known_file(connection, *folder_and_name(path)) for path in part}
        for path in part:
            now, before = stats[path], known[path]
            if isinstance(now, OSError):
                yield path, now
            elif before is not None and before.stat == now and before.md5 is not None:
                yield path, before.md5
            else:
                yield path, _read(catalog, path, now, before, patience)


def _stats(paths: list[bytes], patience: float) -> dict[bytes, Stat | OSError]:
    """Ask for all of them on one thread, and for no more once some do not answer."""
    found: dict[bytes, Stat | OSError] = {}
    silent = TimeoutError(errno.ETIMEDOUT, no_answer(patience))
    crew = Crew(_stat, size=1, patience=patience)
    try:
        crew.give(paths)
        while len(found) < len(paths):
            found.update(crew.take(_LOOK_SECONDS))
            found |= dict.fromkeys(crew.stuck(), silent)
            if crew.still_stuck() >= _MOST_STUCK:
                return dict.fromkeys(paths, silent) | found
    finally:
        crew.dismiss()
    return found


def _stat(path: bytes, beat: Beat) -> tuple[bytes, Stat | OSError]:
    beat()
    try:
        return path, Stat(*stat_of(os.stat(path)))  # noqa: PTH116 (a raw path)
    except OSError as error:
        return path, error


def _read(
    catalog: SqlCatalog, path: bytes, now: Stat, before: Known | None, patience: float
) -> str | Exception:
    try:
        facts = patiently(lambda beat: read_facts(path, cancelled=beat), patience=patience)
    except Exception as error:  # a fault of ours costs one photo, never all
        return error
    folder, name = folder_and_name(path)
    file = ScannedFile(folder, name, now, facts.md5, facts, facts.error, before)
    store_files(catalog, [file], library_root(catalog, folder))
    return facts.md5
