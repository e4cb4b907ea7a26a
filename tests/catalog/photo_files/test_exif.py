"""Dates, places and cameras, in EXIF that Pillow wrote: our reader is not tested against itself."""

import os
from datetime import UTC, datetime, timedelta, timezone

import pytest
from PIL import Image

from catalog.photo_files.metadata import read_facts


def facts(path):
    return read_facts(os.fsencode(path))


def jpeg(path, tags=None, exif_tags=None, gps=None):
    exif = Image.Exif()
    exif.update(tags or {})
    exif.get_ifd(0x8769).update(exif_tags or {})
    exif.get_ifd(0x8825).update(gps or {})
    Image.effect_noise((40, 30), 50).save(path, "JPEG", exif=exif)
    return path


def test_a_date_with_an_offset_is_the_same_everywhere(tmp_path, zone):
    path = jpeg(tmp_path / "a.jpg", exif_tags={0x9003: "2020:05:04 18:39:11", 0x9011: "+05:45"})
    expected = datetime(2020, 5, 4, 18, 39, 11, tzinfo=timezone(timedelta(hours=5, minutes=45))).timestamp()
    for name in ("UTC", "America/New_York"):
        zone(name)
        assert facts(path).photodate == expected


def test_a_date_without_an_offset_is_local_time(tmp_path, zone):
    summer = jpeg(tmp_path / "a.jpg", exif_tags={0x9003: "2020:07:01 12:00:00", 0x9011: "   :  "})
    winter = jpeg(tmp_path / "b.jpg", exif_tags={0x9003: "2020:01:01 12:00:00"})
    for name, hours in (("UTC", (12, 12)), ("Europe/Berlin", (10, 11)), ("Asia/Tokyo", (3, 3))):
        zone(name)
        told = tuple(datetime.fromtimestamp(facts(path).photodate, UTC).hour for path in (summer, winter))
        assert told == hours


def test_the_best_date_wins(tmp_path, zone):
    zone("UTC")
    dates = [(0x9003, "2001:01:01 00:00:00", "original"), (0x9004, "2002:02:02 00:00:00", "digitized")]
    for first, source in ((0, "original"), (1, "digitized"), (2, "datetime")):
        told = {tag: text for tag, text, _ in dates[first:]}
        found = facts(jpeg(tmp_path / "a.jpg", {0x0132: "2003:03:03 00:00:00"}, told))
        assert found.date_source == source
        assert datetime.fromtimestamp(found.photodate, UTC).year == 2001 + first


def test_each_date_has_its_own_offset(tmp_path):
    path = jpeg(
        tmp_path / "a.jpg", exif_tags={0x9004: "2020:01:01 00:00:00", 0x9011: "+01:00", 0x9012: "-02:00"}
    )
    assert facts(path).photodate == datetime(2020, 1, 1, 2, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2020:13:01 00:00:00", "1825:01:01 00:00:00",
                                  "2101:01:01 00:00:00", "2020:02:30 00:00:00", "yesterday", "", "\0" * 20])  # fmt: skip
def test_nonsense_is_no_date(tmp_path, text):
    path = jpeg(tmp_path / "a.jpg", exif_tags={0x9003: text})
    os.utime(path, ns=(0, 1_600_000_000_999_999_999))
    assert facts(path)[2:5] == (1_600_000_000, 1_600_000_000, "modified")


def test_sloppy_dates_and_nonsense_offsets_are_understood(tmp_path, zone):
    zone("UTC")
    for text, offset in (
        ("2020-05-04T18:39:11", ""),
        ("2020:05: 4 18:39:11\0", "+99:00"),
        ("2020:05:04 18:39:11", "Z"),
    ):
        found = facts(jpeg(tmp_path / "a.jpg", exif_tags={0x9003: text, 0x9011: offset}))
        assert found.photodate == datetime(2020, 5, 4, 18, 39, 11, tzinfo=UTC).timestamp()


def test_photos_older_than_the_epoch(tmp_path):
    path = jpeg(tmp_path / "a.jpg", exif_tags={0x9003: "1900:01:01 00:00:00", 0x9011: "+00:00"})
    assert facts(path).photodate == datetime(1900, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("latitude", "longitude", "expected"), [
    (("S", (33, 51, 24.5)), ("W", (70, 30, 0)), (-33.8568056, -70.5)),
    (("N", (91, 0, 0)), ("E", (10, 0, 0)), (None, None)),
    (("N", (0, 0, 0)), ("E", (0, 0, 0)), (None, None)),
    (("?", (10, 0, 0)), ("E", (10, 0, 0)), (None, None)),
    (("N", (10, 0, 0)), None, (None, None)),
])  # fmt: skip
def test_places(tmp_path, latitude, longitude, expected):
    gps = {1: latitude[0], 2: latitude[1]} | ({3: longitude[0], 4: longitude[1]} if longitude else {})
    found = facts(jpeg(tmp_path / "a.jpg", gps=gps))
    assert (found.latitude, found.longitude) == (pytest.approx(expected) if expected[0] else expected)


@pytest.mark.parametrize(("make", "model", "camera"), [
    ("Canon", "Canon EOS 7D", "Canon EOS 7D"),
    ("NIKON CORPORATION", "NIKON D100 ", "NIKON D100"),
    ("Canonical", "Canon", "Canonical Canon"),
    ("  FUJIFILM\t", "Fine  Pix\0rubbish", "FUJIFILM Fine Pix"),
    ("", "X", "X"), ("Maker", "", "Maker"), ("", " ", None),
    ("a" * 300, "b", "a" * 100), ("\x1b[31mRed", "\u202eeye", "[31mRed eye"),
])  # fmt: skip
def test_cameras(tmp_path, make, model, camera):
    path = jpeg(tmp_path / "a.jpg", {0x010F: make.encode(), 0x0110: model.encode()})
    assert facts(path).camera == camera


@pytest.mark.parametrize(
    ("orientation", "told", "size"),
    [(1, 1, (40, 30)), (3, 3, (40, 30)), (6, 6, (30, 40)), (9, 1, (40, 30)), (0, 1, (40, 30))],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_size_is_as_displayed(tmp_path, kind, orientation, told, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (40, 30)).save(tmp_path / "a", kind, exif=exif)
    found = facts(tmp_path / "a")
    assert (found.orientation, (found.width, found.height), found.error) == (told, size, None)
