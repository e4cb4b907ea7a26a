"""A damaged catalog: how it is recognised, and how it is set aside, whole, with what to do next.

Opening finds what keeps a file from being opened. Damage further in shows when a page is read: then the
catalog is marked, and the next opening looks through it. It is looked through with each weekly copy, too.
"""

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from catalog.connections import existing
from catalog.copies import copies, lock_of
from catalog.protocol import CatalogDamagedError

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_MAGIC = b"SQLite format 3\0"
_TOLD = 20  # problems; one is enough to know


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether SQLite says that the file itself is at fault."""
    code = getattr(error, "sqlite_errorcode", None)  # none on those that we raise
    return code is not None and code & 0xFF in _DAMAGE


def check(path: Path) -> list[str]:
    """Look through a whole catalog with SQLite's `quick_check`; a million photos take some seconds.

    Args:
        path: the SQLite file.

    Returns:
        What is wrong, in SQLite's words; empty if nothing is.

    Raises:
        sqlite3.OperationalError: it cannot be opened.
    """
    try:
        with closing(existing(path)) as connection:
            found = [str(text) for (text,) in connection.execute(f"PRAGMA quick_check({_TOLD})")]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [str(error)]
    return [] if found == ["ok"] else found


def suspect(path: Path, cause: sqlite3.Error) -> CatalogDamagedError:
    """Mark a catalog, so that the next opening looks through it; returns the sentence that says so.

    Args:
        path: the catalog.
        cause: what a read or a write has met.
    """
    with suppress(OSError):
        mark(path).touch(mode=0o600)
    return CatalogDamagedError(
        f"The catalog {path} is damaged ({cause}). Start photolala again: it looks through the file and says "
        "what to do next."
    )


def mark(path: Path) -> Path:
    """Return the file that says that a catalog may be damaged."""
    return path.with_name(f"{path.name}.suspect")


def is_ours(path: Path) -> bool:
    """Tell whether a file that cannot be read as a catalog once was one, or may have been."""
    if lock_of(path).exists():
        return True
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # left open: see `_make_private` in schema.py
    return os.pread(descriptor, len(_MAGIC), 0) == _MAGIC


def set_aside(path: Path, reason: str) -> CatalogDamagedError:
    """Give a damaged catalog another name, with all that belongs to it; to be called by one at a time.

    Args:
        path: the catalog.
        reason: what is wrong with it.

    Returns:
        The sentence that says what happened, and how to go on.
    """
    aside = _free_name(path)
    # the log first: without its catalog it is ignored, and a catalog without its log is an older one
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    mark(path).unlink(missing_ok=True)
    begin_anew = "scan your folders again, and a sync brings back the stars that were synced"
    found = copies(path)
    if not found:
        then = f"The next start makes a new catalog: {begin_anew}."
    else:
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(found[0].stat().st_mtime))
        then = (
            f"To go on with the copy of {day}, rename {found[0]} to {path}. "
            f"Without that, the next start makes a new catalog: {begin_anew}."
        )
    return CatalogDamagedError(
        f"The catalog {path} is damaged ({reason}). It was set aside, whole, as {aside}. {then}"
    )


def _free_name(path: Path) -> Path:
    name, number = f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}", 1
    aside = path.with_name(name)
    while any(aside.with_name(aside.name + suffix).exists() for suffix in ("", "-wal", "-shm")):
        number += 1
        aside = path.with_name(f"{name}-{number}")
    return aside
