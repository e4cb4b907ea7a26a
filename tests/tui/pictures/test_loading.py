"""Each photo gives a picture or one sentence; what was decoded once is taken from the cache."""

import os
from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin

from catalog.photo_files import thumbnails
from catalog.photo_files.thumbnails import thumbnail_jpeg
from tests.conftest import draw_photo
from tests.tui.pictures.test_characters import cells
from tui.pictures.characters import Braille, HalfBlocks
from tui.pictures.kitty import Kitty
from tui.pictures.loading import picture_load
from tui.pictures.part import Part
from tui.pictures.sixel import Sixel
from tui.pictures.thumbnail_cache import ThumbnailCache
from tui.pictures.wanted import Drawn, Form, Loaded, Source, Want

MD5 = "5d41402abc4b2a76b9719d911017c592"


class Bare:
    """A form that draws nothing."""

    def __init__(self, side: int) -> None:
        self.side = side

    def box(self, columns: int, lines: int) -> tuple[int, int]:
        return self.side, self.side

    def draw(self, image: Image.Image, columns: int, lines: int) -> Drawn:
        assert image.mode == "RGB"
        assert 1 <= max(image.size) <= max(256, self.side)
        return Drawn([])


def want(path: Path | None, md5: str | None = None, *, lines: int = 20, with_shot: bool = False) -> Want:
    return Want(Source(bytes(path) if path else None, md5), 2 * lines, lines, HalfBlocks(), with_shot)


def colour(loaded: Loaded) -> tuple[int, ...]:
    assert loaded.drawn is not None, loaded.problem
    return cells(loaded.drawn.lines[0])[0][0]


@pytest.fixture
def cache(tmp_path: Path) -> ThumbnailCache:
    return ThumbnailCache(tmp_path / "cache")


def test_every_real_photo_gives_a_picture_or_one_sentence(photos: Path, cache: ThumbnailCache) -> None:
    load, shown, problems = picture_load(cache, None), 0, 0
    for path in sorted(photos.rglob("*.*")):
        if path.suffix == ".md" or not path.is_file():
            continue
        # by way of a thumbnail, and larger than one
        for side in (40, 400) if path.parent.name == "damaged" else (40,):
            loaded = load(Want(Source(bytes(path), None), 1, 1, Bare(side), with_shot=True))
            if loaded.drawn is None:
                assert loaded.problem
                assert "\n" not in loaded.problem
                problems += 1
            else:
                assert loaded.problem == ""
                shown += 1
    assert (shown > 60, problems > 10) == (True, True)


def test_a_photo_is_decoded_once_scanned_or_not_and_found_by_its_md5(
    tmp_path: Path, cache: ThumbnailCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = draw_photo(tmp_path / "a.jpg", 1, size=(40, 30))
    first = picture_load(cache, None)(want(photo))
    scanned = picture_load(cache, None)(want(draw_photo(tmp_path / "b.jpg", 2, size=(40, 30)), MD5))
    monkeypatch.setattr(thumbnails, "thumbnail", lambda *_: pytest.fail("decoded again"))
    load = picture_load(cache, None)
    assert colour(load(want(photo))) == colour(first)
    assert colour(load(want(photo, "0" * 32))) == colour(first)  # scanned since
    (tmp_path / "b.jpg").rename(tmp_path / "c.jpg")
    assert colour(load(want(tmp_path / "c.jpg", MD5))) == colour(scanned)


def test_a_photo_that_has_changed_is_decoded_anew(tmp_path: Path, cache: ThumbnailCache) -> None:
    load, photo = picture_load(cache, None), draw_photo(tmp_path / "a.jpg", 1)
    before = colour(load(want(photo)))
    draw_photo(photo, 2)
    os.utime(photo, (1, 1))
    assert colour(load(want(photo))) != before


@pytest.mark.parametrize("damage", [b"", b"no jpeg", b"\xff\xd8\xff\xe0", bytes(3_000_000)])
def test_a_damaged_entry_of_the_cache_is_made_anew(
    tmp_path: Path, cache: ThumbnailCache, damage: bytes
) -> None:
    load, photo = picture_load(cache, None), draw_photo(tmp_path / "a.jpg", 1)
    expected = colour(load(want(photo, MD5)))
    cache.write(MD5, damage)
    assert colour(load(want(photo, MD5))) == expected
    assert cache.read(MD5) not in (None, damage)


def test_a_small_picture_is_not_blown_up_and_a_tall_one_fits(tmp_path: Path, cache: ThumbnailCache) -> None:
    load = picture_load(cache, None)
    drawn = load(want(draw_photo(tmp_path / "small.jpg", 1, size=(8, 6)))).drawn
    assert drawn is not None
    assert (len(drawn.lines), drawn.lines[0].cell_length) == (3, 8)
    Image.new("RGB", (100, 1000)).save(tmp_path / "tall.png")
    drawn = load(want(tmp_path / "tall.png")).drawn
    assert drawn is not None
    assert (len(drawn.lines), drawn.lines[0].cell_length) == (20, 4)


@pytest.mark.parametrize("form", [HalfBlocks(), Braille(), Kitty((9, 18), 300_000), Sixel((9, 18), 300_000)])
@pytest.mark.parametrize("size", [(600, 100), (100, 600), (3, 2)])
def test_a_part_fits_whatever_form_it_is_drawn_in(
    tmp_path: Path, cache: ThumbnailCache, form: Form, size: tuple[int, int]
) -> None:
    photo = draw_photo(tmp_path / "a.jpg", 1, size=size)
    jpeg = thumbnail_jpeg(bytes(photo))
    load = picture_load(cache, lambda _: jpeg)
    for source in (Source(bytes(photo), None), Source(None, MD5)):
        for zoom in (2, 32):
            drawn = load(Want(source, 40, 12, form, part=Part(zoom, 0.9, 0.1))).drawn
            assert drawn is not None
            assert (1 <= len(drawn.lines) <= 12, 1 <= drawn.lines[0].cell_length <= 40) == (True, True)


def test_how_a_photo_was_taken_is_read_where_it_is_asked_for(tmp_path: Path, cache: ThumbnailCache) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS 7D\x1b[2J"
    ratio = TiffImagePlugin.IFDRational
    exif.get_ifd(0x8769).update(
        {0x829A: ratio(1, 250), 0x829D: ratio(28, 10), 0x8827: 400, 0x920A: ratio(35), 0xA434: "50mm"}
    )
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=exif)
    load = picture_load(cache, None)
    shot = load(want(tmp_path / "a.jpg", with_shot=True)).shot
    assert shot is not None
    assert (shot.camera, shot.lens) == ("Canon EOS 7D [2J", "50mm")
    assert (shot.seconds, shot.aperture, shot.iso, shot.focal_length) == (0.004, 2.8, 400, 35)
    assert load(want(tmp_path / "a.jpg")).shot is None


def test_what_is_only_in_s3_is_fetched_once(tmp_path: Path, cache: ThumbnailCache) -> None:
    asked: list[str] = []
    jpeg = thumbnail_jpeg(bytes(draw_photo(tmp_path / "a.jpg", 1, size=(40, 30))))

    def fetch(md5: str) -> bytes:
        asked.append(md5)
        return jpeg

    load = picture_load(cache, fetch)
    assert colour(load(want(None, MD5))) == colour(load(want(None, MD5)))
    assert asked == [MD5]
    assert cache.read(MD5) == jpeg


def test_what_cannot_be_fetched_is_told_in_a_sentence(cache: ThumbnailCache) -> None:
    def offline(_: str) -> bytes:
        raise ConnectionError("The remote is out of reach.")

    loaded = picture_load(cache, offline)(want(None, MD5))
    assert (loaded.problem, loaded.passing) == ("The remote is out of reach.", True)
    loaded = picture_load(cache, lambda _: None)(want(None, MD5))
    assert "has no thumbnail" in loaded.problem
    loaded = picture_load(cache, lambda _: b"junk")(want(None, MD5))
    assert "the thumbnail is damaged" in loaded.problem
    assert cache.read(MD5) is None
    assert "no remote is configured" in picture_load(cache, None)(want(None, MD5)).problem
