"""A remote in memory that keeps all promises of `ObjectStore`."""

import hashlib
import itertools
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

from sync.stores.objectstore import (
    ConditionFailedError,
    Fetched,
    Listed,
    NotThereError,
    TooLargeError,
    Traffic,
)

URL = "memory://bucket/library"


class Stored(NamedTuple):
    data: bytes
    etag: str
    modified: float


class Call(NamedTuple):
    """One call as the server saw it; a listing is a GET of a prefix, named "LIST" here."""

    method: str
    key: str
    status: int


class Bucket:
    """The objects: what is left when every store is gone. `now` is the server's own clock."""

    def __init__(self):
        self.objects: dict[str, Stored] = {}
        self.lock = threading.Lock()
        self.now = time.time
        self._writes = itertools.count(1)

    def write(self, key: str, data: bytes) -> str:
        """Store an object behind everybody's back; no ETag is ever given twice."""
        etag = f'"{hashlib.md5(data).hexdigest()}-{next(self._writes)}"'
        self.objects[key] = Stored(bytes(data), etag, self.now())
        return etag

    def keys(self, prefix: str = "") -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def copy(self) -> "Bucket":
        other = Bucket()
        other.objects = dict(self.objects)
        other._writes = itertools.count(1_000_000)
        return other


class MemoryStore:
    """One device's way to a bucket."""

    def __init__(self, bucket: Bucket | None = None, url: str = URL):
        self.bucket = bucket or Bucket()
        self.url = url
        self.traffic = Traffic()
        self.log: list[Call] = []

    def get(self, key: str, *, limit: int, unless_etag: str | None = None) -> Fetched | None:
        with self.bucket.lock:
            found = self._find("GET", key)
            if found.etag == unless_etag:
                self._note("GET", key, 304)
                return None
            self._note("GET", key, 200)
        if len(found.data) > limit:
            raise TooLargeError(
                f"{self.url}/{key} has {len(found.data)} bytes, more than the {limit} allowed."
            )
        self.traffic.received(len(found.data))
        return Fetched(found.data, found.etag)

    def put(
        self, key: str, data: bytes, *, content_type: str, if_absent: bool = False, if_etag: str | None = None
    ) -> str:
        with self.bucket.lock:
            there = self.bucket.objects.get(key)
            if if_etag is not None and there is None:
                self._note("PUT", key, 404, len(data))
                raise NotThereError(f"{key} is not in {self.url}.")
            if there is not None and (if_absent or if_etag not in (None, there.etag)):
                self._note("PUT", key, 412, len(data))
                raise ConditionFailedError(f"The condition on {key} was refused.")
            self._note("PUT", key, 200, len(data))
            return self.bucket.write(key, data)

    def list(self, prefix: str) -> Iterator[Listed]:
        with self.bucket.lock:
            self._note("LIST", prefix, 200)
            found = [(key, self.bucket.objects[key]) for key in self.bucket.keys(prefix)]
        for key, stored in found:
            yield Listed(key, len(stored.data), stored.modified)

    def head(self, key: str) -> Listed:
        with self.bucket.lock:
            found = self._find("HEAD", key)
            self._note("HEAD", key, 200)
        return Listed(key, len(found.data), found.modified)

    def delete(self, key: str) -> None:
        with self.bucket.lock:
            self._note("DELETE", key, 204)
            self.bucket.objects.pop(key, None)

    def tidy(self) -> None:
        """There is nothing to tidy up."""

    def _find(self, method: str, key: str) -> Stored:
        found = self.bucket.objects.get(key)
        if found is None:
            self._note(method, key, 404)
            raise NotThereError(f"{key} is not in {self.url}.")
        return found

    def _note(self, method: str, key: str, status: int, sent: int = 0) -> None:
        self.log.append(Call(method, key, status))
        self.traffic.request("GET" if method == "LIST" else method, sent)
