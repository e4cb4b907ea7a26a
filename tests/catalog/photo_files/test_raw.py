"""Raw files, made by hand: there are none among the real photos."""

import io
import os
import struct
from datetime import UTC, datetime

import pytest
from PIL import Image

from catalog.photo_files.metadata import read_facts
from catalog.photo_files.pixels import PixelsUnavailable, thumbnail

WIDTH, HEIGHT, MAKE, MODEL, ORIENTATION, SUB_IFDS, EXIF, GPS = (
    0x100,
    0x101,
    0x10F,
    0x110,
    0x112,
    0x14A,
    0x8769,
    0x8825,
)
TAKEN = {0x9003: "2020:05:04 18:39:11", 0x9011: "+02:00"}
TAKEN_AT = datetime(2020, 5, 4, 16, 39, 11, tzinfo=UTC).timestamp()
NIKON = {MAKE: "NIKON CORPORATION", MODEL: "NIKON Z 6"}
GREEN, RED = (20, 200, 40), (200, 30, 20)


def directory(tags, at, order="<"):
    """Return one TIFF directory that stands at an offset: text as ASCII, numbers as LONG, (n, d) pairs as RATIONAL."""
    entries, values = b"", b""
    behind = at + 2 + 12 * len(tags) + 4
    for tag, value in sorted(tags.items()):
        if isinstance(value, str):
            kind, data = 2, value.encode() + b"\0"
            count = len(data)
        else:
            numbers = value if isinstance(value, tuple) else (value,)
            kind, count = (5, 3) if len(numbers) == 6 else (4, len(numbers))
            data = struct.pack(f"{order}{len(numbers)}I", *numbers)
        place = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(order + "I", behind + len(values))
        values += data if len(data) > 4 else b""
        entries += struct.pack(order + "HHI", tag, kind, count) + place
    return struct.pack(order + "H", len(tags)) + entries + bytes(4) + values


def tiff(main, exif=None, sub=None, *, order="<", magic=b"*\0", behind=b""):
    """Return a raw file that is a TIFF: a main directory, an Exif directory, one more image, and other bytes."""
    mark = b"II" if order == "<" else b"MM"
    main = main | ({EXIF: 2000} if exif else {}) | ({SUB_IFDS: 3000} if sub else {})
    whole = (
        mark
        + (magic if order == "<" else magic[::-1])
        + struct.pack(order + "I", 8)
        + directory(main, 8, order)
    )
    whole = whole.ljust(2000, b"\0") + directory(exif or {}, 2000, order)
    return whole.ljust(3000, b"\0") + directory(sub or {}, 3000, order) + behind


def jpeg(color, size, exif=None):
    whole = io.BytesIO()
    Image.new("RGB", size, color).save(whole, "JPEG", exif=exif or Image.Exif())
    return whole.getvalue()


def box(kind, *contents):
    return struct.pack(">I", 8 + sum(map(len, contents))) + kind + b"".join(contents)


def raf():
    exif = Image.Exif()
    exif.update({MAKE: "FUJIFILM", MODEL: "X-T4", ORIENTATION: 8})
    exif.get_ifd(EXIF).update(TAKEN)
    return (b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0") + struct.pack(">I", 200)).ljust(200, b"\0") + jpeg(
        GREEN, (320, 240), exif
    )


def cr3():
    main = {WIDTH: 6000, HEIGHT: 4000, MAKE: "Canon", MODEL: "Canon EOS R5", ORIENTATION: 6}
    place = {1: "S", 2: (33, 1, 30, 1, 0, 1), 3: "E", 4: (18, 1, 0, 1, 0, 1)}
    head = b"II*\0\x08\0\0\0"
    uuid = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    cmt = [box(b"CMT%d" % n, head + directory(tags, 8)) for n, tags in ((1, main), (2, TAKEN), (4, place))]
    # the box of the pixels has a length of 64 bits
    pixels = jpeg(RED, (160, 120)) + b"raw" + jpeg(GREEN, (640, 480))
    return (
        box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", box(b"uuid", uuid, *cmt))
        + struct.pack(">I4sQ", 1, b"mdat", 16 + len(pixels)) + pixels
    )  # fmt: skip


RAWS = {
    "nef": (
        tiff(NIKON | {WIDTH: 160, HEIGHT: 120, ORIENTATION: 6, 0xFE: 1}, TAKEN, {WIDTH: 6048, HEIGHT: 4024}, behind=jpeg(GREEN, (640, 480))),
        (4024, 6048, "NIKON Z 6", 6),
    ),
    "nef, big-endian": (tiff(NIKON | {WIDTH: 160, HEIGHT: 120}, TAKEN, {WIDTH: 6048, HEIGHT: 4024}, order=">"), (6048, 4024, "NIKON Z 6", 1)),
    "arw, without a size of its own": (tiff({MAKE: "SONY", MODEL: "ILCE-7M3"}, TAKEN, {WIDTH: 6048, HEIGHT: 4024}), (6048, 4024, "SONY ILCE-7M3", 1)),
    "dng, dates as TIFF/EP has them": (tiff(NIKON | {WIDTH: 4000, HEIGHT: 3000} | TAKEN), (4000, 3000, "NIKON Z 6", 1)),
    "pef, size in Exif only": (tiff({MAKE: "PENTAX", MODEL: "PENTAX K-3"}, TAKEN | {0xA002: 6016, 0xA003: 4000}), (6016, 4000, "PENTAX K-3", 1)),
    "orf": (tiff({MAKE: "OLYMPUS", MODEL: "E-M1", WIDTH: 4608, HEIGHT: 3456}, TAKEN, magic=b"RO"), (4608, 3456, "OLYMPUS E-M1", 1)),
    "rw2": (
        tiff({MAKE: "Panasonic", MODEL: "DC-G9", 4: 10, 5: 20, 6: 3898, 7: 5204, 0x111: 0xFFFFFFFF, 0x117: 9}, TAKEN, magic=b"U\0"),
        (5184, 3888, "Panasonic DC-G9", 1),
    ),
    "raf": (raf(), (240, 320, "FUJIFILM X-T4", 8)),
    "cr3": (cr3(), (4000, 6000, "Canon EOS R5", 6)),
}  # fmt: skip


@pytest.mark.parametrize("name", RAWS)
def test_a_raw_file_tells_what_its_camera_wrote(tmp_path, name):
    data, expected = RAWS[name]
    (tmp_path / "a").write_bytes(data)
    found = read_facts(os.fsencode(tmp_path / "a"))
    assert found.error is None
    assert (found.width, found.height, found.camera, found.orientation) == expected
    assert (found.photodate, found.date_source) == (TAKEN_AT, "original")


def test_a_cr3_tells_where_it_was_taken(tmp_path):
    (tmp_path / "a").write_bytes(cr3())
    assert read_facts(os.fsencode(tmp_path / "a"))[9:11] == (-33.5, 18.0)


@pytest.mark.parametrize("cut", [60, 120, -200])
def test_a_raw_file_that_is_cut_off(tmp_path, cut):
    for name in ("raf", "cr3"):
        (tmp_path / "a").write_bytes(RAWS[name][0][:cut])
        assert read_facts(os.fsencode(tmp_path / "a")).error


@pytest.mark.parametrize("name", ["nef", "cr3", "raf"])
def test_a_raw_file_shows_its_preview_upright(tmp_path, name):
    path = tmp_path / f"a.{name}"
    path.write_bytes(RAWS[name][0])
    image = thumbnail(os.fsencode(path), 200, 200)
    assert (image.mode, image.size) == ("RGB", (150, 200))
    assert image.getpixel((30, 30)) == pytest.approx(GREEN, abs=6)


@pytest.mark.parametrize(
    ("box", "color"), [((90, 90), RED), ((120, 1000), RED), ((121, 1000), GREEN), ((1000, 161), GREEN)]
)
def test_the_first_preview_that_is_large_enough_is_decoded(tmp_path, box, color):
    path = tmp_path / "a.cr3"
    path.write_bytes(cr3())  # with previews of 120 x 160 and 480 x 640, as displayed
    assert thumbnail(os.fsencode(path), *box).getpixel((30, 30)) == pytest.approx(color, abs=6)


def test_what_only_looks_like_a_preview_is_passed_over(tmp_path):
    real = jpeg(GREEN, (320, 240))
    path = tmp_path / "a.nef"
    lossless = real.replace(
        b"\xff\xc0\0\x11\x08\0\xf0\x01\x40", b"\xff\xc3\0\x11\x0e\x0f\xff\x0f\xff"
    )  # as raw pixels are
    assert lossless != real
    path.write_bytes(tiff(NIKON, behind=b"\xff\xd8\xff\xd8\xff\xe1\0\0" + lossless + b"\xff" * 50 + real))
    image = thumbnail(os.fsencode(path), 100, 100)
    assert (image.size, image.getpixel((30, 30))) == ((100, 75), pytest.approx(GREEN, abs=6))


def test_a_raw_file_without_a_preview_says_so(tmp_path):
    path = tmp_path / "a.nef"
    path.write_bytes(RAWS["nef, big-endian"][0])
    with pytest.raises(PixelsUnavailable, match="cannot be decoded"):
        thumbnail(os.fsencode(path), 100, 100)


def test_a_preview_across_two_blocks_of_the_search_is_found(tmp_path):
    path = tmp_path / "a.nef"
    for short in (1, 2, 3):
        path.write_bytes(tiff(NIKON).ljust((1 << 20) - short, b"\0") + jpeg(GREEN, (320, 240)))
        assert thumbnail(os.fsencode(path), 100, 100).size == (100, 75)
