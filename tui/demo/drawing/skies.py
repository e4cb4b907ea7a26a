"""Scenes under a wide sky: the Milky Way, balloons at sunrise, and dunes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from tui.demo.drawing.light import WHITE, Colour, mix
from tui.demo.drawing.props import BLACK, FIR, LAMP, ROCK, balloon, crown, firs, house, range_line
from tui.demo.drawing.shapes import waves
from tui.demo.drawing.textures import fade, noise

if TYPE_CHECKING:
    from tui.demo.drawing.canvas import Canvas

CLOTHS: tuple[Colour, ...] = (
    (214, 60, 56),
    (246, 190, 64),
    (60, 120, 180),
    (250, 244, 232),
    (230, 120, 50),
    (60, 150, 130),
)
SANDS: tuple[Colour, ...] = ((226, 160, 92), (214, 128, 78), (236, 196, 136), (200, 110, 70))


def night(c: Canvas) -> None:
    """Stars over hills, with a tent, a hut or a tree."""
    w, h = c.width, c.height
    c.sky(h * 0.85)
    moon = c.chance(0.35)
    if not moon:
        _milky_way(c)
    c.stars(320, h * 0.85)
    if moon:
        c.sun(c.x(0.2, 0.8), c.y(0.15, 0.35), c.y(0.04, 0.07))
    c.glow(c.x(), h * 0.95, h * 0.5, mix(c.light.sky[-1], LAMP, 0.5), 0.6)
    c.ground(range_line(c, h * 0.55, h * 0.8, 3, 0.6), c.on((120, 124, 140), 0.5), c.on(ROCK, 0.8))
    near = waves(c.rng, w, h * 0.84, h * 0.1, 1)
    c.ground(near, c.on((40, 48, 52)), BLACK)
    thing = c.pick(_tent, _tree, _lit_hut, None)
    if thing:
        thing(c, *c.rng.choice(near[25:70]))
    firs(c, near, h * 0.22, 4 if thing else 16, hue=mix(BLACK, c.light.haze, 0.15))


def _milky_way(c: Canvas) -> None:
    size = (c.width, c.height)
    band = fade((8, 64), [0, 60, 230, 60, 0]).resize((round(max(size) * 2.4), round(min(size) * 0.7)))
    band = band.rotate(c.pick(-1, 1) * c.rng.uniform(25, 60), Image.Resampling.BILINEAR, expand=True)
    left, top = (band.width - size[0]) // 2 + round(c.x(-0.15, 0.15)), (band.height - size[1]) // 2
    band = band.crop((left, top, left + size[0], top + size[1]))
    dust = noise(c.rng, size, (5, 4))
    c.image.paste(mix(c.light.sky[-1], WHITE, 0.65), (0, 0), ImageChops.multiply(band, dust))


def _tent(c: Canvas, x: float, y: float) -> None:
    size = c.height * 0.1
    c.glow(x, y - size * 0.3, size * 2.2, LAMP, 0.5)
    foot, tip = y + size * 0.2, (x - size * 0.1, y - size * 0.8)
    c.fill([(x - size, foot), tip, (x + size * 1.1, foot)], hues=[(255, 214, 130), (232, 120, 50)])
    c.fill([(x - size * 0.4, foot), tip, (x + size * 0.05, foot)], hues=[(255, 240, 190), (250, 170, 80)])


def _tree(c: Canvas, x: float, y: float) -> None:
    crown(c, x, y + c.height * 0.03, c.height * 0.5, c.on((50, 66, 54)))


def _lit_hut(c: Canvas, x: float, y: float) -> None:
    size = c.height * 0.12
    c.glow(x + size * 0.7, y - size * 0.2, size * 2, LAMP, 0.4)
    house(c, x, y + size * 0.3, size * 1.4, size * 0.6, wall=(120, 84, 60), lit=True)


def balloons(c: Canvas) -> None:
    """Balloons over misty hills."""
    w, h = c.width, c.height
    c.sky(h * 0.8)
    c.clouds(h * 0.3, h * 0.8, mix(c.light.haze, WHITE, 0.4))
    c.sun(c.x(0.1, 0.9), c.y(0.4, 0.66), h * 0.035)
    for near in range(4):
        wood = c.on((80, 106, 84), 0.75 - 0.22 * near)
        line = waves(c.rng, w, h * (0.7 + 0.08 * near), h * 0.09, c.rng.uniform(1, 2))
        c.ground(line, wood, mix(wood, c.light.haze, 0.35))
        if near > 1:
            firs(c, line, h * 0.06, 26, hue=c.on(FIR, 0.75 - 0.22 * near))
    for size in sorted(c.rng.uniform(0.02, 0.14) for _ in range(c.rng.randint(3, 8))):
        far = max(0.0, 0.5 - size * 4.5)
        one, other = (c.on(cloth, far) for cloth in c.rng.sample(CLOTHS, 2))
        balloon(c, c.x(0.08, 0.92), c.y(0.14, 0.62), h * size, stripes=(one, other))


def dunes(c: Canvas) -> None:
    """Dunes with a bright and a dark side, perhaps under table mountains."""
    h = c.height
    c.sky(h * 0.66)
    if c.chance(0.7):
        c.sun(c.x(0.15, 0.85), c.y(0.12, 0.4), h * 0.035)
    if c.chance(0.3):
        c.clouds(0, h * 0.4, mix(c.light.haze, WHITE, 0.4), 0.3)
    sand = c.pick(*SANDS)
    if c.chance(0.4):
        for _ in range(c.pick(1, 2, 3)):
            _table_mountain(c, mix(sand, (110, 40, 30), 0.5))
    for near, far in enumerate((0.6, 0.4, 0.18, 0.0)):
        _dune(c, h * (0.5 + 0.1 * near + c.rng.uniform(-0.03, 0.03)), sand, far)


def _table_mountain(c: Canvas, rock: Colour) -> None:
    x, top, foot, size = c.x(), c.y(0.25, 0.45), c.height * 0.72, c.x(0.06, 0.16)
    cliff = top + c.height * 0.14
    line = [(-1.8, foot), (-1.05, cliff), (-1, top), (0.9, top + 6), (1, cliff), (1.7, foot)]
    c.fill(
        [(x + px * size, y) for px, y in line], hues=[c.on(rock, 0.1), c.on(rock, 0.3)], rough=(4, 10, 0.7)
    )


def _dune(c: Canvas, top: float, sand: Colour, far: float) -> None:
    """Heap up one dune; its crest winds down towards us and parts light from shade."""
    w, h = c.width, c.height
    summit, fall = c.x(0.1, 0.9), c.y(0.12, 0.3)
    xs = [w * step / 64 for step in range(65)]
    line = [(x, top + fall * (1 - math.exp(-(((x - summit) / (w * 0.34)) ** 2)))) for x in xs]
    lit = c.on(sand, far)
    c.ground(line, lit, c.on(mix(sand, (120, 70, 50), 0.25), far), rough=(4, 14, 0.2))
    bend, drift = c.x(-0.1, 0.16), c.x(0.04, 0.14)
    crest = [
        (summit + bend * math.sin(step / 20 * 4.4) + drift * step / 20, top + (h - top) * step / 20)
        for step in range(21)
    ]
    dark = c.on(mix(sand, (70, 30, 50), 0.62), far)
    lee = [point for point in line if point[0] > summit]
    c.fill([*crest[:1], *lee, (w, h), *reversed(crest)], hues=[dark, mix(dark, lit, 0.35)])
