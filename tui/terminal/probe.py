"""What the terminal can draw: asked for once, in one write, before the app starts.

Kitty's graphics protocol has a question of its own, but its Unicode placeholders have none: they are known by
the terminal's name and version (XTVERSION). Sixel is attribute 4 of the device attributes (DA1), which every
terminal answers, and last. `answers` keeps what comes too late from being taken for keys.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Protocol = Literal["kitty", "sixel", "halfblock"]

QUESTIONS = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q\x1b[16t\x1b[14t\x1b[c"
_USUAL_CELL = (10, 20)  # pixels, where nobody tells
_KITTY = re.compile(r"\x1b_Gi=31;OK")
# others speak Kitty's protocol, but show placeholders as what they are: characters that no font has
_PLACEHOLDERS = re.compile(r"\x1bP>\|(?:kitty\((?:[1-9]\d*|0\.(?:2[89]|[3-9]\d|\d{3,}))\b|ghostty )")
_NO_GRAPHICS = ("screen", "tmux", "dumb", "linux")  # by TERM; a multiplexer does not pass pictures on


@dataclass(frozen=True)
class Graphics:
    """How the terminal can show a picture, and the size of a cell in pixels."""

    protocol: Protocol = "halfblock"
    cell_width: int = _USUAL_CELL[0]
    cell_height: int = _USUAL_CELL[1]


def is_to_be_asked(preview: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether it matters what the terminal can draw.

    Args:
        preview: the setting: "auto", "halfblock", "kitty", "sixel" or "off".
        environment: TERM, TMUX and STY are looked at.
    """
    multiplexed = environment.get("TMUX") or environment.get("STY")
    plain = environment.get("TERM", "dumb").startswith(_NO_GRAPHICS)
    return preview not in ("halfblock", "off") and not (multiplexed or plain)


def is_last(answer: str) -> bool:
    """Return whether this answer is that to the last question."""
    return answer.startswith("\x1b[?") and answer.endswith("c")


def graphics(
    preview: str, answers: Iterable[str], columns: int, lines: int, window: tuple[int, int] = (0, 0)
) -> Graphics:
    """Understand what a terminal has answered.

    Args:
        preview: the setting; what it names is taken for granted.
        answers: in any order, perhaps none.
        columns: the terminal's width in cells.
        lines: its height.
        window: its (width, height) in pixels as the system knows them, also over SSH; 0 if it does not.
    """
    told = list(answers)
    attributes = [part for answer in told if is_last(answer) for part in answer[3:-1].split(";")]
    cell = _cell(told, columns, lines, window)
    protocol: Protocol = "halfblock"
    if preview == "kitty" or (preview == "auto" and _has_placeholders(told)):
        protocol = "kitty"
    elif preview == "sixel" or (preview == "auto" and "4" in attributes and cell):
        protocol = "sixel"  # without the size of a cell, nobody knows which cells a picture covers
    return Graphics(protocol, *(cell or _USUAL_CELL))


def _has_placeholders(answers: list[str]) -> bool:
    return any(map(_KITTY.match, answers)) and any(map(_PLACEHOLDERS.match, answers))


def _cell(answers: list[str], columns: int, lines: int, window: tuple[int, int]) -> tuple[int, int] | None:
    sizes = {"system": window}
    for answer in answers:
        if size := re.fullmatch(r"\x1b\[([46]);(\d+);(\d+)t", answer):
            sizes[size[1]] = (int(size[3]), int(size[2]))
    windows = [sizes.get("4", (0, 0)), sizes["system"]]  # xterm tells neither size, unless it is allowed to
    cells = [(width // max(1, columns), height // max(1, lines)) for width, height in windows]
    for width, height in (sizes.get("6", (0, 0)), *cells):
        if 1 <= width <= 200 and 1 <= height <= 200:
            return width, height
    return None
