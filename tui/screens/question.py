"""A question over the panes, and the keys that answer it."""

from collections.abc import Mapping

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.screens.foot import keys_of
from tui.words.shown import shown

_LEAVING = 2  # keys that are told; the help has them all
_MOMENT = 0.5  # seconds: nobody has read a question before, and what is typed is meant for what it lies over


class QuestionScreen(ModalScreen[str | None]):
    """Ends with the key that was chosen, None if all shall stay as it is. Enter alone does nothing."""

    BINDINGS = [Binding("n,escape,q", "leave", "Leave all as it is", id="back")]

    def __init__(
        self, title: str, question: str, more: str, answers: Mapping[str, str], *, late: bool = False
    ) -> None:
        """Prepare the screen.

        Args:
            title: of the box.
            question: what would be done, with its counts, in a sentence or two.
            more: what helps to decide.
            answers: key -> what it does; n, q and esc are taken, and do nothing.
            late: whether it comes when something else may be typed: then no key is an answer until the keys
                are told, a moment later.
        """
        super().__init__()
        self._title = title
        self._question = question
        self._more = more
        self._answers = answers
        self._late = late

    def compose(self) -> ComposeResult:
        """Lay out the question over its keys."""
        with Vertical() as box:
            box.border_title = Text(self._title)
            yield Static(Text(shown(self._question), "bold"))
            yield Static(Text(shown(self._more)))
            keys = Text()
            for key, what in self._answers.items():
                keys.append(key, "bold").append(f" {what}   ")
            leave = Text(" or ").join(Text(key, "bold") for key in keys_of(self, "back")[:_LEAVING])
            told = Static(keys.append_text(leave).append(" leave it"), id="keys")
            told.visible = not self._late
            yield told

    def on_mount(self) -> None:
        """Take answers, sooner or later."""
        if self._late:
            self.set_timer(_MOMENT, self._take_answers)

    def _take_answers(self) -> None:
        self._late = False
        self.query_one("#keys").visible = True

    def action_leave(self) -> None:
        """Leave all as it is."""
        if not self._late:
            self.dismiss(None)

    def on_key(self, event: Key) -> None:
        """Close with the answer."""
        if not self._late and event.character is not None and event.character in self._answers:
            event.stop()
            self.dismiss(event.character)
