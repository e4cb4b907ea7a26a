"""Surfaces of a drawn photo: gradients, clouds of noise, and the bumps of rock and sand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageOps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tui.demo.drawing.light import Colour

Size = tuple[int, int]
"""Width and height, pixels."""

# Bright in the middle, falling off as light does. Pillow's gradient ends in the corners; this, at the sides.
HALO = Image.radial_gradient("L").point([round(255 * max(0.0, 1 - v / 181) ** 2) for v in range(256)])


def gradient(size: Size, colours: Sequence[Colour]) -> Image.Image:
    """Blend colours from top to bottom."""
    if len(colours) == 1:
        return Image.new("RGB", size, colours[0])
    strip = Image.new("RGB", (1, len(colours)))
    strip.putdata(colours)
    return strip.resize((1, size[1]), Image.Resampling.BICUBIC).resize(size, Image.Resampling.NEAREST)


def fade(size: Size, levels: Sequence[int]) -> Image.Image:
    """Make a mask whose opacity goes from top to bottom through these levels, 0 to 255."""
    return gradient(size, [(level, level, level) for level in levels]).getchannel("R")


def noise(rng: Random, size: Size, cells: Size, octaves: int = 5) -> Image.Image:
    """Make clouds of grey (fractal value noise).

    Args:
        rng: Decides the clouds.
        size: Width and height, pixels.
        cells: How many of the largest clouds stand side by side and above each other.
        octaves: How often to add clouds half as large and half as strong.

    Returns:
        An "L" picture that uses the full range from 0 to 255.
    """
    half = (max(size[0] // 2, 1), max(size[1] // 2, 1))
    total = Image.new("L", half)
    for octave in range(octaves):
        grid = (cells[0] << octave, cells[1] << octave)
        dots = Image.frombytes("L", grid, rng.randbytes(grid[0] * grid[1]))
        layer = dots.resize(half, Image.Resampling.BICUBIC)
        total = Image.blend(total, layer, 1 / (2 ** (octave + 1) - 1))
    return ImageOps.autocontrast(total, cutoff=1).resize(size, Image.Resampling.BILINEAR)


def emboss(surface: Image.Image, heights: Image.Image, depth: float = 1.0) -> Image.Image:
    """Light a surface from the upper left.

    Args:
        surface: An "RGB" picture.
        heights: Its hills and valleys, an "L" picture of the same size.
        depth: How deep they are; 1.0 is rock.

    Returns:
        The surface with light and shade.
    """
    beside = heights.copy()
    beside.paste(heights, (-3, -2))  # the last columns and rows have no neighbours, and stay flat
    bumps = ImageChops.subtract(heights, beside, 0.3 / depth, 128)
    return ImageChops.soft_light(surface, Image.merge("RGB", (bumps, bumps, bumps)))


def grain(rng: Random, picture: Image.Image) -> Image.Image:
    """Add the noise of a sensor, without which gradients look printed."""
    dots = Image.frombytes("L", picture.size, rng.randbytes(picture.width * picture.height))
    return Image.blend(picture, Image.merge("RGB", (dots, dots, dots)), 0.025)
