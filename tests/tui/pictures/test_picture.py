"""Pictures in a real terminal: what it is sent, what it forgets again, and nothing while a key is held."""

import fcntl
import os
import re
import struct
import sys
import termios
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.geometry import Region

from tests.conftest import draw_photo
from tests.terminal import Terminal
from tests.tui.conftest import Person, run_app
from tests.tui.pictures.test_kitty import KittyTerminal
from tests.tui.pictures.test_sixel import read_sixels
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.pictures.picture import Picture
from tui.terminal.probe import Graphics

PHOTOLALA = str(Path(sys.executable).with_name("photolala"))
APC = re.compile(r"\x1b_G[^\x1b]*\x1b\\")
SIXEL = re.compile(r"\x1b7\x1b\[(\d+);(\d+)H(\x1bP[^\x1b]*\x1b\\)\x1b8")
COUNT = 40


def red_of(number: int) -> int:
    return number * 37 % 256


@pytest.fixture
def roll(tmp_path: Path) -> Path:
    for number in range(COUNT):
        draw_photo(tmp_path / "roll" / f"IMG_{number:02}.jpg", number, size=(64, 48))
    return tmp_path / "roll"


@pytest.fixture
def opened(roll: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """The app on the roll, with a form of pictures."""
    config = tmp_path / "config.toml"
    config.write_text(f'preview = "{request.param}"\n')
    with Terminal(
        [PHOTOLALA, str(roll)], columns=120, rows=30, env={"PHOTOLALA_CONFIG": str(config)}
    ) as terminal:
        terminal.wait_for("IMG_00")
        terminal.wait_for(f"{COUNT} photos")
        yield terminal


def commands(terminal: Terminal, since: int) -> list[str]:
    found = APC.findall(terminal.output[since:].decode(errors="replace"))
    return [command for command in found if "a=q" not in command]


@pytest.mark.parametrize("opened", ["kitty"], indirect=True)
def test_kitty_is_sent_each_picture_once_and_keeps_none(opened: Terminal) -> None:
    kitty = KittyTerminal()
    seen = 0

    def shows(number: int) -> bool:
        nonlocal seen
        fresh, seen = commands(opened, 0)[seen:], len(commands(opened, 0))
        for command in fresh:
            kitty.write(command)
        return [round(image.getpixel((5, 5))[0], -1) for image in kitty.pictures.values()] == [
            round(red_of(number), -1)
        ]  # type: ignore[index]

    opened.wait_for(lambda _: shows(0))
    opened.press("j")
    opened.wait_for(lambda _: shows(1))
    assert sum("\U0010eeee" in line for line in opened.lines) > 5
    opened.press("q")
    assert opened.wait_exit() == 0
    shows(1)
    assert not kitty.pictures


@pytest.mark.parametrize("opened", ["sixel"], indirect=True)
def test_sixels_are_drawn_again_where_something_has_covered_them(opened: Terminal) -> None:
    def drawn() -> list[tuple[str, str, str]]:
        return SIXEL.findall(opened.output.decode(errors="replace"))

    def shows(number: int) -> bool:
        return bool(drawn()) and abs(read_sixels(drawn()[-1][2]).getpixel((5, 5))[0] - red_of(number)) < 6  # type: ignore[index]

    opened.wait_for(lambda _: shows(0))
    opened.press("j")
    opened.wait_for(lambda _: shows(1))
    opened.settle()
    before = drawn()
    opened.press("?")
    opened.wait_for("In the photo list")
    opened.settle()
    assert drawn() == before  # nothing is drawn over what covers it
    opened.press("esc")
    opened.wait_for(lambda _: len(drawn()) > len(before) and drawn()[-1] == before[-1])
    y, x, _ = before[-1]
    assert (int(y) > 1, int(x) > 75) == (True, True)  # in the preview


@pytest.mark.parametrize("opened", ["sixel"], indirect=True)
def test_sixels_are_drawn_anew_when_the_font_has_become_larger(opened: Terminal) -> None:
    def cells_of(width: int, height: int) -> None:
        size = struct.pack("4H", 30, 120, 120 * width, 30 * height)
        fcntl.ioctl(opened._child.child_fd, termios.TIOCSWINSZ, size)

    def widths() -> list[int]:
        sent = opened.output.decode(errors="replace")
        return [int(width) for width in re.findall(r'\x1bP0;1q"1;1;(\d+);', sent)]

    for width, height in ((8, 16), (9, 18)):
        cells_of(width, height)
        opened.wait_for(lambda _, width=width: bool(widths()) and widths()[-1] == round(256 / width) * width)


@pytest.mark.parametrize("opened", ["kitty"], indirect=True)
def test_a_held_key_sends_no_picture(opened: Terminal) -> None:
    opened.wait_for(lambda _: sum("a=T" in command for command in commands(opened, 0)) == 1)
    for _ in range(COUNT - 2):
        opened.press("j")
    opened.wait_for(f"{COUNT - 1}/{COUNT}")
    opened.wait_for(f"│ IMG_{COUNT - 2}.jpg")
    opened.settle()
    assert sum("a=T" in command for command in commands(opened, 0)) <= 4


def test_a_picture_that_is_hidden_before_it_is_drawn_over_its_cells_is_not(
    small_album: Path, settings: Settings
) -> None:
    app = PhotolalaApp(os.fsencode(small_album / "2023 Dolomites"), replace(settings, preview="sixel"))
    app.graphics = Graphics("sixel", 8, 16)

    async def script(person: Person) -> None:
        picture = app.query_one(Picture)
        await person.until(lambda: picture._drawn is not None)
        picture.render_lines(Region(0, 0, 10, 10))  # as the screen does; then it is drawn over them
        app.action_contact_sheet()
        await person.sees("Contact sheet")
        await person.until(lambda: not picture._is_over_due)

    run_app(app, script, size=(120, 30))
