"""The preferences by keyboard: what a person changes there is in config.toml, and holds."""

import os
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from tests.tui.conftest import Person, run_app
from tui.app import PhotolalaApp
from tui.config.settings import load_settings
from tui.screens.connection import ConnectionScreen
from tui.screens.preferences import PreferencesScreen

FILE = """\
# mine
remote = "file:///nowhere/at/all" # here

[sync]
automatic = false # by hand
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    monkeypatch.setenv("PHOTOLALA_CONFIG", str(path))
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(tmp_path / "catalog.sqlite"))
    return path


@pytest.fixture
def app(small_album: Path, config: Path) -> PhotolalaApp:
    return PhotolalaApp(os.fsencode(small_album), load_settings())


async def at(person: Person, key: str) -> None:
    """Open the preferences, and put the cursor on a setting."""
    if not isinstance(person.app.screen, PreferencesScreen):
        await person.press("comma")
        await person.until(lambda: isinstance(person.app.screen, PreferencesScreen))
        await person.sees("catalog.path")
    listed = person.app.screen.query_one(OptionList)
    listed.highlighted = listed.get_option_index(key)
    await person.sees("[Ii]t can be")


async def saved(person: Person, config: Path, line: str) -> None:
    await person.until(lambda: line in config.read_text().splitlines(), line)


def test_each_setting_shows_its_value_and_where_it_comes_from(app, config) -> None:
    async def script(person: Person) -> None:
        await at(person, "catalog.path")
        await person.sees(r"catalog.path .* PHOTOLALA_CATALOG")
        await person.sees(r"remote +file:///nowhere/at.* +config.toml, line 2")
        await person.sees(r"sync.star_policy +merge +default")
        await person.sees("The catalog's SQLite file")
        await person.press("enter")
        await person.sees("PHOTOLALA_CATALOG is set in the environment")
        await person.press("G")
        await person.sees("keymap")
        await person.press("escape")
        await person.until(lambda: not isinstance(person.app.screen, PreferencesScreen))

    run_app(app, script, (80, 24))
    assert config.read_text() == FILE


def test_enter_changes_a_setting_and_comments_stay(app, config) -> None:
    async def script(person: Person) -> None:
        await at(person, "sync.automatic")
        await person.press("enter")
        await saved(person, config, "automatic = true # by hand")
        await person.sees("Kept; it holds now")
        await at(person, "sync.every_minutes")
        await person.press("enter")
        await person.sees("enter keep   esc leave it")
        assert not any("default   t test" in line for line in person.screen)
        await person.press("end", "backspace", "1", "2", "enter")
        await person.sees("enter change   d default   t test")
        await saved(person, config, "every_minutes = 12")
        await person.until(lambda: person.app._settings.every_minutes == 12)
        await at(person, "preview")
        await person.press("enter")
        await saved(person, config, 'preview = "halfblock"')
        await person.sees("holds from the next start")
        await person.press("d")
        await person.until(lambda: "preview" not in config.read_text())

    run_app(app, script)
    assert config.read_text().startswith("# mine\n")


def test_what_cannot_be_is_said_and_escape_leaves_it_as_it_was(app, config) -> None:
    async def script(person: Person) -> None:
        await at(person, "sync.every_minutes")
        await person.press("enter", "end", "backspace", "minus", "5", "enter")
        await person.sees(r"every_minutes is -5; it can be 0 \(never\) or from 1")
        await at(person, "remote")
        await person.press("enter", "ctrl+u", *"s3://k:y@b", "enter")
        await person.sees("holds credentials|not an address")
        await person.press("enter", *"zzz", "escape")
        assert isinstance(person.app.screen, PreferencesScreen)

    run_app(app, script)
    assert config.read_text() == FILE


def test_a_key_is_put_on_an_action_at_once(app, config) -> None:
    async def script(person: Person) -> None:
        await at(person, "keymap.help")
        await person.press("enter", "ctrl+u", *"F9", "enter")
        await saved(person, config, 'help = "F9"')
        await person.press("escape")
        await person.sees("F9 help")

    run_app(app, script)


def test_a_file_changed_meanwhile_is_read_again(app, config) -> None:
    async def script(person: Person) -> None:
        await at(person, "mouse")
        config.write_text("motion = false\n")
        await person.press("enter")
        await person.sees(r"was\W+changed\W+meanwhile")
        await at(person, "motion")
        await person.sees(r"motion +false")
        await at(person, "mouse")
        await person.press("enter")
        await saved(person, config, "mouse = false")

    run_app(app, script)
    assert "motion = false" in config.read_text()


def test_the_connection_is_tested_check_by_check(app, tmp_path, monkeypatch) -> None:
    (tmp_path / "nas").mkdir()

    async def script(person: Person) -> None:
        await at(person, "remote")
        await person.press("t")
        await person.until(lambda: isinstance(person.app.screen, ConnectionScreen))
        await person.sees("✗ connection")
        await person.sees("It cannot be used as it is")
        await person.press("escape", "enter")
        person.app.screen.query_one(Input).value = f"file://{tmp_path}/nas"
        await person.press("enter")
        await person.sees("Kept")
        await person.press("t")
        await person.sees("✓ write")
        await person.sees("All is well")

    run_app(app, script, (140, 36))


def test_what_the_checks_come_to_is_seen_also_where_they_fill_the_screen(app, monkeypatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")

    async def script(person: Person) -> None:
        await at(person, "remote")
        await person.press("enter")
        person.app.screen.query_one(Input).value = "s3://bucket/library"
        await person.press("enter")
        await person.sees("Kept")
        await person.press("t")
        await person.sees("- cleanup")
        await person.sees("It cannot be used as it is")

    run_app(app, script, (80, 24))


def test_a_theme_chosen_in_the_palette_is_kept(app, config) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        person.app.theme = "nord"
        await saved(person, config, 'theme = "nord"')
        await person.until(lambda: person.app._settings.theme == "nord")

    run_app(app, script)
    assert load_settings().theme == "nord"


def test_settings_of_no_file_say_so(settings, small_album) -> None:
    async def script(person: Person) -> None:
        await person.press("comma")
        await person.until(lambda: any("of no file" in told for told in person.told()))
        person.app.theme = "nord"

    run_app(PhotolalaApp(os.fsencode(small_album), settings), script)
    assert load_settings().theme == "textual-dark"
