"""The photos that lie in several places on this device, with a key that goes to one of them."""

from dataclasses import dataclass
from typing import NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

from catalog.reader import CatalogReader
from catalog.search.query import Order, Query
from tui.terminal.in_turn import Asking
from tui.words.facts import plural, size_of
from tui.words.shown import shown
from tui.work.background import Background

_MOST = 1000  # photos; `photolala list --duplicates` has all
_BACK = Text.assemble(("esc", "bold"), " back")


class Place(NamedTuple):
    """A folder and the name of a file in it, both raw."""

    folder: bytes
    name: bytes


class DuplicatesScreen(ModalScreen[Place | None], Asking):
    """Each photo with its places, one a line. Ends with the place to go to, None to stay."""

    BINDINGS = [
        Binding("j", "cursor(1)", "Next place", show=False, id="down"),
        Binding("k", "cursor(-1)", "Previous place", show=False, id="up"),
        Binding("escape,q,D", "dismiss(None)", "Back", id="back"),
    ]

    @dataclass
    class Read(Message):
        """The photos, as (star, name, size, places), and how many there are in all."""

        photos: list[tuple[bool, str, int | None, tuple[bytes, ...]]]
        count: int

    def __init__(self, root: bytes, reader: CatalogReader, background: Background) -> None:
        """Prepare the screen.

        Args:
            root: the folder that is walked, a raw path: what lies below it is named from there.
            reader: of the catalog.
            background: reads it on a thread.
        """
        super().__init__()
        self._below = root.rstrip(b"/") + b"/"
        self._reader = reader
        self._background = background
        self._places: list[Place] = []

    def compose(self) -> ComposeResult:
        """Lay out the table over a line of help."""
        with Vertical() as box:
            box.border_title = "Photos in several places"
            yield DataTable[Text](cursor_type="row", show_header=False)
            yield Static("Reading…", id="detail", markup=False)
            yield Static(_BACK, id="keys")

    def on_mount(self) -> None:
        """Ask for them."""

        def read() -> None:
            query = Query(duplicates=True, order=Order.NAME)
            found = self._reader.page(query, limit=_MOST).entries
            photos = [(entry.starred, entry.filename, entry.size, entry.paths) for entry in found]
            count = len(photos) if len(photos) < _MOST else self._reader.count(query)
            self.post_message(self.Read(photos, count))

        self.asked = 1
        self._background.run("duplicates", lambda _: read())

    def on_duplicates_screen_read(self, event: Read) -> None:
        """List them: the photo on its first line, its places one below the other."""
        self.asked = 0
        table = self.query_one(DataTable)
        for _ in range(4):
            table.add_column("")
        for starred, name, size, paths in event.photos:
            facts = [Text("★" if starred else " "), Text(shown(name), "bold"), Text(size_of(size), "dim")]
            for path in paths:
                folder, _, file = path.rpartition(b"/")
                self._places.append(Place(folder or b"/", file))
                table.add_row(*facts, Text(shown(path.removeprefix(self._below)), no_wrap=True))
                facts = [Text(), Text(), Text()]
        told = "No photo lies in several places, as far as they are scanned."
        if event.photos:
            table.focus()
            keys = Text.assemble(("enter", "bold"), " go there   ", _BACK)
            self.query_one("#keys", Static).update(keys)
            told = plural(event.count, "photo")
            if event.count > len(event.photos):
                told = f"The first {len(event.photos)} of {told}: `photolala list --duplicates` has all"
            told += ". A star is the photo's, in each of its places."
        self.query_one("#detail", Static).update(Text(told, "dim"))

    def action_cursor(self, by: int) -> None:
        """Move the cursor."""
        table = self.query_one(DataTable)
        table.move_cursor(row=table.cursor_row + by)

    def on_data_table_row_selected(self, event: "DataTable.RowSelected") -> None:
        """Go to the file under the cursor."""
        self.dismiss(self._places[event.cursor_row])
