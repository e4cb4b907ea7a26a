"""Keys as people read them: hint line, help page and command palette, from the live bindings."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from tui.panes.folder_tree import FolderTree
from tui.panes.photo_list import PhotoList
from tui.panes.preview import Preview
from tui.screens.help import HelpScreen
from tui.terminal.app import TerminalApp

KEY_NAMES = {
    "question_mark": "?", "escape": "esc", "pagedown": "PgDn", "pageup": "PgUp", "up": "↑", "down": "↓",
    "left": "←", "right": "→", "colon": ":", "f1": "F1", "shift+tab": "shift-tab", "home": "Home",
    "end": "End",
}  # fmt: skip

_EVERYWHERE = [
    ("S", "sync"), ("u", "undo"), ("?", "help"), ("q", "quit"),
    ("c", "conflicts"), ("tab", "pane"), (":", "commands"),
]  # fmt: skip
_STAR = [("space", "star, move on"), ("s", "star")]
_HINTS: dict[type[Widget], list[tuple[str, str]]] = {
    PhotoList: _STAR,
    Preview: [*_STAR, ("h", "back")],
    FolderTree: [("l", "open"), ("h", "up"), ("enter", "to the photos")],
}


def hints(focused: Widget | None) -> list[tuple[str, str]]:
    """Return (key, what it does) for the hint line, those of the focused pane first."""
    return [*_HINTS.get(type(focused) if focused is not None else Widget, []), *_EVERYWHERE]


def grouped(bindings: Iterable[Binding]) -> list[tuple[str, str]]:
    """Return (keys, description), one for each action, in the order of the bindings."""
    names: dict[str, list[str]] = {}
    for binding in bindings:
        if binding.description:
            names.setdefault(binding.description, []).append(KEY_NAMES.get(binding.key, binding.key))
    return [(" ".join(dict.fromkeys(of)), description) for description, of in names.items()]


def help_parts(app: App[Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return (heading, [(keys, description)]), the focused pane first."""
    kinds: tuple[type[Widget], ...] = (PhotoList, FolderTree, Preview)
    panes = sorted(kinds, key=lambda kind: not isinstance(app.focused, kind))
    headings: dict[type[Widget], str] = {
        PhotoList: "In the photo list",
        FolderTree: "In the folder tree",
        Preview: "In the preview",
    }
    palette = Binding(app.COMMAND_PALETTE_BINDING, "command_palette", "All commands")
    return [
        *((headings[kind], grouped(_bindings(app.query_one(kind)))) for kind in panes),
        ("Everywhere", grouped([*_bindings(app), palette])),
    ]


def commands(app: App[Any], screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Yield every action that has a key, for the command palette."""
    places: list[Any] = [app, *screen.query(PhotoList), *screen.query(FolderTree), *screen.query(Preview)]
    told: set[str] = set()
    for place in places:
        actions = {binding.description: binding.action for binding in _bindings(place)}
        for names, description in grouped(_bindings(place)):
            if description not in told:
                told.add(description)
                yield SystemCommand(
                    description, f"key: {names}", partial(app.run_action, actions[description], place)
                )
    yield SystemCommand("Theme", "Choose the colours", app.action_change_theme)


def _bindings(place: Any) -> list[Binding]:
    """Return the bindings that a place, or a part that it is made of, declares; one for each key."""
    ours = [kind for kind in type(place).__mro__ if kind.__module__.startswith("tui.")]
    declared = [binding for kind in ours for binding in vars(kind).get("BINDINGS", ())]
    return [one for b in declared if isinstance(b, Binding) for one in Binding.make_bindings([b])]


class KeyedApp(TerminalApp):
    """An app that tells its keys: on the help page, and in the command palette."""

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(HelpScreen(help_parts(self)))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Put every action into the command palette."""
        yield from commands(self, screen)
