"""The demo's photos are photos: different, dated, the same every time, and drawn once."""

import hashlib
import subprocess
import sys
from datetime import datetime
from itertools import groupby
from random import Random

import pytest
from PIL import Image, ImageOps
from PIL.ExifTags import IFD, Base

from tui.demo import drawing, photos
from tui.demo.drawing.light import HOURS
from tui.demo.itinerary import TRIPS, plan

COUNT = 18  # all trips and all oddities


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("photos")
    photos.draw_photos(directory, COUNT)
    return directory


@pytest.fixture(scope="module")
def files(directory):
    return photos.draw_photos(directory, COUNT)  # all there: only names them


def md5(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


def test_every_photo_is_a_content_of_its_own(files):
    assert len({md5(path) for path in files[:COUNT]}) == COUNT


def test_one_photo_lies_there_twice(directory, files):
    assert files[COUNT:] == [directory / photos.DUPLICATE_PATH]
    assert md5(files[COUNT]) == md5(files[photos.DUPLICATED])


def test_one_path_is_a_trap_for_markup(files):
    assert str(files[photos.TRAP]).endswith("/a[/b] [red]trap.jpg")


def test_one_file_breaks_off_after_its_exif(files):
    with Image.open(files[photos.TRUNCATED]) as image:
        assert image.getexif()[Base.Make]
        with pytest.raises(OSError, match="truncated"):
            image.load()


def test_all_other_files_decode(files):
    for path in (path for path in files if path != files[photos.TRUNCATED]):
        with Image.open(path) as image:
            image.load()
            assert image.mode == "RGB"
            assert min(image.size) >= 600


def test_exif_and_file_tell_the_same_time(files):
    shots = [*plan(COUNT)]
    for path, shot in zip(files, [*shots, shots[photos.DUPLICATED]], strict=True):
        with Image.open(path) as image:
            exif = image.getexif().get_ifd(IFD.Exif)
        text = exif[Base.DateTimeOriginal] + exif[Base.OffsetTimeOriginal]
        taken = datetime.strptime(text, "%Y:%m:%d %H:%M:%S%z")
        assert taken == shot.taken
        assert path.stat().st_mtime == taken.timestamp()


def test_some_photos_know_their_place(files):
    places = []
    for path in files:
        with Image.open(path) as image:
            places.append(bool(image.getexif().get_ifd(IFD.GPSInfo)))
    assert any(places)
    assert not all(places)


def test_the_same_bytes_every_time(files, tmp_path):
    again = photos.draw_photos(tmp_path, 8)
    assert [md5(path) for path in again[:8]] == [md5(path) for path in files[:8]]


def test_a_second_run_touches_only_what_is_missing(tmp_path):
    def written(path):
        return path.stat().st_ino, path.stat().st_ctime_ns

    files = photos.draw_photos(tmp_path, 6)
    before = {path: (written(path), md5(path)) for path in files}
    gone = files.pop(2)
    gone.unlink()

    photos.draw_photos(tmp_path, 6)
    assert {path: (written(path), md5(path)) for path in files} == {path: before[path] for path in files}
    assert md5(gone) == before[gone][1]


def test_a_killed_run_leaves_no_half_photo(tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(photos.os, "utime", killed)
    with pytest.raises(KeyboardInterrupt):
        photos.draw_photos(tmp_path, 1)
    monkeypatch.undo()
    assert not list(tmp_path.rglob("*.jpg")) + list(tmp_path.rglob("*.JPG"))

    photos.draw_photos(tmp_path, 1)
    assert [path.suffix.lower() for path in tmp_path.rglob("*") if path.is_file()] == [".jpg"]


def test_progress_counts_to_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "draw", lambda _scene, _hour, size, _rng: Image.new("RGB", size))
    told = []
    photos.draw_photos(tmp_path, 7, progress=lambda done, count: told.append((done, count)))
    assert told == [(done, 7) for done in range(1, 8)]


def test_a_photo_is_upright_once_its_orientation_is_applied(tmp_path, monkeypatch):
    def sky_above_ground(_scene, _hour, size, _rng):
        picture = Image.new("RGB", size, "blue")
        picture.paste("green", (0, size[1] // 2, *size))
        return picture

    monkeypatch.setattr(drawing, "draw", sky_above_ground)
    seen = set()
    for path in photos.draw_photos(tmp_path, 30):
        with Image.open(path) as image:
            seen.add(orientation := image.getexif()[Base.Orientation])
            assert image.width > image.height, "a sensor is wider than high"
            try:
                upright = ImageOps.exif_transpose(image)
            except OSError:  # the truncated one
                continue
        assert (upright.height > upright.width) == (orientation != 1)
        red, green, blue = upright.getpixel((upright.width // 2, 10))
        assert blue > max(red, green)
        red, green, blue = upright.getpixel((upright.width // 2, upright.height - 10))
        assert green > max(red, blue)
    assert seen == {1, 6, 8}


def test_the_plan_fills_eight_folders_unevenly_and_in_order_of_time():
    shots = list(plan(240))
    assert len({shot.path for shot in shots}) == 240
    by_trip = sorted(shots, key=lambda shot: (TRIPS.index(shot.trip), shot.number))
    counts = []
    for _, group in groupby(by_trip, key=lambda shot: shot.trip):
        trip = list(group)
        counts.append(len(trip))
        assert [shot.taken for shot in trip] == sorted({shot.taken for shot in trip})
        assert [shot.path for shot in trip] == sorted(shot.path for shot in trip)
    assert len(counts) == 8
    assert max(counts) >= 1.5 * min(counts)


def test_a_longer_plan_begins_like_a_shorter_one():
    assert list(plan(100))[:30] == list(plan(30))


@pytest.mark.parametrize("scene", sorted(drawing.SCENES))
def test_every_scene_can_be_drawn_at_every_hour(scene):
    pictures = set()
    for hour in HOURS:
        for seed, size in enumerate(((96, 64), (64, 96))):
            picture = drawing.draw(scene, hour, size, Random(seed))
            assert picture.size == size
            assert len(picture.getcolors(96 * 64)) > 50, "not one flat colour"
            pictures.add(picture.tobytes())
    assert len(pictures) == len(HOURS) * 2


def test_importing_the_module_loads_no_imaging_library():
    code = "import sys, tui.demo.photos; sys.exit('PIL' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
