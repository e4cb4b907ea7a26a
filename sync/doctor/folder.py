"""Checks of a remote in a folder: is it there, may it be written, does its file system do what a sync needs?

Objects are put into a folder of their own inside: nothing of the remote is touched, and nothing left.
"""

import os
import secrets
import shutil
from functools import cached_property
from pathlib import Path

from catalog.access import may
from catalog.checkup import Check, Finding, failed, ok, warning
from sync.doctor.objects import ObjectChecks
from sync.doctor.reasons import why
from sync.stores.baton import OURS
from sync.stores.directory_originals import DirectoryOriginals
from sync.stores.objectstore import RemoteError

_TIGHT, _FULL = 1 << 30, 16 << 20  # bytes free


class FolderChecks:
    """Checks of one folder, which the first sync makes if it is not there."""

    def __init__(self, url: str, *, seq_seen: int | None, single_writer: bool) -> None:
        """Prepare them; see `sync.doctor.remote.check_remote`."""
        self._url = url
        self._seq_seen = seq_seen
        self._objects = ObjectChecks(
            lambda: self._store,
            self._why,
            sandbox=lambda: self._sandbox,
            needs=("access",),
            seq_seen=seq_seen,
            single_writer=single_writer,
        )

    @cached_property
    def _store(self) -> DirectoryOriginals:
        return DirectoryOriginals(self._url)

    @cached_property
    def _path(self) -> Path:
        """The folder, or the one in which it is to be made."""
        path = self._store.path
        return path if path.is_dir() else path.parent

    @cached_property
    def _scratch(self) -> Path:
        return self._path / f"{OURS}doctor-{secrets.token_hex(8)}"

    @cached_property
    def _sandbox(self) -> DirectoryOriginals:
        return DirectoryOriginals(self._scratch.as_uri())

    def checks(self) -> list[Check]:
        """Return the checks."""
        return [
            Check("connection", self._connection),
            Check("access", self._access, ("connection",)),
            Check("remote space", self._room, ("connection",)),
            *self._objects.checks(),
            Check("cleanup", self._cleanup, ("access",)),
        ]

    def clean_up(self) -> None:
        """Take away what is left of the checks, if they were broken off."""
        if "_scratch" in vars(self):
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _why(self, error: RemoteError, permission: str) -> Finding:
        del permission
        return why(error, "reading and writing", str(self._path))

    def _connection(self) -> Finding:
        path = self._store.path
        mount = "Mount the disk or the share, or mend the path in the remote's address."
        try:
            count = len(os.listdir(path))  # noqa: PTH208 (the names are not looked at)
            if not count and self._seq_seen is not None:
                return failed(f"{path} is empty, and commit {self._seq_seen} was seen in it.", mount)
        except (FileNotFoundError, NotADirectoryError):
            if path.exists():
                return failed(f"{path} is not a folder.", "Choose a folder for the remote.")
            if not path.parent.is_dir():
                return failed(f"{path.parent} is not there: is the disk mounted?", mount)
            if self._seq_seen is not None:
                return failed(f"{path} is not there, and commit {self._seq_seen} was seen in it.", mount)
            return ok(f"{path} is not there yet: the first sync makes it.")
        except OSError as error:
            return failed(f"{path} cannot be read ({error.strerror}).", "Check its owner and permissions.")
        return ok(f"{path} is there, with {count} {'entry' if count == 1 else 'entries'}.")

    def _access(self) -> Finding:
        folders = [self._path, *(one for one in self._path.iterdir() if self._is_ours(one))]
        shut = [str(one) for one in folders if not may(one, os.R_OK | os.W_OK | os.X_OK)]
        if shut:
            return failed(
                f"This user may not read and write {', '.join(shut)}.",
                "Let it, by owner or group, on each device that shares the folder.",
            )
        return ok("This user may read and write it.")

    def _is_ours(self, path: Path) -> bool:
        kinds = ("shards", "deltas", "manifests", "photos", "thumbnails", "probes")
        return self._path == self._store.path and path.name in kinds and path.is_dir()

    def _room(self) -> Finding:
        free = shutil.disk_usage(self._path).free
        found = f"{free / 1e9:.1f} GB free."
        if free < _FULL:
            return failed(found, "Make room: a sync could not be written.")
        if free < _TIGHT:
            return warning(found, "Make room before originals are backed up.")
        return ok(found)

    def _cleanup(self) -> Finding:
        shutil.rmtree(self._scratch, ignore_errors=True)
        if self._scratch.exists():
            return warning(f"Something is left in {self._scratch}.", "Remove it by hand.")
        return ok("Nothing is left of these checks.")
