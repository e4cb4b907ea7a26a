"""An object store in a folder, on a NAS or a USB disk: whole objects by rename, conditions by taking turns.

Names with a "~" are this module's own: no key has one, so no listing shows them.
"""

import errno
import hashlib
import os
import random
import re
import secrets
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BufferedReader
from pathlib import Path
from urllib.parse import unquote_to_bytes

from sync.objectstore import (
    ConditionFailedError,
    DeniedError,
    Fetched,
    Listed,
    NotThereError,
    RemoteError,
    Traffic,
    UnclearError,
    UnreachableError,
)

_PART = re.compile(r"[A-Za-z0-9._-]{1,255}", re.ASCII)
_OURS = ".photolala~"
_LOCK = f"{_OURS}lock"
_FREE = "free"
_HOLDER = re.compile(r"[0-9a-f]{16}\.[1-9][0-9]{0,8}\.[0-9a-f]{16}", re.ASCII)
_DEAD_AFTER = 600  # seconds; a turn takes milliseconds

_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FOLDER = _ROOT | os.O_NOFOLLOW
_OBJECT = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe shall not hold us up
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC

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

_one_thread = threading.Lock()  # of this process may want a turn, or have it


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
        self._path = Path(os.fsdecode(path))
        self._patience = patience

    def get(self, key: str, *, limit: int, unless_etag: str | None = None) -> Fetched | None:
        """Fetch an object; see `ObjectStore`."""
        with self._request("GET", key), self._folder(key) as (folder, name), _opened(folder, name) as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(limit + 1) if size <= limit else b""
        if max(size, len(data)) > limit:
            raise RemoteError(f"{self.url}/{key} has {size} bytes, more than the {limit} allowed: not read.")
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
            _settle(folder)
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
        with self._request("HEAD", key), self._folder(key) as (folder, name), _opened(folder, name) as file:
            found = os.fstat(file.fileno())
        return Listed(key, found.st_size, found.st_mtime)

    def delete(self, key: str) -> None:
        """Remove an object, and a folder in a folder that it leaves empty; see `ObjectStore`."""
        with self._request("DELETE", key), suppress(FileNotFoundError), self._folder(key) as (folder, name):
            with self._turn():
                os.unlink(name, dir_fd=folder)
            _settle(folder)
        while key.count("/") > 1:
            key = key.rpartition("/")[0]
            with suppress(OSError, RemoteError), self._folder(key) as (folder, name):
                os.rmdir(name, dir_fd=folder)

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
                raise NotThereError(f"{key} is not in {self.url}.") from error
            kind, sentence = _FAILURES.get(error.errno, _UNKNOWN)
            raise kind(sentence.format(url=self.url, key=key, reason=error.strerror)) from error

    def _root(self, *, make: bool = False) -> int:
        try:
            return os.open(self._path, _ROOT)
        except (FileNotFoundError, NotADirectoryError) as error:
            if not self._path.parent.is_dir():
                raise UnreachableError(f"{self.url} is not there: is the disk mounted?") from error
            if not make:
                raise
        with suppress(FileExistsError):
            self._path.mkdir()
        return os.open(self._path, _ROOT)

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
            with _baton(root, self._patience) as still_ours:
                yield still_ours
        finally:
            os.close(root)


def _etag(digest: "hashlib._Hash") -> str:
    return f'"{digest.hexdigest()}"'


def _entered(folder: int, part: str, *, make: bool) -> int:
    try:
        return os.open(part, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):
        os.mkdir(part, dir_fd=folder)
    _settle(folder)
    return os.open(part, _FOLDER, dir_fd=folder)


def _opened(folder: int, name: str) -> BufferedReader:
    descriptor = os.open(name, _OBJECT, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "not a file")
    return os.fdopen(descriptor, "rb")


def _etag_of(folder: int, name: str) -> str | None:
    try:
        with _opened(folder, name) as file:
            return _etag(hashlib.file_digest(file, "sha256"))
    except FileNotFoundError:
        return None


@contextmanager
def _written(folder: int, data: bytes) -> Iterator[str]:
    """Write a file under a name of ours, to be renamed; it does not outlive a failure."""
    name = _OURS + secrets.token_hex(8)
    try:
        with os.fdopen(os.open(name, _NEW, 0o666, dir_fd=folder), "wb") as file:
            file.write(data)
            file.flush()
            _settle(file.fileno())
        yield name
    except BaseException:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
        raise


def _settle(descriptor: int) -> None:
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


# A turn to write is a baton: one empty file, in a folder of its own, whose name says who has it (the machine
# since it was started, process, token) or that it is free. To take it, to give it back and to take it over
# from the dead is one rename each, and of several renames of one name only one succeeds, whoever asks from
# wherever. File locks promise less: over sshfs or `nolock` they are granted and keep nobody out, and a NAS's
# own flock does not meet those of its NFS clients.


@contextmanager
def _baton(root: int, patience: float) -> Iterator[Callable[[], None]]:
    """Wait for the baton and hold it; yields a function that raises if it was taken from us."""
    me = f"{_LOCK}/{_machine()}.{os.getpid()}.{secrets.token_hex(8)}"
    deadline = time.monotonic() + patience
    if not _one_thread.acquire(timeout=patience):
        raise BlockingIOError(errno.EAGAIN, "busy")
    try:
        pause = 0.001
        while not _taken(root, me):
            if time.monotonic() >= deadline:
                raise BlockingIOError(errno.EAGAIN, "busy")
            time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 (jitter, not a secret)
            pause = min(0.05, pause * 2)
        try:
            yield lambda: os.utime(me, dir_fd=root)
        finally:
            with suppress(OSError):  # our next turn, or in time another's, begins with what is left of this
                os.rename(me, f"{_LOCK}/{_FREE}", src_dir_fd=root, dst_dir_fd=root)
    finally:
        _one_thread.release()


def _taken(root: int, me: str) -> bool:
    """Take the baton if it is free, or its holder dead."""
    try:
        lock = os.open(_LOCK, _FOLDER, dir_fd=root)  # anew each time: then an NFS client asks its server
    except FileNotFoundError:
        _lay_out(root)
        return _taken(root, me)
    try:
        names = [name for name in os.listdir(lock) if name == _FREE or _HOLDER.fullmatch(name)]  # noqa: PTH208
    finally:
        os.close(lock)
    if not names:
        _lay_out(root)
        return False
    if not all(name == _FREE or _is_dead(root, name) for name in names):
        return False
    there = f"{_LOCK}/{min(names)}"
    with suppress(FileNotFoundError):  # somebody was quicker; or we were, but the server's answer was lost
        os.utime(there, dir_fd=root)  # first, lest it looks old under our name
        os.rename(there, me, src_dir_fd=root, dst_dir_fd=root)
    try:
        os.utime(me, dir_fd=root)
    except FileNotFoundError:
        return False
    return True


def _is_dead(root: int, name: str) -> bool:
    """Return whether a holder is gone for certain, or silent for long by the file server's own clock."""
    machine, pid, _ = name.split(".")
    if machine == _machine():
        if int(pid) == os.getpid():
            return True  # left by a turn that could not end well: this process has one at a time
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # it lives
    with suppress(FileNotFoundError):
        touched = os.stat(f"{_LOCK}/{name}", dir_fd=root, follow_symlinks=False).st_mtime
        return abs(_now(root) - touched) > _DEAD_AFTER
    return False  # it has moved on


def _now(root: int) -> float:
    """Return the file server's time: the mtime of a file touched this moment."""
    mark = _OURS + secrets.token_hex(8)
    descriptor = os.open(mark, _NEW, 0o600, dir_fd=root)
    try:
        os.utime(descriptor)
        return os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
        os.unlink(mark, dir_fd=root)


def _lay_out(root: int) -> None:
    """Put the baton there: its folder comes by rename with the baton in it, so there are never two."""
    fresh = _OURS + secrets.token_hex(8)
    os.mkdir(fresh, dir_fd=root)
    os.close(os.open(f"{fresh}/{_FREE}", _NEW, 0o666, dir_fd=root))
    try:
        os.rename(fresh, _LOCK, src_dir_fd=root, dst_dir_fd=root)
    except OSError as error:
        os.unlink(f"{fresh}/{_FREE}", dir_fd=root)
        os.rmdir(fresh, dir_fd=root)
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


@cache
def _machine() -> str:
    """Tell this machine since its last start, and this container on it, from any other.

    Only within it a process id means something; where it cannot be told, none proves anything.
    """
    try:
        mark = Path("/proc/sys/kernel/random/boot_id").read_text() + str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        mark = secrets.token_hex()
    return hashlib.sha256(mark.encode()).hexdigest()[:16]
