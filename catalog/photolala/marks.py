"""What photolala keeps in a Photolala catalog beside the Mac app's own files: one md5 a line, sorted.

`stars.csv` holds the starred photos; `backup.csv` holds md5,status of those that have one. A line that is
neither is kept as it is.
"""

import os
import re
from contextlib import suppress

from catalog.photolala.source import V4, V5, CatalogSource, Layout

MAX_BYTES = 64 * 1024 * 1024
_LINE = re.compile(r"([0-9a-fA-F]{32})(?:,([a-z]{1,32}))?", re.ASCII)


class Marks:
    """The marks of one file, md5 -> text, empty where the md5 is all of the line."""

    def __init__(self, data: bytes) -> None:
        """Read a file's content; an empty one is no marks."""
        self._marks: dict[str, str] = {}
        self._others: set[str] = set()
        for line in data.decode("utf-8", "surrogateescape").split("\n"):
            found = _LINE.fullmatch(line.strip())
            if found:
                self._marks[found[1].lower()] = found[2] or ""
            elif line.strip():
                self._others.add(line)

    def values(self) -> dict[str, str]:
        """Return all marks by md5."""
        return self._marks

    def put(self, md5: str, text: str | None) -> bool:
        """Set a mark, or take it away with None; returns whether that changed anything."""
        before = self._marks.get(md5)
        if text is None:
            self._marks.pop(md5, None)
        else:
            self._marks[md5] = text
        return before != text

    def __bytes__(self) -> bytes:
        lines = {f"{md5},{text}" if text else md5 for md5, text in self._marks.items()} | self._others
        return "".join(f"{line}\n" for line in sorted(lines)).encode("utf-8", "surrogateescape")


def read_marks(source: CatalogSource, layout: Layout, stem: str) -> Marks:
    """Read the marks of a catalog, with those from before the Mac app made it one of version 5.

    Args:
        source: what holds the catalog.
        layout: how its objects are called.
        stem: "stars" or "backup".

    Raises:
        SourceError: they cannot be read, and so must not be written.
    """
    layouts = (V5, V4) if layout is V5 else (layout,)
    return Marks(b"\n".join(source.get(layout.part(stem), MAX_BYTES) or b"" for layout in layouts))


def drop_older(prefix: bytes, stem: str) -> None:
    """Remove the marks from before a catalog became one of version 5, once the new ones have them.

    Args:
        prefix: raw path of the folder of photos, with a slash at its end.
        stem: "stars" or "backup".
    """
    with suppress(FileNotFoundError):
        os.unlink(prefix + V4.part(stem).encode())  # noqa: PTH108 (a raw path)
