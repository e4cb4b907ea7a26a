"""The originals that wait for a backup, and what becomes of each: as the catalog knows it.

The queue is a question, not a list: photos with a star, not uploaded, with a file on this device. So it is
right after a kill, an unstar or a sync. Kept are only uploads begun in parts, and failures with their reason.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, func, or_, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert

from catalog.backup_status import QUEUED
from catalog.changes import change_photos
from catalog.protocol import BackupStatus
from catalog.pull import REMOTE
from catalog.raw_path import path_in
from catalog.search.indexes import WAITING
from catalog.store import SqlCatalog, driver
from catalog.tables import FILE, PHOTO, Upload

UPLOAD = Upload.__table__  # type: ignore[attr-defined]

_FIRST_PAUSE, _LONGEST_PAUSE = 60, 6 * 3600  # seconds before a failed upload is tried again by itself


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
            url: the remote's address; uploads begun elsewhere are none here.
        """
        self.catalog = catalog
        self._url = url

    def waiting(self, *, due_at: float | None = None) -> list[Waiting]:
        """Return the queue: photos not tried yet first, then by md5.

        Args:
            due_at: leave out those whose pause after a failure is not over then, Unix seconds.
        """
        attempts = func.coalesce(UPLOAD.c.attempts, 0)
        query = (
            select(*(PHOTO.c[name] for name in Waiting._fields))
            .join_from(PHOTO, UPLOAD, UPLOAD.c.md5 == PHOTO.c.md5, isouter=True)
            .where(text(QUEUED))
            .order_by(attempts, PHOTO.c.md5)
        )
        if due_at is not None:
            query = query.where(or_(UPLOAD.c.next_try.is_(None), UPLOAD.c.next_try <= due_at))
        with self.catalog.reading() as connection:
            return [Waiting(*record) for record in connection.execute(query)]

    def places(self, md5: str) -> list[Place]:
        """Return where a photo lies on this device."""
        query = (
            select(*(FILE.c[name] for name in Place._fields))
            .where(FILE.c.md5 == md5, FILE.c.missing.is_(False))
            .order_by(FILE.c.folder, FILE.c.name)
        )
        with self.catalog.reading() as connection:
            return [Place(*record) for record in connection.execute(query)]

    def settle(self) -> None:
        """Say that nothing is being uploaded; to be called by whoever holds the lock of the backup."""
        with self.catalog.engine.begin() as connection:
            connection.execute(
                update(PHOTO)
                .where(PHOTO.c.backup_status == BackupStatus.UPLOADING.value)
                .values(backup_status=BackupStatus.NONE.value)
            )

    def begin(self, md5s: Collection[str]) -> None:
        """Note that photos are being uploaded."""
        if not md5s:
            return
        with self.catalog.engine.begin() as connection:
            for md5 in md5s:
                _mark(connection, md5, BackupStatus.UPLOADING)

    def done(self, uploaded: Mapping[str, int]) -> None:
        """Note that originals are safe, as a change to be synced.

        Args:
            uploaded: by md5, since when: Unix seconds by the remote's clock.
        """
        if not uploaded:
            return
        with self.catalog.engine.begin() as connection:
            change_photos(driver(connection), {md5: {"uploaded": when} for md5, when in uploaded.items()})
            for md5 in uploaded:
                _mark(connection, md5, BackupStatus.NONE)
                connection.execute(delete(UPLOAD).where(UPLOAD.c.md5 == md5))

    def lost(self, md5s: Collection[str]) -> None:
        """Note that originals are not on the remote any more, as a change to be synced."""
        if not md5s:
            return
        with self.catalog.engine.begin() as connection:
            change_photos(driver(connection), {md5: {"uploaded": None} for md5 in md5s})

    def unstarred(self, md5s: Iterable[str]) -> tuple[set[str], int]:
        """Return which of some photos, at most a thousand, nobody stars; and how many are known at all."""
        query = select(PHOTO.c.md5, PHOTO.c.starred).where(PHOTO.c.md5.in_(list(md5s)))
        with self.catalog.reading() as connection:
            known = connection.execute(query).all()
        return {md5 for md5, starred in known if not starred}, len(known)

    def failed(self, md5: str, reason: str) -> None:
        """Note that an upload has failed; by itself it is tried again after a pause that doubles each time.

        Args:
            md5: the photo.
            reason: one sentence.
        """
        with self.catalog.engine.begin() as connection:
            before = connection.scalar(select(UPLOAD.c.attempts).where(UPLOAD.c.md5 == md5)) or 0
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(before, 20))
            values = {"attempts": before + 1, "next_try": int(time.time()) + pause, "reason": reason}
            statement = upsert(UPLOAD).values(md5=md5, url=self._url, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["md5"], set_=values))
            _mark(connection, md5, BackupStatus.FAILED)

    def failures(self) -> list[Failure]:
        """Return the photos whose upload has failed and is still wanted, by md5."""
        query = (
            select(PHOTO.c.md5, PHOTO.c.filename, UPLOAD.c.reason, UPLOAD.c.attempts, UPLOAD.c.next_try)
            .join_from(PHOTO, UPLOAD, UPLOAD.c.md5 == PHOTO.c.md5)
            .where(text(WAITING), UPLOAD.c.reason.is_not(None))
            .order_by(PHOTO.c.md5)
        )
        with self.catalog.reading() as connection:
            return [Failure(*record) for record in connection.execute(query)]

    def open_upload(self, md5: str) -> OpenUpload | None:
        """Return the upload in parts that was begun for a photo, None if there is none."""
        return next(iter(self._open(UPLOAD.c.md5 == md5)), None)

    def unwanted_uploads(self) -> list[OpenUpload]:
        """Return uploads in parts that were begun for photos that are not in the queue any more."""
        waits = select(PHOTO.c.md5).where(text(WAITING))
        return list(self._open(UPLOAD.c.md5.not_in(waits)))

    def upload_ids(self) -> set[str]:
        """Return the ids of uploads in parts that this device has begun and can go on with."""
        queued = select(PHOTO.c.md5).where(text(QUEUED))
        return {found.upload_id for found in self._open(UPLOAD.c.md5.in_(queued))}

    def listed_at(self) -> int | None:
        """Return when uploads that nobody goes on with were last looked for there, Unix seconds."""
        with self.catalog.reading() as connection:
            return connection.scalar(select(REMOTE.c.uploads_listed_at).where(REMOTE.c.url == self._url))

    def note_listing(self, now: int) -> None:
        """Note that they were looked for, at Unix seconds `now`."""
        values = {"uploads_listed_at": now}
        with self.catalog.engine.begin() as connection:
            statement = upsert(REMOTE).values(url=self._url, seq=0, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=values))

    def note_upload(self, upload: OpenUpload) -> None:
        """Remember an upload in parts, before its first part is sent."""
        values = {"url": self._url, "upload_id": upload.upload_id, "part_size": upload.part_size}
        with self.catalog.engine.begin() as connection:
            statement = upsert(UPLOAD).values(md5=upload.md5, attempts=0, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["md5"], set_=values))

    def forget_upload(self, md5: str) -> None:
        """Forget an upload in parts: it was aborted, or the server does not know it."""
        with self.catalog.engine.begin() as connection:
            this = UPLOAD.c.md5 == md5
            connection.execute(delete(UPLOAD).where(this, UPLOAD.c.reason.is_(None)))
            connection.execute(update(UPLOAD).where(this).values(upload_id=None, part_size=None))

    def _open(self, *only: object) -> Iterator[OpenUpload]:
        query = select(UPLOAD.c.md5, UPLOAD.c.upload_id, UPLOAD.c.part_size).where(
            and_(UPLOAD.c.url == self._url, UPLOAD.c.upload_id.is_not(None), *only)  # type: ignore[arg-type]
        )
        with self.catalog.reading() as connection:
            found = connection.execute(query).all()
        return (OpenUpload(*record) for record in found)


def _mark(connection: Connection, md5: str, status: BackupStatus) -> None:
    this = [PHOTO.c.md5 == md5]
    if status is not BackupStatus.NONE:
        this.append(PHOTO.c.starred.is_(True))  # an unstar meanwhile has ended what may be said of it
    connection.execute(update(PHOTO).where(*this).values(backup_status=status.value))
