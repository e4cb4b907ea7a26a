"""Where, when and with which camera the demo's photos were taken: a plan that is the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random

# One day of a trip, photo by photo: the light, and the minute of the day.
_DAY = (("dawn", 375), ("day", 620), ("day", 820), ("golden", 1105), ("dusk", 1225), ("night", 1360))
_NOCTURNAL = frozenset({"aurora", "night"})
_AFTER_SUNSET = frozenset({"city", "harbour", "lake", "mountains", "sea", "snow"})


@dataclass(frozen=True)
class Camera:
    """A camera, and how it names its files."""

    make: str
    model: str
    name: str  # with {number}, which grows, or {taken}
    size: tuple[int, int]  # of a photo, pixels
    focal_lengths: tuple[int, ...]  # mm
    knows_where: bool = False  # writes GPS


@dataclass(frozen=True)
class Trip:
    """A folder of photos that belong together."""

    folder: str
    camera: Camera
    first_day: tuple[int, int, int]
    utc_offset: int  # hours
    place: tuple[float, float]  # degrees north, degrees east
    scenes: str  # their names
    share: int  # of each 24 photos, how many are from here
    days_between: int = 1  # of two days on which photos were taken


@dataclass(frozen=True)
class Shot:
    """One photo to draw."""

    index: int  # among all, from 0; decides the picture
    path: str  # below the photo folder
    trip: Trip
    scene: str
    light: str
    taken: datetime
    number: int  # of the trip's photos, from 0


_NIKON = Camera("NIKON CORPORATION", "NIKON D5600", "DSC_{number:04d}.jpg", (912, 608), (18, 35, 55, 140))
_CANON = Camera("Canon", "Canon EOS R6", "IMG_{number:04d}.jpg", (912, 608), (24, 35, 50, 105))
_SONY = Camera("SONY", "ILCE-7M3", "DSC{number:05d}.JPG", (912, 608), (16, 28, 55, 200))
_FUJI = Camera("FUJIFILM", "X-T30", "DSCF{number:04d}.JPG", (912, 608), (16, 23, 35, 56))
_LUMIX = Camera("Panasonic", "DC-G9", "P{number:07d}.JPG", (840, 630), (12, 25, 40, 60))
_PHONE = Camera("Google", "Pixel 7", "PXL_{taken:%Y%m%d_%H%M%S}.jpg", (840, 630), (7,), knows_where=True)
_APPLE = Camera("Apple", "iPhone 13 mini", "IMG_{number:04d}.JPG", (840, 630), (5,), knows_where=True)

TRIPS = (
    Trip(
        "2021/10 Bayerischer Wald", _FUJI, (2021, 10, 9), 2, (48.95, 13.39), "forest grove lake balloons", 3
    ),
    Trip("2022/02 Engadin", _LUMIX, (2022, 2, 12), 1, (46.45, 9.79), "snow mountains snow night", 3),
    Trip("2022/07 Bretagne", _APPLE, (2022, 7, 23), 2, (48.27, -4.6), "sea sea harbour flowers", 3),
    Trip("2023/05 Dolomites", _NIKON, (2023, 5, 18), 2, (46.55, 12.1), "mountains lake flowers night", 4),
    Trip("2023/11 Namib", _SONY, (2023, 11, 4), 2, (-24.75, 15.3), "dunes night", 2),
    Trip("2024/03 Tromsø", _SONY, (2024, 3, 1), 1, (69.65, 18.96), "aurora aurora snow harbour", 2),
    Trip("2024/08 Lofoten", _CANON, (2024, 8, 10), 2, (68.21, 13.9), "harbour sea lake mountains", 4),
    Trip(
        "2024/Home",
        _PHONE,
        (2024, 1, 14),
        1,
        (52.37, 4.9),
        "city bloom harbour flowers grove balloons",
        2,
        19,
    ),
)


def plan(count: int) -> Iterator[Shot]:
    """Say which photos to draw; a longer plan begins like a shorter one.

    Args:
        count: How many.

    Yields:
        One photo after the other, in turns from all trips.
    """
    turns = [trip for turn in range(max(trip.share for trip in TRIPS)) for trip in TRIPS if turn < trip.share]
    taken_so_far = dict.fromkeys(TRIPS, 0)
    for index in range(count):
        trip = turns[index % len(turns)]
        yield _shot(index, trip, taken_so_far[trip])
        taken_so_far[trip] += 1


def _shot(index: int, trip: Trip, number: int) -> Shot:
    rng = Random(f"shot {index}")  # noqa: S311 - for variety, not for secrets
    day, hour = divmod(number, len(_DAY))
    light, minute = _DAY[hour]
    midnight = datetime(*trip.first_day, tzinfo=timezone(timedelta(hours=trip.utc_offset)))
    taken = midnight + timedelta(
        days=day * trip.days_between, minutes=minute + rng.randrange(75), seconds=rng.randrange(60)
    )
    scene = rng.choice(_suitable(trip.scenes.split(), light))
    frame = 400 + 1000 * (TRIPS.index(trip) % 4) + number * 3 + rng.randrange(3)
    name = trip.camera.name.format(number=frame, taken=taken)
    return Shot(index, f"{trip.folder}/{name}", trip, scene, light, taken, number)


def _suitable(scenes: list[str], light: str) -> list[str]:
    """Leave out what nobody photographs in this light."""
    if light == "night":
        nocturnal = [scene for scene in scenes if scene in _NOCTURNAL]
        return nocturnal or [scene for scene in scenes if scene in _AFTER_SUNSET] or ["night"]
    if light == "dusk":
        return [scene for scene in scenes if scene != "bloom"]
    return [scene for scene in scenes if scene not in _NOCTURNAL]
