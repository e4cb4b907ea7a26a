"""A small menu over the panes: one key for each line."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.screens.foot import key_of


class Choice(NamedTuple):
    """A line of a menu: its key, what it says, and whether that is so now."""

    key: str
    words: str
    is_on: bool


class MenuScreen(ModalScreen[str | None]):
    """Ends with the key that was pressed, None if all shall stay as it is."""

    BINDINGS = [Binding("escape,q", "dismiss(None)", "Back", id="back")]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        """Prepare the menu.

        Args:
            title: of the box.
            choices: its lines.
        """
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Lay out a line for each choice."""
        with Vertical() as box:
            box.border_title = Text(self._title)
            for choice in self._choices:
                sign = "•" if choice.is_on else " "
                yield Static(Text.assemble(f"{sign} ", (choice.key, "bold"), f"  {choice.words}"))
            yield Static(Text.assemble("  ", (key_of(self, "back"), "bold"), " back"))

    def on_key(self, event: Key) -> None:
        """Close with the choice."""
        if event.character is not None and event.character in {choice.key for choice in self._choices}:
            event.stop()
            self.dismiss(event.character)
