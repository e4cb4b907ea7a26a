"""Which form pictures take on this terminal: what it was proven to understand, and what the user wants."""

import os
from typing import Any, Literal

from textual.app import App

from tui.pictures.characters import characters_for
from tui.pictures.kitty import Kitty
from tui.pictures.sixel import Sixel
from tui.pictures.wanted import Form

_MOST_PIXELS, _MOST_OVER_SSH = 1_000_000, 300_000  # of a picture: some 250 kB, over who knows what line


def form_for(
    app: App[Any],
    preview: str,
    protocol: Literal["kitty", "sixel", "halfblock"],
    cell: tuple[int, int],
) -> Form | None:
    """Return how large pictures are drawn, None if they shall not be.

    Args:
        app: whose terminal it is.
        preview: the setting: "auto", "halfblock", "kitty", "sixel" or "off".
        protocol: what the terminal was asked for, and has.
        cell: (width, height) of a cell in pixels.
    """
    if preview == "off":
        return None
    colours = app.console.color_system
    pixels = _MOST_OVER_SSH if "SSH_CONNECTION" in os.environ else _MOST_PIXELS
    if protocol == "sixel" and not app.no_color:
        return Sixel(cell, pixels)
    if protocol == "kitty" and not app.no_color and colours in ("truecolor", "256"):
        return Kitty(
            cell, pixels, 0 if colours == "truecolor" else 256
        )  # a picture's number is told as a colour
    return characters_for(app)
