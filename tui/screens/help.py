"""Help, made from the bindings that are in force."""

from textwrap import fill
from typing import NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.screens.foot import key_of

_KEYS_WIDTH = 16  # cells
_WIDTH = 66  # cells: of the page in a terminal of 80


class HelpLine(NamedTuple):
    """The keys of an action, what it does, and why it can do nothing now; empty if it can."""

    keys: str
    description: str
    why_not: str = ""


class HelpScreen(ModalScreen[None]):
    """Every key, by the place where it acts."""

    BINDINGS = [
        Binding("escape,q,question_mark,f1", "dismiss", "Back", id="back"),
        Binding("j,down", "scroll(1)", "Down", show=False, id="down"),
        Binding("k,up", "scroll(-1)", "Up", show=False, id="up"),
        Binding("pagedown,space", "page(1)", "A page down", show=False, id="page_down"),
        Binding("pageup", "page(-1)", "A page up", show=False, id="page_up"),
        Binding("g,home", "scroll(-1000)", "To the top", show=False, id="first"),
        Binding("G,end", "scroll(1000)", "To the end", show=False, id="last"),
    ]

    def __init__(self, parts: list[tuple[str, list[HelpLine]]]) -> None:
        """Prepare the page.

        Args:
            parts: (heading, lines), the focused part first.
        """
        super().__init__()
        self._parts = parts

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with VerticalScroll(can_focus=False) as box:
            box.border_title = "Keys"
            down, up, back = (key_of(self, action) for action in ("down", "up", "back"))
            box.border_subtitle = Text(f"{down} {up}: scroll · {back}: back")
            yield Static(self._page())

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by pages."""
        box = self.query_one(VerticalScroll)
        box.scroll_relative(y=by * max(1, box.scrollable_content_region.height - 1), animate=False)

    def _page(self) -> Text:
        page = Text()
        for heading, lines in self._parts:
            page.append(f"{heading}\n", "bold underline")
            for line in lines:
                page.append(f"  {line.keys:<{_KEYS_WIDTH}}", "bold")
                description = _indented(line.description, _KEYS_WIDTH + 2).lstrip()
                page.append(f"{description}\n", "dim" if line.why_not else "")
                if line.why_not:
                    page.append(f"{_indented(line.why_not, _KEYS_WIDTH + 4)}\n", "dim italic")
            page.append("\n")
        page.append(
            "★ is in the catalog; ☆ is being written. What is starred here goes to the remote "
            "with the next sync. ! marks a photo that something is wrong with.",
            "dim",
        )
        return page


def _indented(words: str, by: int) -> str:
    """Return words behind or below their keys, in lines that fit the page of a terminal of 80 columns."""
    indent = " " * by
    return fill(words, _WIDTH, initial_indent=indent, subsequent_indent=indent)
