"""Which service has the photos of a directory: the store, or the Photolala catalog that lies in it.

Asking which loads no ORM and costs a few looks at the folder and one at the store, so that a screen can ask
for each folder that it shows.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from catalog.connections import existing
from catalog.photolala.source import Layout, layout_beside
from catalog.protocol import CatalogEntry, CatalogService
from catalog.raw_path import is_inside, path_in
from catalog.real_path import real_folder_soon


class Service(StrEnum):
    """What may be chosen, and (never AUTO) what serves a directory."""

    AUTO = "auto"
    SQL = "sql"
    CSV = "csv"


@dataclass(frozen=True)
class ServiceChoice:
    """The feature flag, for all directories and for some of them with all below; the nearest counts.

    Attributes:
        service: for all others.
        sql_folders: absolute raw paths, by way of links or not.
        csv_folders: absolute raw paths, by way of links or not.
    """

    service: Service = Service.AUTO
    sql_folders: tuple[bytes, ...] = ()
    csv_folders: tuple[bytes, ...] = ()

    def of(self, directory: bytes) -> Service:
        """Return what is chosen for a directory; of one folder in both lists, the store."""
        chosen = [
            (len(folder), rank, service)
            for folder, rank, service in self._folders
            if is_inside(directory, folder)
        ]
        return max(chosen)[2] if chosen else self.service

    @cached_property
    def _folders(self) -> list[tuple[bytes, int, Service]]:
        """The folders of both lists by their real paths, as directories are named, or else as written."""
        return [
            *((real_folder_soon(folder) or folder, 0, Service.CSV) for folder in self.csv_folders),
            *((real_folder_soon(folder) or folder, 1, Service.SQL) for folder in self.sql_folders),
        ]


class Serving(NamedTuple):
    """Which service serves a directory.

    Attributes:
        service: SQL or CSV.
        reason: for people, a few words.
        has_catalog: whether a Photolala catalog lies there.
        offer_import: whether importing it would bring something: it never was, or has changed since.
    """

    service: Service
    reason: str
    has_catalog: bool
    offer_import: bool


class DirectoryPhotoProvider:
    """Gives a screen the photos of a directory, out of whichever service is chosen for it."""

    def __init__(self, catalog: Path, choice: ServiceChoice, store: Callable[[], CatalogService]) -> None:
        """Set it up; nothing is opened.

        Args:
            catalog: the store's SQLite file, which need not be there.
            choice: which service is for which directory.
            store: opens the store, or returns the open one; called only when a directory needs it.
        """
        self._catalog = catalog
        self._choice = choice
        self._store = store

    def serving(self, directory: bytes) -> Serving:
        """Tell which service serves a directory, and why.

        Args:
            directory: an absolute raw path.
        """
        layout = layout_beside(directory)
        chosen = self._choice.of(directory)
        if layout is None:
            reason = "no Photolala catalog lies here" if chosen is Service.CSV else "your own catalog"
            return Serving(Service.SQL, reason, has_catalog=False, offer_import=False)
        imported_at = self._imported_at(directory)
        offer = imported_at is None or _changed_at(directory, layout) > imported_at
        if chosen is not Service.AUTO:
            service, reason = chosen, "chosen in the settings"
        elif imported_at is None:
            service, reason = Service.CSV, "the Photolala catalog here was not imported yet"
        else:
            service, reason = Service.SQL, "the Photolala catalog here was imported"
            reason += ", and has changed since" if offer else ""
        return Serving(service, reason, has_catalog=True, offer_import=offer)

    def service(self, directory: bytes) -> CatalogService:
        """Return the service that serves a directory."""
        if self.serving(directory).service is Service.SQL:
            return self._store()
        from catalog.photolala.service import CsvCatalog  # most people have none of these folders

        return CsvCatalog(directory)

    def photos(self, directory: bytes) -> Sequence[CatalogEntry]:
        """Return the photos of a directory, by name.

        Raises:
            CatalogError: they cannot be read.
        """
        return self.service(directory).load_catalog(directory)

    def _imported_at(self, directory: bytes) -> int | None:
        query = "SELECT imported_at FROM imported WHERE folder = ?"
        with suppress(sqlite3.Error), closing(existing(self._catalog)) as connection:
            found = connection.execute(query, (directory,)).fetchone()
            return None if found is None else int(found[0])
        return None


def _changed_at(directory: bytes, layout: Layout) -> int:
    """Return when the manifest or the stars there were last written, Unix seconds."""
    changed = 0
    for name in (layout.manifest, layout.part("stars")):
        with suppress(OSError):
            found = os.stat(path_in(directory, name.encode()))  # noqa: PTH116 (a raw path)
            changed = max(changed, int(max(found.st_mtime, found.st_ctime)))
    return changed
