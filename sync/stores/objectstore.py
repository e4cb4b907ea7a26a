"""The seam between the sync and the place where objects lie, and the ways in which that place can fail."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class RemoteError(Exception):
    """The remote did not do what was asked; the text is one sentence for people."""


class NotThereError(RemoteError):
    """No object has this key, as far as the remote tells."""


class TooLargeError(RemoteError):
    """The object has more bytes than were allowed: it was not read."""


class DeniedError(RemoteError):
    """The remote refuses: credentials, permissions, or a missing key that it does not admit to."""


class ArchivedError(RemoteError):
    """The object is archived, and cannot be read until somebody has asked for it and hours have passed."""


class ConditionFailedError(RemoteError):
    """A conditional write was refused, or clashed with another one (412 or 409)."""


class UnreachableError(RemoteError):
    """No connection to the remote, or no answer from it: asking again at once would only wait again."""


class EmptyRemoteError(NotThereError, UnreachableError):
    """Nothing at all is there: the remote is new or, if something was seen in it, its disk is not mounted."""


class UnsupportedError(RemoteError):
    """The remote says that it does not know what was asked (501), instead of ignoring it."""


class UnclearError(RemoteError):
    """The remote answered with a failure, or broke off: whether it did the thing is not known.

    `retry_after` is set where the remote did nothing but ask for less: seconds, 0 if it named none.
    """

    retry_after: float | None = None


MAY_PASS = (UnreachableError, UnclearError)
"""The failures that may pass by themselves: the remote is out of reach, and whatever is queued waits."""


class Fetched(NamedTuple):
    """An object's bytes and its ETag, as the server gave it."""

    data: bytes
    etag: str


class Listed(NamedTuple):
    """One object in a listing; `size` is bytes, `modified` Unix seconds by the server's clock."""

    key: str
    size: int
    modified: float


@dataclass
class Traffic:
    """What went over the wire: requests by HTTP method, bytes of bodies. Kept by several threads."""

    requests: Counter[str] = field(default_factory=Counter)
    bytes_up: int = 0
    bytes_down: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def reset(self) -> None:
        """Count from nothing again: a store may outlive a sync."""
        with self._lock:
            self.requests.clear()
            self.bytes_up = self.bytes_down = 0

    def request(self, method: str, body_bytes: int) -> None:
        """Count one request as it is sent."""
        with self._lock:
            self.requests[method] += 1
            self.bytes_up += body_bytes

    def received(self, body_bytes: int) -> None:
        """Count bytes of an answer's body."""
        with self._lock:
            self.bytes_down += body_bytes


class ObjectStore(Protocol):
    """A flat store of objects under one prefix. Keys are relative to it. Any thread may call.

    No method tries twice: whoever calls knows whether a thing may be asked for again. Each may raise any
    `RemoteError`; a method names those that mean something of their own there.
    """

    url: str
    traffic: Traffic

    def get(self, key: str, *, limit: int, unless_etag: str | None = None) -> Fetched | None:
        """Fetch an object.

        Args:
            key: which.
            limit: bytes; a larger object is an error, and is not read.
            unless_etag: fetch it only if its ETag is another.

        Returns:
            The object, or None if its ETag is `unless_etag`.

        Raises:
            NotThereError: no such object; `EmptyRemoteError` if it is known that there is none at all.
            RemoteError: any other failure.
        """

    def put(
        self, key: str, data: bytes, *, content_type: str, if_absent: bool = False, if_etag: str | None = None
    ) -> str:
        """Store an object whole.

        Args:
            key: where.
            data: its bytes.
            content_type: a MIME type.
            if_absent: refuse if there is one.
            if_etag: refuse unless the one there has this ETag.

        Returns:
            The new ETag.

        Raises:
            ConditionFailedError: refused by the condition.
            RemoteError: any other failure; the object may have been stored all the same.
        """

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield the objects whose keys begin with a prefix, in the order of their keys."""

    def head(self, key: str) -> Listed:
        """Tell an object's size and age without fetching it.

        Raises:
            NotThereError: no such object.
        """

    def delete(self, key: str) -> None:
        """Remove an object; it is no error if there is none."""

    def tidy(self) -> None:
        """Remove what killed writers have left of the store's own for a day; no object is touched."""
