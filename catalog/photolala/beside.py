"""The files that lie beside a catalog: what tells a name that was cut, or a size that lost its first digits.

Releases of the Mac app have read an unquoted name without its first character, and the size after a quoted
name without its first digit, and have written back what they had read, some of them several times.
"""

import hashlib
import os
import stat
import unicodedata
from collections.abc import Container
from contextlib import suppress

from catalog.photo_files.photo_file import open_photo
from catalog.photolala.rows import CsvRow, bounded, is_no_name, one_line
from catalog.row import text_of_name

_READ_AT_MOST = 1 << 30  # bytes hashed for the sake of names, in all: some seconds
_CHUNK = 1 << 20


class Beside:
    """The photos of a folder by name and, once that is asked for, by size."""

    def __init__(self, directory: bytes) -> None:
        """List the folder; one that cannot be read has no files.

        Args:
            directory: an absolute raw path.
        """
        self._prefix = directory.rstrip(b"/") + b"/"
        self._raw: set[bytes] = set()
        self._names: dict[str, bytes] | None = None
        self._sizes: dict[bytes, int | None] = {}
        self._by_size: dict[int, list[tuple[str, bytes]]] | None = None
        self._may_read = _READ_AT_MOST
        with suppress(OSError):
            self._raw.update(os.listdir(directory))  # noqa: PTH208 (raw names)

    def file_named(self, filename: str) -> bytes | None:
        """Return the raw name of the file that a row names, None if it is not there."""
        raw = filename.encode()
        return raw if raw in self._raw else self._shown_names().get(same_name(filename))

    def _shown_names(self) -> dict[str, bytes]:
        if self._names is None:
            seen = (name for name in sorted(self._raw) if not name.startswith(b"."))
            self._names = {same_name(text_of_name(name)): name for name in seen}
        return self._names

    def file_of(self, row: CsvRow) -> bytes | None:
        """Return the raw name of the file that a row names, if it also has the row's size."""
        name = self.file_named(row.filename)
        return name if name is not None and row.size is not None and self.size(name) == row.size else None

    def size(self, name: bytes) -> int | None:
        """Return the size of a file, bytes; None if it is no file, or gone."""
        if name not in self._sizes:
            self._sizes[name] = None
            with suppress(OSError):
                found = os.stat(self._prefix + name)  # noqa: PTH116 (a raw path)
                self._sizes[name] = found.st_size if stat.S_ISREG(found.st_mode) else None
        return self._sizes[name]

    def mend(self, row: CsvRow) -> tuple[CsvRow, str]:
        """Put a row's name and size right, where a file here proves what they were.

        Args:
            row: as it was read.

        Returns:
            The row, and what was wrong with it, "" if nothing was.
        """
        row, wrong = bounded(row)
        named = self.file_named(row.filename)
        if named is not None:
            size = self.size(named)
            if size == row.size or row.size is None or size is None:
                return row, wrong
            lost = _digits_lost(row.size, size)
            if lost == 1 or (lost and self._md5(named) == row.md5):
                return row._replace(size=size), f"its size had lost {lost} of its digits: {row.size}"
        found = self.whole_name(row)
        if found is None:
            return row, wrong
        return row._replace(filename=text_of_name(found)), f"its name was cut: {row.filename}"

    def whole_name(self, row: CsvRow, taken: Container[bytes] = ()) -> bytes | None:
        """Return the file whose name ends with a row's and whose size, and where in doubt MD5, is the row's.

        Args:
            row: as it was read.
            taken: raw names that other rows have.
        """
        if row.size is None:
            return None
        tail = "" if is_no_name(row) else same_name(row.filename)
        fits = [
            name
            for shown, name in self._of_size(row.size, taken)
            if shown.endswith(tail) and len(shown) > len(tail)
        ]
        if len(fits) == 1 and tail and tail not in self._shown_names():
            return fits[0]
        return next((name for name in fits if self._md5(name) == row.md5), None)

    def _of_size(self, size: int, taken: Container[bytes]) -> list[tuple[str, bytes]]:
        if self._by_size is None:
            self._by_size = {}
            for shown, name in self._shown_names().items():
                if name not in taken and (its := self.size(name)) is not None:
                    self._by_size.setdefault(its, []).append((shown, name))
        return self._by_size.get(size, [])

    def _md5(self, name: bytes) -> str | None:
        digest = hashlib.md5(usedforsecurity=False)
        with suppress(OSError):
            descriptor, status = open_photo(self._prefix + name)
            with os.fdopen(descriptor, "rb") as file:
                if status.st_size > self._may_read:
                    return None
                self._may_read -= status.st_size
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                return digest.hexdigest()
        return None


def same_name(text: str) -> str:
    """Return a name in the one form that is compared: a Mac takes letters and accents apart."""
    return text if text.isascii() and text.isprintable() else unicodedata.normalize("NFC", one_line(text))


def _digits_lost(size: int, whole: int) -> int:
    digits = str(whole)
    return next((lost for lost in range(1, len(digits)) if int(digits[lost:]) == size), 0)
