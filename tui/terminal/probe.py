"""What the terminal can draw: asked for once, in one write, before the app starts.

Kitty's graphics protocol has a question of its own; Sixel is attribute 4 of the device attributes (DA1),
which every terminal answers, and last. `answers` keeps what comes too late from being taken for keys.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Protocol = Literal["kitty", "sixel", "halfblock"]

QUESTIONS = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[14t\x1b[c"
_USUAL_CELL = (10, 20)  # pixels, where nobody tells
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


def graphics(preview: str, answers: Iterable[str], columns: int, lines: int) -> Graphics:
    """Understand what a terminal has answered.

    Args:
        preview: the setting; what it names is taken for granted.
        answers: in any order, perhaps none.
        columns: the terminal's width in cells.
        lines: its height.
    """
    told = list(answers)
    attributes = [part for answer in told if is_last(answer) for part in answer[3:-1].split(";")]
    protocol: Protocol = "halfblock"
    if preview == "kitty" or (preview == "auto" and any(re.match(r"\x1b_Gi=31;OK", a) for a in told)):
        protocol = "kitty"
    elif preview == "sixel" or (preview == "auto" and "4" in attributes):
        protocol = "sixel"
    return Graphics(protocol, *_cell(told, columns, lines))


def _cell(answers: list[str], columns: int, lines: int) -> tuple[int, int]:
    sizes = {}
    for answer in answers:
        if size := re.fullmatch(r"\x1b\[([46]);(\d+);(\d+)t", answer):
            sizes[size[1]] = (int(size[3]), int(size[2]))
    window = sizes.get("4", (0, 0))
    for width, height in (sizes.get("6", (0, 0)), (window[0] // max(1, columns), window[1] // max(1, lines))):
        if 1 <= width <= 200 and 1 <= height <= 200:
            return width, height
    return _USUAL_CELL
