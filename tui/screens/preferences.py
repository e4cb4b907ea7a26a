"""The preferences: every setting on a line, with its value and where that comes from; enter changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.config import SettingsError
from tui.config.found import Found, find
from tui.config.settings import Settings, effective, load_settings, settings_from
from tui.config.table import Setting, known_setting, told
from tui.config.writing import write_settings
from tui.screens.connection import ConnectionScreen
from tui.screens.foot import foot
from tui.terminal.in_turn import Asking
from tui.words.setting import AT_ONCE, SECTIONS, SettingWords
from tui.words.shown import shown
from tui.work.background import Background

_HINTS = (
    ("enter", "change"), ("unset", "default"), ("test", "test the connection"), ("sync", "sync now"),
    ("back", "back"),
)  # fmt: skip
_TYPING = (("enter", "keep"), ("back", "leave it"))


class PreferencesScreen(ModalScreen[None], Asking):
    """The settings of config.toml, or of the profile that is used."""

    BINDINGS = [
        Binding("j", "move('cursor_down')", "Down", show=False, id="down"),
        Binding("k", "move('cursor_up')", "Up", show=False, id="up"),
        Binding("g", "move('first')", "To the top", show=False, id="first"),
        Binding("G", "move('last')", "To the end", show=False, id="last"),
        Binding("enter", "change", "Change it", id="change"),
        Binding("d,delete", "unset", "Back to the default", id="unset"),
        Binding("t", "test", "Test the connection", id="test"),
        Binding("S", "sync", "Sync now", id="sync"),
        Binding("escape,q,comma", "back", "Back", id="back"),
    ]

    @dataclass
    class Changed(Message):
        """A setting was changed in the file. It goes to the app, too."""

        key: str
        settings: Settings

    @dataclass
    class Refused(Message):
        """A setting was not changed; `found` is the file as it is now, None if it cannot be read."""

        reason: str
        found: Found | None

    def __init__(
        self,
        found: Found,
        background: Background,
        *,
        themes: Sequence[str],
        actions: Mapping[str, tuple[str, str]],
    ) -> None:
        """Prepare the screen.

        Args:
            found: what is set.
            background: writes the file.
            themes: names of those that there are.
            actions: (keys as [keymap] has them, what it does) by the id of an action.
        """
        super().__init__()
        self._found = found
        self._background = background
        self._themes = themes
        self._actions = actions
        self._words = SettingWords(themes, actions)
        self._saving = False
        self._said = Text()
        self._said_of: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the settings over what is known of one, and over the keys."""
        with Vertical() as box:
            profile = f" of the profile {self._found.profile}" if self._found.profile else ""
            box.border_title = f"Preferences{profile}"
            box.border_subtitle = Text(shown(str(self._found.path)))
            yield OptionList()
            yield Static(id="detail")
            yield Input(id="value")
            yield Static(id="keys")

    def on_mount(self) -> None:
        """List the settings."""
        self.asked = 1  # its own size
        self.query_one(Input).display = False
        self.query_one(Input).cursor_blink = False  # nothing is sent while nothing happens
        self.query_one(OptionList).focus()

    def on_resize(self) -> None:
        """Make the lines fit."""
        self.call_after_refresh(self._fill)

    # ---- what is shown

    def _fill(self) -> None:
        self.asked = 0
        listed = self.query_one(OptionList)
        cursor, scrolled = listed.highlighted, listed.scroll_offset.y
        room = listed.scrollable_content_region.width - 2
        options: list[Option] = []
        for heading, keys in {**SECTIONS, "Keys": [f"keymap.{action}" for action in self._actions]}.items():
            options.append(Option(Text(f"{'' if not options else chr(10)}{heading}", "bold"), disabled=True))
            options += [Option(self._words.line(self._found, key, room), id=key) for key in keys]
        listed.clear_options()
        listed.add_options(options)
        listed.highlighted = 1 if cursor is None else cursor
        listed.scroll_to(y=scrolled, animate=False)
        self._tell_keys()  # one may have been put elsewhere
        self._tell_detail()

    def _tell_keys(self) -> None:
        hints = _TYPING if self.query_one(Input).display else _HINTS
        self.query_one("#keys", Static).update(foot(self, hints))

    @property
    def _key(self) -> str | None:
        listed = self.query_one(OptionList)
        if listed.highlighted is None or not listed.option_count:
            return None
        return listed.get_option_at_index(listed.highlighted).id

    def on_option_list_option_highlighted(self) -> None:
        """Explain the setting under the cursor."""
        if self._key != self._said_of:
            self._said = Text()
        self._tell_detail()

    def _tell_detail(self) -> None:
        key = self._key
        if key is None:
            return
        words = self._words.explanation(key)
        detail = Text(f"{words[0].upper()}{words[1:]}.\n")
        if self._said:
            detail.append_text(self._said).append("\n")
        detail.append(self._words.value(self._found, key), "dim")
        self.query_one("#detail", Static).update(detail)

    def _say(self, sentence: str, style: str = "bold") -> None:
        self._said, self._said_of = Text(shown(sentence), style), self._key
        self._tell_detail()

    # ---- changes

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Change the setting that enter or the mouse has chosen: to its next value, or by typing."""
        key = event.option_id
        if key is None or not self._may_change(key):
            return
        setting = known_setting(key)
        value = effective(self._found, key)
        if choices := self._choices(key, setting):
            place = choices.index(value) if value in choices else -1
            self._save(key, choices[(place + 1) % len(choices)])
        else:
            box = self.query_one(Input)
            box.value = told(value) or (self._actions[key[7:]][0] if key.startswith("keymap.") else "")
            box.display = True
            box.focus()
            self._tell_keys()

    def _choices(self, key: str, setting: Setting) -> Sequence[Any]:
        if setting.kind is bool:
            return (True, False)
        return self._themes if key == "theme" else setting.choices

    def _may_change(self, key: str) -> bool:
        if self._found.origin(key).kind == "environment":
            self._say(
                f"{self._found.where(key)} is set in the environment, and goes before this: change it there."
            )
            return False
        return not self._saving

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was typed; nothing typed is nothing set."""
        key = self._key
        self._shut_input()
        if key is None:
            return
        text = event.value.strip()
        words = text.split() if known_setting(key).kind is list else [text]
        self._save(key, known_setting(key).value_of(words) if text else None)

    def _shut_input(self) -> None:
        self.query_one(Input).display = False
        self.query_one(OptionList).focus()
        self._tell_keys()

    def _save(self, key: str, value: Any) -> None:
        """Write one setting on a thread; None takes it away."""
        self._saving = True
        found = self._found

        def write() -> None:
            try:
                write_settings(found, {key: value})
                settings = load_settings(profile=found.profile)
            except SettingsError as error:
                self.post_message(self.Refused(str(error), _found_now(found)))
            else:
                self.post_message(self.Changed(key, settings))

        self._background.run("settings", lambda _: write())

    def on_preferences_screen_changed(self, event: Changed) -> None:
        """Show what holds now."""
        assert event.settings.found is not None
        self._saving, self._found = False, event.settings.found
        now = event.key in AT_ONCE or event.key.startswith("keymap.")
        self._fill()
        self._say("Kept; it holds now." if now else "Kept; it holds from the next start.")

    def on_preferences_screen_refused(self, event: Refused) -> None:
        """Say why it is as it was."""
        self._saving, self._found = False, event.found or self._found
        self._fill()
        self._say(event.reason, "bold red")

    # ---- keys

    def action_move(self, action: str) -> None:
        """Move the cursor."""
        getattr(self.query_one(OptionList), f"action_{action}")()

    def action_change(self) -> None:
        """Change the setting under the cursor."""
        self.query_one(OptionList).action_select()

    def action_unset(self) -> None:
        """Take the setting under the cursor out of the file."""
        key = self._key
        if key is not None and self._may_change(key):
            self._save(key, None)

    def action_test(self) -> None:
        """Look into the remote."""
        settings = settings_from(self._found)
        if settings.remote is None:
            self._say("There is no remote: give it an address first, such as s3://bucket/prefix.")
        else:
            self.app.push_screen(ConnectionScreen(settings, self._background))

    async def action_sync(self) -> None:
        """Sync now."""
        await self.app.run_action("sync")

    def action_back(self) -> None:
        """Leave what is typed as it was, or go back to the photos."""
        if self.query_one(Input).display:
            self._shut_input()
        else:
            self.dismiss()


def _found_now(found: Found) -> Found | None:
    try:
        return find(profile=found.profile, must_exist=False)
    except SettingsError:
        return None
