"""Culling: marks, ranges, stars for all marked; one undo for each key, and redo."""

import os
import threading
from pathlib import Path

import pytest

from tests.conftest import draw_photo
from tests.tui.conftest import PATIENCE, Person, run_app, stars_in
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.work import starring

ROLL = [f"IMG_{number:04}.jpg" for number in range(30)]


@pytest.fixture
def roll(tmp_path: Path, settings: Settings) -> PhotolalaApp:
    """The app on one folder of 30 photos."""
    for number, name in enumerate(ROLL):
        draw_photo(tmp_path / "roll" / name, number)
    return PhotolalaApp(os.fsencode(tmp_path / "roll"), settings)


def signs(person: Person) -> dict[str, str]:
    """The star and the mark of each photo on the screen."""
    lines = [line[1:-1] for line in person.photos()]
    return {
        line[2:14]: line[:2].rstrip() for line in lines if line[2:].startswith("IMG") and line[:2].strip()
    }


def test_x_marks_and_the_star_key_stars_all_marked_as_one_step(
    roll: PhotolalaApp, settings: Settings
) -> None:
    async def script(person: Person) -> None:
        await person.scanned(30)
        await person.press("j", "s")
        await person.sees("★ IMG_0001", person.photos)
        await person.press("g", "x", "x", "j", "x")
        assert signs(person) == {ROLL[0]: " +", ROLL[1]: "★+", ROLL[3]: " +"}
        assert person.cursor == ROLL[4].encode()
        await person.press("*")
        await person.until(lambda: stars_in(settings.catalog) == {ROLL[0], ROLL[1], ROLL[3]})
        await person.until(lambda: person.told() == ["3 photos starred; u undoes it."])
        await person.press("u")  # only what it has changed: the first star stays
        assert person.told() == []
        await person.until(lambda: stars_in(settings.catalog) == {ROLL[1]})
        await person.press("U")
        await person.until(lambda: len(stars_in(settings.catalog)) == 3)
        await person.press("*")  # all have one
        await person.until(lambda: not stars_in(settings.catalog))
        await person.press("u", "u", "u")
        await person.until(lambda: "There is no star to undo." not in person.told())
        await person.until(lambda: not stars_in(settings.catalog))
        await person.press("U", "U", "U", "U")
        await person.until(lambda: "There is nothing to do again." in person.told())
        await person.until(lambda: not stars_in(settings.catalog))
        await person.until(lambda: signs(person) == {ROLL[0]: " +", ROLL[1]: " +", ROLL[3]: " +"})

    run_app(roll, script)


def test_nothing_is_told_of_stars_that_are_undone_before_they_are_written(
    roll: PhotolalaApp, settings: Settings
) -> None:
    go = threading.Event()

    async def script(person: Person) -> None:
        await person.scanned(30)
        roll._catalog.ask(lambda _: go.wait(PATIENCE), pytest.fail)
        await person.press("V", "G", "*", "u")
        go.set()
        await person.until(lambda: not roll.photos.stars_wait)
        assert not stars_in(settings.catalog)
        assert person.told() == []

    run_app(roll, script)


def test_a_range_is_marked_from_where_v_was_pressed(roll: PhotolalaApp, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(30)
        await person.press("*")
        await person.until(lambda: any("No photo is marked" in told for told in person.told()))
        await person.press("j", "j", "V", "j", "j")
        assert signs(person) == dict.fromkeys(ROLL[2:5], " +")
        await person.sees("range of 3, V ends it · 5/30", person.photos)
        await person.press("k", "k", "k")  # it turns round
        assert signs(person) == dict.fromkeys(ROLL[1:3], " +")
        await person.press("V", "G", "V", "k", "*")  # a second range, ended by the star
        await person.until(lambda: stars_in(settings.catalog) == {*ROLL[1:3], *ROLL[28:]})

    run_app(roll, script)


def test_esc_takes_back_one_state_after_the_other(roll: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(30)
        await person.press("x", "j", "V", "j")
        assert len(signs(person)) == 3
        await person.press("escape")
        assert signs(person) == {ROLL[0]: " +"}
        await person.press("escape")
        assert signs(person) == {}

    run_app(roll, script)


def test_a_mass_change_can_be_cancelled_and_changes_nothing_then(
    roll: PhotolalaApp, settings: Settings
) -> None:
    go = threading.Event()

    async def script(person: Person) -> None:
        await person.scanned(30)
        roll._catalog.ask(lambda _: go.wait(PATIENCE), pytest.fail)
        await person.press("V", "G", "*", "escape")
        await person.sees("☆", person.photos)
        go.set()
        await person.until(lambda: "Cancelled: no star was changed." in person.told())
        assert not stars_in(settings.catalog)
        await person.until(lambda: "☆" not in "".join(person.photos()))
        await person.press("u")
        await person.until(lambda: "There is no star to undo." in person.told())

    run_app(roll, script)


def test_one_star_that_takes_long_leaves_no_progress_in_the_bar(
    roll: PhotolalaApp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starring, "_PROGRESS_SECONDS", -1.0)  # each takes longer

    async def script(person: Person) -> None:
        await person.scanned(30)
        await person.press("s")
        await person.sees("★ IMG_0000", person.photos)
        assert not any("starring" in line for line in person.bar())

    run_app(roll, script)


def test_what_cannot_be_starred_of_many_is_counted_and_the_rest_is_starred(
    roll: PhotolalaApp, settings: Settings, tmp_path: Path
) -> None:
    async def script(person: Person) -> None:
        await person.scanned(30)
        (tmp_path / "roll" / ROLL[1]).unlink()
        await person.press("x", "x", "x", "*")
        await person.until(lambda: stars_in(settings.catalog) == {ROLL[0], ROLL[2]})
        await person.until(lambda: any("1 photo was not changed: No such" in told for told in person.told()))
        (tmp_path / "roll" / ROLL[3]).unlink()
        await person.press("x", "*")
        await person.until(lambda: any("2 photos were not changed: No" in told for told in person.told()))

    run_app(roll, script)


def test_a_star_that_is_taken_back_out_of_sight_is_told(small_album: Path, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(5)
        await person.press("x", "*")
        await person.until(lambda: stars_in(settings.catalog) == {"IMG_0001.jpg"})
        await person.press("slash", "3", "enter", "u")
        await person.until(lambda: "1 photo is not starred again." in person.told())

    run_app(PhotolalaApp(os.fsencode(small_album / "2023 Dolomites"), settings), script)
