"""A desk with real photo files, and backups of it."""

import hashlib
import os
import random
from pathlib import Path

from catalog.backup_queue import BackupQueue
from catalog.originals import Originals
from catalog.protocol import BackupStatus
from catalog.row import PhotoRow
from catalog.scan.scanner import Scan
from catalog.store import SqlCatalog
from sync.originals.backup import Backup
from sync.originals.restore import Restore
from sync.stores.original_store import original_key

MIB = 1 << 20


class Desk:
    """A device with an album; photos go by their file names."""

    def __init__(self, path: Path, album: Path):
        self.catalog = SqlCatalog(path)
        self.album = album
        self.md5s: dict[str, str] = {}
        album.mkdir(exist_ok=True)

    def write(self, name: str, content: bytes | int, *, star=True) -> str:
        """Write a photo (random bytes if only their number is told), scan it, star it."""
        data = random.Random(name).randbytes(content) if isinstance(content, int) else content
        (self.album / name).write_bytes(data)
        self.scan()
        md5 = self.md5s[name] = hashlib.md5(data).hexdigest()
        if star:
            self.catalog.update_star_status(md5, is_starred=True)
        return md5

    def write_sparse(self, name: str, size: int) -> str:
        """Write a large photo that takes no room: nothing but zeros, and its name at its end."""
        with (self.album / name).open("wb") as file:
            file.truncate(size - len(name))
            file.seek(0, os.SEEK_END)
            file.write(name.encode())
        self.scan()
        with (self.album / name).open("rb") as file:
            md5 = self.md5s[name] = hashlib.file_digest(file, "md5").hexdigest()
        self.catalog.update_star_status(md5, is_starred=True)
        return md5

    def scan(self):
        return Scan(self.catalog, os.fsencode(self.album)).run()

    def back_up(self, store, **options):
        return Backup(self.catalog, store, backoff=0.001, **options).run()

    def restore(self, store, target: Path, *, thaw=False, chosen=None, **options):
        job = Restore(self.catalog, store, os.fsencode(target), backoff=0.001, **options)
        if chosen is None:
            chosen = Originals(self.catalog, store.url).restorable(starred=True)
        planned = job.plan(chosen)
        if thaw:
            job.thaw(planned)
        return job.run(planned)

    def queue(self, store=None):
        return BackupQueue(self.catalog, store.url if store else "")

    def status(self, name: str) -> BackupStatus:
        return self.catalog.find_entry(self.md5s[name]).backup_status

    def counts(self) -> dict[str, int]:
        return {status.value: count for status, count in self.catalog.stats().backup.items() if count}

    def row(self, name: str) -> PhotoRow:
        with self.catalog.reading() as connection:
            columns = ", ".join(PhotoRow._fields)
            query = f"SELECT {columns} FROM photo WHERE md5 = ?"
            return PhotoRow(*connection.exec_driver_sql(query, (self.md5s[name],)).one())

    def key(self, name: str) -> str:
        return original_key(self.md5s[name])


def md5_at(store, key: str) -> str:
    """The MD5 of an object's bytes, fetched."""
    digest = hashlib.md5()
    with store.read(key) as pieces:
        for piece in pieces:
            digest.update(piece)
    return digest.hexdigest()
