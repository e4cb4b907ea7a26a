"""Which names may hold a photo, and that asking costs no picture library."""

import subprocess
import sys

import pytest

from catalog.photo_files.photo_names import PHOTO_SUFFIXES, RAW_SUFFIXES, is_photo_name, suffix_of


@pytest.mark.parametrize(
    "name",
    [
        "a.jpg",
        "A.JPEG",
        "b.HEIC",
        "über.png",
        "a.b.Tiff",
        "x.CR3",
        "/photos/2001.d/a.raf",
        b"a.jpg",
        b"\xff\xfe.NeF",
    ],
)
def test_a_photo_is_known_by_its_suffix(name):
    assert is_photo_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "a.txt",
        "jpg",
        ".jpg",
        "a.jpg.part",
        "a.jpg~",
        "",
        "a.",
        ".",
        "/photos.jpg/notes",
        b"a.xmp",
        b"\xff",
        "a.mov",
    ],
)
def test_other_names_are_left_alone(name):
    assert not is_photo_name(name)


def test_a_suffix_is_lowercase_and_has_its_dot():
    assert suffix_of(b"/x/A.JPG") == ".jpg"
    assert suffix_of("/x.y/a") == ""


def test_every_format_that_we_promise_is_there():
    assert PHOTO_SUFFIXES.issuperset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"})
    assert PHOTO_SUFFIXES.issuperset({".heic", ".heif", ".avif"})
    assert {".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2", ".pef", ".srw"} == RAW_SUFFIXES
    assert RAW_SUFFIXES < PHOTO_SUFFIXES
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in PHOTO_SUFFIXES)


def test_asking_loads_no_picture_library():
    code = "import sys, catalog.photo_files.photo_names; print([name for name in sys.modules if 'PIL' in name or 'heif' in name])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
