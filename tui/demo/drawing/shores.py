"""Scenes of the shore: the open sea, harbours, and cities on a river."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import ImageDraw

from tui.demo.drawing.light import WHITE, Colour, mix
from tui.demo.drawing.props import BLACK, LAMP, birds, house, massif, range_line, sail
from tui.demo.drawing.shapes import box, ridge, waves

if TYPE_CHECKING:
    from tui.demo.drawing.canvas import Canvas

CLOTH: Colour = (250, 246, 236)


def sea(c: Canvas) -> None:
    """The sea with the sun's path on it, and a boat, a beach, a cliff or islands."""
    w, h = c.width, c.height
    horizon = round(c.y(0.45, 0.62))
    c.sky(horizon)
    sun = c.x(0.2, 0.8)
    c.clouds(0, horizon * 0.9, mix(c.light.haze, c.light.sun, 0.5), c.rng.uniform(0.2, 0.5), 2)
    c.sun(sun, horizon * c.rng.uniform(0.35, 0.88), h * 0.04)
    deep = c.on(c.pick((20, 92, 130), (24, 120, 130), (30, 70, 110)))
    hues = [mix(c.light.sky[-1], deep, 0.35), mix(c.light.sky[0], deep, 0.7), deep]
    c.fill(box(0, horizon, w, h), hues=hues, rough=(3, 22, 0.4))
    c.glitter(sun, horizon, w * 0.1)
    thing = c.pick(_boats, _boats, _beach, _beach, _lighthouse, _islands)
    if thing is not _islands and c.chance(0.3):
        _islands(c, horizon, deep)
    thing(c, horizon, deep)
    if c.chance(0.5):
        birds(c, c.rng.randint(3, 9), horizon)


def _islands(c: Canvas, horizon: float, deep: Colour) -> None:
    line = waves(c.rng, c.width, horizon - c.height * 0.02, c.height * 0.09, 1.3)
    hue = mix(deep, c.light.haze, 0.45)
    c.fill([*line, (c.width, horizon), (0, horizon)], hues=[hue, mix(hue, c.light.haze, 0.4)])


def _boats(c: Canvas, horizon: float, deep: Colour) -> None:
    for _ in range(c.pick(1, 2, 3)):
        size = c.y(0.08, 0.24)
        cloth = mix(c.pick(CLOTH, (220, 90, 70), (240, 200, 120)), deep, 0.1)
        sail(c, c.x(0.12, 0.88), horizon + size * 0.25, size, c.on(cloth))


def _beach(c: Canvas, _: float, deep: Colour) -> None:
    w, h = c.width, c.height
    tilt = c.rng.uniform(-0.15, 0.15)
    wet = [(x, y + (x / w - 0.5) * h * tilt) for x, y in waves(c.rng, w, h * 0.84, h * 0.05, 1)]
    for lift, hue in ((0.034, mix(c.on(WHITE), deep, 0.45)), (0.016, mix(c.on(WHITE), deep, 0.1))):
        c.ground([(x, y - h * lift) for x, y in wet], hue)
    c.ground(wet, c.on((168, 144, 112)), c.on((226, 200, 156)), rough=(24, 10, 0.3))


def _lighthouse(c: Canvas, horizon: float, deep: Colour) -> None:
    """Raise a cliff at one side, with a lighthouse on it."""
    w, h, right = c.width, c.height, c.chance(0.5)
    line = ridge(c.rng, w * 0.5, [(0, h * 0.38), (w * 0.1, h * 0.38), (w * 0.2, h * 0.42)], slope=1.4)
    foot = horizon + h * 0.1
    cliff = [(x, min(y, foot)) for x, y in line] + [(w * 0.5, foot), (0, foot + h * 0.02)]
    if right:
        cliff = [(w - x, y) for x, y in cliff]
    grass, rock = c.on((96, 120, 70)), c.on((120, 104, 92))
    c.fill(cliff, hues=[grass, rock, mix(rock, deep, 0.5)], rough=(8, 6, 0.8))
    x, y, size = (w * 0.9 if right else w * 0.1), line[len(line) // 5][1] + h * 0.01, h * 0.03
    tower = [
        (x - size * 0.6, y),
        (x - size * 0.4, y - size * 6),
        (x + size * 0.4, y - size * 6),
        (x + size * 0.6, y),
    ]
    c.fill(tower, hues=[c.on(CLOTH)])
    c.fill(box(x - size * 0.5, y - size * 4.2, x + size * 0.5, y - size * 2.8), hues=[c.on((200, 50, 44))])
    c.fill(box(x - size * 0.35, y - size * 6.8, x + size * 0.35, y - size * 6), hues=[LAMP])
    c.glow(x, y - size * 6.4, size * 2.6, LAMP, 0.7)


def harbour(c: Canvas) -> None:
    """Painted houses at the water: a fishing village under its mountain, or the quay of an old town."""
    h = c.height
    shore = c.y(0.66, 0.74)
    c.sky(shore)
    c.clouds(0, shore * 0.7, mix(c.light.haze, WHITE, 0.6), c.rng.uniform(0.2, 0.5))
    if c.chance(0.6):
        _village(c, shore)
    else:
        _quay(c, shore)
    c.mirror(shore, c.on((26, 60, 76)), 0.45, 8)
    if c.chance(0.5):
        sail(c, c.x(0.2, 0.8), h * 0.9, c.y(0.2, 0.34), c.on(CLOTH))
    if c.chance(0.3):
        birds(c, 6, shore * 0.6)


def _village(c: Canvas, shore: float) -> None:
    w, h = c.width, c.height
    peaks = range_line(c, c.y(0.1, 0.25), shore, c.pick(2, 3), 1.2)
    massif(c, peaks, shore + 2, far=0.3, snow=c.pick(0.0, 0.5, 0.6), rock=(100, 106, 104))
    paints = ((186, 52, 44), (200, 60, 48), (214, 160, 66), (236, 232, 222), (70, 110, 130))
    x = c.x(0.02, 0.14)
    while x < w * 0.9:
        width = c.x(0.09, 0.16)
        stilts = [
            box(x + width * at, shore - h * 0.03, x + width * (at + 0.03), shore + 2)
            for at in (0.05, 0.35, 0.65, 0.93)
        ]
        c.fill(*stilts, hues=[BLACK])
        house(c, x, shore - h * 0.025, width, c.y(0.07, 0.12), wall=c.pick(*paints), lit=c.dark)
        x += width * c.rng.uniform(1.15, 1.9)


def _quay(c: Canvas, shore: float) -> None:
    paints = (
        (214, 110, 70),
        (232, 190, 90),
        (110, 150, 170),
        (190, 80, 90),
        (236, 226, 206),
        (120, 160, 120),
    )
    wall = shore - c.height * 0.035
    x, last = -c.x(0.01, 0.08), paints[0]
    while x < c.width:
        width = c.x(0.09, 0.15)
        last = c.rng.choice([paint for paint in paints if paint != last])
        house(c, x, wall, width, c.y(0.18, 0.38), wall=last, lit=c.dark)
        x += width
    c.fill(box(0, wall, c.width, shore + 1), hues=[c.on((150, 140, 130)), c.on((84, 78, 76))])


def city(c: Canvas) -> None:
    """A skyline on a river, lit up in the dark."""
    h = c.height
    river = c.y(0.7, 0.82)
    c.sky(river)
    c.clouds(0, river * 0.7, mix(c.light.haze, WHITE, 0.3), c.rng.uniform(0.2, 0.5))
    if c.chance(0.5):
        c.sun(c.x(0.2, 0.8), river * c.rng.uniform(0.3, 0.8), h * 0.035)
    for far, tallest in ((0.72, 0.62), (0.4, 0.5), (0.0, 0.32)):
        middle, reach = c.x(0.25, 0.75), c.x(0.14, 0.26)
        x = -c.x(0, 0.05)
        while x < c.width:
            width = c.x(0.045, 0.1)
            centre = math.exp(-(((x - middle) / reach) ** 2))
            tall = h * tallest * (0.25 + 0.75 * centre) * c.rng.uniform(0.45, 1.1)
            _tower(c, x, river, width, tall, far=far)
            x += width * c.rng.uniform(0.95, 1.7)
    c.fill(box(0, river - h * 0.02, c.width, river + 1), hues=[c.on((60, 66, 70))])
    c.mirror(river, c.on((40, 60, 80)), 0.4, 12)


def _tower(c: Canvas, x: float, foot: float, width: float, tall: float, *, far: float) -> None:
    top = foot - tall
    wall = c.on(c.pick((120, 128, 146), (164, 132, 116), (80, 96, 128), (186, 174, 160)), far)
    c.fill(box(x, top, x + width, foot), hues=[wall, mix(wall, c.light.haze, 0.35)])
    c.fill(box(x + width * 0.72, top, x + width, foot), hues=[mix(wall, BLACK, 0.25 - far * 0.2)])
    if far > 0.5:
        return
    if c.chance(0.3):
        spire = [(x + width * 0.47, top), (x + width * 0.5, top - c.height * 0.09), (x + width * 0.53, top)]
        c.fill(spire, hues=[wall])
    draw, cell = ImageDraw.Draw(c.image), c.width * 0.014
    for column in range(int(width / cell)):
        for row in range(int(tall / (cell * 1.4)) - 1):
            if c.chance(0.6):
                left, up = x + cell * (column + 0.3), top + cell * 1.4 * (row + 0.6)
                lamp = mix(LAMP, c.pick(WHITE, (255, 170, 80), LAMP), 0.5)
                pane = lamp if c.dark and c.chance(0.6) else mix(wall, c.light.sky[0], 0.4)
                draw.rectangle((left, up, left + cell * 0.55, up + cell * 0.8), fill=pane)
