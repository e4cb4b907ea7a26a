"""Copies of the catalog beside it: before a migration and once a week, of each kind the three newest.

A copy is made by SQLite's own backup under another name, checked, and only then renamed: a file with a copy's
name is whole. A catalog that is damaged cannot be copied, so it never replaces a good copy.
"""

import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

_KEPT = 3
_DAY, _WEEK = 86400.0, 7 * 86400.0  # seconds
_KINDS = ("before", "weekly")


def back_up(path: Path, label: str) -> Path:
    """Copy a catalog; to be called by one at a time.

    Args:
        path: the catalog.
        label: goes into the copy's name; it begins with "before-" or is "weekly".

    Returns:
        The copy.

    Raises:
        sqlite3.DatabaseError: the catalog is damaged, or cannot be read or copied.
        OSError: the copy cannot be written.
    """
    begun = path.with_name(f"{path.name}.copying")
    begun.unlink(missing_ok=True)  # left by one that was killed
    os.close(os.open(begun, os.O_CREAT | os.O_WRONLY | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(begun)) as target:
            target.execute("PRAGMA synchronous = OFF")  # it counts only once it is whole
            source.backup(target)
            _look_through(target)
        with begun.open("rb+") as written:
            os.fsync(written.fileno())
        copy = begun.rename(path.with_name(f"{path.name}.{label}-{time.strftime('%Y%m%d-%H%M%S')}"))
    except BaseException:
        begun.unlink(missing_ok=True)
        raise
    for old in copies(path, label.partition("-")[0])[_KEPT:]:
        with suppress(OSError):
            old.unlink()
    return copy


def _look_through(copy: sqlite3.Connection) -> None:
    (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def copies(path: Path, *kinds: str) -> list[Path]:
    """Return the copies of a catalog, the newest first.

    Args:
        path: the catalog.
        kinds: "before" or "weekly"; both if none is named.
    """
    beginnings = tuple(f"{path.name}.{kind}-" for kind in kinds or _KINDS)
    found = [entry for entry in path.parent.iterdir() if entry.name.startswith(beginnings)]
    times = {copy: copy.stat().st_mtime for copy in found}
    return sorted(found, key=lambda copy: (_is_past(times[copy]), times[copy], copy.name), reverse=True)


def _is_past(moment: float) -> bool:
    """Tell whether a time can be: one from tomorrow on was told by a clock that has been put back since."""
    return moment < time.time() + _DAY


def lock_of(path: Path) -> Path:
    """Return the file that lies beside a catalog since it was made here; who copies it holds its `flock`."""
    return path.with_name(f"{path.name}.open-lock")


def is_copy_due(path: Path) -> bool:
    """Tell whether a catalog has gone a week without a copy; one that was just made needs none."""
    lock = lock_of(path)
    made = lock.stat().st_mtime if lock.exists() else 0.0
    newest = next((copy.stat().st_mtime for copy in copies(path)), made)
    return not _is_past(newest) or time.time() - newest > _WEEK


def copy_weekly(path: Path) -> str | None:
    """Make the copy of the week; to be called when it is due, by one at a time.

    Returns:
        Why there is none, one sentence; None if there is one now.

    Raises:
        sqlite3.DatabaseError: the catalog is damaged.
    """
    size = path.stat().st_size
    if shutil.disk_usage(path.parent).free < 2 * size:
        return f"The weekly copy of {path} was not made: the disk would be nearly full. Make room."
    try:
        back_up(path, "weekly")
    except (OSError, sqlite3.OperationalError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return (
            f"The weekly copy of {path} could not be made: {reason}. Check the folder's permissions and room."
        )
    return None
