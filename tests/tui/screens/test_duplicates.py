"""D lists the photos that lie in several places, and goes to one of them."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from catalog.patience import patiently
from catalog.scan.chosen import scan_file
from tests.conftest import draw_photo
from tests.tui.conftest import Person, device, run_app, second_look
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


def test_a_place_outside_of_the_folder_that_is_walked_is_named(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    desk.scan()
    shutil.copy(desk.album / "2024" / "Home" / "cat.jpg", tmp_path / "a copy of the cat.jpg")
    with second_look(desk.settings.catalog) as catalog:
        scan_file(catalog, os.fsencode(tmp_path / "a copy of the cat.jpg"))

    async def script(person: Person) -> None:
        await person.scanned(15)
        await person.press("D")
        await person.sees("2 photos")
        row = person.app.screen._places.index(Place(os.fsencode(tmp_path), b"a copy of the cat.jpg"))
        await person.press(*"j" * row, "enter")
        await person.until(lambda: person.cursor == b"a copy of the cat.jpg", "the cursor there")
        await person.sees(f"Photos · {tmp_path}", person.photos)
        await person.press("1", "enter")
        await person.until(lambda: person.app._folder == os.fsencode(desk.album))
        assert str(tmp_path) not in "".join(person.photos())

    run_app(desk.app(), script, size=(200, 30))


def test_a_link_is_no_further_place(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    home = desk.album / "2024" / "Home"
    (home / "a link.jpg").symlink_to(home / "cat.jpg")
    (home / "a linked copy.jpg").symlink_to(home / "copy of IMG_0001.jpg")
    (home / "a second name.jpg").hardlink_to(desk.album / "2023 Dolomites" / "IMG_0002.jpg")
    desk.scan()

    async def script(person: Person) -> None:
        await person.scanned(17)
        await person.press("D")
        await person.sees("1 photo. A star is the photo's, in each of its places. Links do not count.")
        assert person.app.screen._places == [
            Place(os.fsencode(desk.album / "2023 Dolomites"), b"IMG_0001.jpg"),
            Place(os.fsencode(home), b"copy of IMG_0001.jpg"),
        ]

    run_app(desk.app(), script)


def test_a_place_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = device(tmp_path, "desk")
    desk.scan()
    hung, ask = threading.Event(), os.stat

    def stat(path, **named):
        if path == os.fsencode(desk.album / "2023 Dolomites" / "IMG_0001.jpg"):
            hung.wait()
        return ask(path, **named)

    async def script(person: Person) -> None:
        await person.scanned(14)
        monkeypatch.setattr(os, "stat", stat)
        monkeypatch.setitem(patiently.__kwdefaults__, "patience", 0.2)
        await person.press("D")
        await person.sees(r"IMG_0001\.jpg: No answer for 0\.2 s\.")
        await person.press("escape")
        await person.until(lambda: len(person.app.screen_stack) == 1)

    run_app(desk.app(), script)
    hung.set()


def test_of_very_many_the_first_are_listed_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.duplicates._MOST", 2)
    desk = device(tmp_path, "desk")
    for number in range(2, 5):
        name = f"IMG_{number:04}.jpg"
        shutil.copy(desk.album / "2023 Dolomites" / name, desk.album / "2024" / f"copy of {name}")
    for number in range(6, 11):
        (desk.album / f"A{number}.jpg").hardlink_to(
            desk.album / "2024" / "05 Lisbon" / f"IMG_{number:04}.jpg"
        )
    desk.scan()

    async def script(person: Person) -> None:
        await person.scanned(22)
        await person.press("D")
        await person.sees("The first 2 photos: `photolala list --duplicates` has all")
        assert len(person.app.screen._places) == 4

    run_app(desk.app(), script)
