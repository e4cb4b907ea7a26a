"""A question over the panes, and the keys that answer it."""

from collections.abc import Mapping

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.screens.leaving_keys import leaving_keys
from tui.words.shown import shown


class QuestionScreen(ModalScreen[str | None]):
    """Ends with the key that was chosen, None if all shall stay as it is. Enter alone does nothing."""

    BINDINGS = [Binding("n,escape,q", "dismiss(None)", "Leave all as it is", id="back")]

    def __init__(self, title: str, question: str, more: str, answers: Mapping[str, str]) -> None:
        """Prepare the screen.

        Args:
            title: of the box.
            question: what would be done, with its counts, in a sentence or two.
            more: what helps to decide.
            answers: key -> what it does; n, q and esc are taken, and do nothing.
        """
        super().__init__()
        self._title = title
        self._question = question
        self._more = more
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Lay out the question over its keys."""
        with Vertical() as box:
            box.border_title = Text(self._title)
            yield Static(Text(shown(self._question), "bold"))
            yield Static(Text(shown(self._more)))
            keys = Text()
            for key, what in self._answers.items():
                keys.append(key, "bold").append(f" {what}   ")
            leave = Text(" or ").join(Text(key, "bold") for key in leaving_keys(self))
            yield Static(keys.append_text(leave).append(" leave it"))

    def on_key(self, event: Key) -> None:
        """Close with the answer."""
        if event.character is not None and event.character in self._answers:
            event.stop()
            self.dismiss(event.character)
