"""The line in which a part of a name is typed, while the list already shows what holds it."""

from dataclasses import dataclass

from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input


class FilterLine(Input):
    """Seen only while it has the keys."""

    BINDINGS = [
        Binding("escape", "leave", "List all again", show=False),
        Binding("down", "app.move(1)", "Next photo", show=False),
        Binding("up", "app.move(-1)", "Previous photo", show=False),
    ]

    @dataclass
    class Left(Message):
        """It is done with; `keep` what was typed, or not."""

        keep: bool

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(placeholder="part of a name; enter keeps it, esc leaves", compact=True, id=id)
        self.display = False

    def begin(self, text: str) -> None:
        """Take the keys.

        Args:
            text: what is filtered by already.
        """
        self.display = True
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text)
        self.focus()

    def action_leave(self) -> None:
        """List all again."""
        self.post_message(self.Left(keep=False))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was typed."""
        event.stop()
        self.post_message(self.Left(keep=True))

    def on_blur(self) -> None:
        """Vanish."""
        self.display = False
