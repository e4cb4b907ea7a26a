"""A folder that is gone for good: only its user knows that it is not a disk which comes back."""

import os

from catalog.patience import patiently
from catalog.protocol import CatalogError
from catalog.raw_path import is_inside
from catalog.row import text_of_name
from catalog.scan.known import folders_under, known_files
from catalog.scan.libraries import drop_library, roots_of
from catalog.scan.scanned import leave_places, left_together
from catalog.store import SqlCatalog


def take_as_gone(catalog: SqlCatalog, directory: bytes) -> int:
    """Mark what lay in a folder, and below it, as missing; if it comes back after all, a scan finds it.

    Args:
        catalog: the store.
        directory: an absolute raw path.

    Returns:
        How many files were known there.

    Raises:
        CatalogError: something lies there, nobody can tell, or nothing was ever known there.
    """
    shown = text_of_name(directory)
    if _holds_anything(directory):
        raise CatalogError(
            f"{shown} is there, and not empty: `photolala scan` without --gone finds what is gone from it. "
            "Nothing was changed."
        )
    with catalog.connections.reading() as connection:
        libraries = [root for root in roots_of(connection) if is_inside(root, directory)]
        folders = folders_under(catalog, directory)
        left = [known for folder in folders for known in known_files(connection, folder).values()]
    if not folders and not libraries:
        raise CatalogError(f"No photo was ever known in {shown}. Nothing was changed.")
    for some in left_together(left):
        leave_places(catalog, some)
    with catalog.connections.writing() as connection:
        for root in libraries:
            drop_library(connection, root)
    return len(left)


def _holds_anything(directory: bytes) -> bool:
    def look() -> bool:
        with os.scandir(directory) as found:
            return next(found, None) is not None

    try:
        return patiently(lambda _: look())
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise CatalogError(
            f"{text_of_name(directory)} cannot be read ({error.strerror}): it may not be gone. "
            "Nothing was changed."
        ) from error
