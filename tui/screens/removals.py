"""The question that a sync asks which would take much away: go on, or stay as it is."""

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.words.shown import shown


class RemovalsScreen(ModalScreen[bool]):
    """Ends with True if the user wants what would be taken away to go. Enter alone does nothing."""

    BINDINGS = [
        Binding("y", "answer(True)", "Go on"),
        Binding("n,escape,q", "answer(False)", "Leave all as it is"),
    ]

    def __init__(self, losses: str) -> None:
        """Prepare the screen.

        Args:
            losses: a sentence on what would go, with its counts.
        """
        super().__init__()
        self._losses = losses

    def compose(self) -> ComposeResult:
        """Lay out the question over its keys."""
        with Vertical() as box:
            box.border_title = "Is that meant?"
            yield Static(Text(shown(self._losses), "bold"))
            yield Static(
                Text(
                    "All of that is still there. Go on if you, or somebody on another device, meant to take "
                    "it away. What goes here can be put back: photolala rollback."
                )
            )
            yield Static(
                Text.assemble(
                    ("y", "bold"), " go on   ", ("n", "bold"), " or ", ("esc", "bold"), " leave all as it is",
                )
            )  # fmt: skip

    def action_answer(self, go_on: bool) -> None:
        """Close with the answer."""
        self.dismiss(go_on)
