"""The catalog's words: what a screen, a script or a sync may ask of any catalog. Imports no ORM."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

SCHEMA = "0005"
"""The newest step in catalog/migrations/, as a catalog file names it."""


class CatalogError(Exception):
    """Something is wrong with the catalog; the text says what, where and what to do next."""


class CatalogTooNewError(CatalogError):
    """The catalog was written by a newer version of photolala."""


class CatalogDamagedError(CatalogError):
    """The catalog's file is damaged; the text says where it lies now, and how to go on."""


class PhotoNotFoundError(CatalogError):
    """No photo of this identity is in the catalog."""


class BackupStatus(StrEnum):
    """How far the backup of an original has come."""

    NONE = "none"
    QUEUED = "queued"
    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    FAILED = "failed"


class CatalogEntry(Protocol):
    """One photo, or one file that could not be read (its md5 is then None and `error` says why)."""

    @property
    def md5(self) -> str | None:
        """Lowercase hex MD5 of the whole file."""

    @property
    def filename(self) -> str:
        """The photo's name, as text; hostile until a screen has made it showable."""

    @property
    def paths(self) -> tuple[bytes, ...]:
        """Where it lies on this device, absolute raw paths; empty if it is only known from elsewhere."""

    @property
    def size(self) -> int | None:
        """Bytes."""

    @property
    def photodate(self) -> int | None:
        """When it was taken, Unix seconds."""

    @property
    def modified(self) -> int | None:
        """The file's modified time, Unix seconds."""

    @property
    def width(self) -> int | None:
        """Pixels, as displayed."""

    @property
    def height(self) -> int | None:
        """Pixels, as displayed."""

    @property
    def starred(self) -> bool:
        """Whether the user keeps this one."""

    @property
    def backup_status(self) -> BackupStatus:
        """How far its backup has come."""

    @property
    def error(self) -> str | None:
        """What is wrong with the file, one sentence; None if nothing is."""


class CatalogStats(NamedTuple):
    """How much a catalog knows. Each is the count of a set, none is a difference.

    Attributes:
        photos: different contents, tombstones left out.
        files: places on this device where they lie now.
        starred: photos with a star.
        pending: photos changed here and not yet committed to the remote.
        open_conflicts: conflicts that nobody has turned or dismissed.
        backup: photos per backup status.
    """

    photos: int
    files: int
    starred: int
    pending: int
    open_conflicts: int
    backup: dict[BackupStatus, int]


class CatalogService(Protocol):
    """A catalog of photos, whatever keeps it. All methods may be called from any thread."""

    def load_catalog(self, directory: bytes) -> Sequence[CatalogEntry]:
        """Return the entries of one directory (not of those below it), by name."""

    def find_entry(self, md5: str) -> CatalogEntry | None:
        """Return the photo of this md5, None if the catalog does not know it."""

    def update_star_status(self, md5: str, is_starred: bool) -> bool:
        """Give or take a star, durably before it returns.

        Returns:
            Whether that changed anything.

        Raises:
            PhotoNotFoundError: the catalog does not know this md5.
        """

    def update_backup_status(self, md5: str, status: BackupStatus) -> None:
        """Say how far a photo's backup has come.

        Raises:
            PhotoNotFoundError: the catalog does not know this md5.
        """

    def starred_entries(self) -> Sequence[CatalogEntry]:
        """Return all photos with a star, by md5."""

    def stats(self) -> CatalogStats:
        """Count what is known."""
