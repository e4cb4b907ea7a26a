"""A setting in words: its line among the preferences, what it is for, what it is and can be."""

from collections.abc import Mapping, Sequence

from rich.text import Text

from tui.config.found import Found
from tui.config.settings import effective
from tui.config.table import known_setting, told
from tui.words.shown import shown

SECTIONS = {
    "Catalog": ("folder", "catalog.path", "catalog.service", "catalog.sql_folders", "catalog.csv_folders"),
    "Remote and sync": (
        "remote", "device_name", "sync.automatic", "sync.every_minutes", "sync.star_policy",
        "sync.single_writer", "sync.requests_per_second",
    ),
    "Backup": (
        "backup.quiet_minutes", "backup.storage_class", "backup.sse", "backup.kms_key",
        "backup.max_bytes_per_second",
    ),
    "Screen": ("preview", "theme", "colour", "mouse", "motion"),
    "Log": ("log.level", "log.path"),
}  # fmt: skip
AT_ONCE = frozenset({*SECTIONS["Remote and sync"], *SECTIONS["Backup"], "theme"})
"""What takes effect while the app runs; the rest does when it is started again. Keys of actions do, too."""

_KEY_WIDTH, _VALUE_WIDTH, _WHERE_WIDTH, _WORDS_WIDTH = 29, 24, 20, 30  # cells


class SettingWords:
    """The words for each setting, by its key; `keymap.ID` is that of an action."""

    def __init__(self, themes: Sequence[str], actions: Mapping[str, tuple[str, str]]) -> None:
        """Take what only the app knows.

        Args:
            themes: names of those that there are.
            actions: (keys as [keymap] has them, what it does) by the id of an action.
        """
        self._themes = themes
        self._actions = actions

    def line(self, found: Found, key: str, room: int) -> Text:
        """Return key, value, where that comes from and, if there is room, the explanation.

        Args:
            found: what is set.
            key: of the setting.
            room: in cells.
        """
        action = self._action(key)
        value = told(effective(found, key)) or (action[0] if action else "-")
        where = "default" if action and key not in found.values else found.where(key)
        rest = room - _KEY_WIDTH - _VALUE_WIDTH - _WHERE_WIDTH
        words = rest if rest >= _WORDS_WIDTH else 0
        line = Text(no_wrap=True)
        for text, width, style in (
            (key, _KEY_WIDTH, ""), (value, _VALUE_WIDTH + rest - words, "bold"), (where, _WHERE_WIDTH, "dim"),
            (self.explanation(key), words, "dim"),
        ):  # fmt: skip
            if width:
                cell = Text(shown(text), style, no_wrap=True)
                cell.truncate(width - 1, overflow="ellipsis", pad=True)
                line.append_text(cell).append(" ")
        return line

    def explanation(self, key: str) -> str:
        """Return what a setting is for, or what an action does."""
        action = self._action(key)
        return action[1] if action else known_setting(key).explanation

    def value(self, found: Found, key: str) -> str:
        """Return a sentence on what a setting is and what it can be."""
        if key.startswith("keymap."):
            can_be = "keys as you press them, with commas between them: s, F5, ?"
        else:
            can_be = ", ".join(self._themes) if key == "theme" else known_setting(key).can_be
        value = told(effective(found, key))
        return shown(f"It is {value}; it can be {can_be}." if value else f"It can be {can_be}.")

    def _action(self, key: str) -> tuple[str, str] | None:
        return self._actions.get(key.removeprefix("keymap.")) if key.startswith("keymap.") else None
