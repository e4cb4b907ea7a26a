"""The demo's photos: JPEG files with EXIF, as cameras would have left them in a photo folder."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tui.demo.itinerary import Shot, plan

if TYPE_CHECKING:
    from PIL import Image

TRUNCATED = 3
"""The index of the photo whose file breaks off in the middle, as after a full memory card."""
TRAP = 5
"""The index of the photo whose path looks like markup."""
TRAP_PATH = "a[/b] [red]trap.jpg"
"""What that path ends in: a folder and a file, for a name cannot hold a slash, and markup closes with one."""
DUPLICATED = 1
"""The index of the photo that has a second file."""
DUPLICATE_PATH = "2024/Home/postcard (copy).jpg"

# For each light: exposure times (s) and ISO speeds.
_EXPOSURES = {
    "dawn": ((1 / 60, 1 / 125), (200, 400)),
    "day": ((1 / 250, 1 / 500, 1 / 1000), (100, 200)),
    "golden": ((1 / 125, 1 / 250), (100, 200)),
    "dusk": ((1 / 15, 1 / 30, 1 / 60), (400, 800)),
    "night": ((2.0, 8.0, 15.0), (1600, 3200)),
}


def draw_photos(
    directory: Path, count: int = 240, *, progress: Callable[[int, int], None] | None = None
) -> list[Path]:
    """Draw photos into trip folders such as `2023/05 Dolomites`.

    The same count gives the same bytes (on the same Pillow), and a higher one only adds files. What
    is there already is not drawn again. Each photo is a content of its own; among them are one
    truncated file (`TRUNCATED`) and one whose path is a trap for markup (`TRAP`). On top of them,
    one of them lies there a second time (`DUPLICATE_PATH`). So from 6 photos on there are
    `count` contents in `count + 1` files.

    Args:
        directory: Where to; created if it is missing.
        count: How many photos.
        progress: Told after each photo how many of them are done, and `count`.

    Returns:
        The files, in the order of drawing, each with the time of its photo as modification time.
    """
    files: list[Path] = []
    shots = list(plan(count))
    for shot in shots:
        path = directory / shot.path
        if shot.index == TRAP:
            path = path.parent / TRAP_PATH
        if not path.exists():
            _write(path, _jpeg(shot), shot.taken)
        files.append(path)
        if progress:
            progress(len(files), count)
    if count > max(TRUNCATED, TRAP, DUPLICATED):
        copy = directory / DUPLICATE_PATH
        if not copy.exists():
            _write(copy, files[DUPLICATED].read_bytes(), shots[DUPLICATED].taken)
        files.append(copy)
    return files


def _write(path: Path, data: bytes, taken: datetime) -> None:
    """Put a file in its place, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    os.utime(part, (taken.timestamp(), taken.timestamp()))
    part.replace(path)


def _jpeg(shot: Shot) -> bytes:
    """Draw one photo, and encode it as its camera would."""
    from PIL import Image

    from tui.demo.drawing import draw

    rng = Random(f"photo {shot.index}")  # noqa: S311 - for variety, not for secrets
    width, height = shot.trip.camera.size
    orientation = rng.choices((1, 6, 8), (80, 14, 6))[0]
    if orientation == 1:
        picture = draw(shot.scene, shot.light, (width, height), rng)
    else:  # the camera was held upright, its sensor was not
        turn = Image.Transpose.ROTATE_90 if orientation == 6 else Image.Transpose.ROTATE_270
        picture = draw(shot.scene, shot.light, (height, width), rng).transpose(turn)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=82, exif=_exif(shot, orientation, rng))
    data = file.getvalue()
    return data[: len(data) * 6 // 10] if shot.index == TRUNCATED else data


def _exif(shot: Shot, orientation: int, rng: Random) -> Image.Exif:
    """Say what the camera knows about a photo."""
    from PIL import Image
    from PIL.ExifTags import IFD, Base

    camera = shot.trip.camera
    times, speeds = _EXPOSURES[shot.light]
    offset = f"{shot.taken:%z}"
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = camera.make, camera.model
    exif[Base.Orientation] = orientation
    exif[Base.DateTime] = f"{shot.taken:%Y:%m:%d %H:%M:%S}"
    exif.get_ifd(IFD.Exif).update(
        {
            Base.DateTimeOriginal: f"{shot.taken:%Y:%m:%d %H:%M:%S}",
            Base.OffsetTimeOriginal: f"{offset[:3]}:{offset[3:]}",
            Base.ExposureTime: rng.choice(times),
            Base.FNumber: rng.choice((1.8, 2.8, 4.0, 5.6, 8.0)),
            Base.ISOSpeedRatings: rng.choice(speeds),
            Base.FocalLength: float(rng.choice(camera.focal_lengths)),
            Base.ImageUniqueID: f"{shot.index:032x}",  # no two files are alike, whatever is drawn
        }
    )
    if camera.knows_where or rng.random() < 0.2:
        exif.get_ifd(IFD.GPSInfo).update(_gps(shot, rng))
    return exif


def _gps(shot: Shot, rng: Random) -> dict[int, object]:
    """Say where a photo was taken: somewhere near the trip's place."""
    from PIL.ExifTags import GPS

    def sexagesimal(degrees: float) -> tuple[float, float, float]:
        minutes, seconds = divmod(round(abs(degrees) * 360_000) / 100, 60)
        return float(minutes // 60), float(minutes % 60), seconds

    north, east = (degrees + rng.uniform(-0.1, 0.1) for degrees in shot.trip.place)
    return {
        GPS.GPSLatitudeRef: "N" if north >= 0 else "S",
        GPS.GPSLatitude: sexagesimal(north),
        GPS.GPSLongitudeRef: "E" if east >= 0 else "W",
        GPS.GPSLongitude: sexagesimal(east),
    }
