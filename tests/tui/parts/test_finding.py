"""Filters, orders, and all folders below: by key, combined, and always said in the heading."""

import os
import threading
from pathlib import Path
from unicodedata import normalize

import pytest

from tests.conftest import draw_photo
from tests.tui.conftest import PATIENCE, Device, Person, device, run_app
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.parts import folders


@pytest.fixture
def desk(tmp_path: Path) -> Device:
    return device(tmp_path, "desk")


def listed(person: Person) -> list[str]:
    """The names in the list, without their suffix."""
    rows = [person.app.photos.row(index).name for index in range(len(person.app.photos))]
    return [os.fsdecode(name).removesuffix(".jpg") for name in rows]


def numbers(*of: int) -> list[str]:
    return [f"IMG_{number:04}" for number in of]


def test_a_part_of_the_name_filters_as_it_is_typed_enter_keeps_it_and_esc_takes_it_away(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("slash", *"IMG_0003")
        await person.until(lambda: listed(person) == numbers(3))
        await person.sees(r'Photos · "IMG_0003" · 1 of 5', person.photos)
        await person.press("backspace", "2", "enter")
        await person.until(lambda: listed(person) == numbers(2))
        assert person.focused == "list"
        await person.press("slash", "escape")
        await person.until(lambda: listed(person) == numbers(1, 2, 3, 4, 5))
        assert person.cursor == b"IMG_0002.jpg"  # it stays on its photo
        await person.press("slash", *"[/b]img", "enter")
        await person.sees(r'"\[/b\]img" · 0 of 5', person.photos)
        await person.sees("esc takes the filter away", person.photos)
        await person.press("escape")
        await person.until(lambda: len(listed(person)) == 5)

    run_app(desk.app("2023 Dolomites"), script)


def test_a_name_is_found_however_a_disk_spells_it(desk: Device) -> None:
    typed, on_disk = normalize("NFC", "brücke"), normalize("NFD", "Brücke am Abend")
    draw_photo(desk.album / "2023 Dolomites" / f"{on_disk}.jpg", 20)

    async def script(person: Person) -> None:
        await person.scanned(15)
        await person.press("slash", *typed, "enter")
        await person.until(lambda: listed(person) == [on_disk])

    run_app(desk.app("2023 Dolomites"), script)


@pytest.mark.parametrize("slowly", [True, False])
def test_esc_takes_the_cursor_back_to_where_it_was_before_the_search(desk: Device, slowly: bool) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("j", "slash", *"0003")
        if slowly:
            await person.until(lambda: listed(person) == numbers(3))
        await person.press("escape")
        await person.until(lambda: listed(person) == numbers(1, 2, 3, 4, 5))
        await person.until(lambda: person.cursor == b"IMG_0002.jpg")
        await person.press("slash", *"000", "down", "escape")
        await person.until(lambda: listed(person) == numbers(1, 2, 3, 4, 5))
        await person.press("s")
        await person.until(lambda: desk.stars == {"IMG_0002.jpg"})

    run_app(desk.app("2023 Dolomites"), script)


def test_photos_that_something_is_wrong_with_are_found_from_the_root(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.sees(r"1 problem \(f w\)", person.bar)
        await person.press("f", "w")
        await person.sees("No photo matches here: R looks below, too", person.photos)
        await person.press("R")
        await person.sees("All below · with something wrong · 1 of 13", person.photos)
        assert listed(person) == ["broken"]

    run_app(desk.app(), script, (80, 24))


def test_filters_combine_are_told_and_are_peeled_off_by_esc(desk: Device) -> None:
    desk.star("2023 Dolomites/IMG_0001.jpg", "2023 Dolomites/IMG_0004.jpg")

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("f", "s")
        await person.until(lambda: listed(person) == numbers(1, 4))
        await person.sees("Photos · starred · 2 of 5", person.photos)
        await person.press("f", "d")  # it lies in Home, too
        await person.until(lambda: listed(person) == numbers(1))
        await person.press("f")
        await person.sees("• s +starred(.|\n)*• d +in several places")
        await person.press("escape", "slash", "x", "enter")
        await person.until(lambda: listed(person) == [])
        await person.press("escape")
        await person.until(lambda: listed(person) == numbers(1))
        await person.press("x", "escape")  # first the mark
        assert listed(person) == numbers(1)
        await person.press("escape")
        await person.until(lambda: listed(person) == numbers(1, 2, 3, 4, 5))

    run_app(desk.app("2023 Dolomites"), script)


def test_each_order_and_the_same_again_turns_it_round(desk: Device) -> None:
    desk.star("2023 Dolomites/IMG_0003.jpg")
    for number in (5, 2, 1, 3, 4):
        os.utime(desk.album / "2023 Dolomites" / f"IMG_{number:04}.jpg", (number, number))
    desk.scan()

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("o", "n")
        await person.until(lambda: listed(person) == numbers(5, 4, 3, 2, 1))
        await person.sees("by name ↓", person.photos)
        assert person.cursor == b"IMG_0001.jpg"
        await person.press("o", "r")
        await person.until(lambda: listed(person)[0] == "IMG_0003")
        await person.sees("starred first", person.photos)
        await person.press("o", "s")
        sizes = {path.stem: path.stat().st_size for path in (desk.album / "2023 Dolomites").iterdir()}
        await person.until(lambda: listed(person) == sorted(sizes, key=lambda name: (sizes[name], name)))
        await person.press("o", "n")
        await person.until(lambda: listed(person) == numbers(1, 2, 3, 4, 5))

    run_app(desk.app("2023 Dolomites"), script)


def test_a_file_that_no_scan_has_seen_comes_last_and_passes_no_filter(
    desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_photo(desk.album / "2023 Dolomites" / "AAA.jpg", 70)
    app = desk.app("2023 Dolomites")
    monkeypatch.setattr(app, "_scan", lambda: None)

    async def script(person: Person) -> None:
        await person.until(lambda: listed(person) == ["AAA", *numbers(1, 2, 3, 4, 5)])
        await person.press("o", "d")
        await person.until(lambda: listed(person)[-1] == "AAA")
        await person.press("f", "b")
        await person.sees("not backed up · 5 of 6", person.photos)
        assert "AAA" not in listed(person)

    run_app(app, script)


def test_r_lists_all_folders_below_and_the_cursor_stays_on_its_photo(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("R")
        await person.sees("Photos, with all below", person.photos)
        await person.until(lambda: len(listed(person)) == 13)
        await person.press("2", "o", "d", "slash", *"img_", "enter")
        await person.until(lambda: len(listed(person)) == 10)
        await person.press("space")
        await person.sees("★ IMG", person.photos)
        await person.until(lambda: len(desk.stars) == 1)
        await person.press("escape", "R")
        await person.sees("No photos here", person.photos)

    run_app(desk.app(), script)


@pytest.mark.parametrize(
    ("keys", "heading"),
    [("R", "with all below"), ("fb", "not backed up"), ("fa", "Photos"), ("od", "by date"), ("/", '"')],
)
def test_what_lists_something_else_from_the_tree_gives_the_keys_to_the_list(
    desk: Device, keys: str, heading: str
) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("1")
        assert person.focused == "tree"
        await person.press(*(["slash", "I", "enter"] if keys == "/" else keys))
        await person.sees(heading, person.photos)
        await person.until(lambda: person.focused == "list")

    run_app(desk.app("2023 Dolomites"), script)


def test_what_has_left_the_filter_stays_is_counted_and_leaves_when_listed_anew(desk: Device) -> None:
    desk.star(*(f"2023 Dolomites/{name}.jpg" for name in numbers(1, 2, 3)))

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("f", "s")
        await person.until(lambda: listed(person) == numbers(1, 2, 3))
        await person.press("x", "x", "*")
        await person.sees("2 changed, r lists anew · 2 marked · 3/3", person.photos)
        assert listed(person) == numbers(1, 2, 3)
        await person.press("u")
        await person.until(lambda: desk.stars == {f"{name}.jpg" for name in numbers(1, 2, 3)})
        await person.until(lambda: "changed" not in person.photos()[-1])
        await person.press("g", "s", "v")
        await person.sees("1 changed, r lists anew · 2 marked · 1/3")
        await person.press("r")
        await person.until(lambda: listed(person) == numbers(2, 3))
        assert not any("changed" in line for line in person.screen)

    run_app(desk.app("2023 Dolomites"), script)


def test_an_order_by_stars_counts_what_has_changed_and_another_does_not(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("s")
        await person.until(lambda: len(desk.stars) == 1)
        await person.press("o", "r", "j", "s")
        await person.sees("1 changed, r lists anew · 2/5", person.photos)
        await person.press("o", "n")
        await person.until(lambda: "changed" not in person.photos()[-1])

    run_app(desk.app("2023 Dolomites"), script)


def test_a_list_by_stars_has_those_given_before_it_was_asked_for(
    desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_STARS_SECONDS", PATIENCE)

    async def script(person: Person) -> None:
        await person.scanned(14)
        go = threading.Event()
        person.app._catalog.ask(lambda _: go.wait(PATIENCE), pytest.fail)  # a disk that is busy
        await person.press("space", "space", "f", "s", "G", "s")
        go.set()
        await person.sees("starred · 2 of 5", person.photos)
        await person.until(lambda: desk.stars == {"IMG_0001.jpg"})

    run_app(desk.app("2023 Dolomites"), script)


def test_stars_that_take_long_come_into_the_list_once_they_are_written(
    desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_STARS_SECONDS", 0.0)
    desk.star("2023 Dolomites/IMG_0004.jpg")

    async def script(person: Person) -> None:
        await person.scanned(14)
        go = threading.Event()
        person.app._catalog.ask(lambda _: go.wait(PATIENCE), pytest.fail)
        await person.press("space", "o", "r", "f", "s")
        await person.sees("starred · 1 of 5", person.photos)
        go.set()
        await person.sees("starred · 2 of 5", person.photos)

    run_app(desk.app("2023 Dolomites"), script)


def test_without_photos_in_s3_only_the_filter_for_them_finds_none(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("f", "r")
        await person.sees("only on the remote · 0 of", person.photos)
        await person.press("f", "a")
        await person.until(lambda: listed(person) == numbers(1, 2, 3, 4, 5))

    run_app(desk.app("2023 Dolomites"), script)


def test_the_menus_are_in_the_palette(desk: Device, settings: Settings) -> None:
    app = PhotolalaApp(os.fsencode(desk.album), settings)

    async def script(person: Person) -> None:
        await person.sees("Dolomites", person.tree)
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Filters", "Order", "Filter by a part of the name"} <= titles

    run_app(app, script)
