"""Which keys leave a screen: those that its foot names are the ones in force."""

from typing import Any

from textual.screen import Screen

from tui.config.keymap import shown_key

_MOST = 2  # keys; the help has them all


def leaving_keys(screen: Screen[Any]) -> list[str]:
    """Return the first keys that take a screen back to what lies under it, as people read them."""
    bound = screen.active_bindings.items()
    return [shown_key(key) for key, active in bound if active.binding.id == "back"][:_MOST]
