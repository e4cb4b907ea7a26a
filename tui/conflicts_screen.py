"""The conflicts, one line each, with the keys that turn or dismiss them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

from tui.catalog_thread import CatalogThread
from tui.facts import date_of
from tui.shown import shown

if TYPE_CHECKING:
    from catalog.conflicts import ConflictEntry
    from catalog.store import SqlCatalog

_COLUMNS = ("photo", "field", "was", "mine", "theirs", "changed by", "at")
_FIXED = 48  # cells that the narrow columns, the padding and the frame take


class ConflictsScreen(ModalScreen[None]):
    """What two devices changed differently, and what became of it."""

    BINDINGS = [
        Binding("m", "decide(True)", "Use mine"),
        Binding("t", "decide(False)", "Keep theirs"),
        Binding("j", "cursor(1)", "Next conflict", show=False),
        Binding("k", "cursor(-1)", "Previous conflict", show=False),
        Binding("escape,q,c", "dismiss", "Back"),
    ]

    @dataclass
    class Read(Message):
        """The open conflicts."""

        entries: "Sequence[ConflictEntry]"

    @dataclass
    class Failed(Message):
        """They could not be read, or one could not be decided."""

        reason: str

    def __init__(self, catalog: CatalogThread) -> None:
        """Prepare the screen.

        Args:
            catalog: reads and decides them.
        """
        super().__init__()
        self._catalog = catalog
        self._entries: Sequence[ConflictEntry] = ()

    def compose(self) -> ComposeResult:
        """Lay out the table over a line of help."""
        with Vertical() as box:
            box.border_title = "Conflicts"
            yield DataTable[Text](cursor_type="row", zebra_stripes=True)
            yield Static(
                Text.assemble(
                    ("m", "bold"), " use mine, here and everywhere   ",
                    ("t", "bold"), " leave it as it is now   ", ("esc", "bold"), " back   ",
                    ("✓", "bold"), " what holds now",
                )
            )  # fmt: skip

    def on_mount(self) -> None:
        """Name the columns, and ask for the conflicts."""
        self.query_one(DataTable).add_columns(*(Text(name, "dim") for name in _COLUMNS))
        self._ask()

    def _ask(self) -> None:
        def read(catalog: "SqlCatalog") -> None:
            from catalog.conflicts import conflicts

            self.post_message(self.Read(conflicts(catalog)))

        self._catalog.ask(read, lambda reason: self.post_message(self.Failed(reason)))

    def on_conflicts_screen_read(self, event: Read) -> None:
        """List the conflicts; the cursor stays where it was."""
        self._entries = event.entries
        table = self.query_one(DataTable)
        row = table.cursor_row
        table.clear()
        room = max(10, (self.size.width - _FIXED) // 4)
        for entry in event.entries:
            table.add_row(*(_cell(text, room) for text in _cells(entry)))
        if event.entries:
            table.move_cursor(row=min(row, len(event.entries) - 1))
        else:
            table.add_row(Text("No open conflicts, as of the last sync.", "dim"))
        table.focus()

    def on_conflicts_screen_failed(self, event: Failed) -> None:
        """Say what went wrong."""
        self.notify(shown(event.reason), severity="error", markup=False)

    def action_cursor(self, by: int) -> None:
        """Move the cursor."""
        table = self.query_one(DataTable)
        table.move_cursor(row=table.cursor_row + by)

    def action_decide(self, mine: bool) -> None:
        """Decide the conflict under the cursor: use mine, or leave it as it is."""
        row = self.query_one(DataTable).cursor_row
        if row >= len(self._entries):
            return
        number = self._entries[row].id

        def decide(catalog: "SqlCatalog") -> None:
            from catalog.conflicts import dismiss, use_mine

            (use_mine if mine else dismiss)(catalog, number)

        self._catalog.ask(decide, lambda reason: self.post_message(self.Failed(reason)))
        self._ask()


def _cells(entry: "ConflictEntry") -> tuple[str, ...]:
    was, mine, theirs = (_value(entry.field, value) for value in (entry.base, entry.mine, entry.theirs))
    return (
        shown(entry.filename),
        {"starred": "star", "deleted": "photo"}.get(entry.field, entry.field),
        was,
        f"✓ {mine}" if entry.winner == "mine" else mine,
        theirs if entry.winner == "mine" else f"✓ {theirs}",
        shown(entry.theirs_device),
        time.strftime("%m-%d %H:%M", time.localtime(entry.recorded_at)),
    )


def _cell(text: str, room: int) -> Text:
    cell = Text(text, no_wrap=True)
    cell.truncate(room, overflow="ellipsis")
    return cell


def _value(field: str, value: str) -> str:
    if field in {"starred", "deleted"}:
        return {"starred1": "★", "starred0": "no star", "deleted1": "deleted", "deleted0": "kept"}[
            field + value
        ]
    if field == "photodate" and value:
        return date_of(int(value)) or value  # a remote may have sent any number
    return shown(value) or "(empty)"
