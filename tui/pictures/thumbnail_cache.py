"""Thumbnails on disk, so that a photo is decoded once and not each time that somebody looks at it.

A cache may vanish, be damaged, full or read-only: then there is nothing in it, and nobody is told.
"""

import hashlib
import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

_MOST_BYTES = 512 << 20  # some 50,000 thumbnails
_KEPT = 0.9  # of it, when the oldest are removed


class ThumbnailCache:
    """Keeps JPEGs by key, the newest of them up to a bound. Any thread may use it."""

    def __init__(self, folder: Path | None = None, *, most_bytes: int = _MOST_BYTES) -> None:
        """Set it up; nothing is read or made before it is used.

        Args:
            folder: where, None for the platform's usual place.
            most_bytes: of disk that it may take.
        """
        self._folder = folder or user_cache_path("photolala", appauthor=False) / "thumbnails"
        self._most_bytes = most_bytes
        self._bytes: int | None = None  # not counted yet
        self._counting = threading.Lock()

    def read(self, key: str) -> bytes | None:
        """Return what is kept under a key, None if there is nothing."""
        with suppress(OSError):
            return self._path(key).read_bytes()
        return None

    def write(self, key: str, jpeg: bytes) -> None:
        """Keep a thumbnail, if there is a place for it."""
        path = self._path(key)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(jpeg)
            beside.replace(path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            return
        self._bound(len(jpeg))

    def remove(self, key: str) -> None:
        """Remove what has turned out to be damaged."""
        with suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.jpg"

    def _bound(self, added: int) -> None:
        """Count what was added; remove the oldest where that is too much."""
        with self._counting:
            if self._bytes is not None:
                self._bytes += added
                if self._bytes <= self._most_bytes:
                    return
            kept = self._kept()
            self._bytes = sum(size for _, size, _ in kept)
            if self._bytes <= self._most_bytes:
                return
            for _, size, path in sorted(kept):
                if self._bytes <= self._most_bytes * _KEPT:
                    break
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108
                    self._bytes -= size

    def _kept(self) -> list[tuple[float, int, str]]:
        """Return (when written, bytes, path) of each file, also of what a kill has left half written."""
        found = []
        for folder, _, names in os.walk(self._folder):
            for name in names:
                path = f"{folder}/{name}"
                with suppress(OSError):
                    status = os.stat(path)  # noqa: PTH116
                    found.append((status.st_mtime, status.st_size, path))
        return found


def version_key(path: bytes) -> str:
    """Return the key of a file as it is now, for a photo of which no MD5 is known.

    Args:
        path: raw.

    Raises:
        OSError: there is no such file.
    """
    status = os.stat(path)  # noqa: PTH116 (a raw path)
    version = b"%s\0%d\0%d" % (path, status.st_size, status.st_mtime_ns)
    return hashlib.sha256(version).hexdigest()
