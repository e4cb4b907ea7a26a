"""The first run: where the photos are, and where the stars shall be safe. Asked once; it can be skipped."""

import os
from dataclasses import replace
from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Button, Input, Static

from tui.config import SettingsError
from tui.config.address import remote_address
from tui.config.settings import Settings
from tui.config.writing import begin_file, write_settings
from tui.screens.connection import ConnectionScreen
from tui.terminal.in_turn import KeysInTurnApp
from tui.words.shown import shown
from tui.work.background import Background

_WELCOME = """\
Walk your photo folders, star the keepers with one key, and know that every star is safe.
Nothing is changed in your folders, and nothing leaves this device unless you name a bucket."""


class FirstRunScreen(Screen[bool]):
    """Ends with whether something was answered; either way it is not asked again."""

    BINDINGS = [
        Binding("escape", "skip", "Skip", priority=True, id="back"),
        Binding("f2", "test", "Test the connection", id="test"),
        Binding("down", "app.focus_next", "Next", show=False, id="down"),
        Binding("up", "app.focus_previous", "Previous", show=False, id="up"),
    ]

    def __init__(self, settings: Settings, background: Background) -> None:
        """Prepare the screen.

        Args:
            settings: as they are if nobody says otherwise; of a file that is not there yet.
            background: tests the connection.
        """
        super().__init__()
        self._settings = settings
        self._background = background

    def compose(self) -> ComposeResult:
        """Lay out the two questions."""
        with Vertical() as box:
            box.border_title = "photolala"
            yield Static(Text(_WELCOME), id="welcome")
            yield Static(Text("Your photos are in the folder", "bold"))
            yield Input(_usual_folder(), id="folder")
            yield Static(Text("Sync stars with (may be empty: stars then stay on this device)", "bold"))
            yield Input(placeholder="s3://bucket/prefix, or file:///mnt/nas/photolala", id="remote")
            yield Static(
                Text(
                    "Credentials come from AWS's own settings (AWS_PROFILE, ...), and are not kept.",
                    "dim",
                ),
            )
            yield Static(id="said")
            with Horizontal():
                yield Button("Begin", id="begin", compact=True)
                yield Button("Test the connection", id="test", compact=True)
                yield Button("Skip", id="skip", compact=True)
            yield Static(
                Text.assemble(
                    ("enter", "bold"), " next   ", ("tab", "bold"), " move   ", ("F2", "bold"),
                    " test the connection   ", ("esc", "bold"), " skip   ", (",", "bold"), " later",
                ),
                id="keys",
            )  # fmt: skip

    def on_mount(self) -> None:
        """Begin with the folder."""
        for box in self.query(Input):
            box.cursor_blink = False  # nothing is sent while nothing happens
        self.query_one("#folder", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on."""
        if event.input.id == "folder":
            self.query_one("#remote", Input).focus()
        else:
            self._begin()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what it says."""
        {"begin": self._begin, "test": self.action_test, "skip": self.action_skip}[str(event.button.id)]()

    def action_skip(self) -> None:
        """Begin without an answer; it is not asked again."""
        if isinstance(self.app.screen, ConnectionScreen):
            self.app.pop_screen()
            return
        assert self._settings.found is not None
        try:
            begin_file(self._settings.found)
        except SettingsError as error:
            self.app.bell()
            self._say(str(error))
        self.dismiss(result=False)

    def action_test(self) -> None:
        """Look into the remote that was typed."""
        try:
            remote = self._remote()
        except SettingsError as error:
            self._say(str(error))
            return
        if remote is None:
            self._say("There is nothing to test: no address is given.")
        else:
            self._say("")
            self.app.push_screen(ConnectionScreen(replace(self._settings, remote=remote), self._background))

    def _remote(self) -> str | None:
        typed = self.query_one("#remote", Input).value.strip()
        return remote_address(typed) if typed else None

    def _begin(self) -> None:
        folder = Path(self.query_one("#folder", Input).value.strip() or ".").expanduser().absolute()
        if not folder.is_dir():
            self._say(f"{folder} is not a folder.")
            self.query_one("#folder", Input).focus()
            return
        assert self._settings.found is not None
        try:
            answers = {"folder": str(folder), "remote": self._remote()}
            write_settings(begin_file(self._settings.found), answers)
        except SettingsError as error:
            self._say(str(error))
        else:
            self.dismiss(result=True)

    def _say(self, sentence: str) -> None:
        self.query_one("#said", Static).update(Text(shown(sentence), "bold red"))


class FirstRunApp(KeysInTurnApp):
    """Asks, writes config.toml, and ends; the app itself comes after it."""

    CSS_PATH = "../photolala.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, settings: Settings) -> None:
        """Prepare the app.

        Args:
            settings: as for `FirstRunScreen`.
        """
        super().__init__()
        self._settings = settings
        self._background = Background()

    def on_mount(self) -> None:
        """Ask."""
        self.push_screen(FirstRunScreen(self._settings, self._background), lambda _: self.exit())


def _usual_folder() -> str:
    pictures = Path.home() / "Pictures"
    return str(pictures if pictures.is_dir() else Path(os.path.realpath(".")))
