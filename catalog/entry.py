"""One photo as any service tells of it: the value behind `CatalogEntry`."""

from typing import NamedTuple

from catalog.protocol import BackupStatus

STATUSES = {status.value: status for status in BackupStatus}


class Entry(NamedTuple):
    """One photo, or one file that could not be read; see `CatalogEntry`."""

    md5: str | None
    filename: str
    paths: tuple[bytes, ...]
    size: int | None
    photodate: int | None
    modified: int | None
    width: int | None
    height: int | None
    starred: bool
    backup_status: BackupStatus
    error: str | None
