"""What stands in a drawn landscape: mountains, trees, houses, boats and birds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import ImageChops

from tui.demo.drawing.light import WHITE, Colour, mix
from tui.demo.drawing.shapes import Point, Spot, box, fir, oval, ridge
from tui.demo.drawing.textures import emboss, fade, gradient, noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.demo.drawing.canvas import Canvas

BLACK: Colour = (8, 8, 12)
FIR: Colour = (34, 62, 44)
LAMP: Colour = (255, 206, 120)
ROCK: Colour = (116, 112, 114)
SNOW: Colour = (244, 248, 255)


def range_line(c: Canvas, top: float, base: float, peaks: int, slope: float = 1.0) -> list[Point]:
    """Draw the line of a mountain range: one summit, lesser ones, and their shoulders.

    Args:
        c: Where it will stand.
        top: The summit's y.
        base: The foot's y.
        peaks: How many there are.
        slope: How steep their flanks are, pixels down for each pixel sideways.

    Returns:
        Points from left to right.
    """
    gap = c.width / peaks
    summit = c.rng.randrange(peaks)
    tops = []
    for index in range(peaks):
        x = (index + c.rng.uniform(0.1, 0.9)) * gap
        y = top if index == summit else top + (base - top) * c.rng.uniform(0.15, 0.6)
        tops.append((x, y))
        for side in (-1, 1):
            away = c.rng.uniform(0.12, 0.4) * gap
            tops.append((x + side * away, y + away * slope * c.rng.uniform(0.3, 0.8)))
    return ridge(c.rng, c.width, tops, slope=slope)


def massif(
    c: Canvas, line: Sequence[Point], base: float, *, far: float, snow: float, rock: Colour = ROCK
) -> None:
    """Raise a mountain range of rock, with snow above a ragged line.

    Args:
        c: Where to.
        line: What it looks like against the sky.
        base: The foot's y; there it dissolves in the haze.
        far: How far it stands, 0.0 to 1.0.
        snow: How much of it is under snow, 0.0 to 1.0.
        rock: The colour of what is not.
    """
    top = max(0, math.floor(min(y for _, y in line)))
    size = (c.width, round(base) - top)
    heights = noise(c.rng, size, (7, 5))
    stone = c.on(rock, far)
    surface = gradient(size, [stone, stone, mix(stone, c.light.haze, 0.45)])
    if snow:
        lies = [min(255, max(0, round((v - 255 * (1 - snow)) * 9))) for v in range(256)]
        mask = ImageChops.add(heights, fade(size, [255, 0]), 2).point(lies)
        surface.paste(c.on(SNOW, far * 0.7), (0, 0), mask)
    c.lay(emboss(surface, heights), 0, top, [[*line, (c.width, base), (0, base)]])


def firs(
    c: Canvas, line: Sequence[Point], height: float, count: int, *, hue: Colour, snow: Colour | None = None
) -> None:
    """Plant fir trees along a line, up to `height` high; with `snow`, under snow of that colour."""
    trees = []
    for _ in range(count):
        x, y = c.rng.choice(line)
        size = height * c.rng.uniform(0.45, 1.0)
        trees.append((x + c.rng.uniform(-4, 4), y + size * 0.12, size, c.rng.uniform(0.2, 0.27)))
    c.fill(*(fir(*tree) for tree in trees), hues=[hue, mix(hue, BLACK, 0.3)])
    if snow:
        caps = [fir(x - size * 0.03, y - size * 0.06, size * 0.94, lean * 0.66) for x, y, size, lean in trees]
        c.fill(*caps, hues=[snow, mix(hue, snow, 0.5)])


def crown(c: Canvas, x: float, y: float, size: float, leaves: Colour) -> None:
    """Plant a broad tree at (x, y), about `size` high and wide."""
    bark, half = c.on((64, 48, 42)), size * 0.04
    c.fill([(x - half, y), (x, y - size * 0.7), (x + half, y)], hues=[bark])
    spots: list[Spot] = []
    for _ in range(170):
        turn, reach = c.rng.uniform(0, math.tau), c.rng.random() ** 0.5
        wide = reach * size * (0.36 + 0.05 * math.sin(turn * 5))
        spots.append((x + math.cos(turn) * wide, y - size * 0.66 + math.sin(turn) * wide * 0.8, size * 0.055))
    c.dabs(((px + size * 0.02, py + size * 0.03, r * 1.25) for px, py, r in spots), [mix(leaves, BLACK, 0.5)])
    c.dabs(spots, [leaves, mix(leaves, BLACK, 0.25)])
    lit = [(px - size * 0.03, py - size * 0.04, r * 0.5) for px, py, r in spots if px < x + size * 0.15]
    c.dabs(lit, [mix(leaves, c.light.sun, 0.1 if c.dark else 0.35), leaves])


def house(
    c: Canvas, x: float, y: float, width: float, height: float, *, wall: Colour, lit: bool = False
) -> None:
    """Build a house with a gable.

    Args:
        c: Where to.
        x: Its left side.
        y: Its foot.
        width: From side to side.
        height: Up to the eaves.
        wall: The colour of its walls.
        lit: Whether people are at home in the dark.
    """
    eaves, middle, over = y - height, x + width / 2, width * 0.08
    paint = c.on(wall)
    c.fill(box(x, eaves, x + width, y), hues=[paint, mix(paint, BLACK, 0.25)])
    c.fill([(x, eaves), (middle, eaves - width * 0.42), (x + width, eaves)], hues=[paint])
    drip = eaves + over * 0.8
    c.fill(
        [
            (x - over, drip),
            (middle, eaves - width * 0.48),
            (x + width + over, drip),
            (middle, drip - width * 0.4),
        ],
        hues=[c.on((70, 62, 66))],
    )
    columns, rows = max(1, round(width / 34)), max(1, round(height / 40))
    panes = [
        box(left, top, left + width * 0.4 / columns, top + height * 0.45 / rows)
        for left in (x + width * (column + 0.3) / columns for column in range(columns))
        for top in (eaves + height * (row + 0.25) / rows for row in range(rows))
    ]
    lamps = [pane for pane in panes if lit and c.chance(0.7)]
    c.fill(*panes, hues=[c.on((70, 84, 104))])
    c.fill(*lamps, hues=[LAMP])


def sail(c: Canvas, x: float, y: float, size: float, cloth: Colour) -> None:
    """Sail a boat at (x, y), `size` high."""

    def shape(*points: Point) -> list[Point]:
        return [(x + px * size, y + py * size) for px, py in points]

    c.fill(shape((0, -1), (0.42, -0.16), (0, -0.14)), hues=[cloth])
    c.fill(shape((-0.04, -0.9), (-0.3, -0.16), (-0.04, -0.14)), hues=[mix(cloth, BLACK, 0.2)])
    c.fill(shape((-0.38, -0.1), (0.46, -0.1), (0.34, 0), (-0.28, 0)), hues=[c.on((60, 44, 44))])


def balloon(c: Canvas, x: float, y: float, size: float, *, stripes: tuple[Colour, Colour]) -> None:
    """Let a striped balloon rise around (x, y); `size` is its radius."""
    one, other = stripes
    for share, hue in ((1.0, one), (0.72, other), (0.4, one), (0.13, other)):
        round_top = [(px, py if py < y else y + (py - y) * 1.25) for px, py in oval(x, y, size * share, size)]
        c.fill(round_top, hues=[mix(hue, c.light.sun, 0.25), hue, mix(hue, BLACK, 0.35)])
    ropes = [
        [
            (x + side * size * a, y + size * b)
            for a, b in ((0.32, 1.14), (0.28, 1.14), (0.1, 1.46), (0.13, 1.46))
        ]
        for side in (-1, 1)
    ]
    basket = box(x - size * 0.13, y + size * 1.45, x + size * 0.13, y + size * 1.65)
    c.fill(*ropes, basket, hues=[mix(c.on((90, 60, 40)), one, 0.15)])


def birds(c: Canvas, count: int, bottom: float) -> None:
    """Let birds fly, in one loose flock, above the bottom."""
    x, y = c.x(0.2, 0.8), bottom * c.rng.uniform(0.3, 0.7)
    flock = []
    for _ in range(count):
        bx, by, s = c.rng.gauss(x, c.width * 0.08), c.rng.gauss(y, bottom * 0.1), c.rng.uniform(5, 11)
        wings = ((-1, -0.5), (-0.3, -0.3), (0, 0), (0.3, -0.3), (1, -0.5), (0, 0.28))
        flock.append([(bx + s * px, by + s * py) for px, py in wings])
    c.fill(*flock, hues=[c.on((50, 50, 56))])


def snowed(c: Canvas, far: float = 0.0) -> Colour:
    """Give the colour of snow in this light: it keeps more of its white than other things."""
    return mix(mix(c.on(SNOW), WHITE, 0.12), c.light.haze, far)
