"""Help, made from the bindings that are in force."""

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static


class HelpScreen(ModalScreen[None]):
    """Every key, by the place where it acts."""

    BINDINGS = [
        Binding("escape,q,question_mark,f1", "dismiss", "Back"),
        Binding("j", "scroll(1)", "Down", show=False),
        Binding("k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, parts: list[tuple[str, list[tuple[str, str]]]]) -> None:
        """Prepare the page.

        Args:
            parts: (heading, [(keys, description)]), the focused part first.
        """
        super().__init__()
        self._parts = parts

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with VerticalScroll() as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc: back"
            yield Static(self._page())

    def action_scroll(self, by: int) -> None:
        """Scroll by a line."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def _page(self) -> Text:
        page = Text()
        for heading, actions in self._parts:
            page.append(f"{heading}\n", "bold")
            for keys, description in actions:
                page.append(f"  {keys:<16}", "bold cyan")
                page.append(f"{description}\n")
            page.append("\n")
        page.append(
            "★ is in the catalog; ☆ is being written. What is starred here goes to the remote\n"
            "with the next sync (S). ! marks a photo that something is wrong with.",
            "dim",
        )
        return page
