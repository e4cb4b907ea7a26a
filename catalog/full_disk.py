"""A full disk, told apart from all else for which SQLite cannot go on."""

import shutil
import sqlite3
from pathlib import Path

from catalog.protocol import CatalogError

_LEAST = 1 << 16  # bytes: what SQLite needs to open a catalog, in the file that all who use it share


def is_disk_full(path: Path, error: sqlite3.Error) -> bool:
    """Tell whether SQLite has failed for want of room.

    Args:
        path: the catalog.
        error: what it has raised; where there is no room even to open a catalog it is "disk I/O error".
    """
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # none on those that we raise
    if code == sqlite3.SQLITE_IOERR:
        return shutil.disk_usage(path.parent).free < _LEAST
    return code == sqlite3.SQLITE_FULL


def full_disk(path: Path) -> CatalogError:
    """Return the sentence that says so, and what to do."""
    return CatalogError(f"The disk that holds {path} is full. Make room; what was saved before is safe.")
