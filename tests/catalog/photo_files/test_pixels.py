"""A photo's pixels, small enough for a screen: upright, RGB, and as much of them as there is."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageFile, ImageOps

from catalog.photo_files.metadata import is_photo_name
from catalog.photo_files.pixels import PixelsUnavailable, thumbnail

PHOTOS = Path(__file__).parents[3].parent / "shared" / "photos"
REAL = sorted(path for path in PHOTOS.rglob("*") if is_photo_name(path.name))
real_photos = pytest.mark.skipif(not REAL, reason="the real photos are not here")
# Pillow warns of damaged TIFFs; outside of pytest, where warnings are no errors, nobody sees it
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")

RED, BLUE, GRAY = (255, 0, 0), (0, 0, 255), (128, 128, 128)
NOTHING_TO_SHOW = {"beach.jpg", "m8-42c19f8e79e582bef107f372f18a074b.tif"}  # among the good ones


def thumb(path, width=100, height=100):
    return thumbnail(os.fsencode(path), width, height)


def shown(path):
    """Return a digest of what is shown, or the sentence that is shown instead."""
    try:
        return hashlib.sha256(thumb(path).tobytes()).hexdigest()
    except PixelsUnavailable as error:
        return str(error)


@real_photos
def test_every_real_photo_is_shown_or_a_sentence_says_why_not():
    refused = {}
    for path in REAL:
        try:
            image = thumb(path, 80, 60)
        except PixelsUnavailable as error:
            refused[path] = str(error)
            continue
        assert image.mode == "RGB"
        assert 1 <= image.width <= 80
        assert 1 <= image.height <= 60
        assert not isinstance(image, ImageFile.ImageFile)
    assert {path.name for path in refused if path.parent.name != "damaged"} == NOTHING_TO_SHOW
    assert all(sentence.isprintable() and len(sentence) < 200 for sentence in refused.values())


@real_photos
def test_threads_show_the_same():
    some = [path for path in REAL if path.stat().st_size < 100_000]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shown, some)) == [shown(path) for path in some]


@real_photos
def test_nothing_is_printed_over_the_screen(tmp_path):
    """libtiff, Pillow's warnings and its log all write to descriptor 2, where the app's screen is."""
    code = """if True:
        import sys
        from catalog.photo_files.metadata import read_facts
        from catalog.photo_files.pixels import PixelsUnavailable, thumbnail
        for path in sys.argv[1:]:
            read_facts(path.encode())
            try:
                thumbnail(path.encode(), 50, 50)
            except PixelsUnavailable:
                pass
    """
    tiffs = [str(path) for path in REAL if path.suffix == ".tif" or "crash-0" in path.name]
    assert len(tiffs) >= 6
    Image.new("RGB", (9, 9)).save(tmp_path / "samples.tif")
    data = (tmp_path / "samples.tif").read_bytes()
    samples = data.index(b"\x15\x01\x03\0\x01\0\0\0\x03\0") + 8  # SamplesPerPixel: 3
    (tmp_path / "samples.tif").write_bytes(data[:samples] + b"\xd0" + data[samples + 1 :])
    tiffs.append(str(tmp_path / "samples.tif"))
    run = subprocess.run(
        [sys.executable, "-W", "always", "-c", code, *tiffs], capture_output=True, text=True, check=True
    )
    assert (run.stdout, run.stderr) == ("", "")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_stand_upright(tmp_path, kind, orientation):
    upright = Image.new("RGB", (80, 40), BLUE)
    upright.paste(RED, (0, 0, 40, 20))
    exif = Image.Exif()
    exif[0x0112] = orientation
    # the transpositions are their own inverses, but for the two quarter turns
    lying = Image.new("RGB", (1, 1))
    lying.getexif()[0x0112] = {6: 8, 8: 6}.get(orientation, orientation)
    turned = upright.copy()
    turned.getexif()[0x0112] = lying.getexif()[0x0112]
    ImageOps.exif_transpose(turned).save(tmp_path / "a", kind, exif=exif)
    image = thumb(tmp_path / "a")
    assert image.size == (80, 40)
    corners = [image.getpixel(at) for at in ((8, 6), (70, 6), (8, 34), (70, 34))]
    assert [color[0] > color[2] for color in corners] == [True, False, False, False]


@pytest.mark.parametrize(("mode", "color", "kind", "expected"), [
    ("1", 1, "PNG", (255, 255, 255)), ("L", 200, "JPEG", (200, 200, 200)), ("P", 0, "GIF", (0, 0, 0)),
    ("RGBA", (9, 9, 9, 0), "PNG", GRAY), ("LA", (9, 0), "PNG", GRAY), ("RGBA", (255, 255, 255, 0), "WEBP", GRAY),
    ("CMYK", (0, 255, 255, 0), "JPEG", (254, 0, 0)), ("I;16", 0x8000, "PNG", GRAY), ("I;16", 0x8000, "TIFF", GRAY),
    ("I", 9, "TIFF", (255, 255, 255)), ("F", 0.0, "TIFF", (0, 0, 0)),
])  # fmt: skip
def test_every_mode_becomes_rgb(tmp_path, mode, color, kind, expected):
    Image.new(mode, (300, 200), color).save(tmp_path / "a", kind)
    image = thumb(tmp_path / "a")
    assert (image.mode, image.size) == ("RGB", (100, 67))
    assert image.getpixel((5, 5)) == pytest.approx(expected, abs=2)


def test_of_an_animation_the_first_frame_is_shown(tmp_path):
    frames = [Image.new("RGB", (20, 20), color) for color in (RED, BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        frames[0].save(tmp_path / "a", kind, save_all=True, append_images=frames[1:])
        assert thumb(tmp_path / "a").getpixel((5, 5)) == pytest.approx(RED, abs=4)


def test_a_photo_is_never_made_larger(tmp_path):
    Image.new("RGB", (20, 10)).save(tmp_path / "a", "PNG")
    assert thumb(tmp_path / "a", 500, 500).size == (20, 10)
    assert thumb(tmp_path / "a", 0, 0).size == (1, 1)


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_of_a_photo_cut_off_there_is_what_was_saved(tmp_path, options):
    tall = Image.effect_noise((200, 400), 80).convert("RGB")
    tall.paste(RED, (0, 0, 200, 100))
    tall.save(tmp_path / "a", "JPEG", quality=90, **options)
    data = (tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(data[: len(data) // 2])
    image = thumb(tmp_path / "a", 50, 100)
    assert image.size == (50, 100)
    assert image.getpixel((25, 5)) == pytest.approx(RED, abs=40)


def test_of_a_png_cut_off_there_is_what_was_saved(tmp_path):
    picture = Image.effect_noise((200, 400), 80).convert("RGB")
    picture.paste(RED, (0, 0, 200, 100))
    picture.save(tmp_path / "a", "PNG")
    data = (tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(data[: len(data) // 2])
    assert thumb(tmp_path / "a").getpixel((25, 5)) == RED


def test_pillows_switch_for_the_whole_process_is_left_alone():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_too_many_pixels_are_not_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr("catalog.photo_files.pixels._MOST_PIXELS", 20_000)
    Image.new("RGB", (800, 800)).save(tmp_path / "a.png")
    Image.new("RGB", (800, 800)).save(tmp_path / "a.jpg")
    with pytest.raises(PixelsUnavailable, match="800 x 800 pixels are too many"):
        thumb(tmp_path / "a.png")
    assert thumb(tmp_path / "a.jpg").size == (100, 100)  # decoded at an eighth of its size


def test_what_is_no_picture_says_so(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"hello")
    with pytest.raises(PixelsUnavailable, match="not a picture that we can read"):
        thumb(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(PixelsUnavailable, match="empty"):
        thumb(tmp_path / "a.jpg")


def test_what_is_no_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        thumb(tmp_path / "none.jpg")
    with pytest.raises(OSError, match="not a file"):
        thumb(tmp_path)


def test_no_descriptor_is_left_open(tmp_path):
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    (tmp_path / "bad.png").write_bytes((tmp_path / "a.png").read_bytes()[:40])
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(3):
        thumb(tmp_path / "a.png")
        assert "cut off" in shown(tmp_path / "bad.png")
    assert len(list(Path("/dev/fd").iterdir())) == before
