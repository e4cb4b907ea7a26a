"""What the environment says of the terminal, and what Textual shall find there when it is imported."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.config.settings import Settings

_WITHOUT_MOTION = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}
_OVER_SSH = {**_WITHOUT_MOTION, "TEXTUAL_FPS": "30", "ESCDELAY": "150"}


def why_no_app() -> str:
    """Return in a sentence why no app can be shown here; empty if one can."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return "the app needs a terminal; `photolala --help` lists what runs without one."
    if os.environ.get("TERM") == "dumb":
        return "the app needs a terminal that does more than TERM=dumb says; TERM=xterm-256color may be true."
    return ""


def set_up_textual(settings: "Settings") -> None:
    """Tell Textual, which is not imported yet, what it looks for in the environment."""
    if "SSH_CONNECTION" in os.environ:
        for name, value in _OVER_SSH.items():
            os.environ.setdefault(name, value)
    if not settings.motion:
        os.environ.update(_WITHOUT_MOTION)
    if settings.colour == "none":
        os.environ["NO_COLOR"] = "1"


def has_mouse(settings: "Settings") -> bool:
    """Return whether the mouse is wanted, and can be: with one, GNU screen keeps esc until the next key."""
    in_screen = "STY" in os.environ or os.environ.get("TERM", "").startswith("screen.")
    return settings.mouse and not in_screen
