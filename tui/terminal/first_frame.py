"""The first frame: the names of a folder's photos, on the screen before Textual is imported.

It looks as the app's own first picture will, which is painted over it. Keys that move the cursor are answered
here by the picture alone: the app gets them all, and its cursor comes to stand at the same photo.
"""

import json
import os
import re
import threading
from bisect import bisect_left
from contextlib import suppress
from pathlib import Path

from rich.cells import set_cell_size

from catalog.photo_files.photo_names import PHOTO_SUFFIXES
from tui.words.shown import shown

_PATIENCE = 0.1  # seconds for a folder to be read; the app waits longer for a slow disk
_LEAST = (40, 10)  # columns and rows
_WIDE = 110  # columns from which on there is a preview
_SUFFIXES = tuple(suffix.encode() for suffix in PHOTO_SUFFIXES)
_CURSOR, _FRAME, _FOCUS, _PLAIN = (
    "\x1b[1;48;2;1;53;106m",
    "\x1b[38;2;62;62;62m",
    "\x1b[38;2;254;166;43m",
    "\x1b[m",
)
_REVERSE = "\x1b[7m"
_KEY = re.compile(r"\x1b[\[O][ABHF]|\x1b\[[56]~|[jkgG]")
_STEPS = {"j": 1, "k": -1, "B": 1, "A": -1}


class FirstFrame:
    """A picture of the three panes.

    Args:
        names: raw names of the photos, in order; at least one.
        at: raw name of the photo under the cursor.
        title: what the tree shows as its root.
        size: columns and rows of the terminal.
        colours: whether there are any.

    Attributes:
        cursor: index of the photo under the cursor.
    """

    def __init__(
        self, names: list[bytes], at: bytes, title: str, size: tuple[int, int], *, colours: bool
    ) -> None:
        self._names, self._title, self._colours = names, title, colours
        self._columns, self._height = size[0], size[1] - 4  # two borders, two lines below
        wide = self._columns >= _WIDE
        self._tree = 28 if wide else 24
        self._preview = self._columns * 38 // 100 if wide else 0
        self._width = self._columns - self._tree - self._preview - 2
        index = bisect_left(names, at)
        self.cursor = index if names[index : index + 1] == [at] else 0
        self._top = 0
        self._follow()

    def answer(self, typed: str) -> bool:
        """Move the cursor as typed keys ask for.

        Returns:
            Whether all of them were such keys: after another the app alone knows what the next ones mean.
        """
        end = 0
        while key := _KEY.match(typed, end):
            end = key.end()
            self._move(key[0])
            self._follow()
        return end == len(typed)

    def _move(self, key: str) -> None:
        page = max(1, self._height - 1)
        if key == "g" or key[-1] == "H":
            self.cursor = 0
        elif key == "G" or key[-1] == "F":
            self.cursor = len(self._names) - 1
        else:
            by = {"\x1b[6~": page, "\x1b[5~": -page}.get(key) or _STEPS[key[-1]]
            self.cursor = max(0, min(len(self._names) - 1, self.cursor + by))

    def _follow(self) -> None:
        """Scroll as the app's list does: by half a page at once."""
        half, lowest = self._height // 2, max(0, len(self._names) - self._height)
        top = max(self.cursor - self._height + 1, min(self._top, self.cursor, lowest))
        if 0 < abs(top - self._top) < half:
            top = max(0, min(lowest, self._top + (half if top > self._top else -half)))
        self._top = top

    def draw(self) -> str:
        """Return what paints the whole frame."""
        position = f" {self.cursor + 1}/{len(self._names)} "
        lines = [
            self._border("╭╮", self._tree, " Folders ")
            + self._border("╭╮", self._width + 2, " Photos ", focus=True)
            + self._border("╭╮", self._preview, " Preview ")
        ]
        for y in range(self._height):
            tree = set_cell_size(self._title if not y else "", self._tree - 2)
            side = self._side("│") + " " * (self._preview - 2) + self._side("│") if self._preview else ""
            focus = self._side("│", focus=True)
            lines.append(
                f"{self._side('│')}{tree}{self._side('│')}{focus}{self._row(self._top + y)}{focus}{side}"
            )
        lines.append(
            self._border("╰╯", self._tree)
            + self._border("╰╯", self._width + 2, position, focus=True, right=True)
            + self._border("╰╯", self._preview)
        )
        return "".join(f"\x1b[{y}H{line}" for y, line in enumerate(lines, 1))

    def _row(self, index: int) -> str:
        name = shown(self._names[index][:1024]) if index < len(self._names) else ""
        text = set_cell_size(f"  {name}", self._width)
        if index != self.cursor:
            return text
        return (_CURSOR if self._colours else _REVERSE) + text + _PLAIN

    def _side(self, text: str, *, focus: bool = False) -> str:
        return f"{_FOCUS if focus else _FRAME}{text}{_PLAIN}" if self._colours else text

    def _border(
        self, ends: str, width: int, title: str = "", *, focus: bool = False, right: bool = False
    ) -> str:
        if not width:
            return ""
        line = "─" * (width - 3 - len(title))
        return self._side(
            f"{ends[0]}{line}{title}─{ends[1]}" if right else f"{ends[0]}─{title}{line}{ends[1]}", focus=focus
        )


def first_frame(folder: bytes, views: Path, size: tuple[int, int], *, colours: bool) -> FirstFrame | None:
    """Return the frame of a folder, or None if only the app knows what it shows, or the disk is slow.

    Args:
        folder: raw absolute path.
        views: the file of how folders were looked at last.
        size: columns and rows of the terminal.
        colours: whether the app's usual ones are wanted; they are left out where the terminal has too few.
    """
    if size[0] < _LEAST[0] or size[1] < _LEAST[1] or os.environ.get("TERM", "dumb") == "dumb":
        return None
    found: list[tuple[list[bytes], bytes | None]] = []
    reading = threading.Thread(target=lambda: found.append((_names(folder), _at(folder, views))), daemon=True)
    reading.start()
    reading.join(_PATIENCE)
    names, at = found[0] if found else ([], None)
    names = sorted(n for n in names if n.lower().endswith(_SUFFIXES) and n[:1] != b".")
    if not names or at is None:
        return None
    title = shown(os.path.basename(folder) or folder)  # noqa: PTH119 (a raw path)
    rich = os.environ.get("COLORTERM") in {"truecolor", "24bit"} and "NO_COLOR" not in os.environ
    return FirstFrame(names, at, title, size, colours=colours and rich)


def _names(folder: bytes) -> list[bytes]:
    with suppress(OSError), os.scandir(folder) as entries:
        return [entry.name for entry in entries]
    return []


def _at(folder: bytes, views: Path) -> bytes | None:
    """Return where the cursor was, empty if nobody was here, None if the folder was not looked at plainly."""
    try:
        records = json.loads(views.read_bytes())
        seen = [record for record in records if record["folder"] == os.fsdecode(folder)]
        plain = {"folder", "at", "order", "name"}
        for record in seen:
            if record.keys() != plain or record["order"] != "name" or record["name"]:
                return None
        return os.fsencode(seen[-1]["at"]) if seen else b""
    except FileNotFoundError:
        return b""
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
