"""The canvas of a drawn photo: fills, lights, scatters and mirrors, each a few cheap Pillow calls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from PIL import Image, ImageChops, ImageDraw

from tui.demo.drawing.light import WHITE, Colour, Light, mix
from tui.demo.drawing.shapes import Point, Spot, oval
from tui.demo.drawing.textures import HALO, Size, emboss, fade, gradient, grain, noise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

T = TypeVar("T")
Bumps = tuple[int, int, float]
"""Of a rough surface: bumps side by side, bumps above each other, and how deep they are."""


class Canvas:
    """A picture in the making. Lengths are pixels, and y grows downwards."""

    def __init__(self, rng: Random, size: Size, light: Light) -> None:
        """Stretch an empty canvas.

        Args:
            rng: Decides everything that is left to chance.
            size: Width and height, pixels.
            light: The light of the hour.
        """
        self.rng = rng
        self.light = light
        self.width, self.height = size
        self.image = Image.new("RGB", size, light.sky[-1])

    @property
    def dark(self) -> bool:
        """Whether people have lit their lamps."""
        return sum(self.light.tint) < 420

    @property
    def night(self) -> bool:
        """Whether stars are out."""
        return sum(self.light.sky[0]) < 64

    def chance(self, odds: float) -> bool:
        """Say yes that often: 0.0 never, 1.0 always."""
        return self.rng.random() < odds

    def pick(self, *choices: T) -> T:
        """Take one of them."""
        return self.rng.choice(choices)

    def x(self, low: float = 0.0, high: float = 1.0) -> float:
        """Take a place between two shares of the width."""
        return self.width * self.rng.uniform(low, high)

    def y(self, low: float = 0.0, high: float = 1.0) -> float:
        """Take a place between two shares of the height."""
        return self.height * self.rng.uniform(low, high)

    def on(self, colour: Colour, far: float = 0.0) -> Colour:
        """Show a colour in this light, `far` 0.0 near by and 1.0 lost in the haze."""
        return self.light.on(colour, far)

    def sky(self, horizon: float) -> None:
        """Paint the sky down to the y of the horizon, at night with stars."""
        self.image.paste(gradient((self.width, round(horizon)), self.light.sky))
        if self.night:
            self.stars(320, horizon)

    def fill(self, *shapes: Sequence[Point], hues: Sequence[Colour], rough: Bumps | None = None) -> None:
        """Fill polygons, as one.

        Args:
            shapes: The corners of each.
            hues: Colours from the top of them all to the bottom; one is enough.
            rough: The bumps of a surface of rock, sand or waves.
        """
        xs = [x for points in shapes for x, _ in points] or [0.0]
        ys = [y for points in shapes for _, y in points] or [0.0]
        left, top = max(0, math.floor(min(xs))), max(0, math.floor(min(ys)))
        right, bottom = min(self.width, math.ceil(max(xs))), min(self.height, math.ceil(max(ys)))
        size = (right - left, bottom - top)
        if min(size) <= 0:
            return
        surface = gradient(size, hues)
        if rough:
            surface = emboss(surface, noise(self.rng, size, rough[:2]), rough[2])
        self.lay(surface, left, top, shapes)

    def ground(self, line: Sequence[Point], *hues: Colour, rough: Bumps | None = None) -> None:
        """Fill everything under a line that runs from left to right, as `fill` does."""
        self.fill(self.under(line), hues=hues, rough=rough)

    def under(self, line: Sequence[Point]) -> list[Point]:
        """Outline everything under a line."""
        return [*line, (line[-1][0], self.height), (line[0][0], self.height)]

    def lay(self, surface: Image.Image, left: int, top: int, shapes: Iterable[Sequence[Point]]) -> None:
        """Lay a surface at (left, top), and cut it to some shapes."""
        mask = Image.new("L", (surface.width * 2, surface.height * 2))  # twice the size, for smooth edges
        draw = ImageDraw.Draw(mask)
        for points in shapes:
            draw.polygon([((x - left) * 2, (y - top) * 2) for x, y in points], fill=255)
        self.image.paste(surface, (left, top), mask.reduce(2))

    def dabs(self, spots: Iterable[Spot], hues: Sequence[Colour], flat: float = 0.8) -> None:
        """Put dabs of paint, each of its own mixture of the hues and `flat` times as high as wide."""
        draw = ImageDraw.Draw(self.image)
        for x, y, radius in spots:
            hue = mix(self.rng.choice(hues), self.rng.choice(hues), self.rng.random() * 0.6)
            draw.ellipse((x - radius, y - radius * flat, x + radius, y + radius * flat), fill=hue)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Light the air around a point; a strength of 1.0 hides what is in the middle."""
        mask = HALO.resize((round(radius * 2), round(radius * 2)), Image.Resampling.BILINEAR)
        mask = mask.point([round(v * strength) for v in range(256)])
        left, top = round(x - radius), round(y - radius)
        self.image.paste(colour, (left, top, left + mask.width, top + mask.height), mask)

    def sun(self, x: float, y: float, radius: float) -> None:
        """Hang the sun (or the moon) in the sky, with its glow."""
        self.glow(x, y, radius * 9, self.light.sun, 0.6)
        self.glow(x, y, radius * 2.6, self.light.sun, 0.9)
        self.fill(oval(x, y, radius, radius), hues=[mix(self.light.sun, WHITE, 0.5)])

    def stars(self, count: int, bottom: float) -> None:
        """Scatter stars over the sky, fewer of them towards the bottom."""
        draw = ImageDraw.Draw(self.image)
        for _ in range(count):
            x, y = self.x(), bottom * self.rng.random() ** 1.4
            shine = self.rng.random() ** 3
            hue = self.pick(WHITE, (200, 216, 255), (255, 236, 206))
            size = 0.6 + shine * 1.7
            draw.ellipse(
                (x - size, y - size, x + size, y + size),
                fill=mix(self.light.sky[1], hue, 0.45 + shine * 0.55),
            )

    def clouds(self, top: float, bottom: float, hue: Colour, cover: float = 0.4, count: int = 3) -> None:
        """Drift clouds across a band of the sky.

        Args:
            top: Of the band.
            bottom: Of the band; clouds fade out at both ends.
            hue: Their colour where they are thickest.
            cover: How much of the band they take, 0.0 to 1.0.
            count: How many stand side by side.
        """
        size = (self.width, round(bottom - top))
        puffs = noise(self.rng, size, (count, max(2, count * size[1] * 2 // size[0])))
        clear = 255 * (1 - cover)
        puffs = puffs.point([round(min(255, max(0, v - clear) * 2.6)) for v in range(256)])
        self.image.paste(hue, (0, round(top)), ImageChops.multiply(puffs, fade(size, [0, 255, 255, 0])))

    def mirror(self, shore: float, deep: Colour, depth: float = 0.4, ripple: float = 5.0) -> None:
        """Fill everything under the shore with water that mirrors what stands above it.

        Args:
            shore: The y of the far side.
            deep: The colour of deep water.
            depth: How much of that colour shows at the near side, 0.0 to 1.0.
            ripple: How far the near ripples throw the mirrored picture sideways.
        """
        top = round(shore)
        width, height = size = (self.width, self.height - top)
        above = self.image.crop((0, max(0, top - height), width, top))
        water = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(size, Image.Resampling.BILINEAR)
        water.paste(deep, (0, 0), fade(size, [round(90 * depth), round(255 * depth)]))
        self.image.paste(water, (0, top))
        rows = []
        for y in range(0, height, 4):
            end = min(y + 4, height)
            throw = ripple * (0.2 + y / height) * self.rng.uniform(-1, 1)
            rows.append(((0, y, width, end), (throw, y, throw, end, width + throw, end, width + throw, y)))
        rippled = water.transform(size, Image.Transform.MESH, rows, Image.Resampling.NEAREST)
        edge = math.ceil(ripple * 1.2)  # beyond it, ripples would reach for what is not there
        self.image.paste(rippled.crop((edge, 0, width - edge, height)), (edge, top))

    def glitter(self, x: float, top: float, reach: float, count: int = 260) -> None:
        """Lay the path that the sun at `x` draws on water which begins at `top`, up to `reach` wide."""
        spots = []
        for _ in range(count):
            near = self.rng.random()
            wide = reach * (0.25 + near)
            middle = x + self.rng.gauss(0, 0.4) * wide
            spots.append((middle, top + (self.height - top) * near**1.3, wide * self.rng.uniform(0.05, 0.3)))
        self.dabs(spots, [self.light.sun, mix(self.light.sun, self.light.sky[1], 0.5)], 0.12)

    def finish(self) -> Image.Image:
        """Return the picture."""
        return grain(self.rng, self.image)
