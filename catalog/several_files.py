"""Photos that lie in several files, as the disks have them now: a file under several names is one file.

Who removes a copy counts on what is left. So a link, a hard link and what lies in a linked folder are the
file that they lead to, and a file that is not there now, its disk not mounted, is no copy to count on.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from catalog.entry import Entry
from catalog.patience import Beat, patiently
from catalog.real_path import RealPaths

_PART = 500  # photos


def in_several_files(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield those of some photos that lie in several files, each file by one path: its own before a link's.

    Args:
        entries: photos with all paths that a scan has seen.

    Raises:
        TimeoutError: a path does not answer: a network mount whose server is gone.
    """
    rest = iter(entries)
    while part := list(islice(rest, _PART)):
        for entry, paths in zip(part, _files([entry.paths for entry in part]), strict=True):
            if len(paths) > 1:
                yield entry._replace(paths=paths)


def _files(places: Sequence[Sequence[bytes]]) -> list[tuple[bytes, ...]]:
    """Return for each photo one path for each of its files."""
    found: list[tuple[bytes, ...]] = []
    asked = b""

    def ask(beat: Beat) -> None:
        nonlocal asked
        real = RealPaths()
        for paths in places:
            files: dict[tuple[int, int], bytes] = {}
            for asked in paths:
                path = real.file(asked)
                if (file := _file_at(path)) is not None and (
                    file not in files or (_is_link(files[file]) and not _is_link(path))
                ):
                    files[file] = path
                beat()
            found.append(tuple(sorted({*files.values()})))

    try:
        patiently(ask)
    except TimeoutError as error:
        raise TimeoutError(error.errno, error.strerror, asked) from error
    return found


def _file_at(path: bytes) -> tuple[int, int] | None:
    """Return what tells one file from all others; None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 (a raw path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_link(path: bytes) -> bool:
    return os.path.realpath(path) != path
