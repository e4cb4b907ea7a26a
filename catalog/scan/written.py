"""Photos that we have written to the disk ourselves: their MD5 is proved, and nobody reads them again."""

import os
from collections.abc import Collection
from typing import NamedTuple

from catalog.photo_files.metadata import PhotoFacts, facts_of
from catalog.photo_files.photo_file import PhotoFile
from catalog.raw_path import folder_and_name, path_in
from catalog.scan.known import known_files
from catalog.scan.libraries import library_root
from catalog.scan.scanned import ScannedFile, store_files
from catalog.scan.walk import Stat, stat_of
from catalog.store import SqlCatalog


class WrittenFile(NamedTuple):
    """A photo's file, as it was left: its raw folder and name, its state, what its header says."""

    folder: bytes
    name: bytes
    stat: Stat
    facts: PhotoFacts

    @property
    def path(self) -> bytes:
        """The file's raw path."""
        return path_in(self.folder, self.name)


def look_at(descriptor: int, md5: str, path: bytes) -> WrittenFile:
    """Look at the header of a file that has just been written.

    Args:
        descriptor: the open file; it may still have another name.
        md5: what was written, proved.
        path: the absolute raw path that it has, or will have.

    Raises:
        OSError: the file cannot be read any more.
    """
    status = os.fstat(descriptor)
    facts = facts_of(PhotoFile(descriptor, status.st_size), md5, status.st_mtime_ns)
    return WrittenFile(*folder_and_name(path), Stat(*stat_of(status)), facts)


def store_written(catalog: SqlCatalog, files: Collection[WrittenFile], root: bytes) -> None:
    """Take files up into the catalog, in one transaction.

    Args:
        catalog: the store.
        files: settled on the disk; at most a few hundred, so that a star need not wait.
        root: raw path of a folder in which they lie; it becomes a library if it belongs to none.
    """
    with catalog.connections.reading() as connection:
        known = {folder: known_files(connection, folder) for folder in {file.folder for file in files}}
    scanned = [
        ScannedFile(folder, name, stat, facts.md5, facts, facts.error, known[folder].get(name))
        for folder, name, stat, facts in files
    ]
    store_files(catalog, scanned, library_root(catalog, root))
