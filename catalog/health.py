"""Checks of the catalog's file and of the folders that were scanned: by plain sqlite3, changing nothing."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from catalog.access import may
from catalog.checkup import Check, Finding, failed, ok, skipped, warning
from catalog.connections import existing
from catalog.copies import copies, is_copy_due
from catalog.damage import check, is_damage, mark, suspect
from catalog.full_disk import is_disk_full
from catalog.network_disk import network_disk
from catalog.protocol import SCHEMA
from catalog.search.filters import is_within

_OTHERS = 0o077  # permission bits
_FULL = 16 << 20  # bytes free
_ROOTS = "SELECT root FROM library ORDER BY root"
_LIES_IN = "SELECT 1 FROM file WHERE missing = 0 AND {} LIMIT 1"


class CatalogChecks:
    """Checks of one catalog, and of the folders that it was filled from."""

    def __init__(self, path: Path) -> None:
        """Prepare them.

        Args:
            path: the SQLite file, which need not be there.
        """
        self._path = path
        self._folders: list[tuple[bytes, bool]] = []

    def checks(self) -> Iterator[Check]:
        """Yield the checks; which folders there are is known only once the catalog was looked at."""
        yield Check("catalog", self._catalog)
        yield Check("file mode", self._mode, ("catalog",))
        yield Check("quick check", self._content, ("catalog",), patience=600)
        yield Check("copies", self._copies, ("catalog",))
        yield Check("disk", self._disk, ("catalog",))
        yield Check("disk space", self._space)
        for root, known in self._folders:
            yield Check("folder", partial(_folder, root, known))

    def _catalog(self) -> Finding:
        path = self._path
        if not path.exists():
            above = next(folder for folder in path.parents if folder.exists())
            if not may(above, os.W_OK | os.X_OK):
                return failed(
                    f"There is no catalog yet, and {path} cannot be made: {above} may not be written.",
                    "Choose another place with PHOTOLALA_CATALOG, or change the folder's permissions.",
                )
            return skipped(f"There is no catalog yet: the first scan or star makes {path}.")
        if not may(path, os.R_OK | os.W_OK) or not may(path.parent, os.W_OK | os.X_OK):
            return failed(
                f"{path} or its folder may not be read and written by this user.",
                "Change their owner or permissions, or choose another place with PHOTOLALA_CATALOG.",
            )
        try:
            return self._opened()
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                return failed(
                    f"{path} is damaged, or is no catalog ({error}).",
                    "Start photolala: it sets damage aside, whole, and names the copy to go on with.",
                )
            if is_disk_full(path, error):
                return failed(f"{path} cannot be opened: its disk is full.", "Make room; nothing is lost.")
            return failed(f"{path} cannot be opened ({error}).", "See whether another program holds it.")

    def _opened(self) -> Finding:
        with closing(existing(self._path)) as connection:
            if not connection.execute(
                "SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"
            ).fetchone():
                return failed(f"{self._path} is no catalog.", "Choose another place with PHOTOLALA_CATALOG.")
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if version > SCHEMA:
                return failed(
                    f"{self._path} was written by a newer photolala (schema {version}, this knows {SCHEMA}).",
                    "Upgrade photolala on this machine.",
                )
            if version < SCHEMA:
                return ok(
                    f"{self._path}, schema {version}: the next start brings it to {SCHEMA}, after a copy."
                )
            (photos,) = connection.execute("SELECT count(*) FROM photo WHERE deleted = 0").fetchone()
            for (root,) in connection.execute(_ROOTS):
                within, places = is_within(root, recursive=True)
                known = connection.execute(_LIES_IN.format(within), places).fetchone()
                self._folders.append((root, known is not None))
        return ok(f"{self._path}, schema {version}, photos: {photos}.")

    def _mode(self) -> Finding:
        mode = self._path.stat().st_mode & 0o777
        if mode & _OTHERS:
            return warning(f"Others may open the catalog (mode {mode:04o}).", f"chmod 600 {self._path}")
        return ok(f"Only you may open the catalog (mode {mode:04o}).")

    def _content(self) -> Finding:
        problems = check(self._path)
        if problems:
            told = suspect(self._path, sqlite3.DatabaseError(problems[0]))
            found, _, advice = str(told).partition("). ")
            return failed(f"{found}).", advice)
        if mark(self._path).exists():
            return ok("No damage found, though some was met before.", "Start photolala: it looks again.")
        return ok(f"No damage found in {self._path.stat().st_size / 1e6:.1f} MB.")

    def _copies(self) -> Finding:
        found = copies(self._path)
        if found:
            newest = time.strftime("%Y-%m-%d", time.localtime(found[0].stat().st_mtime))
            told = f"Copies beside it: {len(found)}, the newest of {newest}."
        else:
            told = "There is no copy of it yet."
        if is_copy_due(self._path):
            return warning(told, "Open the app or sync: that makes the copy of the week.")
        return ok(told)

    def _disk(self) -> Finding:
        kind = network_disk(self._path)
        if kind is None:
            return ok("The catalog lies on a disk of this machine.")
        return warning(
            f"The catalog lies on a network disk ({kind}): two machines that use it at once would damage it.",
            "Choose a place on this machine with PHOTOLALA_CATALOG; photos and remote may be anywhere.",
        )

    def _space(self) -> Finding:
        folder = next(above for above in self._path.parents if above.exists())
        free, size = shutil.disk_usage(folder).free, self._path.stat().st_size if self._path.exists() else 0
        found = f"{free / 1e9:.1f} GB free on the catalog's disk."
        if free < _FULL:
            return failed(found, "Make room: stars may fail to be written.")
        if free < 3 * size:
            return warning(found, "Make room: the weekly copy is not made on a disk that is nearly full.")
        return ok(found)


def _folder(root: bytes, known: bool) -> Finding:
    """Look at a folder that was scanned; `known` is whether the catalog has files of it."""
    path = os.fsdecode(root)
    mount = (
        "Mount its disk or share: until then its photos stay in the catalog as they are. Or say "
        "`photolala scan --gone` with its path, if it is gone for good."
    )
    try:
        with os.scandir(root) as found:
            entries = list(found)
        shut = [entry.name for entry in entries if entry.is_dir() and not may(entry, os.R_OK | os.X_OK)]
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not known:
            return skipped(f"{path} is not there any more, nor is a photo known to be in it.")
        return failed(f"{path} cannot be read: {error.strerror}.", mount)
    if known and not entries:
        return failed(f"{path} is empty, and photos were there.", mount)
    if shut:
        named = ", ".join(map(os.fsdecode, shut[:3]))
        return warning(
            f"{path} is there, but this user may not read {named} in it.", "Change their permissions."
        )
    return ok(f"{path} is there, and can be read.")
