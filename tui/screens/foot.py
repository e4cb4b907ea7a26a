"""The foot of a screen: what can be done there, each with the key in force."""

from collections.abc import Iterable
from typing import Any

from rich.text import Text
from textual.screen import Screen

from tui.config.keymap import shown_key


def keys_of(screen: Screen[Any], action: str) -> list[str]:
    """Return the keys of the action with this id on a screen, as people read them."""
    bound = screen.active_bindings.items()
    return [shown_key(key) for key, active in bound if active.binding.id == action]


def key_of(screen: Screen[Any], action: str) -> str:
    """Return the first key of an action; what has no id, as `enter` in a list, is named by its only key."""
    return next(iter(keys_of(screen, action)), action)


def foot(screen: Screen[Any], hints: Iterable[tuple[str, str]]) -> Text:
    """Return a line of keys.

    Args:
        screen: where they act.
        hints: (id of an action, what it does).
    """
    line = Text()
    for action, what in hints:
        line.append(key_of(screen, action), "bold").append(f" {what}   ")
    return line
