"""Keys as people read them: hint line, help page and command palette, from the bindings in force."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from tui.config import keymap
from tui.config.keymap import shown_key
from tui.panes.contact_sheet import ContactSheet
from tui.panes.folder_tree import FolderTree
from tui.panes.photo_list import PhotoList
from tui.panes.preview import Preview
from tui.panes.status_bar import HintLine
from tui.panes.timeline import Timeline
from tui.screens.help import HelpLine, HelpScreen
from tui.terminal.app import TerminalApp

_PANES: dict[type[Widget], str] = {
    PhotoList: "In the photo list",
    ContactSheet: "In the contact sheet",
    FolderTree: "In the folder tree",
    Timeline: "In the timeline",
    Preview: "In the preview",
}
_GOES_THERE: dict[type[Widget], str] = {  # ids of actions
    PhotoList: "photos", ContactSheet: "contact_sheet", FolderTree: "folders", Timeline: "timeline",
    Preview: "preview",
}  # fmt: skip


# (id of the action, what the hint line says of it)
_EVERYWHERE = [("sync", "sync"), ("undo", "undo"), ("next_pane", "pane"), ("commands", "commands")]
_ALWAYS = [("conflicts", "conflicts"), ("help", "help"), ("quit", "quit")]  # however narrow the terminal
_STAR = [("star_next", "star, move on"), ("star", "star")]
_HINTS: dict[type[Widget], list[tuple[str, str]]] = {
    PhotoList: [
        *_STAR, ("mark", "mark"), ("contact_sheet", "contact sheet"), ("full_view", "full view"),
        ("filter_name", "find"), ("timeline", "timeline"),
    ],
    ContactSheet: [*_STAR, ("contact_sheet", "list"), ("full_view", "full view")],
    Preview: [*_STAR, ("left", "back")],
    FolderTree: [("right", "open"), ("left", "up"), ("enter", "to the photos")],
    Timeline: [("right", "open"), ("left", "up"), ("enter", "to the photos"), ("timeline", "folders")],
}  # fmt: skip


_EVERYWHERE_IN_ORDER = (  # ids of the app's actions, as the help tells them: first what a new user needs
    "filter_name", "filters", "order", "below", "undo", "redo", "full_view", "contact_sheet", "timeline",
    "sync", "sync_details", "conflicts", "backup", "fetch_original", "cancel", "quit", "help", "commands",
    "preferences", "next_pane", "previous_pane", "folders", "photos", "preview", "rescan", "duplicates",
    "import", "suspend",
)  # fmt: skip


@cache
def declared(place: type[DOMNode]) -> tuple[Binding, ...]:
    """Return the bindings that a place, or a part that it is made of, declares; one for each key."""
    ours = [kind for kind in reversed(place.__mro__) if kind.__module__.startswith("tui.")]
    bindings = [binding for kind in ours for binding in vars(kind).get("BINDINGS", ())]
    return tuple(Binding.make_bindings(b for b in bindings if isinstance(b, Binding)))


def all_declared(app: type[App[Any]]) -> dict[str, tuple[Binding, ...]]:
    """Return all that is bound in each place, by its heading: by itself, and by what lies under it."""
    panes = {heading: declared(pane) + declared(app) for pane, heading in _PANES.items()}
    screens = {heading_of(screen): declared(screen) + declared(KeyedApp) for screen in _below(Screen)}
    return panes | screens


def rebindable(
    app: type[App[Any]], chosen: Mapping[str, str] = MappingProxyType({})
) -> dict[str, tuple[str, str]]:
    """Return (keys as [keymap] has them, what it does) of each action that can have others, by its id."""
    keys: dict[str, list[str]] = {}
    told: dict[str, str] = {}
    places = all_declared(app)
    for bindings in places.values():
        for binding in keymap.rebound(bindings, keymap.usable(chosen, places)):
            if binding.id and binding.description:
                told.setdefault(binding.id, binding.description)
                keys.setdefault(binding.id, []).append(keymap.typed_key(binding.key))
    return {action: (", ".join(dict.fromkeys(keys[action])), told[action]) for action in sorted(told)}


def _below(kind: type[Screen[Any]]) -> Iterator[type[Screen[Any]]]:
    for screen in kind.__subclasses__():
        if screen.__module__.startswith("tui.screens."):
            yield screen
        yield from _below(screen)


def heading_of(screen: type[Screen[Any]]) -> str:
    """Return what the help calls a screen: the words of its class's name."""
    words = re.findall("[A-Z][a-z]*", screen.__name__.removesuffix("Screen"))
    return f"In {' '.join(words).lower()}"


def grouped(bindings: Iterable[Binding]) -> dict[str, tuple[str, str]]:
    """Return (keys, description) of each action, in the order of the bindings."""
    keys: dict[str, list[str]] = {}
    told: dict[str, str] = {}
    for binding in bindings:
        if binding.description:
            told.setdefault(binding.action, binding.description)
            keys.setdefault(binding.action, []).append(shown_key(binding.key))
    return {action: (" ".join(dict.fromkeys(keys[action])), told[action]) for action in told}


class KeyedApp(TerminalApp):
    """An app that tells its keys, and says of what cannot be done here and now why not."""

    BINDINGS = [
        # before a screen that lies over the panes, so that it has its help, too
        Binding("question_mark,f1", "help", "Help", priority=True, id="help"),
        Binding("colon", "command_palette", "All commands", priority=True, id="commands"),
    ]

    def __init__(self) -> None:
        """Begin with the keys that the bindings name."""
        super().__init__()
        self._keymap_used: dict[str, str] = {}
        self._bound_before: dict[type[DOMNode], dict[str, Binding]] = {}

    def use_keymap(self, chosen: Mapping[str, str]) -> str:
        """Put other keys on actions.

        Args:
            chosen: keys such as `s, F5` by the id of the action, as [keymap] has them.

        Returns:
            One sentence on what is wrong with them, empty if nothing is. What is right holds.
        """
        places = all_declared(type(self)) if chosen else {}
        self._keymap_used = keymap.usable(chosen, places)
        self._bound_before = {}
        self.alt_keys = any("alt+" in keys for keys in self._keymap_used.values())
        self.set_keymap(self._keymap_used)
        wrong = keymap.problems(chosen, places)
        return f"[keymap] in config.toml: {'; '.join(wrong)}." if wrong else ""

    @property
    def is_typing(self) -> bool:
        """Whether what is typed now is text: a question would take a letter of it for its answer."""
        return isinstance(self.focused, Input)

    def why_not(self, action: str) -> str | None:  # noqa: ARG002
        """Return in a sentence why an action of the app can do nothing now; None if it can."""
        return None

    def action_help_quit(self) -> None:
        """Say how the app is left to who expects ctrl+c to do it; it may be meant to copy."""
        leave, cancel = self._key_of("quit"), self._key_of("cancel")
        self.notify(f"{leave} quits, {cancel} cancels what is under way.", markup=False)

    def action_help(self) -> None:
        """Show the keys."""
        self.clear_notifications()  # one would lie on them
        self.push_screen(HelpScreen(self._help()))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Put every action that has a key here into the command palette."""
        over = screen is not self.screen_stack[0]
        places: list[DOMNode] = [screen] if over else [screen.query_one(kind) for kind in _PANES]
        told: set[str] = set()
        for place in places if screen.is_modal else [*places, self]:
            for action, (keys, description) in grouped(self._bound(type(place)).values()).items():
                if description not in told:
                    told.add(description)
                    hint = self._why_not(action) or f"key: {keys}"
                    yield SystemCommand(description, hint, partial(self.run_action, action, place))
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave `?` and `:` to who is typing, and to the help itself."""
        taken = self.is_typing or isinstance(self.screen, HelpScreen)
        return not (taken and action in ("help", "command_palette"))

    def on_key(self, event: events.Key) -> None:
        """Say of a key that does nothing here where it does something."""
        here = {} if self.focused is None else self._bound(type(self.focused))
        if event.key in here or event.key in self._bound(type(self)) or len(self.screen_stack) > 1:
            return
        for pane, heading in _PANES.items():
            binding = self._bound(pane).get(event.key)
            if binding is not None and event.key not in self.screen.active_bindings:
                there = self._key_of(_GOES_THERE[pane])
                self.notify(
                    f"{shown_key(event.key)} works {heading[0].lower()}{heading[1:]} "
                    f"({binding.description}): {there} goes there.",
                    markup=False,
                )
                return

    def show_hints(self) -> None:
        """Say which keys work here and now, those of the focused pane first."""
        focused = self.screen_stack[0].focused  # also if something lies over the panes
        pane = Widget if focused is None else type(focused)
        self.query_one(HintLine).show(
            self._hints([*_HINTS.get(pane, []), *_EVERYWHERE]), always=self._hints(_ALWAYS)
        )

    def _hints(self, actions: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return (key, what it does) of those actions that can be done now."""
        return [(self._key_of(action), what) for action, what in actions if self._why_not(action) is None]

    def _key_of(self, action: str) -> str:
        """Return the first key of the action with this id."""
        places = (type(self), *_PANES)
        keys = (key for place in places for key, one in self._bound(place).items() if one.id == action)
        return shown_key(next(keys, action))

    def _bound(self, place: type[DOMNode]) -> dict[str, Binding]:
        """Return what is bound in a place now, by key."""
        if place not in self._bound_before:  # asked for at each key
            bindings = keymap.rebound(declared(place), self._keymap_used)
            self._bound_before[place] = {binding.key: binding for binding in bindings}
        return self._bound_before[place]

    def _why_not(self, action: str) -> str | None:
        return self.why_not(action.removeprefix("app.").partition("(")[0])

    def _help(self) -> list[tuple[str, list[HelpLine]]]:
        """Return (heading, lines): first of the place that has the keys."""
        over = len(self.screen_stack) > 1
        panes = sorted(_PANES, key=lambda kind: not isinstance(self.focused, kind))
        headings = (
            {type(self.screen): heading_of(type(self.screen))} if over else {p: _PANES[p] for p in panes}
        )
        parts = [(heading, self._lines(place)) for place, heading in headings.items()]
        everywhere = KeyedApp if over and self.screen.is_modal else type(self)
        return [*parts[:1], ("Everywhere", self._lines(everywhere)), *parts[1:]]

    def _lines(self, place: type[DOMNode]) -> list[HelpLine]:
        bindings = list(self._bound(place).values())
        if issubclass(place, App):
            bindings.sort(key=lambda binding: _EVERYWHERE_IN_ORDER.index(str(binding.id)))
        return [
            HelpLine(keys, description, self._why_not(action) or "")
            for action, (keys, description) in grouped(bindings).items()
        ]
