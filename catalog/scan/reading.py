"""One file that a scan has found: recognised as a known one that was moved, or read; on a worker thread."""

import os
from collections.abc import Callable
from typing import NamedTuple

from catalog.photo_files.metadata import FileChanged, ReadCancelled, read_facts
from catalog.raw_path import path_in
from catalog.scan.known import Known
from catalog.scan.moves import whereabouts
from catalog.scan.scanned import ScannedFile
from catalog.scan.walk import Stat, reason, stat_of


class UnreadFile(NamedTuple):
    """A file to be read: what was known at its place, and which known file it may be."""

    folder: bytes
    name: bytes
    stat: Stat
    before: Known | None
    may_be: Known | None

    def failed(self, why: str) -> ScannedFile:
        """Return it as one that could not be read."""
        return ScannedFile(self.folder, self.name, self.stat, error=why, before=self.before)


def read_file(file: UnreadFile, cancelled: Callable[[], bool]) -> ScannedFile | None:
    """Find out which photo a file holds. This may block for ever, and raises nothing.

    Args:
        file: what is known of it.
        cancelled: asked at each step; True gives up.

    Returns:
        None if it was given up.
    """
    folder, name, now, before, may_be = file
    path = path_in(folder, name)
    if may_be is not None and (where := whereabouts(path, now, may_be)) != "another":
        moved_from = may_be if where == "moved" else None
        return ScannedFile(folder, name, now, may_be.md5, None, may_be.error, before, moved_from)
    why = "the file changes while it is read"
    for attempt in (1, 2):
        try:
            if attempt == 2:
                now = Stat(*stat_of(os.stat(path)))  # noqa: PTH116 (a raw path)
            facts = read_facts(path, cancelled=cancelled)
        except ReadCancelled:
            return None
        except FileChanged:
            continue
        except OSError as error:
            why = reason(error)
        except Exception as error:  # a fault of ours costs one row, never the scan
            why = f"cannot be understood: {error!r}"
        else:
            return ScannedFile(folder, name, now, facts.md5, facts, facts.error, before)
        break
    return file._replace(stat=now).failed(why)
