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

from tui.words.facts import date_of
from tui.words.shown import shown
from tui.work.catalog_thread import CatalogThread

if TYPE_CHECKING:
    from catalog.conflicts import ConflictEntry
    from catalog.store import SqlCatalog

_COLUMNS = ("photo", "field", "was", "mine", "theirs", "changed by", "at")
_IN_NARROW = ("photo", "field", "mine", "theirs", "changed by")  # the line under the table tells the rest
_FIXED = {"field": 9, "changed by": 12, "at": 11}  # cells; the others share what is left
_WIDE = 100  # cells
_PADDING = 2


class ConflictsScreen(ModalScreen[bool]):
    """What two devices changed differently, and what became of it. Ends with whether one was decided."""

    BINDINGS = [
        Binding("m", "decide(True)", "Use mine"),
        Binding("t", "decide(False)", "Keep theirs"),
        Binding("j", "cursor(1)", "Next conflict", show=False),
        Binding("k", "cursor(-1)", "Previous conflict", show=False),
        Binding("escape,q,c", "leave", "Back"),
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
        self._decided = False

    def compose(self) -> ComposeResult:
        """Lay out the table over a line of help."""
        with Vertical() as box:
            box.border_title = "Conflicts"
            yield DataTable[Text](cursor_type="row", zebra_stripes=True)
            yield Static(id="detail")
            yield Static(
                Text.assemble(
                    ("m", "bold"), " use mine, here and everywhere   ",
                    ("t", "bold"), " leave it as it is now   ", ("esc", "bold"), " back   ",
                    ("✓", "bold"), " what holds now",
                )
            )  # fmt: skip

    def on_mount(self) -> None:
        """Ask for the conflicts."""
        self._ask()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def _ask(self) -> None:
        def read(catalog: "SqlCatalog") -> None:
            from catalog.conflicts import conflicts

            self.post_message(self.Read(conflicts(catalog)))

        self._catalog.ask(read, lambda reason: self.post_message(self.Failed(reason)))

    def on_conflicts_screen_read(self, event: Read) -> None:
        """List the conflicts; the cursor stays where it was."""
        self._entries = event.entries
        self._fill()

    def _fill(self) -> None:
        table = self.query_one(DataTable)
        row = table.cursor_row
        table.clear(columns=True)
        room = table.scrollable_content_region.width
        names = _COLUMNS if room >= _WIDE else _IN_NARROW
        fixed = [_FIXED[name] for name in names if name in _FIXED]
        left = room - sum(fixed) - len(names) * _PADDING
        widths = dict.fromkeys(names, max(8, left // (len(names) - len(fixed)))) | _FIXED
        for name in names:
            table.add_column(Text(name, "dim"), width=widths[name])
        for entry in self._entries:
            cells = _cells(entry)
            table.add_row(*(_cell(cells[name], widths[name]) for name in names))
        if self._entries:
            table.move_cursor(row=min(row, len(self._entries) - 1))
            table.focus()
        self._tell_detail()

    def on_data_table_row_highlighted(self) -> None:
        """Tell all of the conflict under the cursor."""
        self._tell_detail()

    def _tell_detail(self) -> None:
        row = self.query_one(DataTable).cursor_row
        detail = Text("No open conflicts, as of the last sync.", "dim")
        if row < len(self._entries):
            cells = _cells(self._entries[row])
            detail = Text.assemble(
                (cells["photo"], "bold"), f"  {cells['field']} was {cells['was']}; mine: {cells['mine']}; "
                f"theirs: {cells['theirs']} ({cells['changed by']}, {cells['at']})"
            )  # fmt: skip
        self.query_one("#detail", Static).update(detail)

    def on_conflicts_screen_failed(self, event: Failed) -> None:
        """Say what went wrong."""
        self.notify(shown(event.reason), severity="error", markup=False)

    def action_cursor(self, by: int) -> None:
        """Move the cursor."""
        table = self.query_one(DataTable)
        table.move_cursor(row=table.cursor_row + by)

    def action_leave(self) -> None:
        """Go back to the photos."""
        self.dismiss(self._decided)

    def action_decide(self, mine: bool) -> None:
        """Decide the conflict under the cursor: use mine, or leave it as it is."""
        row = self.query_one(DataTable).cursor_row
        if row >= len(self._entries):
            return
        number = self._entries[row].id
        self._decided = True

        def decide(catalog: "SqlCatalog") -> None:
            from catalog.conflicts import dismiss, use_mine

            (use_mine if mine else dismiss)(catalog, number)

        self._catalog.ask(decide, lambda reason: self.post_message(self.Failed(reason)))
        self._ask()


def _cells(entry: "ConflictEntry") -> dict[str, str]:
    was, mine, theirs = (_value(entry.field, value) for value in (entry.base, entry.mine, entry.theirs))
    return {
        "photo": shown(entry.filename),
        "field": {"starred": "star", "deleted": "photo"}.get(entry.field, entry.field),
        "was": was,
        "mine": f"✓ {mine}" if entry.winner == "mine" else mine,
        "theirs": theirs if entry.winner == "mine" else f"✓ {theirs}",
        "changed by": shown(entry.theirs_device),
        "at": time.strftime("%m-%d %H:%M", time.localtime(entry.recorded_at)),
    }


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
