"""The contact sheet: every key, pictures for what is seen and no more, and tiles that any photo fits."""

import os
from pathlib import Path

import pytest
from rich.cells import cell_len

from catalog.protocol import BackupStatus
from catalog.search.query import Order, Query
from tests.conftest import HOSTILE_NAMES, draw_photo
from tests.tui.conftest import Person, StyledHost, run_app, stars_in
from tests.tui.words.test_shown import hidden_in
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.panes.contact_sheet import ContactSheet
from tui.pictures.characters import HalfBlocks
from tui.pictures.loader import Loader
from tui.pictures.loading import picture_load
from tui.pictures.thumbnail_cache import ThumbnailCache
from tui.pictures.wanted import Loaded, Source, Want
from tui.work.background import Background
from tui.work.photos import Photos
from tui.work.rows import Row, Where

ROLL = [b"IMG_%04d.jpg" % number for number in range(30)]


def sheet_of(person: Person) -> list[str]:
    return person.part(person.app.query_one(ContactSheet))


def pictures_on(person: Person) -> int:
    """How many cells of the sheet show a part of a picture."""
    return sum(line.count("▀") for line in sheet_of(person))


@pytest.fixture
def roll(tmp_path: Path, settings: Settings) -> PhotolalaApp:
    """The app on one folder of 30 photos."""
    for number, name in enumerate(ROLL):
        draw_photo(tmp_path / "roll" / name.decode(), number, size=(64, 48))
    return PhotolalaApp(os.fsencode(tmp_path / "roll"), settings)


class Desk:
    """A contact sheet alone, with photos that are told to it, and a pool that notes what it makes."""

    def __init__(self, names: list[bytes], folder: bytes = b"/photos") -> None:
        query = Query(folder=folder, recursive=False, order=Order.NAME)
        self.made: list[Want] = []
        self.photos = Photos(lambda *_: [], Background(), lambda _: None)
        self.photos.show(query, names)
        self.load = picture_load(ThumbnailCache(), None)
        self.loader = Loader(self._make)
        self.sheet = ContactSheet(self.photos, self.loader, HalfBlocks())
        self.sheet.styles.display = "block"
        self.app = StyledHost(self.sheet)

    def _make(self, want: Want) -> Loaded:
        self.made.append(want)
        return self.load(want)


def test_keys_move_the_cursor_over_the_tiles_and_v_goes_back_to_the_list(roll: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(30)
        await person.press("v")
        await person.sees("IMG_0000", lambda: sheet_of(person))
        assert person.focused == "sheet"
        for keys, index in [
            ("l", 1), ("right", 2), ("j", 5), ("down", 8), ("h", 7), ("left", 6), ("k", 3), ("up", 0), ("k", 0),
            ("pagedown", 6), ("pageup", 0), ("G", 29), ("l", 29), ("j", 29), ("k", 26), ("g", 0), ("end", 29),
            ("home", 0), ("j", 3), ("l", 4),
        ]:  # fmt: skip
            await person.press(keys)
            assert person.cursor == ROLL[index], keys
            assert f"{index + 1}/30" in sheet_of(person)[-1]
            assert any(ROLL[index].decode() in line for line in sheet_of(person))
        await person.press("v")
        assert person.focused == "list"
        assert person.cursor == ROLL[4]
        await person.sees("5/30", person.photos)

    run_app(roll, script, size=(80, 24))


def test_at_80_by_24_six_photos_show_their_pictures_and_the_cursor_needs_no_colour(
    roll: PhotolalaApp,
) -> None:
    async def script(person: Person) -> None:
        await person.scanned(30)
        await person.press("v")
        await person.until(lambda: pictures_on(person) == 6 * 16 * 6)
        text = "\n".join(sheet_of(person))
        assert [name.decode() in text for name in ROLL[:7]] == [True] * 6 + [False]
        assert text.count("┏") == text.count("┛") == 1
        await person.press("1")
        await person.until(lambda: "┏" not in "\n".join(sheet_of(person)))  # the keys go elsewhere
        assert "╭" in "\n".join(line[1:-1] for line in sheet_of(person)[1:-1])

    run_app(roll, script, size=(80, 24))


def test_stars_are_given_on_the_sheet_and_shown_there(roll: PhotolalaApp, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(30)
        await person.press("v", "space", "space", "l", "s")
        assert person.cursor == ROLL[3]
        await person.until(lambda: "\n".join(sheet_of(person)).count("★") == 3)
        assert stars_in(settings.catalog) == {"IMG_0000.jpg", "IMG_0001.jpg", "IMG_0003.jpg"}
        await person.press("v")
        await person.until(lambda: "\n".join(person.photos()).count("★") == 3)

    run_app(roll, script, size=(80, 24))


def test_the_mouse_chooses_a_tile_and_stars_in_its_corner(roll: PhotolalaApp, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(30)
        await person.press("v")
        await person.pilot.click(ContactSheet, offset=(1 + 18 + 5, 1 + 14))  # the second of the second row
        assert person.cursor == ROLL[4]
        assert not stars_in(settings.catalog)
        await person.pilot.click(ContactSheet, offset=(1 + 2 * 18 + 1, 1))
        assert person.cursor == ROLL[2]
        await person.until(lambda: stars_in(settings.catalog) == {"IMG_0002.jpg"})

    run_app(roll, script, size=(80, 24))


def test_only_what_is_seen_and_near_is_decoded_however_many_there_are(tmp_path: Path) -> None:
    names = [b"%05d.jpg" % number for number in range(10_000)]
    draw_photo(tmp_path / "a.jpg", 1, size=(64, 48))
    desk = Desk(names, bytes(tmp_path))
    for name in (*names[:30], *names[5000:5100], *names[-30:]):
        (tmp_path / name.decode()).symlink_to("a.jpg")

    async def script(person: Person) -> None:
        tiles = desk.sheet._grid.tiles
        await person.until(lambda: len(desk.made) == 2 * tiles)  # a page, and the one after it
        for _ in range(300):  # a held key, and then G, with no rest between them
            desk.sheet.action_row(1)
        desk.sheet.action_last()
        await person.until(lambda: "9999.jpg" in "\n".join(sheet_of(person)))
        await person.until(lambda: len(desk.made) >= 3 * tiles)
        passed = {os.path.basename(want.source.path or b"") for want in desk.made}  # noqa: PTH119 (raw)
        assert not passed & set(names[3 * tiles : -3 * tiles])
        assert len(desk.sheet._pictures._held) <= tiles

    run_app(desk.app, script, size=(80, 24))
    desk.loader.end()


def test_pictures_that_came_before_are_there_at_once(tmp_path: Path) -> None:
    for name in ROLL:
        draw_photo(tmp_path / name.decode(), 3, size=(64, 48))
    desk = Desk(ROLL, bytes(tmp_path))

    async def script(person: Person) -> None:
        tiles = desk.sheet._grid.tiles
        await person.until(lambda: len(desk.made) == 2 * tiles)
        await person.until(lambda: len(desk.sheet._pictures._held) == tiles)
        await person.press("j", "j")
        await person.until(lambda: desk.sheet._first == 3)
        wanted = [Want(Source(bytes(tmp_path / name.decode()), None), *desk.sheet._grid.picture, HalfBlocks())
                  for name in ROLL[3:9]]  # fmt: skip
        assert all(map(desk.loader.found, wanted))
        await person.until(lambda: len(desk.sheet._pictures._held) == tiles)

    run_app(desk.app, script, size=(80, 24))
    desk.loader.end()


@pytest.mark.parametrize("size", [(4, 4), (17, 6), (40, 12), (80, 24), (120, 36)])
def test_every_line_fills_the_width_exactly_whatever_a_photo_is_called(size: tuple[int, int]) -> None:
    names = [*HOSTILE_NAMES, "北京 2024.jpg".encode(), b"e\xcc\x81" * 30 + b".jpg"]
    desk = Desk(names)
    rows = [
        Row(name, name, b"/nowhere/" + name, "0" * 32, starred=number % 2 == 0, waiting=number % 3 == 0,
            backup=list(BackupStatus)[number % 5], where=list(Where)[number % 3], known=True,
            error="\x1b[2J bad" if number % 4 == 0 else None)
        for number, name in enumerate(names)
    ]  # fmt: skip

    async def script(person: Person) -> None:
        desk.photos.learn(rows)
        desk.photos.marks.toggle(names[1])
        await person.until(lambda: desk.sheet._pictures._held)
        for _ in range(3):
            for y in range(desk.sheet.size.height):
                strip = desk.sheet.render_line(y)
                assert strip.cell_length == cell_len(strip.text) == desk.sheet.size.width
                assert not hidden_in(strip.text)
            await person.press("pagedown")

    run_app(desk.app, script, size=size)
    desk.loader.end()


def test_an_empty_folder_says_what_to_press_next(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "empty").mkdir()

    async def script(person: Person) -> None:
        await person.sees("No photos in this folder")
        await person.press("v")
        await person.sees("No photos in this folder, and none below", lambda: sheet_of(person))

    run_app(PhotolalaApp(os.fsencode(tmp_path / "empty"), settings), script)
