"""The first run asks once, for a folder and a remote, and leaves a config.toml behind."""

import dataclasses
import sys
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.conftest import draw_photo
from tests.terminal import Terminal
from tests.tui.conftest import Person, run_app
from tui.config.settings import is_first_run, load_settings
from tui.screens.connection import ConnectionScreen
from tui.screens.first_run import FirstRunApp
from tui.terminal.probe import QUESTIONS

PROGRAM = [sys.executable, "-m", "tui.main"]
MOUSE = 1000
COLOURS = (b"\x1b[38;", b"\x1b[48;", b";38;", b";48;")


def test_folder_and_remote_are_asked_for_and_kept(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()

    async def script(person: Person) -> None:
        await person.sees("Your photos are in the folder")
        await person.sees("esc skip")
        person.app.screen.query_one("#folder", Input).value = str(tmp_path / "nowhere")
        await person.press("enter", *"x://b", "enter")
        await person.sees("not a folder")
        person.app.screen.query_one("#folder", Input).value = str(tmp_path / "photos")
        await person.press("enter", "enter")
        await person.sees("is not an address like")
        person.app.screen.query_one("#remote", Input).value = f"file://{tmp_path}"
        await person.press("f2")
        await person.until(lambda: isinstance(person.app.screen, ConnectionScreen))
        await person.sees("✓ connection")
        await person.press("enter", "enter")
        await person.until(lambda: person.app._exit)

    run_app(FirstRunApp(load_settings()), script, (80, 24))
    settings = load_settings()
    assert (settings.folder, settings.remote) == (tmp_path / "photos", f"file://{tmp_path}")
    assert not is_first_run(settings)


def test_skipped_it_is_not_asked_again() -> None:
    async def script(person: Person) -> None:
        await person.sees("Your photos are in the folder")
        await person.press("escape")
        await person.until(lambda: person.app._exit)

    before = load_settings()
    assert is_first_run(before)
    run_app(FirstRunApp(before), script)
    after = load_settings()
    assert after == dataclasses.replace(before)
    assert not is_first_run(after)


def test_who_has_said_something_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = load_settings().catalog
    catalog.parent.mkdir(parents=True)
    catalog.touch()
    assert not is_first_run(load_settings())
    catalog.unlink()
    assert is_first_run(load_settings())
    monkeypatch.setenv("PHOTOLALA_REMOTE", "s3://bucket")
    assert not is_first_run(load_settings())


def test_on_a_terminal_it_comes_before_the_app_and_once(tmp_path: Path) -> None:
    draw_photo(tmp_path / "photos" / "cat.jpg", 1)
    home = {"HOME": str(tmp_path / "home"), "PYTHONPATH": str(Path(__file__).parents[3])}
    with Terminal(PROGRAM, env=home, cwd=tmp_path / "photos") as terminal:
        terminal.wait_for("Your photos are in the folder")
        terminal.press("\x1b")
        terminal.wait_for("cat.jpg")
        terminal.wait_for("q quit")  # the app itself: a first frame has the names, but no mouse yet
        assert MOUSE in terminal.screen.private_modes
        terminal.press("q")
        assert terminal.wait_exit() == 0
    (config,) = (tmp_path / "home").rglob("config.toml")
    config.write_text('mouse = false\ncolour = "none"\nmotion = false\n')
    with Terminal(PROGRAM, env=home, cwd=tmp_path / "photos") as terminal:
        terminal.wait_for("1 photo")
        assert MOUSE not in terminal.screen.private_modes
        painted = terminal.output.replace(QUESTIONS.encode(), b"")  # one asks which colours there are
        assert not any(colour in painted for colour in COLOURS)
        assert b"\x1b[7m" in painted or b";7m" in painted  # the cursor
        terminal.press("q")
        assert terminal.wait_exit() == 0
