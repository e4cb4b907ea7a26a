"""The full view: one photo on the whole screen, and the way through all of them."""

import dataclasses
import os
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import draw_photo
from tests.tui.conftest import Person, run_app, stars_in
from tests.tui.panes.test_preview import looks_like, on_screen
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.screens.full_view import FullView


@pytest.fixture
def roll(tmp_path: Path, settings: Settings) -> PhotolalaApp:
    """The app on a folder of five photos, one of which tells how it was taken."""
    for number in range(4):
        draw_photo(tmp_path / "roll" / f"IMG_{number}.jpg", number + 1, size=(300, 200))
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS 7D\x1b[2J\u202e"
    exif.get_ifd(0x8769).update({0x8827: 400})
    Image.new("RGB", (300, 200), (9, 99, 199)).save(tmp_path / "roll" / "IMG_4[b].jpg", exif=exif)
    return PhotolalaApp(os.fsencode(tmp_path / "roll"), settings)


def colour(number: int) -> tuple[int, int, int]:
    """That of the photo with this number in its name."""
    return ((number + 1) * 37 % 256, (number + 1) * 101 % 256, 0)


def test_a_star_is_queued_for_the_remote(small_album: Path, settings: Settings, tmp_path: Path) -> None:
    async def script(person: Person) -> None:
        await person.scanned(5)
        await person.press("s", "enter")
        await person.sees(r"★ IMG_0001.jpg +1/5.*\n *backup queued")

    remote = dataclasses.replace(settings, remote=(tmp_path / "nas").as_uri(), automatic=False)
    run_app(PhotolalaApp(os.fsencode(small_album / "2023 Dolomites"), remote), script)


def test_a_long_name_takes_no_line_from_what_is_known(tmp_path: Path, settings: Settings) -> None:
    draw_photo(tmp_path / "long" / f"{'a' * 70}.jpg", 1)

    async def script(person: Person) -> None:
        await person.scanned(1)
        await person.press("s", "enter")
        await person.sees(r"★ a{20,}…aa.jpg   1/1 · .* B *\n *backup waits for a remote")

    run_app(PhotolalaApp(os.fsencode(tmp_path / "long"), settings), script, (80, 24))


def test_a_photo_fills_the_screen_and_keys_go_through_all(roll: PhotolalaApp, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(5)
        await person.press("j", "enter")
        await person.until(lambda: looks_like(person, colour(1)))
        await person.until(lambda: len(on_screen(person)) == 28)
        await person.sees(r"IMG_1.jpg +2/5 · .* · 300×200")
        await person.press("j")
        await person.until(lambda: looks_like(person, colour(2)))
        await person.press("space")
        await person.sees(r"IMG_3.jpg +4/5")
        await person.press("k")
        await person.sees(r"★ IMG_2.jpg +3/5.*\n *backup waits for a remote")
        assert stars_in(settings.catalog) == {"IMG_2.jpg"}
        await person.press("s", "u")
        await person.sees(r"★ IMG_2.jpg")
        await person.press("G")
        await person.sees(r"IMG_4\[b\].jpg +5/5.*\n *Canon EOS 7D \[2J.* · ISO 400")
        await person.press("g")
        await person.sees("IMG_0.jpg")
        await person.press("l", "right", "h")
        await person.sees("IMG_1.jpg +2/5")
        await person.press("escape")
        await person.sees("2/5", person.photos)
        assert person.cursor == b"IMG_1.jpg"
        await person.sees("IMG_1.jpg", person.preview)
        await person.until(lambda: looks_like(person, colour(1)))

    run_app(roll, script, size=(110, 30))


def test_i_hides_the_facts_and_gives_the_picture_their_place(roll: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(5)
        await person.press("enter")
        await person.until(lambda: len(on_screen(person)) == 18)
        await person.press("i")
        await person.until(lambda: len(on_screen(person)) == 20)
        assert not any("IMG_0" in line for line in person.screen)
        await person.press("i")
        await person.sees("IMG_0")
        for key in ("q", "enter", "enter", "escape"):
            await person.press(key)
        assert not isinstance(person.app.screen, FullView)
        assert person.app.is_running

    run_app(roll, script, size=(110, 20))


def test_a_damaged_photo_is_told_of_in_a_sentence(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.jpg").write_bytes(b"just words")

    async def script(person: Person) -> None:
        await person.scanned(1)
        await person.press("enter")
        await person.until(
            lambda: "no picture" in " ".join(person.screen) or "not" in " ".join(person.screen)
        )
        assert on_screen(person) == []

    run_app(PhotolalaApp(os.fsencode(tmp_path / "x"), settings), script)


def test_where_there_is_no_photo_enter_says_so(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "empty").mkdir()

    async def script(person: Person) -> None:
        await person.sees("No photos")
        await person.press("2", "enter")
        await person.until(lambda: any("no photo" in told.lower() for told in person.told()))

    run_app(PhotolalaApp(os.fsencode(tmp_path / "empty"), settings), script)


def test_zoomed_in_the_same_part_of_the_next_photo_is_seen(tmp_path: Path, settings: Settings) -> None:
    """Two photos of a burst, each with something else in a corner."""
    (tmp_path / "burst").mkdir()
    for name, corner in (("a.png", (250, 20, 20)), ("b.png", (20, 250, 20))):
        photo = Image.new("RGB", (800, 600), (20, 20, 250))
        photo.paste(corner, (400, 300, 800, 600))
        photo.save(tmp_path / "burst" / name)

    async def script(person: Person) -> None:
        await person.scanned(2)
        await person.press("enter", "L")
        assert person.told() == ["This is the whole photo: z zooms in."]
        await person.press("z", "z")
        await person.sees("a.png +1/2 · ×4")
        await person.press("L", "L", "J", "J")
        await person.until(lambda: looks_like(person, (250, 20, 20)))
        assert len(on_screen(person)) == 28
        await person.press("j")
        await person.sees("b.png +2/2 · ×4")
        await person.until(lambda: looks_like(person, (20, 250, 20)))
        await person.press(*"HHHHHH")
        await person.until(lambda: looks_like(person, (20, 20, 250)))
        await person.press("Z", "Z")
        await person.until(lambda: not looks_like(person, (20, 20, 250)))
        await person.sees("b.png +2/2 · [^×]")

    run_app(PhotolalaApp(os.fsencode(tmp_path / "burst"), settings), script, size=(110, 30))
