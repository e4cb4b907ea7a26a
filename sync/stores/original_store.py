"""What a remote does for originals, beyond the small objects of a sync: parts, streams, proofs.

An original lies at `photos/<md5[0:2]>/<md5>` and never changes; its thumbnail beside it in `thumbnails/`.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from sync.stores.objectstore import ObjectStore

ORIGINALS = "photos/"

ARCHIVED = {"GLACIER": "3 to 5 hours", "DEEP_ARCHIVE": "up to 12 hours"}
"""Storage classes that cannot be read at once, and how long AWS's RestoreObject takes (tier Standard)."""

_KEY = re.compile(r"photos/([0-9a-f]{2})/(\1[0-9a-f]{30})", re.ASCII)


def original_key(md5: str) -> str:
    """Return where an original lies on a remote."""
    return f"{ORIGINALS}{md5[:2]}/{md5}"


def thumbnail_key(md5: str) -> str:
    """Return where a photo's thumbnail lies on a remote."""
    return f"thumbnails/{md5[:2]}/{md5}.jpg"


def md5_of_key(key: str) -> str | None:
    """Return the photo whose original a key names, None if it names none."""
    found = _KEY.fullmatch(key)
    return found[2] if found else None


class About(NamedTuple):
    """What is kept with an object: ASCII only; `storage_class` None is the remote's usual one."""

    content_type: str
    metadata: dict[str, str]
    storage_class: str | None = None


class Stored(NamedTuple):
    """An object on a remote.

    Attributes:
        key: where.
        size: bytes.
        modified: Unix seconds by the remote's clock.
        md5: lowercase hex, as far as the remote proves it; None if it does not.
        storage_class: such as "GLACIER"; None is the usual one.
        thawed: whether an archived object can be read now; None if it is not archived, or not being thawed.
    """

    key: str
    size: int
    modified: float
    md5: str | None
    storage_class: str | None = None
    thawed: bool | None = None


class StartedUpload(NamedTuple):
    """An upload in parts that somebody has begun; `begun` is Unix seconds by the remote's clock."""

    key: str
    upload_id: str
    begun: float


class Part(NamedTuple):
    """A part that is on the remote: its size in bytes, its ETag, and its MD5 where the ETag is one."""

    size: int
    etag: str
    md5: str | None


class IntegrityError(Exception):
    """The remote says that it has stored something else than what was sent; the text is one sentence."""


class Body:
    """Bytes on their way up, as a file that the HTTP client reads; what passes is told piece by piece."""

    def __init__(self, data: bytes, passing: Callable[[int], object] = lambda _: None) -> None:
        """Take the bytes.

        Args:
            data: all of them.
            passing: told how many more have passed, less than none when they must be sent again; it may wait,
                and may raise to stop the sending.
        """
        self._data = memoryview(data)
        self.md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self._passing = passing
        self._at = 0
        self._passed: int | None = None  # None: it is read to be signed, not to be sent

    @property
    def content_md5(self) -> str:
        """The MD5 as the header Content-MD5 has it (RFC 1864)."""
        return base64.b64encode(bytes.fromhex(self.md5)).decode()

    def sending(self) -> None:
        """Count from here on: the next bytes that are read are sent."""
        self.taken_back()
        self._passed = 0

    def taken_back(self) -> None:
        """Note that what has passed did not arrive."""
        if self._passed:
            self._passing(-self._passed)
        self._passed = None

    def __len__(self) -> int:
        return len(self._data)

    def read(self, size: int | None = -1) -> memoryview:
        """Return the next bytes, not copied; see `io.RawIOBase`."""
        end = len(self._data) if size is None or size < 0 else self._at + size
        piece = self._data[self._at : end]
        self._at += len(piece)
        if self._passed is not None and piece:
            self._passing(len(piece))
            self._passed += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move; see `io.IOBase`."""
        start = (0, self._at, len(self._data))[whence]
        self._at = min(max(start + offset, 0), len(self._data))
        return self._at

    def tell(self) -> int:
        """Return where the next byte is read; see `io.IOBase`."""
        return self._at


class OriginalStore(ObjectStore, Protocol):
    """An object store that also takes originals. Any thread may call; no method tries twice."""

    def find(self, key: str) -> Stored | None:
        """Tell what is known of an object, None if there is none."""

    def stored(self, prefix: str) -> Iterator[Stored]:
        """Yield the objects whose keys begin with a prefix, by key, at one request for many of them."""

    def put_whole(self, key: str, body: Body, about: About) -> float:
        """Store an object in one request.

        Returns:
            When, Unix seconds by the remote's clock.

        Raises:
            IntegrityError: what is stored is not what was sent.
            RemoteError: any other failure.
        """

    def begin_upload(self, key: str, about: About) -> str:
        """Begin an upload in parts; returns its id."""

    def parts(self, key: str, upload_id: str) -> dict[int, Part]:
        """Return the parts that have arrived, by number.

        Raises:
            NotThereError: the remote knows no such upload (any more).
        """

    def put_part(self, key: str, upload_id: str, number: int, offset: int, body: Body) -> str:
        """Send a part.

        Args:
            key: which object.
            upload_id: which upload of it.
            number: from 1.
            offset: of its first byte in the object.
            body: its bytes.

        Returns:
            Its ETag.

        Raises:
            IntegrityError: what has arrived is not what was sent.
            NotThereError: the remote knows no such upload (any more).
        """

    def complete_upload(self, key: str, upload_id: str, etags: Sequence[str]) -> float:
        """Make the object of its parts, all of them in order; returns when, as `put_whole` does.

        Raises:
            NotThereError: the remote knows no such upload: it may have been completed before.
        """

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Drop an upload and its parts; it is no error if there is none."""

    def uploads(self) -> Iterator[StartedUpload]:
        """Yield the uploads of originals that were begun and not ended, by whomever."""

    def read(
        self, key: str, offset: int = 0, length: int | None = None
    ) -> AbstractContextManager[Iterator[bytes]]:
        """Open an object, to be read piece by piece.

        Args:
            key: which.
            offset: of the first byte that is wanted.
            length: bytes, at least 1, all of them in the object; None is all of it.

        Raises:
            NotThereError: no such object.
            ArchivedError: it cannot be read now.
            DeniedError: it may not be read.
        """

    def thaw(self, key: str, days: int) -> None:
        """Ask for an archived object to be made readable for some days; asking twice is no error."""

    def now(self) -> float:
        """Return the remote's time, Unix seconds."""
