"""What headers say, of every format, and of files that are cut off, lie, or are no pictures."""

import io
import os
import struct
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from catalog.photo_files.metadata import read_facts
from catalog.photo_files.pillow import has_heif

PHOTOS = Path(__file__).parents[3].parent / "shared" / "photos"


def facts(path):
    return read_facts(os.fsencode(path))


def picture(path, kind="JPEG", size=(40, 30)):
    Image.effect_noise(size, 50).save(path, kind)
    return path


def png_header(width, height):
    """Return a PNG that is only a header, a true one."""
    whole = io.BytesIO()
    Image.new("L", (1, 1)).save(whole, "PNG")
    chunk = b"IHDR" + struct.pack(">II5B", width, height, 8, 0, 0, 0, 0)
    return (
        whole.getvalue()[:8]
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + whole.getvalue()[33:]
    )


@pytest.mark.skipif(not PHOTOS.exists(), reason="the real photos are not here")
@pytest.mark.parametrize("name", ["cameras/Apple iPhone 4.jpg", "web/webpvp8.webp", "web/tbwn3p08.png", "phone/IMG_2927.HEIC",
                                  "web/f88b6907ee086c4c8ac4b8c395748c49.gif", "scans/Classic.tif"])  # fmt: skip
def test_a_file_that_was_copied_only_in_part_is_cut_off(tmp_path, name):
    data = (PHOTOS / name).read_bytes()
    (tmp_path / "part").write_bytes(data[: len(data) * 2 // 3])
    (tmp_path / "room").write_bytes(data[: len(data) * 2 // 3].ljust(len(data), b"\0"))
    assert "cut off" in (facts(tmp_path / "part").error or "")
    if not name.endswith((".webp", ".HEIC", ".gif", ".tif")):  # those tell lengths only
        assert "cut off" in (facts(tmp_path / "room").error or "")


def test_the_suffix_is_not_asked(tmp_path):
    found = facts(picture(tmp_path / "a.jpg", "PNG"))
    assert (found.width, found.height, found.error) == (40, 30, None)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "MPO"])
def test_every_format(tmp_path, kind):
    found = facts(picture(tmp_path / "a", kind))
    assert (found.width, found.height, found.error) == (40, 30, None)


def test_an_empty_file(tmp_path):
    (tmp_path / "a.jpg").touch()
    found = facts(tmp_path / "a.jpg")
    assert found.error == "empty: the file holds no bytes"
    assert (found.md5, found.size) == ("d41d8cd98f00b204e9800998ecf8427e", 0)


@pytest.mark.parametrize("data", [b"hello", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\0\4Ex", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"BM",
                                  b"MM\0*\0\0\0\x08\0\0", b"RIFF\0\0\0\0WEBP", b"RIFF\0\0\0\0AVI ", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypavif",
                                  b"\0\0\0\x18ftypcrx ", b"\0\0\0\x18ftypisom", b"FUJIFILMCCD-RAW ", b"\0" * 5000, b"\xff" * 5000])  # fmt: skip
def test_rubbish_is_told_in_a_sentence(tmp_path, data):
    (tmp_path / "a.jpg").write_bytes(data)
    found = facts(tmp_path / "a.jpg")
    assert found.error
    assert found.error.isprintable()
    assert "object at 0x" not in found.error


def test_a_claim_of_gigapixels_is_not_believed(tmp_path):
    whole = picture(tmp_path / "a.jpg").read_bytes()
    frame = whole.index(b"\xff\xc0") + 5
    (tmp_path / "a.jpg").write_bytes(whole[:frame] + b"\xff\xff\xff\xff" + whole[frame + 4 :])
    assert (
        facts(tmp_path / "a.jpg").error == "the picture's header is damaged: it claims 65535 x 65535 pixels"
    )
    (tmp_path / "a.png").write_bytes(png_header(100_000, 100_000))
    assert (
        facts(tmp_path / "a.png").error
        == "the picture's header is damaged: it claims more pixels than any picture has"
    )
    (tmp_path / "a.png").write_bytes(png_header(20_000, 20_000))  # a big panorama
    assert facts(tmp_path / "a.png").error is None


def test_what_stands_behind_a_whole_picture_is_no_damage(tmp_path):
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        path = picture(tmp_path / kind, kind)
        for more in (b"\0", b"\0" * 300_000 if kind != "GIF" else b"\n\n", b"a remark"):
            (tmp_path / "more").write_bytes(path.read_bytes() + more)
            assert facts(tmp_path / "more").error is None


def test_the_end_is_found_wherever_it_is(tmp_path):
    whole = picture(tmp_path / "a").read_bytes()
    for padding in (1021, 1022, 1023, 1024, 1025, (1 << 18) + 1022, (1 << 18) + 1023):
        (tmp_path / "a").write_bytes(whole + bytes(padding))
        assert facts(tmp_path / "a").error is None
        (tmp_path / "a").write_bytes(whole[:-1] + bytes(padding))
        assert facts(tmp_path / "a").error == "cut off: the JPEG ends without its end marker"


def test_fill_and_junk_between_the_segments_of_a_jpeg(tmp_path):
    whole = picture(tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(
        whole[:2] + b"\xff" * 9000 + whole[2:20] + b"junk\xff\0junk" + whole[20:]
    )
    found = facts(tmp_path / "a.jpg")
    assert (found.width, found.height, found.error) == (40, 30, None)


def test_heic_without_its_library_still_gets_its_row(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    has_heif.cache_clear()
    try:
        (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100)
        found = facts(tmp_path / "a.heic")
    finally:
        has_heif.cache_clear()
    assert found.error == "HEIC needs the extra: pip install 'photolala[heif]'"
    assert (found.size, len(found.md5), found.date_source, found.width) == (124, 32, "modified", None)
