"""The photos that lie in several places on this device, with a key that goes to one of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

from catalog.entry import Entry
from catalog.reader import CatalogReader
from catalog.search.query import Order, Query
from catalog.several_files import in_several_files
from tui.screens.foot import foot
from tui.terminal.in_turn import Asking
from tui.words.facts import plural, size_of
from tui.words.shown import shown
from tui.work.background import Background

_MOST = 1000  # photos; `photolala list --duplicates` has all


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
        """The photos, whether there are more of them, and why they cannot be told (one sentence)."""

        photos: list[Entry]
        more: bool = False
        problem: str = ""

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
            yield Static(foot(self, [("back", "back")]), id="keys")

    def on_mount(self) -> None:
        """Ask for them."""

        def read() -> None:
            try:
                found = list(islice(in_several_files(self._known()), _MOST + 1))
            except TimeoutError as error:
                self.post_message(self.Read([], problem=f"{shown(error.filename)}: {error.strerror}."))
            else:
                self.post_message(self.Read(found[:_MOST], more=len(found) > _MOST))

        self.asked = 1
        self._background.run("duplicates", lambda _: read())

    def _known(self) -> Iterator[Entry]:
        """Yield the photos that have several paths, as far as scans have seen."""
        query, page = Query(duplicates=True, order=Order.NAME), None
        while page is None or page.after is not None:
            page = self._reader.page(query, page and page.after, limit=_MOST)
            yield from page.entries

    def on_duplicates_screen_read(self, event: Read) -> None:
        """List them: the photo on its first line, its places one below the other."""
        self.asked = 0
        table = self.query_one(DataTable)
        for _ in range(4):
            table.add_column("")
        for photo in event.photos:
            facts = [
                Text("★" if photo.starred else " "),
                Text(shown(photo.filename), "bold"),
                Text(size_of(photo.size), "dim"),
            ]
            for path in photo.paths:
                folder, _, file = path.rpartition(b"/")
                self._places.append(Place(folder or b"/", file))
                table.add_row(*facts, Text(shown(path.removeprefix(self._below)), no_wrap=True))
                facts = [Text(), Text(), Text()]
        told = event.problem or "No photo lies in several places, as far as they are scanned."
        if event.photos:
            table.focus()
            keys = foot(self, [("enter", "go there"), ("back", "back")])
            self.query_one("#keys", Static).update(keys)
            told = plural(len(event.photos), "photo")
            if event.more:
                told = f"The first {told}: `photolala list --duplicates` has all"
            told += ". A star is the photo's, in each of its places. Links do not count."
        self.query_one("#detail", Static).update(Text(told, "dim"))

    def action_cursor(self, by: int) -> None:
        """Move the cursor."""
        table = self.query_one(DataTable)
        table.move_cursor(row=table.cursor_row + by)

    def on_data_table_row_selected(self, event: "DataTable.RowSelected") -> None:
        """Go to the file under the cursor."""
        self.dismiss(self._places[event.cursor_row])
