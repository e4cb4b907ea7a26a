"""The first frame: the names of a folder's photos, on the screen before Textual is imported.

It looks as the app's own first picture will, which is painted over it. Keys that move the cursor are answered
here by the picture alone: the app gets them all, and its cursor comes to stand at the same photo.
"""

import json
import os
import re
import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from catalog.photo_files.photo_names import PHOTO_SUFFIXES
from tui.terminal.cells import Cells, Fragment
from tui.terminal.probe import is_tmux
from tui.words.shown import shown

_PATIENCE = 0.1  # seconds for a folder to be read; the app waits longer for a slow disk
_LEAST = (40, 10)  # columns and rows
_WIDE = 110  # columns from which on there is a preview
_SUFFIXES = tuple(suffix.encode() for suffix in PHOTO_SUFFIXES)
_TEXT, _QUIET, _LINE, _ACCENT = (  # of all colours, and of 256, as the app's theme has them
    ("2;224;224;224", "5;253"),
    ("2;160;160;160", "5;247"),
    ("2;62;62;62", "5;237"),
    ("2;254;166;43", "5;214"),
)
_GROUND, _CURSOR, _CHOSEN, _BAR = (
    ("2;18;18;18", "5;233"),
    ("2;0;83;170", "5;25"),
    ("2;12;48;75", "5;23"),
    ("2;30;30;30", "5;234"),
)
_COLOURED = {
    "name": ("", _TEXT, _GROUND),
    "cursor": ("1;", _TEXT, _CURSOR),
    "folder": ("", _TEXT, _CHOSEN),
    "frame": ("", _LINE, _GROUND),
    "title": ("", _QUIET, _GROUND),
    "focus": ("", _ACCENT, _GROUND),
    "focused title": ("1;", _ACCENT, _GROUND),
    "status": ("", _TEXT, _BAR),
    "hints": ("", _QUIET, _GROUND),
}
_PLAIN = {"cursor": "7"}
_BESIDE, _FOCUS = ("frame", "title"), ("focus", "focused title")  # a border, and the title in it
_KEY = re.compile(r"\x1b[\[O][ABHF]|\x1b\[[56]~|[jkgG]")
_STEPS = {"j": 1, "k": -1, "B": 1, "A": -1}


_Runs = list[tuple[str, str]]  # texts, and in which of those styles


class FirstFrame:
    """A picture of the three panes.

    Args:
        names: raw names of the photos, in order; at least one.
        at: raw name of the photo under the cursor.
        title: what the tree shows as its root.
        size: columns and rows of the terminal.
        colours: whether those of the app's usual theme are wanted, as far as the terminal has them.

    Attributes:
        cursor: index of the photo under the cursor.
        cells: what was drawn.
    """

    def __init__(
        self, names: list[bytes], at: bytes, title: str, size: tuple[int, int], *, colours: bool
    ) -> None:
        self._names, self._title = names, title
        self._styles = _styles() if colours else _PLAIN
        self.cells = Cells(*size)
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
        """Return what makes the terminal show the frame, where it shows what was drawn before."""
        return self.cells.paint(self._fragments())

    def _fragments(self) -> Iterator[Fragment]:
        tree, width, preview = self._tree, self._width + 2, self._preview
        top = [
            *_top(tree, "Folders", *_BESIDE),
            *_top(width, "Photos", *_FOCUS),
            *_top(preview, "Preview", *_BESIDE),
        ]
        yield self._line(0, top)
        for y in range(self._height):
            photo = [self._photo(self._top + y)]
            folder = (
                [] if y else [(set_cell_size(self._title, min(cell_len(self._title), tree - 2)), "folder")]
            )
            panes = [*_beside(tree, folder), *_beside(width, photo, "focus"), *_beside(preview, [])]
            yield self._line(y + 1, panes)
        position = f" {self.cursor + 1}/{len(self._names)} "
        bottom = [*_bottom(tree), *_bottom(width, position, "focus"), *_bottom(preview)]
        yield self._line(self._height + 1, bottom)
        for y, kind in ((2, "status"), (3, "hints")):
            yield self._line(self._height + y, [(" " * self._columns, kind)])

    def _line(self, y: int, runs: _Runs) -> Fragment:
        return Fragment(y, 0, [(text, self._styles.get(kind, "")) for text, kind in runs])

    def _photo(self, index: int) -> tuple[str, str]:
        name = shown(self._names[index][:1024]) if index < len(self._names) else ""
        return set_cell_size(f"  {name}", self._width), "cursor" if index == self.cursor else "name"


def _top(width: int, title: str, line: str, words: str) -> _Runs:
    if not width:
        return []
    return [("╭─", line), (f" {title} ", words), ("─" * (width - len(title) - 5) + "╮", line)]


def _bottom(width: int, position: str = "", line: str = "frame") -> _Runs:
    if not width:
        return []
    if not position:
        return [("╰" + "─" * (width - 2) + "╯", line)]
    return [("╰" + "─" * (width - 3 - len(position)), line), (position, "title"), ("─╯", line)]


def _beside(width: int, runs: _Runs, line: str = "frame") -> _Runs:
    """Return a line of a pane, with its borders."""
    if not width:
        return []
    rest = width - 2 - sum(cell_len(text) for text, _ in runs)
    return [("│", line), *runs, (" " * rest, "name"), ("│", line)]


def first_frame(folder: bytes, views: Path, size: tuple[int, int], *, colours: bool) -> FirstFrame | None:
    """Return the frame of a folder, or None if only the app knows what it shows, or the disk is slow.

    Args:
        folder: raw absolute path.
        views: the file of how folders were looked at last.
        size: columns and rows of the terminal.
        colours: whether those of the app's usual theme are wanted, as far as the terminal has them.
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
    return FirstFrame(names, at, title, size, colours=colours)


def _styles() -> Mapping[str, str]:
    """Return the styles for what the environment says of the terminal; more of it is known later."""
    term = os.environ["TERM"]
    if "NO_COLOR" in os.environ:
        return _PLAIN
    if is_tmux(os.environ) or os.environ.get("COLORTERM") in {"truecolor", "24bit"}:
        depth = 0
    elif term.endswith(("256color", "kitty")):
        depth = 1
    else:
        return _PLAIN
    return {k: f"{bold}38;{ink[depth]};48;{ground[depth]}" for k, (bold, ink, ground) in _COLOURED.items()}


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
