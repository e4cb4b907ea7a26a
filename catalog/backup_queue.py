"""The originals that wait for a backup, and what becomes of each: as the catalog knows it.

The queue is a question, not a list: photos with a star, not uploaded, with a file on this device. So it is
right after a kill, an unstar or a sync. Kept are only uploads begun in parts, and failures with their reason.
"""

import sqlite3
import time
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from catalog.backup_status import QUEUED
from catalog.changes import change_photos
from catalog.protocol import BackupStatus
from catalog.raw_path import path_in
from catalog.search.indexes import SETS, WAITING
from catalog.store import SqlCatalog

_FIRST_PAUSE, _LONGEST_PAUSE = 60, 6 * 3600  # seconds before a failed upload is tried again by itself

_QUEUE = f"""
SELECT photo.md5, filename, size, photodate
  FROM photo LEFT JOIN upload ON upload.md5 = photo.md5 AND url = :url
 WHERE {QUEUED} AND (:due_at IS NULL OR next_try IS NULL
                    OR next_try <= :due_at OR next_try > :due_at + {_LONGEST_PAUSE})
 ORDER BY coalesce(attempts, 0), photo.md5
"""
_NOT_HERE = f"SELECT count(*) FROM photo WHERE {WAITING} AND places = 0"
_PLACES = """
SELECT folder, name, size, mtime_ns FROM file WHERE md5 = ? AND missing = 0 ORDER BY folder, name
"""
_FAILURES = f"""
SELECT md5, filename, reason, attempts, next_try FROM photo JOIN upload USING (md5)
 WHERE {WAITING} AND url = ? AND reason IS NOT NULL ORDER BY md5
"""
_OPEN = "SELECT md5, upload_id, part_size FROM upload WHERE url = ? AND upload_id IS NOT NULL"
_UNWANTED = f"{_OPEN} AND md5 NOT IN (SELECT md5 FROM photo WHERE {WAITING})"
_WANTED = f"{_OPEN} AND md5 IN (SELECT md5 FROM photo WHERE {QUEUED})"
_LISTED_AT = "SELECT uploads_listed_at FROM remote WHERE url = ?"
_NOTE_LISTING = """
INSERT INTO remote (url, seq, uploads_listed_at) VALUES (:url, 0, :now)
    ON CONFLICT (url) DO UPDATE SET uploads_listed_at = :now
"""
_ATTEMPTS = "SELECT attempts FROM upload WHERE md5 = ? AND url = ?"
_FAIL = """
INSERT INTO upload (md5, url, attempts, next_try, reason) VALUES (:md5, :url, :attempts, :next_try, :reason)
    ON CONFLICT (md5) DO UPDATE
   SET upload_id = iif(url = :url, upload_id, NULL), part_size = iif(url = :url, part_size, NULL), url = :url,
       attempts = :attempts, next_try = :next_try, reason = :reason
"""
_NOTE = """
INSERT INTO upload (md5, url, upload_id, part_size, attempts) VALUES (:md5, :url, :upload_id, :part_size, 0)
    ON CONFLICT (md5) DO UPDATE
   SET url = :url, upload_id = :upload_id, part_size = :part_size, attempts = iif(url = :url, attempts, 0),
       next_try = iif(url = :url, next_try, NULL), reason = iif(url = :url, reason, NULL)
"""
_SETTLE = f"""
UPDATE photo SET backup_status = 'none' WHERE {SETS["in_backup"]} AND backup_status = 'uploading'
"""
# an unstar meanwhile has ended what may be said of a photo
_MARK = "UPDATE photo SET backup_status = :status WHERE md5 = :md5 AND (starred = 1 OR :status = 'none')"


class Waiting(NamedTuple):
    """A photo in the queue; `size` is bytes, `photodate` Unix seconds."""

    md5: str
    filename: str
    size: int | None
    photodate: int | None


class Place(NamedTuple):
    """A file of a photo on this device, with what a scan last saw of it."""

    folder: bytes
    name: bytes
    size: int
    mtime_ns: int

    @property
    def path(self) -> bytes:
        """The file's raw path."""
        return path_in(self.folder, self.name)


class OpenUpload(NamedTuple):
    """An upload in parts that was begun and not ended; `part_size` is bytes."""

    md5: str
    upload_id: str
    part_size: int


class Failure(NamedTuple):
    """An upload that failed; `next_try` is Unix seconds."""

    md5: str
    filename: str
    reason: str
    attempts: int
    next_try: int


class BackupQueue:
    """The queue of one catalog, for one remote. Any thread may call; each call is one transaction at most."""

    def __init__(self, catalog: SqlCatalog, url: str) -> None:
        """Look at a catalog.

        Args:
            catalog: this device's.
            url: the remote's address; uploads that were begun, or have failed, elsewhere are none here.
        """
        self.catalog = catalog
        self._url = url

    def waiting(self, *, due_at: float | None = None) -> list[Waiting]:
        """Return the queue: photos not tried yet first, then by md5.

        Args:
            due_at: leave out those whose pause after a failure is not over then, Unix seconds. One that is
                longer than any was told by a clock that has been put back: it is over.
        """
        with self.catalog.connections.reading() as connection:
            return [
                Waiting(*found) for found in connection.execute(_QUEUE, {"url": self._url, "due_at": due_at})
            ]

    def not_here(self) -> int:
        """Return how many starred photos are not safe and have no file on this device."""
        with self.catalog.connections.reading() as connection:
            return int(connection.execute(_NOT_HERE).fetchone()[0])

    def places(self, md5: str) -> list[Place]:
        """Return where a photo lies on this device."""
        with self.catalog.connections.reading() as connection:
            return [Place(*found) for found in connection.execute(_PLACES, (md5,))]

    def settle(self) -> None:
        """Say that nothing is being uploaded; to be called by whoever holds the lock of the backup."""
        with self.catalog.connections.writing() as connection:
            connection.execute(_SETTLE)

    def begin(self, md5s: Collection[str]) -> None:
        """Note that photos are being uploaded."""
        if not md5s:
            return
        with self.catalog.connections.writing() as connection:
            _mark(connection, md5s, BackupStatus.UPLOADING)

    def done(self, uploaded: Mapping[str, int]) -> None:
        """Note that originals are safe, as a change to be synced.

        Args:
            uploaded: by md5, since when: Unix seconds by the remote's clock.
        """
        if not uploaded:
            return
        with self.catalog.connections.writing() as connection:
            change_photos(connection, {md5: {"uploaded": when} for md5, when in uploaded.items()})
            _mark(connection, uploaded, BackupStatus.NONE)
            connection.executemany("DELETE FROM upload WHERE md5 = ?", [(md5,) for md5 in uploaded])

    def lost(self, md5s: Collection[str]) -> None:
        """Note that originals are not on the remote any more, as a change to be synced."""
        if not md5s:
            return
        with self.catalog.connections.writing() as connection:
            change_photos(connection, {md5: {"uploaded": None} for md5 in md5s})

    def unstarred(self, md5s: Iterable[str]) -> tuple[set[str], int]:
        """Return which of some photos, at most a thousand, nobody stars; and how many are known at all."""
        asked = tuple(md5s)
        some = f"SELECT md5, starred FROM photo WHERE md5 IN ({', '.join('?' * len(asked))})"
        with self.catalog.connections.reading() as connection:
            known = connection.execute(some, asked).fetchall()
        return {md5 for md5, starred in known if not starred}, len(known)

    def failed(self, md5: str, reason: str) -> None:
        """Note that an upload has failed; by itself it is tried again after a pause that doubles each time.

        Args:
            md5: the photo.
            reason: one sentence.
        """
        with self.catalog.connections.writing() as connection:
            found = connection.execute(_ATTEMPTS, (md5, self._url)).fetchone()
            before = found[0] if found else 0
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(before, 20))
            values = {"attempts": before + 1, "next_try": int(time.time()) + pause, "reason": reason}
            connection.execute(_FAIL, {"md5": md5, "url": self._url, **values})
            _mark(connection, [md5], BackupStatus.FAILED)

    def failures(self) -> list[Failure]:
        """Return the photos whose upload has failed and is still wanted, by md5."""
        with self.catalog.connections.reading() as connection:
            return [Failure(*found) for found in connection.execute(_FAILURES, (self._url,))]

    def open_upload(self, md5: str) -> OpenUpload | None:
        """Return the upload in parts that was begun for a photo, None if there is none."""
        return next(iter(self._open(f"{_OPEN} AND md5 = ?", md5)), None)

    def unwanted_uploads(self) -> list[OpenUpload]:
        """Return uploads in parts that were begun for photos that are not in the queue any more."""
        return self._open(_UNWANTED)

    def upload_ids(self) -> set[str]:
        """Return the ids of uploads in parts that this device has begun and can go on with."""
        return {found.upload_id for found in self._open(_WANTED)}

    def listed_at(self) -> int | None:
        """Return when uploads that nobody goes on with were last looked for there, Unix seconds."""
        with self.catalog.connections.reading() as connection:
            listed_at: int | None
            (listed_at,) = connection.execute(_LISTED_AT, (self._url,)).fetchone() or (None,)
            return listed_at

    def note_listing(self, now: int) -> None:
        """Note that they were looked for, at Unix seconds `now`."""
        with self.catalog.connections.writing() as connection:
            connection.execute(_NOTE_LISTING, {"url": self._url, "now": now})

    def note_upload(self, upload: OpenUpload) -> None:
        """Remember an upload in parts, before its first part is sent."""
        with self.catalog.connections.writing() as connection:
            connection.execute(_NOTE, {"url": self._url, **upload._asdict()})

    def forget_upload(self, md5: str) -> None:
        """Forget an upload in parts: it was aborted, or the server does not know it."""
        with self.catalog.connections.writing() as connection:
            connection.execute("DELETE FROM upload WHERE md5 = ? AND reason IS NULL", (md5,))
            connection.execute("UPDATE upload SET upload_id = NULL, part_size = NULL WHERE md5 = ?", (md5,))

    def _open(self, query: str, *more: str) -> list[OpenUpload]:
        with self.catalog.connections.reading() as connection:
            return [OpenUpload(*found) for found in connection.execute(query, (self._url, *more))]


def _mark(connection: sqlite3.Connection, md5s: Iterable[str], status: BackupStatus) -> None:
    connection.executemany(_MARK, [{"md5": md5, "status": status.value} for md5 in md5s])
