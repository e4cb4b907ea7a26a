"""What the terminal can draw: asked for once, in one write, before the app starts.

Kitty's graphics protocol has a question of its own, but its Unicode placeholders have none: they are known by
the terminal's name and version (XTVERSION). Sixel is attribute 4 of the device attributes (DA1), which every
terminal answers, and last. SSH does not pass COLORTERM on: whether there are all colours is seen by setting
one, and asking which it is (DECRQSS). `answers` keeps what comes too late from being taken for keys.
"""

import fcntl
import os
import re
import struct
import termios
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

Protocol = Literal["kitty", "sixel", "halfblock"]

QUESTIONS = (
    "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m"
    "\x1b[16t\x1b[14t\x1b[c"
)
_USUAL_CELL = (10, 20)  # pixels, where nobody tells
_KITTY = re.compile(r"\x1b_Gi=31;OK")
# others speak Kitty's protocol, but show placeholders as what they are: characters that no font has
_PLACEHOLDERS = re.compile(r"\x1bP>\|(?:kitty\((?:[1-9]\d*|0\.(?:2[89]|[3-9]\d|\d{3,}))\b|ghostty )")
_ALL_COLOURS = re.compile(r"\x1bP1\$r(?:[\d:;]*[:;])?48[:;]2[:;]+1[:;]2[:;]3(?!\d)")
_NO_GRAPHICS = ("screen", "tmux", "dumb", "linux")  # by TERM; a multiplexer does not pass pictures on


@dataclass(frozen=True)
class Graphics:
    """How the terminal can show a picture.

    Attributes:
        protocol: that is best.
        cell_width: of a cell in pixels.
        cell_height: of it.
        all_colours: whether it was seen to have them.
        system_cell: (width, height) of a cell as the system has it, which may be known better.
    """

    protocol: Protocol = "halfblock"
    cell_width: int = _USUAL_CELL[0]
    cell_height: int = _USUAL_CELL[1]
    all_colours: bool = False
    system_cell: tuple[int, int] | None = None


def is_to_be_asked(preview: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether it matters what the terminal can draw.

    Args:
        preview: the setting: "auto", "halfblock", "kitty", "sixel" or "off".
        environment: TERM, COLORTERM, TMUX and STY are looked at.
    """
    matters = preview != "off" and (preview != "halfblock" or not environment.get("COLORTERM"))
    multiplexed = environment.get("TMUX") or environment.get("STY")
    plain = environment.get("TERM", "dumb").startswith(_NO_GRAPHICS)
    return matters and not (multiplexed or plain)


def is_last(answer: str) -> bool:
    """Return whether this answer is that to the last question."""
    return answer.startswith("\x1b[?") and answer.endswith("c")


def graphics(
    preview: str,
    answers: Iterable[str],
    columns: int,
    lines: int,
    *,
    system: tuple[int, int] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Graphics:
    """Understand what a terminal has answered.

    Args:
        preview: the setting; what it names is taken for granted.
        answers: in any order, perhaps none.
        columns: the terminal's width in cells.
        lines: its height.
        system: (width, height) of a cell in pixels, if the system has it.
        environment: TERM, TMUX and STY are looked at.
    """
    told = list(answers)
    attributes = [part for answer in told if is_last(answer) for part in answer[3:-1].split(";")]
    cell = _cell(told, columns, lines, system)
    protocol: Protocol = "halfblock"
    if preview == "kitty" or (preview == "auto" and _has_placeholders(told)):
        protocol = "kitty"
    elif preview == "sixel" or (preview == "auto" and "4" in attributes and cell):
        protocol = "sixel"  # without the size of a cell, nobody knows which cells a picture covers
    all_colours = is_tmux(environment) or any(map(_ALL_COLOURS.match, told))
    return Graphics(protocol, *(cell or _USUAL_CELL), all_colours, system)


def is_tmux(environment: Mapping[str, str]) -> bool:
    """Return whether tmux is the terminal: it takes all colours, and shows the nearest that its own has."""
    named = environment.get("TMUX") or environment.get("TERM", "").startswith("tmux")
    return bool(named) and not environment.get("STY")


def _has_placeholders(answers: list[str]) -> bool:
    return any(map(_KITTY.match, answers)) and any(map(_PLACEHOLDERS.match, answers))


def _cell(
    answers: list[str], columns: int, lines: int, system: tuple[int, int] | None
) -> tuple[int, int] | None:
    sizes = {}
    for answer in answers:
        if size := re.fullmatch(r"\x1b\[([46]);(\d+);(\d+)t", answer):
            sizes[size[1]] = (int(size[3]), int(size[2]))
    window = sizes.get("4", (0, 0))
    cells = sizes.get("6", (0, 0)), (window[0] // columns, window[1] // lines)
    return next(filter(_is_likely, cells), system)  # xterm tells neither size, unless it is allowed to


def system_cell(columns: int, lines: int, file: int = 0) -> tuple[int, int] | None:
    """Return the (width, height) of a cell in pixels as the system has it, also over SSH; None if it has not.

    Args:
        columns: the terminal's width in cells.
        lines: its height.
        file: the terminal.
    """
    with suppress(OSError, ZeroDivisionError):
        _, _, width, height = struct.unpack("4H", fcntl.ioctl(file, termios.TIOCGWINSZ, bytes(8)))
        cell = (width // columns, height // lines)
        return cell if _is_likely(cell) else None
    return None


def _is_likely(cell: tuple[int, int]) -> bool:
    return 1 <= min(cell) <= max(cell) <= 200
