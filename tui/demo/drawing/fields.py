"""Scenes of things that grow: flower fields, a blossom, wooded hills and the inside of a wood."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.demo.drawing.light import WHITE, Colour, mix
from tui.demo.drawing.props import BLACK, FIR, crown, firs
from tui.demo.drawing.shapes import Spot, box, oval, petal, waves

if TYPE_CHECKING:
    from tui.demo.drawing.canvas import Canvas

TULIPS: tuple[Colour, ...] = ((214, 50, 60), (246, 196, 60), (240, 120, 150), (250, 240, 230), (240, 130, 50))
LAVENDER: tuple[Colour, ...] = ((122, 84, 180),)
WILD: tuple[tuple[str, Colour], ...] = (
    ("poppy", (222, 48, 38)),
    ("sunflower", (250, 198, 36)),
    ("rape", (246, 222, 60)),
    ("cornflower", (70, 90, 200)),
)
WOODS: tuple[tuple[Colour, ...], ...] = (
    ((206, 92, 36), (226, 150, 44), (170, 54, 34), (196, 170, 60), (96, 110, 50)),
    ((232, 178, 50), (214, 140, 40), (240, 206, 90), (120, 130, 60)),
    ((60, 110, 60), (90, 140, 64), (46, 86, 56), (130, 150, 70)),
    ((150, 40, 40), (200, 80, 50), (110, 50, 60), (220, 130, 70)),
)


def flowers(c: Canvas) -> None:
    """A field in flower under hills: in rows, or wild."""
    h = c.height
    top = c.y(0.36, 0.48)
    c.sky(h * 0.5)
    c.clouds(0, top, mix(c.light.haze, WHITE, 0.7), c.rng.uniform(0.3, 0.6))
    if c.chance(0.4):
        c.sun(c.x(0.2, 0.8), top * c.rng.uniform(0.4, 0.8), h * 0.035)
    hills = waves(c.rng, c.width, top - h * 0.03, h * 0.1, 1.2)
    c.ground(hills, c.on((96, 126, 120), 0.5), c.on((110, 140, 110), 0.6))
    field = waves(c.rng, c.width, top, h * 0.025, 0.8)
    green = c.on((84, 124, 56))
    c.ground(field, mix(green, c.light.haze, 0.35), green, mix(green, BLACK, 0.3), rough=(30, 20, 0.3))
    c.pick(_rows, _wild)(c, top, green)
    if c.chance(0.5):
        crown(c, c.x(0.1, 0.9), top + h * 0.02, c.y(0.18, 0.34), c.on((70, 104, 54), 0.15))


def _rows(c: Canvas, top: float, _green: Colour) -> None:
    """Plant rows that meet at the horizon."""
    w, h, rng = c.width, c.height, c.rng
    middle = c.x(0.25, 0.75)
    paints = LAVENDER if c.chance(0.4) else rng.sample(TULIPS, 4)

    def at(row: float, near: float) -> tuple[float, float]:
        return middle + row * w * (0.012 + 0.158 * near), top + (h - top) * near

    for row in range(-12, 12):
        hue = c.on(paints[row % len(paints)])
        c.fill(
            [at(row, 0), at(row + 0.7, 0), at(row + 0.7, 1), at(row, 1)],
            hues=[mix(hue, c.light.haze, 0.35), hue, mix(hue, BLACK, 0.25)],
        )
        blossoms: list[Spot] = []
        for _ in range(60):
            near = rng.random() ** 0.6
            x, y = at(row + rng.uniform(0, 0.7), near)
            if -9 < x < w + 9:
                blossoms.append((x, y, 1 + 5.5 * near))
        c.dabs(blossoms, [mix(hue, WHITE, 0.3), mix(hue, BLACK, 0.35), hue], 1.2)


def _wild(c: Canvas, top: float, green: Colour) -> None:
    """Scatter flowers."""
    depth = c.height - top
    name, hue = c.rng.choice(WILD)
    large = 1.5 if name == "sunflower" else 1.0
    nearness = sorted(c.rng.random() ** 0.8 for _ in range(1000))
    spots = [(c.x(), top + depth * near, (1.4 + 9 * near**1.5) * large) for near in nearness]
    c.dabs(((x + r * 0.3, y + r * 0.6, r) for x, y, r in spots), [mix(green, BLACK, 0.3), green], 1.1)
    c.dabs(spots, [c.on(hue), c.on(mix(hue, BLACK, 0.25)), c.on(mix(hue, WHITE, 0.2))], 0.85)
    if name == "sunflower":
        c.dabs(((x, y, r * 0.42) for x, y, r in spots), [c.on((92, 54, 28))], 0.85)


def bloom(c: Canvas) -> None:
    """One blossom near by and one behind it, before a blurred garden."""
    w, h = c.width, c.height
    green = c.pick((90, 150, 80), (60, 120, 96), (150, 170, 90), (90, 104, 150), (200, 150, 150))
    c.fill(box(0, 0, w, h), hues=[c.on(mix(green, WHITE, 0.45)), c.on(green), c.on(mix(green, BLACK, 0.4))])
    for _ in range(16):
        hue = c.pick((255, 246, 200), (180, 216, 130), mix(green, WHITE, 0.6), (240, 200, 205))
        c.glow(c.x(), c.y(), c.y(0.1, 0.35), c.on(hue), c.rng.uniform(0.2, 0.5))
    hue = c.pick(
        (226, 60, 90), (250, 190, 60), (244, 244, 248), (150, 90, 200), (240, 120, 60), (250, 150, 180)
    )
    _blossom(c, c.x(0.1, 0.9), c.y(0.25, 0.6), min(w, h) * 0.16, c.on(mix(hue, green, 0.3)))
    _blossom(c, c.x(0.35, 0.65), c.y(0.4, 0.5), min(w, h) * c.rng.uniform(0.32, 0.42), c.on(hue))


def _blossom(c: Canvas, x: float, y: float, size: float, hue: Colour) -> None:
    stem = c.on((56, 104, 52))
    c.fill(
        [
            (x - size * 0.05, y),
            (x + size * 0.05, y),
            (x + size * 0.16, c.height),
            (x + size * 0.04, c.height),
        ],
        hues=[stem, mix(stem, BLACK, 0.4)],
    )
    count, start = c.pick(6, 8, 13, 17), c.rng.random()
    for ring, (reach, shade) in enumerate(((1.0, 0.25), (0.8, 0.0))):
        for leaf in range(count):
            turn = start + math.tau * (leaf + ring * 0.5) / count
            tone = mix(mix(hue, BLACK, shade), WHITE, 0.14 * (leaf % 2))
            shape = petal(x, y, turn, size * reach, size * reach * (2.4 / count + 0.05))
            c.fill(shape, hues=[mix(tone, WHITE, 0.2), tone, mix(tone, BLACK, 0.2)])
    heart = c.on(c.pick((240, 190, 50), (110, 76, 48), (250, 220, 120)))
    c.fill(oval(x, y, size * 0.22, size * 0.22), hues=[mix(heart, WHITE, 0.2), mix(heart, BLACK, 0.2)])
    seeds = [
        (x + c.rng.gauss(0, 0.08) * size, y + c.rng.gauss(0, 0.08) * size, size * 0.025) for _ in range(70)
    ]
    c.dabs(seeds, [mix(heart, BLACK, 0.45), mix(heart, WHITE, 0.3)], 1)


def forest(c: Canvas) -> None:
    """Wooded hills, one behind the other into the haze."""
    w, h, rng = c.width, c.height, c.rng
    c.sky(h * 0.6)
    c.glow(c.x(0.2, 0.8), h * 0.3, h * 0.8, c.light.sun, 0.7)
    leaves = c.pick(*WOODS)
    for near in range(6):
        far = max(0.0, 0.75 - 0.15 * near)
        line = waves(rng, w, h * (0.38 + 0.11 * near), h * 0.14, rng.uniform(0.8, 1.6))
        shade = c.on(mix(leaves[0], BLACK, 0.45), far)
        c.ground(line, shade, mix(shade, c.light.haze, 0.3 * (far > 0)))
        if near % 2:
            firs(c, line, h * (0.05 + 0.03 * near), 10, hue=c.on(FIR, far))
        size = h * (0.012 + 0.006 * near)
        trees = [
            (x + rng.uniform(-9, 9), y + rng.random() ** 1.4 * h * 0.15, size * rng.uniform(0.6, 1.2))
            for x, y in line * 2
        ]
        trees.sort(key=lambda tree: tree[1])
        c.dabs(trees, [c.on(mix(leaf, BLACK, 0.3), far) for leaf in leaves])
        tops = ((x - r * 0.25, y - r * 0.3, r * 0.6) for x, y, r in trees)
        c.dabs(tops, [c.on(leaf, far) for leaf in leaves])


def grove(c: Canvas) -> None:
    """Between the trunks of a wood, against the light."""
    w, h, rng = c.width, c.height, c.rng
    leaf = c.pick((224, 150, 44), (200, 90, 40), (120, 160, 60), (238, 196, 70))
    c.fill(box(0, 0, w, h * 0.74), hues=[c.on(leaf, 0.35), c.on(mix(leaf, WHITE, 0.5), 0.6)])
    clearing = c.x(0.3, 0.7)
    c.glow(clearing, h * 0.5, h * 0.8, c.light.sun, 0.95)
    floor = waves(rng, w, h * 0.72, h * 0.03, 1)
    c.ground(floor, c.on(leaf, 0.4), c.on(mix(leaf, (70, 40, 30), 0.6)), rough=(26, 12, 0.5))
    c.glow(clearing, h * 0.8, h * 0.3, c.light.sun, 0.4)
    birches = c.chance(0.4)
    for near in range(4):
        far = max(0.0, 0.66 - 0.22 * near)
        bark = c.on((226, 222, 214) if birches else (80, 62, 54), far)
        _trunks(c, near, clearing, bark, birches=birches)
        hues = [
            c.on(mix(leaf, BLACK, 0.35), far),
            c.on(leaf, far),
            c.on(mix(leaf, (255, 236, 130), 0.5), far),
        ]
        canopy = [
            (c.x(), h * rng.random() ** 1.7 * 0.5, h * rng.uniform(0.005, 0.01 + 0.004 * near))
            for _ in range(260)
        ]
        c.dabs(canopy, hues, 0.7)
    fallen = [(c.x(), c.y(0.76, 1), rng.uniform(2, 5)) for _ in range(160)]
    c.dabs(fallen, [c.on(leaf), c.on(mix(leaf, BLACK, 0.4))], 0.5)


def _trunks(c: Canvas, near: int, clearing: float, bark: Colour, *, birches: bool) -> None:
    w, h, rng = c.width, c.height, c.rng
    trunks, shaded, marks = [], [], []
    for _ in range(14 - 3 * near):
        x, half = c.x(), w * (0.003 + 0.005 * near) * rng.uniform(0.7, 1.3)
        if abs(x - clearing) < w * 0.07 * near:
            continue
        foot, top = h * (0.73 + 0.07 * near) + rng.uniform(-5, 5), x + w * rng.uniform(-0.03, 0.03)
        trunks.append(
            [
                (x - half * 1.4, foot),
                (x - half, foot - h * 0.06),
                (top - half * 0.7, 0),
                (top + half * 0.7, 0),
                (x + half, foot - h * 0.06),
                (x + half * 1.4, foot),
            ]
        )
        side = half if x > clearing else -half  # away from the light
        shaded.append(
            [(x, foot), (x + side * 1.4, foot), (x + side, foot - h * 0.06), (top + side * 0.7, 0), (top, 0)]
        )
        marks += [
            (x + rng.uniform(-0.6, 0.6) * half, c.y(0.05, 0.7), half * rng.uniform(0.2, 0.5))
            for _ in range(9)
        ]
    c.fill(*trunks, hues=[bark, mix(bark, BLACK, 0.3)])
    c.fill(*shaded, hues=[mix(bark, BLACK, 0.3), mix(bark, BLACK, 0.5)])
    if birches:
        c.dabs(marks, [mix(bark, BLACK, 0.75)], 0.35)
