"""Originals in a folder: written beside their place, settled on the disk, and put there by a rename.

An upload that was broken off is begun anew, in the file that it has left; `tidy` removes what nobody goes
on with.
"""

import hashlib
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedReader

from sync.stores.baton import NEW, OURS, server_time
from sync.stores.directory import DirectoryStore, fsync, opened
from sync.stores.objectstore import NotThereError, RemoteError, UnclearError
from sync.stores.original_store import About, Body, Part, StartedUpload, Stored

_CHUNK = 1 << 18
_FRESH = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC


class DirectoryOriginals(DirectoryStore):
    """An `OriginalStore` under `file:///path`. It keeps no metadata: an MD5 is taken of the bytes."""

    def find(self, key: str) -> Stored | None:
        """Tell what is known of an object; see `OriginalStore`. It is read for that, whole."""
        try:
            with (
                self._request("HEAD", key),
                self._folder(key) as (folder, name),
                opened(folder, name) as file,
            ):
                found = os.fstat(file.fileno())
                md5 = hashlib.file_digest(file, "md5").hexdigest()
        except NotThereError:
            return None
        return Stored(key, found.st_size, found.st_mtime, md5)

    def stored(self, prefix: str) -> Iterator[Stored]:
        """Yield objects by key; see `OriginalStore`. No MD5 is told: that would be reading them all."""
        found = None
        for found in self.list(prefix):
            yield Stored(found.key, found.size, found.modified, None)
        if found is None:
            self._check_anything()

    def put_whole(self, key: str, body: Body, about: About) -> float:
        """Store an object; see `OriginalStore`."""
        fresh = self.begin_upload(key, about)
        try:
            self.put_part(key, fresh, 1, 0, body)
            return self.complete_upload(key, fresh, ())
        except BaseException:
            with suppress(RemoteError):
                self.abort_upload(key, fresh)
            raise

    def begin_upload(self, key: str, about: About) -> str:
        """Make the file; see `OriginalStore`. Its id is its name."""
        del about
        fresh = OURS + secrets.token_hex(8)
        with self._request("PUT", key), self._folder(key, make=True) as (folder, _):
            os.close(os.open(fresh, NEW, 0o666, dir_fd=folder))
        return fresh

    def parts(self, key: str, upload_id: str) -> dict[int, Part]:
        """See that the file is there; see `OriginalStore`. What is in it is written again."""
        with self._request("HEAD", key), self._folder(key) as (folder, _):
            os.stat(upload_id, dir_fd=folder, follow_symlinks=False)
        return {}

    def put_part(self, key: str, upload_id: str, number: int, offset: int, body: Body) -> str:
        """Write a part into its place; see `OriginalStore`."""
        del number
        with (
            self._request("PATCH", key, len(body)),
            self._folder(key) as (folder, _),
            os.fdopen(os.open(upload_id, _FRESH, dir_fd=folder), "wb") as file,
        ):
            file.seek(offset)
            body.seek(0)
            body.sending()
            try:
                while piece := body.read(_CHUNK):
                    file.write(piece)
                file.flush()
            except BaseException:
                body.taken_back()
                raise
        return body.md5

    def complete_upload(self, key: str, upload_id: str, etags: Sequence[str]) -> float:
        """Put the file into its place; see `OriginalStore`."""
        del etags
        with self._request("POST", key), self._folder(key) as (folder, name):
            with os.fdopen(os.open(upload_id, _FRESH, dir_fd=folder), "wb") as file:
                fsync(file.fileno())
                written = os.fstat(file.fileno()).st_mtime
            os.rename(upload_id, name, src_dir_fd=folder, dst_dir_fd=folder)
            fsync(folder)
        return written

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Remove the file; see `OriginalStore`."""
        with suppress(NotThereError), self._request("DELETE", key), self._folder(key) as (folder, _):
            os.unlink(upload_id, dir_fd=folder)

    def uploads(self) -> Iterator[StartedUpload]:
        """Yield nothing: `tidy` sees to what was broken off."""
        return iter(())

    @contextmanager
    def read(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[Iterator[bytes]]:
        """Open an object, to be read piece by piece; see `OriginalStore`."""
        with self._request("GET", key), self._folder(key) as (folder, name):
            file = opened(folder, name)
        with file:
            file.seek(offset)
            yield self._pieces(key, file, sys.maxsize if length is None else length)

    def _pieces(self, key: str, file: BufferedReader, left: int) -> Iterator[bytes]:
        while left:
            try:
                piece = file.read(min(_CHUNK, left))
            except OSError as error:
                raise UnclearError(f"{self.url} broke off in {key} ({error.strerror}).") from error
            if not piece:
                return
            self.traffic.received(len(piece))
            left -= len(piece)
            yield piece

    def thaw(self, key: str, days: int) -> None:
        """Do nothing: a folder archives nothing."""

    def now(self) -> float:
        """Return the file server's time; see `OriginalStore`."""
        with self._request("PUT", "now"):
            root = self._root(make=True)
            try:
                return server_time(root)
            finally:
                os.close(root)
