"""D lists the photos that lie in several places, and goes to one of them."""

import os
import shutil
from pathlib import Path

from tests.conftest import draw_photo
from tests.tui.conftest import Person, device, run_app
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.screens.duplicates import Place


def test_each_place_has_a_line_and_enter_goes_there(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    copies = desk.album / "2023 Dolomites" / "copies"
    copies.mkdir()
    shutil.copy(desk.album / "2023 Dolomites" / "IMG_0002.jpg", copies / "[b]same.jpg")
    shutil.copy(desk.album / "2023 Dolomites" / "IMG_0001.jpg", copies / "a.jpg")
    desk.scan()

    async def script(person: Person) -> None:
        await person.scanned(16)
        await person.press("D")
        await person.sees("2 photos")
        await person.sees("enter go there   esc back")
        await person.sees(r"copies/\[b\]same\.jpg")
        row = person.app.screen._places.index(Place(os.fsencode(copies), b"[b]same.jpg"))
        await person.press(*"j" * row, "enter")
        await person.until(lambda: person.cursor == b"[b]same.jpg", "the cursor there")
        await person.until(lambda: person.app._folder == os.fsencode(copies))
        await person.sees("▼ 2023 Dolomites", person.tree)
        assert person.focused == "list"

    run_app(desk.app(), script)


def test_where_there_are_none_it_says_so_and_esc_leaves(tmp_path: Path, settings: Settings) -> None:
    draw_photo(tmp_path / "album" / "IMG_1.jpg", 1)

    async def script(person: Person) -> None:
        await person.scanned(1)
        await person.press("D")
        await person.sees("No photo lies in several places")
        assert "go there" not in "\n".join(person.screen)
        await person.press("escape")
        await person.until(lambda: len(person.app.screen_stack) == 1)

    run_app(PhotolalaApp(os.fsencode(tmp_path / "album"), settings), script)
