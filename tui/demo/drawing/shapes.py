"""Outlines of a drawn photo: ridges, hills, trees and blobs, as lists of points."""

from __future__ import annotations

import math
from itertools import chain, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

Point = tuple[float, float]
"""Pixels from the left and from the top."""
Spot = tuple[float, float, float]
"""A circle: the middle's x and y, and the radius, pixels."""


def box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """Outline a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def oval(x: float, y: float, wide: float, high: float) -> list[Point]:
    """Outline an ellipse around (x, y), whose half axes are `wide` and `high`."""
    turns = (math.tau * step / 40 for step in range(40))
    return [(x + wide * math.cos(turn), y + high * math.sin(turn)) for turn in turns]


def petal(x: float, y: float, turn: float, length: float, breadth: float) -> list[Point]:
    """Outline a petal that grows from (x, y) in the direction `turn`, in radians."""
    points = []
    for step in range(20):
        angle = math.tau * step / 20
        along = length * (0.52 + 0.48 * math.cos(angle))
        across = breadth * math.sin(angle) * (1 + 0.5 * math.cos(angle))
        points.append(
            (
                x + along * math.cos(turn) - across * math.sin(turn),
                y + along * math.sin(turn) + across * math.cos(turn),
            )
        )
    return points


def fir(x: float, y: float, height: float, lean: float) -> list[Point]:
    """Outline a fir tree that stands at (x, y); `lean` is how wide it is for its height."""
    half = height * lean
    right = [(x + half * 0.16, y)]
    for tier in (0.12, 0.34, 0.56, 0.76):
        reach = half * (1.08 - tier)
        right += [(x + reach * 0.5, y - height * tier), (x + reach, y - height * (tier - 0.03))]
    left = [(2 * x - px, py) for px, py in reversed(right)]
    return [*right, (x, y - height), *left]


def ridge(
    rng: Random, width: float, peaks: Iterable[Point], *, slope: float = 1.0, rough: float = 0.045
) -> list[Point]:
    """Draw the line between mountains and sky: tents under the peaks, crumpled.

    Args:
        rng: Decides the crumples.
        width: Of the line, pixels.
        peaks: Where the tops are.
        slope: How steeply the flanks fall, pixels down for each pixel sideways.
        rough: The size of the crumples, as a share of the width.

    Returns:
        Points from left to right.
    """
    tents = [(x, y, slope * rng.uniform(0.75, 1.3), slope * rng.uniform(0.75, 1.3)) for x, y in peaks]
    crumples = [0.0, 0.0]
    size = width * rough
    for _ in range(8):  # midpoint displacement
        middles = [(a + b) / 2 + rng.uniform(-size, size) for a, b in pairwise(crumples)]
        crumples = [*chain.from_iterable(zip(crumples, middles, strict=False)), crumples[-1]]
        size *= 0.55
    line = []
    for index, crumple in enumerate(crumples):
        x = width * index / (len(crumples) - 1)
        tent = min(y + (left * (top - x) if x < top else right * (x - top)) for top, y, left, right in tents)
        line.append((x, tent + crumple))
    return line


def waves(rng: Random, width: float, y: float, height: float, count: float = 1.5) -> list[Point]:
    """Draw the line of gentle hills.

    Args:
        rng: Decides where they stand.
        width: Of the line, pixels.
        y: The middle of the hills, pixels.
        height: Between a hill's top and a valley, pixels.
        count: How many hills side by side.

    Returns:
        Points from left to right.
    """
    parts = [(count * k * rng.uniform(0.7, 1.3), rng.uniform(0, math.tau), 0.4 / k**1.3) for k in (1, 2, 4)]
    line = []
    for step in range(97):
        share = step / 96
        swell = sum(size * math.sin(math.tau * often * share + start) for often, start, size in parts)
        line.append((width * share, y + height * swell))
    return line
