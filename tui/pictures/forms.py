"""Which form pictures take on this terminal: what it was proven to understand, and what the user wants."""

import os
from typing import Any, Literal

from textual.app import App

from tui.pictures.characters import characters_for
from tui.pictures.kitty import Kitty
from tui.pictures.sixel import Sixel
from tui.pictures.wanted import Form

# others speak Kitty's protocol, but show placeholders as what they are: characters that no font has
_PLACEHOLDERS = ("kitty", "ghostty")


def form_for(
    app: App[Any],
    preview: str,
    protocol: Literal["kitty", "sixel", "halfblock"],
    cell: tuple[int, int],
    *,
    term: str | None = None,
) -> Form | None:
    """Return how large pictures are drawn, None if they shall not be.

    Args:
        app: whose terminal it is.
        preview: the setting: "auto", "halfblock", "kitty", "sixel" or "off".
        protocol: what the terminal was asked for, and has.
        cell: (width, height) of a cell in pixels.
        term: the terminal's name, None for that of the environment.
    """
    if preview == "off":
        return None
    name = os.environ.get("TERM", "") if term is None else term
    colours = app.console.color_system
    if app.no_color or colours not in ("truecolor", "256"):  # a number is told as a colour
        return characters_for(app)
    if protocol == "kitty" and (preview == "kitty" or any(known in name for known in _PLACEHOLDERS)):
        return Kitty(cell, 0 if colours == "truecolor" else 256)
    if protocol == "sixel":
        return Sixel(cell)
    return characters_for(app)
