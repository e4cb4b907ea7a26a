"""Turns to write into a folder that several machines share: a baton, passed on by renaming it.

The baton is one empty file, in a folder of its own, whose name says who has it (the machine since it was
started, process, token) or that it is free. To take it, to give it back and to take it over from the dead is
one rename each, and of several renames of one name only one succeeds, whoever asks from wherever. File locks
promise less: over sshfs or `nolock` they are granted and keep nobody out, and a NAS's own flock does not meet
those of its NFS clients.
"""

import errno
import hashlib
import os
import random
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

OURS = ".photolala~"
"""What the names of our own files begin with: no key of an object has a "~"."""

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_LOCK = f"{OURS}lock"
FREE = "free"
_HOLDER = re.compile(r"[0-9a-f]{16}\.[1-9][0-9]{0,8}\.[0-9a-f]{16}", re.ASCII)
_DEAD_AFTER = 600  # seconds; a turn takes milliseconds

_one_thread = threading.Lock()  # of this process may want a turn, or have it


@contextmanager
def turn(root: int, patience: float) -> Iterator[Callable[[], None]]:
    """Wait for a turn and have it; yields a function that raises `OSError` if it was taken from us.

    Args:
        root: a descriptor of the folder.
        patience: seconds to wait.

    Raises:
        BlockingIOError: it did not come.
    """
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
                os.rename(me, f"{_LOCK}/{FREE}", src_dir_fd=root, dst_dir_fd=root)
    finally:
        _one_thread.release()


def _taken(root: int, me: str) -> bool:
    """Take the baton if it is free, or its holder dead."""
    try:
        lock = os.open(_LOCK, FOLDER, dir_fd=root)  # anew each time: then an NFS client asks its server
    except FileNotFoundError:
        _lay_out(root)
        return _taken(root, me)
    try:
        names = [name for name in os.listdir(lock) if name == FREE or _HOLDER.fullmatch(name)]  # noqa: PTH208
    finally:
        os.close(lock)
    if not names:
        _lay_out(root)
        return False
    if not all(name == FREE or _is_dead(root, name) for name in names):
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
        return abs(server_time(root) - touched) > _DEAD_AFTER
    return False  # it has moved on


def server_time(root: int) -> float:
    """Return the file server's time: the mtime of a file touched this moment."""
    mark = OURS + secrets.token_hex(8)
    descriptor = os.open(mark, NEW, 0o600, dir_fd=root)
    try:
        os.utime(descriptor)
        return os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
        os.unlink(mark, dir_fd=root)


def _lay_out(root: int) -> None:
    """Put the baton there: its folder comes by rename with the baton in it, so there are never two."""
    fresh = OURS + secrets.token_hex(8)
    os.mkdir(fresh, dir_fd=root)
    os.close(os.open(f"{fresh}/{FREE}", NEW, 0o666, dir_fd=root))
    try:
        os.rename(fresh, _LOCK, src_dir_fd=root, dst_dir_fd=root)
    except OSError as error:
        os.unlink(f"{fresh}/{FREE}", dir_fd=root)
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
