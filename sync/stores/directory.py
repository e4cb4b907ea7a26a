"""An object store in a folder, on a NAS or a USB disk: whole objects by rename, conditions by taking turns.

Names with a "~" are this module's own: no key has one, so no listing shows them.
"""

import errno
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from urllib.parse import unquote_to_bytes

from sync.stores.baton import FOLDER, FREE, NEW, OURS, server_time, turn
from sync.stores.objectstore import (
    ConditionFailedError,
    DeniedError,
    EmptyRemoteError,
    Fetched,
    Listed,
    NotThereError,
    RemoteError,
    TooLargeError,
    Traffic,
    UnclearError,
    UnreachableError,
)

_PART = re.compile(r"[A-Za-z0-9._#-]{1,255}", re.ASCII)  # `#` as in the keys of Photolala 4
_LEFT_OVER = re.compile(re.escape(OURS) + "[0-9a-f]{16}", re.ASCII)
_LEFT_FOR = 86400  # seconds; a write takes seconds

_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_OBJECT = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe shall not hold us up

_GONE = (errno.ENOTCONN, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ETIMEDOUT, errno.ENODEV)
_MISFIT = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EFBIG)
_FAILURES: dict[int | None, tuple[type[RemoteError], str]] = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), (DeniedError, "{url} refuses access to {key}.")),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), (DeniedError, "{url} is full.")),
    **dict.fromkeys(_GONE, (UnreachableError, "{url} does not answer ({reason}).")),
    **dict.fromkeys(_MISFIT, (RemoteError, "{url} cannot hold an object at {key} ({reason}).")),
    errno.EROFS: (DeniedError, "{url} is read-only."),
    errno.EAGAIN: (UnreachableError, "{url} is kept busy by another device."),
}
_UNKNOWN = (UnclearError, "{url} failed at {key} ({reason}).")


class DirectoryStore:
    """Objects under `file:///path`, shared by threads, processes and machines."""

    def __init__(self, url: str, *, patience: float = 30) -> None:
        """Set it up; nothing is touched.

        Args:
            url: `file:///path`, percent-encoded where need be. The first write makes that folder, but none
                above it.
            patience: seconds to wait for a turn to write.

        Raises:
            RemoteError: the address is unusable.
        """
        path = unquote_to_bytes(os.fsencode(url.removeprefix("file://")))
        if not url.startswith("file:///") or b"\0" in path:
            raise RemoteError(f"{url} is not the address of a folder, like file:///mnt/nas/photos.")
        self.url = url
        self.traffic = Traffic()
        self.path = Path(os.fsdecode(path))
        self._patience = patience

    def get(self, key: str, *, limit: int, unless_etag: str | None = None) -> Fetched | None:
        """Fetch an object; see `ObjectStore`."""
        with self._request("GET", key), self._folder(key) as (folder, name), opened(folder, name) as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(limit + 1) if size <= limit else b""
        if max(size, len(data)) > limit:
            raise TooLargeError(
                f"{self.url}/{key} has {size} bytes, more than the {limit} allowed: not read."
            )
        self.traffic.received(len(data))
        etag = _etag(hashlib.sha256(data))
        return None if etag == unless_etag else Fetched(data, etag)

    def put(
        self, key: str, data: bytes, *, content_type: str, if_absent: bool = False, if_etag: str | None = None
    ) -> str:
        """Store an object; see `ObjectStore`. A folder keeps no content type."""
        del content_type
        with (
            self._request("PUT", key, len(data)),
            self._folder(key, make=True) as (folder, name),
            _written(folder, data) as fresh,
        ):
            with self._turn() as still_ours:
                if if_absent or if_etag is not None:
                    self._check(key, _etag_of(folder, name), if_etag)
                still_ours()
                os.rename(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)
            fsync(folder)
        return _etag(hashlib.sha256(data))

    def _check(self, key: str, there: str | None, wanted: str | None) -> None:
        if there is None and wanted is not None:
            raise NotThereError(f"{key} is not in {self.url}.")
        if there != wanted:
            raise ConditionFailedError(f"{self.url} refused the condition on {key}.")

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield objects by key; see `ObjectStore`."""
        above = prefix[: prefix.rfind("/") + 1]
        with self._request("LIST", f"{above}x"):
            yield from self._walk(above, prefix)

    def head(self, key: str) -> Listed:
        """Tell an object's size; see `ObjectStore`."""
        with self._request("HEAD", key), self._folder(key) as (folder, name), opened(folder, name) as file:
            found = os.fstat(file.fileno())
        return Listed(key, found.st_size, found.st_mtime)

    def delete(self, key: str) -> None:
        """Remove an object, and a folder in a folder that it leaves empty; see `ObjectStore`."""
        with self._request("DELETE", key), suppress(FileNotFoundError), self._folder(key) as (folder, name):
            with self._turn():
                os.unlink(name, dir_fd=folder)
            fsync(folder)
        while key.count("/") > 1:
            key = key.rpartition("/")[0]
            with suppress(OSError, RemoteError), self._folder(key) as (folder, name):
                os.rmdir(name, dir_fd=folder)

    def tidy(self) -> None:
        """Remove what killed writers have left, a day ago by the file system's clock; see `ObjectStore`."""
        with self._request("DELETE", "x"):
            root = self._root()
            try:
                before = server_time(root) - _LEFT_FOR
                for _, folders, files, folder in os.fwalk(dir_fd=root):
                    for name in filter(_LEFT_OVER.fullmatch, [*files, *folders]):
                        _remove(folder, name, before)
            finally:
                os.close(root)

    @contextmanager
    def _request(self, method: str, key: str, sent: int = 0) -> Iterator[None]:
        """Count a request, and say in a sentence what is wrong with it."""
        if not all(_PART.fullmatch(part) and part.strip(".") for part in key.split("/")):
            raise RemoteError(f"{key[:200]!a} is no key that photolala has made: refused.")
        self.traffic.request(method, sent)
        try:
            yield
        except OSError as error:
            if isinstance(error, FileNotFoundError) and method != "PUT":
                self._check_anything()
                raise NotThereError(f"{key} is not in {self.url}.") from error
            kind, sentence = _FAILURES.get(error.errno, _UNKNOWN)
            raise kind(sentence.format(url=self.url, key=key, reason=error.strerror)) from error

    def _check_anything(self) -> None:
        """Refuse to tell of single objects where there is none: so a disk looks that is not mounted."""
        with suppress(FileNotFoundError), os.scandir(self.path) as entries:
            if any(_PART.fullmatch(entry.name) for entry in entries):
                return
        raise EmptyRemoteError(f"Nothing is in {self.url}: it is new, or its disk is not mounted.")

    def _root(self, *, make: bool = False) -> int:
        try:
            return os.open(self.path, _ROOT)
        except (FileNotFoundError, NotADirectoryError) as error:
            if not self.path.parent.is_dir():
                raise UnreachableError(f"{self.url} is not there: is the disk mounted?") from error
            if not make:
                raise
        with suppress(FileExistsError):
            self.path.mkdir()
        return os.open(self.path, _ROOT)

    @contextmanager
    def _folder(self, key: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """Open a key's folder step by step, following no link; yields it with the last part of the key."""
        *parts, name = key.split("/")
        folder = self._root(make=make)
        try:
            for part in parts:
                above, folder = folder, _entered(folder, part, make=make)
                os.close(above)
            yield folder, name
        finally:
            os.close(folder)

    def _walk(self, above: str, prefix: str) -> Iterator[Listed]:
        try:
            with self._folder(f"{above}x") as (folder, _), os.scandir(folder) as entries:
                found = sorted(_shown(entries, above, prefix))
        except FileNotFoundError:
            return
        for one in found:  # a folder sorts by its name with the "/": as the keys in it do
            if one.key.endswith("/"):
                yield from self._walk(one.key, prefix)
            else:
                yield one

    @contextmanager
    def _turn(self) -> Iterator[Callable[[], None]]:
        root = self._root()
        try:
            with turn(root, self._patience) as still_ours:
                yield still_ours
        finally:
            os.close(root)


def _etag(digest: "hashlib._Hash") -> str:
    return f'"{digest.hexdigest()}"'


def _entered(folder: int, part: str, *, make: bool) -> int:
    try:
        return os.open(part, FOLDER, dir_fd=folder)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):
        os.mkdir(part, dir_fd=folder)
    fsync(folder)
    return os.open(part, FOLDER, dir_fd=folder)


def opened(folder: int, name: str) -> BufferedReader:
    """Open an object in its folder, a descriptor, following no link.

    Raises:
        FileNotFoundError: there is none of this name, or something else than a file.
    """
    descriptor = os.open(name, _OBJECT, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "not a file")
    return os.fdopen(descriptor, "rb")


def _etag_of(folder: int, name: str) -> str | None:
    try:
        with opened(folder, name) as file:
            return _etag(hashlib.file_digest(file, "sha256"))
    except FileNotFoundError:
        return None


@contextmanager
def _written(folder: int, data: bytes) -> Iterator[str]:
    """Write a file under a name of ours, to be renamed; it does not outlive a failure."""
    name = OURS + secrets.token_hex(8)
    try:
        with os.fdopen(os.open(name, NEW, 0o666, dir_fd=folder), "wb") as file:
            file.write(data)
            file.flush()
            fsync(file.fileno())
        yield name
    except BaseException:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
        raise


def _remove(folder: int, name: str, before: float) -> None:
    """Remove a file that was never renamed, or the folder of a lock, if it is old."""
    with suppress(FileNotFoundError):
        if os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime > before:
            return
        try:
            os.unlink(name, dir_fd=folder)
        except (IsADirectoryError, PermissionError):
            with suppress(FileNotFoundError):
                os.unlink(f"{name}/{FREE}", dir_fd=folder)
            os.rmdir(name, dir_fd=folder)


def fsync(descriptor: int) -> None:
    """Wait until a file or a folder is on the disk, where that can be had."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise


def _shown(entries: Iterable[os.DirEntry[str]], above: str, prefix: str) -> Iterator[Listed]:
    """Yield the objects of a folder that a listing shows, and its folders with a "/" at the end."""
    for entry in entries:
        key = above + entry.name
        if not _PART.fullmatch(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            if f"{key}/".startswith(prefix) or prefix.startswith(f"{key}/"):
                yield Listed(f"{key}/", 0, 0)
        elif key.startswith(prefix) and entry.is_file(follow_symlinks=False):
            with suppress(FileNotFoundError):
                found = entry.stat(follow_symlinks=False)
                yield Listed(key, found.st_size, found.st_mtime)
