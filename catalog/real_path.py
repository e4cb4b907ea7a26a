"""The real path of what people name: the catalog knows a folder by no other, whatever else leads to it.

Under two paths each photo would be two files, and one of them would pass for a copy. Links are followed. Some
disks take a name in any case or spelling of Unicode (exFAT, those of Macs): there, it is the one listed.
"""

import os
from collections.abc import Iterator
from unicodedata import normalize

from catalog.patience import patiently
from catalog.raw_path import path_in
from catalog.spellings import spellings

_SOON = 2.0  # seconds: what is only looked up does not wait for a disk


class RealPaths:
    """Finds real paths, each folder's once. Its methods ask the file system, and may block for ever."""

    def __init__(self) -> None:
        """Prepare; nothing is asked yet."""
        self._real: dict[bytes, bytes] = {}
        self._listed: dict[bytes, dict[bytes | str, bytes]] = {}

    def folder(self, path: bytes) -> bytes:
        """Return the real path of a folder, of what is not there as far as it is; `..` is the folder above.

        Args:
            path: raw; from the working directory if it is not absolute.
        """
        if path not in self._real:
            real = b"/"
            for name in filter(None, os.path.realpath(path).split(b"/")):
                real = path_in(real, self._name(real, name))
            self._real[path] = real
        return self._real[path]

    def file(self, path: bytes) -> bytes:
        """Return the path of a file in its real folder: a link to a file is a file of the folder itself.

        Args:
            path: raw; from the working directory if it is not absolute.
        """
        folder, name = os.path.split(path)
        if name in (b"", b".", b".."):
            return self.folder(path)
        real = self.folder(folder)
        return path_in(real, self._name(real, name))

    def _name(self, folder: bytes, name: bytes) -> bytes:
        """Return the name that a folder lists for one that leads to it."""
        if not any(os.path.lexists(path_in(folder, other)) for other in _others(name)):
            return name  # nearly always, and needs no list
        if folder not in self._listed:
            self._listed[folder] = _names_in(folder)
        names = self._listed[folder]
        return names.get(name) or names.get(_alike(name), name)


def real_folder_soon(path: bytes) -> bytes | None:
    """Return the real path of a folder; None if what lies there does not answer within two seconds.

    Args:
        path: raw; from the working directory if it is not absolute.
    """
    try:
        return patiently(lambda _: RealPaths().folder(path), patience=_SOON)
    except TimeoutError:
        return None


def _others(name: bytes) -> Iterator[bytes]:
    """Yield names that lead to the same thing on a disk to which they are all the same."""
    text = os.fsdecode(name)
    yield from (os.fsencode(other) for other in (*spellings(text)[1:], text.swapcase()) if other != text)


def _names_in(folder: bytes) -> dict[bytes | str, bytes]:
    """Return the names in a folder by themselves, and by what those have in common that lead to the same."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 (raw names)
    except OSError:
        return {}
    return {_alike(name): name for name in names} | {name: name for name in names}


def _alike(name: bytes) -> str:
    return normalize("NFC", os.fsdecode(name)).casefold()
