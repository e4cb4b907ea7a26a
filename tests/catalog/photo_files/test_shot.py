"""How a photo was taken: what real cameras say, and nothing where a file lies."""

import struct
from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin

from catalog.photo_files.exif import exif_of
from catalog.photo_files.pixels import PixelsUnavailable
from catalog.photo_files.shot import Shot, read_shot, shot_of
from catalog.photo_files.thumbnails import read_thumbnail, thumbnail_jpeg
from tests.conftest import draw_photo


def exif_block(*ratios: tuple[int, int, int]) -> bytes:
    """An EXIF block with unsigned rationals: (tag, numerator, denominator)."""
    entries, data = b"", b""
    start = 8 + 2 + 12 * len(ratios) + 4
    for tag, top, bottom in ratios:
        entries += struct.pack("<HHII", tag, 5, 1, start + len(data))
        data += struct.pack("<II", top, bottom)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(ratios)) + entries + bytes(4) + data


@pytest.mark.parametrize(
    ("top", "bottom", "seconds"),
    [(1, 250, 0.004), (30, 1, 30), (0, 1, None), (1, 0, None), (0, 0, None), (4294967295, 1, None)],
)
def test_an_exposure_that_makes_no_sense_is_unknown(top: int, bottom: int, seconds: float | None) -> None:
    found = exif_of(exif_block((0x829A, top, bottom)))
    assert found is not None
    assert shot_of(found).seconds == seconds


def test_what_a_camera_writes_is_read(tmp_path: Path) -> None:
    exif, ratio = Image.Exif(), TiffImagePlugin.IFDRational
    exif[0x010F], exif[0x0110] = "NIKON CORPORATION", "NIKON D100"
    exif.get_ifd(0x8769).update({0x829D: ratio(56, 10), 0x8827: 200, 0xA434: " 24-85mm\x1b[31m "})
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=exif)
    assert read_shot(bytes(tmp_path / "a.jpg")) == Shot("NIKON D100", "24-85mm [31m", None, 5.6, 200, None)


def test_no_real_photo_is_too_odd(photos: Path) -> None:
    shots = [read_shot(bytes(path)) for path in photos.rglob("*.*") if path.is_file()]
    assert sum(shot.aperture is not None for shot in shots) > 20
    assert all(shot.iso is None or 1 <= shot.iso < 65_535 for shot in shots)


def test_a_thumbnail_from_elsewhere_is_small_or_refused(tmp_path: Path) -> None:
    jpeg = thumbnail_jpeg(bytes(draw_photo(tmp_path / "a.jpg", 1, size=(640, 480))))
    assert read_thumbnail(jpeg).size == (256, 192)
    large = draw_photo(tmp_path / "large.jpg", 1, size=(3000, 2000)).read_bytes()
    assert max(read_thumbnail(large).size) <= 256
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    for bad in (b"", jpeg[:100], (tmp_path / "a.png").read_bytes(), jpeg + bytes(1 << 20)):
        with pytest.raises(PixelsUnavailable, match="the thumbnail is damaged"):
            read_thumbnail(bad)
