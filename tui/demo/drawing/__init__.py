"""How a demo photo is drawn: a scene made of props, on a canvas, in the light of an hour."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from PIL import Image

from tui.demo.drawing import fields, heights, shores, skies
from tui.demo.drawing.canvas import Canvas
from tui.demo.drawing.light import HOURS

SCENES: dict[str, Callable[[Canvas], None]] = {
    "aurora": heights.aurora,
    "balloons": skies.balloons,
    "bloom": fields.bloom,
    "city": shores.city,
    "dunes": skies.dunes,
    "flowers": fields.flowers,
    "forest": fields.forest,
    "grove": fields.grove,
    "harbour": shores.harbour,
    "lake": heights.lake,
    "mountains": heights.mountains,
    "night": skies.night,
    "sea": shores.sea,
    "snow": heights.snow,
}


def draw(scene: str, hour: str, size: tuple[int, int], rng: Random) -> Image.Image:
    """Draw a picture; takes 20 to 50 ms.

    Args:
        scene: What of, one of `SCENES`.
        hour: In the light of which hour of the day, one of `HOURS`.
        size: Width and height, pixels.
        rng: Decides everything else; the same state gives the same picture.

    Returns:
        An "RGB" picture.
    """
    canvas = Canvas(rng, size, rng.choice(HOURS[hour]))
    SCENES[scene](canvas)
    return canvas.finish()
