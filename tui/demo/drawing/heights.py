"""Scenes of the mountains: peaks, lakes, snow and northern lights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter

from tui.demo.drawing.light import WHITE, Colour, mix
from tui.demo.drawing.props import BLACK, FIR, LAMP, ROCK, firs, house, massif, range_line, snowed
from tui.demo.drawing.shapes import box, oval, waves
from tui.demo.drawing.textures import gradient

if TYPE_CHECKING:
    from tui.demo.drawing.canvas import Canvas
    from tui.demo.drawing.shapes import Point


def mountains(c: Canvas) -> None:
    """Peaks behind wooded hills, seen from a meadow."""
    w, h = c.width, c.height
    c.sky(h * 0.75)
    if c.chance(0.6):
        c.sun(c.x(0.15, 0.85), c.y(0.12, 0.4), h * 0.03)
    if c.chance(0.7):
        c.clouds(0, h * 0.5, mix(c.light.haze, WHITE, 0.5), c.rng.uniform(0.3, 0.55))
    top = c.y(0.14, 0.3)
    c.ground(range_line(c, top + h * 0.12, h * 0.7, c.pick(3, 4, 5), 0.7), c.on(ROCK, 0.7), c.on(ROCK, 0.95))
    peaks = range_line(c, top, h * 0.75, c.pick(1, 2, 3, 4), c.rng.uniform(0.7, 1.2))
    rock = c.pick(ROCK, (150, 124, 104), (98, 100, 112), (126, 116, 100))
    massif(c, peaks, h * 0.85, far=0.25, snow=c.pick(0.0, 0.4, 0.5, 0.6), rock=rock)
    for near in range(c.pick(1, 2, 3)):
        hills = waves(c.rng, w, h * (0.7 + 0.07 * near), h * 0.12, c.rng.uniform(1, 2.5))
        wood = c.on(FIR, 0.5 - 0.17 * near)
        firs(c, hills, h * 0.04 * (near + 1), 70 - 15 * near, hue=wood)
        c.ground(hills, wood, mix(wood, c.light.haze, 0.3))
    meadow = waves(c.rng, w, h * 0.9, h * 0.08, 1)
    grass = c.pick((96, 130, 58), (122, 140, 62), (150, 132, 70), (80, 112, 70))
    c.ground(meadow, c.on(grass), c.on(mix(grass, (20, 40, 20), 0.5)), rough=(16, 8, 0.6))
    firs(c, meadow, h * 0.2, c.rng.randint(2, 12), hue=c.on(mix(FIR, BLACK, 0.3)))


def lake(c: Canvas) -> None:
    """A mountain lake that mirrors its shore."""
    w, h = c.width, c.height
    shore = c.y(0.52, 0.64)
    c.sky(shore)
    if c.chance(0.5):
        c.sun(c.x(0.15, 0.85), shore * c.rng.uniform(0.25, 0.7), h * 0.028)
    c.clouds(0, shore * 0.8, mix(c.light.haze, WHITE, 0.6), c.rng.uniform(0.2, 0.55))
    peaks = range_line(c, shore * c.rng.uniform(0.2, 0.4), shore, c.pick(1, 2, 3, 4), c.rng.uniform(0.6, 1.0))
    rock = c.pick(ROCK, (140, 118, 104), (92, 96, 110))
    massif(c, peaks, shore + 2, far=0.3, snow=c.pick(0.0, 0.45, 0.6), rock=rock)
    leaf = c.on(c.pick(FIR, FIR, (150, 106, 40), (84, 96, 50)), 0.15)
    wood = waves(c.rng, w, shore - h * 0.03, h * 0.06, c.rng.uniform(0.7, 2))
    firs(c, wood, h * 0.07, 90, hue=leaf)
    c.ground(wood, leaf)
    c.mirror(shore, c.on(c.pick((20, 60, 80), (24, 84, 84), (30, 50, 70))), 0.5)
    c.pick(_jetty, _stones, _reeds, _rowing_boat)(c)


def _jetty(c: Canvas) -> None:
    x, w, h = c.x(0.3, 0.7), c.width, c.height
    wood = c.on((132, 108, 86))
    for plank in range(22):
        near = (plank / 22) ** 1.5
        half, y = w * (0.02 + 0.09 * near), h * (0.74 + 0.27 * near)
        hue = mix(wood, BLACK, c.rng.uniform(0, 0.3))
        c.fill(box(x - half, y, x + half, y + h * (0.006 + 0.02 * near)), hues=[hue, mix(hue, BLACK, 0.3)])


def _stones(c: Canvas) -> None:
    for _ in range(9):
        x, y, size = c.x(), c.y(0.9, 1.0), c.y(0.03, 0.08)
        c.fill(
            oval(x, y, size, size * 0.55), hues=[c.on((130, 126, 122)), c.on((46, 46, 52))], rough=(4, 3, 0.6)
        )


def _reeds(c: Canvas) -> None:
    left, h = c.width * c.pick(0.05, 0.75), c.height
    blades: list[list[Point]] = []
    for _ in range(80):
        x, tall = left + c.x(0, 0.2), c.y(0.1, 0.3)
        blades.append([(x - 2, h), (x + c.rng.uniform(-0.3, 0.3) * tall, h - tall), (x + 2, h)])
    c.fill(*blades, hues=[c.on((130, 132, 64)), c.on((40, 52, 30))])


def _rowing_boat(c: Canvas) -> None:
    x, y, size = c.x(0.3, 0.7), c.height * 0.84, c.width * 0.09
    paint = c.on(c.pick((190, 60, 50), (60, 100, 150), (206, 186, 150)))
    hull = [(-1, -0.25), (-0.6, -0.16), (0.6, -0.18), (1, -0.3), (0.7, 0.1), (-0.75, 0.1)]
    c.fill(oval(x, y + size * 0.1, size * 0.9, size * 0.12), hues=[mix(paint, BLACK, 0.6)])
    c.fill([(x + px * size, y + py * size) for px, py in hull], hues=[paint, mix(paint, BLACK, 0.5)])


def snow(c: Canvas) -> None:
    """Hills under snow, with firs, perhaps a hut and falling flakes."""
    w, h = c.width, c.height
    c.sky(h * 0.65)
    if c.chance(0.5):
        c.sun(c.x(0.15, 0.85), c.y(0.12, 0.4), h * 0.03)
    if c.chance(0.6):
        peaks = range_line(c, c.y(0.15, 0.3), h * 0.65, c.pick(2, 3, 4), 0.8)
        massif(c, peaks, h * 0.7, far=0.35, snow=0.8)
    home = c.pick(1, 2, 2, -1)
    for near, far in enumerate((0.4, 0.25, 0.1, 0.0)):
        line = waves(c.rng, w, h * (0.56 + 0.11 * near), h * 0.12, c.rng.uniform(0.7, 1.6))
        white = snowed(c, far)
        firs(c, line, h * (0.07 + 0.07 * near), (60, 34, 14, 6)[near], hue=c.on(FIR, far), snow=white)
        shade = mix(c.on((170, 192, 232)), c.light.haze, far)
        c.ground(line, white, shade, rough=(5, 4, 0.35) if near > 1 else None)
        if near == home:
            _hut(c, *c.rng.choice(line[20:70]), (110, 76, 56))
    if c.chance(0.4):
        flakes = [(c.x(), c.y(), c.rng.uniform(1, 4)) for _ in range(260)]
        c.dabs(flakes, [WHITE, mix(WHITE, c.light.haze, 0.4)], 1)


def _hut(c: Canvas, x: float, y: float, wall: Colour) -> None:
    w, h = c.width, c.height
    house(c, x, y + h * 0.03, w * 0.1, h * 0.07, wall=wall, lit=c.dark)
    c.fill(box(x - w * 0.006, y - h * 0.035, x + w * 0.106, y - h * 0.028), hues=[snowed(c)])
    if c.dark:
        c.glow(x + w * 0.05, y, h * 0.14, LAMP, 0.4)


def aurora(c: Canvas) -> None:
    """Northern lights over a fjord or a snowy valley."""
    w, h = c.width, c.height
    shore = c.y(0.68, 0.8)
    c.sky(shore)
    hues = [
        ((60, 255, 150), (120, 70, 220)),
        ((90, 255, 190), (60, 120, 240)),
        ((130, 255, 120), (220, 70, 170)),
    ]
    for foot, top in c.rng.sample(hues, c.pick(1, 2)):
        _curtain(c, shore, foot, top)
    massif(c, range_line(c, c.y(0.36, 0.5), shore, c.pick(2, 3, 4), 0.8), shore + 2, far=0.15, snow=0.6)
    if c.chance(0.6):
        c.mirror(shore, c.on((20, 50, 70)), 0.35, 7)
        return
    c.fill(box(0, shore - 2, w, h), hues=[c.on(SNOW_FAR), c.on((150, 170, 210))], rough=(6, 5, 0.5))
    near = waves(c.rng, w, h * 0.93, h * 0.05, 1)
    firs(c, near, h * 0.3, 12, hue=c.on(FIR), snow=c.on((190, 210, 240)))
    c.ground(near, snowed(c), c.on((120, 140, 190)))
    if c.chance(0.6):
        _hut(c, *c.rng.choice(near[20:70]), (150, 50, 44))


SNOW_FAR: Colour = (214, 224, 240)


def _curtain(c: Canvas, bottom: float, foot: Colour, top: Colour) -> None:
    """Hang one curtain of northern light; it is drawn tiny, so that stretching makes it soft."""
    tiny = Image.new("L", (160, 100))
    draw = ImageDraw.Draw(tiny)
    rng = c.rng
    folds = [
        (rng.uniform(8, 18), rng.uniform(0.6, 1.4), rng.uniform(0, 6)),
        (rng.uniform(4, 9), rng.uniform(2, 4), rng.uniform(0, 6)),
    ]
    tilt, shine = rng.uniform(-0.2, 0.2), 0.7
    for x in range(tiny.width):
        shine = min(1.0, max(0.25, shine + rng.uniform(-0.16, 0.16)))
        y = (
            62
            + tilt * (x - 80)
            + sum(a * math.sin(math.tau * often * x / 160 + start) for a, often, start in folds)
        )
        tall = 34 + 18 * shine
        for step in range(-4, 9):  # upwards it fades slowly, downwards at once
            span = (x, y - tall * (step + 1) / 9, x, y - tall * step / 9)
            glow = (1 - step / 9) ** 1.3 if step >= 0 else (1 + step / 5) ** 2
            draw.line(span, fill=round(235 * shine * glow))
    soft = tiny.filter(ImageFilter.GaussianBlur(1.6))
    mask = soft.resize((c.width, round(bottom)), Image.Resampling.BICUBIC)
    c.image.paste(gradient(mask.size, [top, top, foot, foot]), (0, 0), mask)
