"""The conflicts, one line each, with the keys that decide them; what was decided stays in the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static

from catalog.reader import CatalogReader
from tui.messages import CatalogChanged
from tui.pictures.picture import Picture
from tui.pictures.wanted import Source
from tui.screens.foot import foot, key_of
from tui.screens.question import QuestionScreen
from tui.terminal.in_turn import Asking
from tui.words.conflicts import alike, cells, told_alike, told_conflict
from tui.words.facts import plural
from tui.words.shown import shown
from tui.work.catalog_thread import CatalogThread, Job

if TYPE_CHECKING:
    from catalog.conflicts import ConflictEntry, Decision
    from catalog.store import SqlCatalog

_COLUMNS = ("photo", "field", "was", "mine", "theirs", "winner", "changed by", "at")
_IN_NARROW = ("photo", "field", "mine", "theirs", "changed by")  # the line under the table tells the rest
_FIXED = {"field": 9, "winner": 14, "changed by": 12, "at": 11}  # cells; the others share what is left
_WIDE = 100  # cells
_PADDING = 2
_MOST = 500  # lines; more would hold up the keys


class ConflictsScreen(ModalScreen[None], Asking):
    """What two devices changed differently, and what became of it."""

    BINDINGS = [
        Binding("m", "decide('mine')", "Use mine", id="use_mine"),
        Binding("t", "decide('theirs')", "Keep theirs", id="use_theirs"),
        Binding("A", "decide_alike", "Decide all like this one", id="decide_alike"),
        Binding("u", "undo", "Undo the last decision", id="undo"),
        Binding("H", "history", "Show the decided ones, too", id="show_decided"),
        Binding("j", "cursor(1)", "Next conflict", show=False, id="down"),
        Binding("k", "cursor(-1)", "Previous conflict", show=False, id="up"),
        Binding("g", f"cursor(-{_MOST})", "First conflict", show=False, id="first"),
        Binding("G", f"cursor({_MOST})", "Last conflict", show=False, id="last"),
        Binding("escape,q,c", "leave", "Back", id="back"),
    ]

    @dataclass
    class Read(Message):
        """The conflicts, and a file of each photo that is here, by md5."""

        entries: "Sequence[ConflictEntry]"
        paths: dict[str, bytes]

    @dataclass
    class Decided(Message):
        """Conflicts were decided, or opened again: then `made` is empty. It goes to the app."""

        made: "list[Decision]"

    @dataclass
    class Failed(Message):
        """They could not be read, or one could not be decided."""

        reason: str

    def __init__(self, catalog: CatalogThread, decisions: "list[list[Decision]]", picture: Picture) -> None:
        """Prepare the screen.

        Args:
            catalog: reads and decides them.
            decisions: of this session, the last one last; `undo` takes it away.
            picture: shows the photo under the cursor, where there is room.
        """
        super().__init__()
        self._catalog = catalog
        self._decisions = decisions
        self._picture = picture
        self._paths: dict[str, bytes] = {}
        self._entries: Sequence[ConflictEntry] = ()
        self._history = False

    def compose(self) -> ComposeResult:
        """Lay out the table over a line of help."""
        with Vertical() as box:
            box.border_title = "Conflicts"
            with Horizontal():
                yield DataTable[Text](cursor_type="row", zebra_stripes=True)
                yield self._picture
            yield Static(id="detail")
            yield Static(id="keys")

    def on_mount(self) -> None:
        """Ask for the conflicts."""
        self._ask()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    @property
    def _current(self) -> "ConflictEntry | None":
        row = self.query_one(DataTable).cursor_row
        return self._entries[row] if 0 <= row < min(len(self._entries), _MOST) else None  # -1 in an empty one

    def _ask(self) -> None:
        history = self._history

        def read(catalog: "SqlCatalog") -> None:
            from catalog.conflicts import conflicts

            found = conflicts(catalog, closed=history)
            found = found[::-1] if history else found  # the newest first
            photos = CatalogReader(catalog.path).rows([entry.md5 for entry in found[:_MOST]])
            paths = {photo.md5: photo.paths[0] for photo in photos if photo.md5 and photo.paths}
            self.post_message(self.Read(found, paths))

        self.asked = 1
        self._do(read)

    def _do(self, job: Job) -> None:
        self._catalog.ask(job, lambda reason: self.post_message(self.Failed(reason)))

    def on_catalog_changed(self, _: CatalogChanged) -> None:
        """Read them anew."""
        self._ask()

    def on_conflicts_screen_read(self, event: Read) -> None:
        """List the conflicts; the cursor stays where it was."""
        self.asked = 0
        self._entries, self._paths = event.entries, event.paths
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
        for entry in self._entries[:_MOST]:
            texts = cells(entry)
            style = "" if entry.state == "open" else "dim"
            table.add_row(*(_cell(texts[name], widths[name], style) for name in names))
        if self._entries:
            table.move_cursor(row=min(row, len(self._entries) - 1))
            table.focus()
        self._tell()

    def on_data_table_row_highlighted(self) -> None:
        """Tell all of the conflict under the cursor."""
        self._tell()

    def _tell(self) -> None:
        entry = self._current
        kind = "conflicts" if self._history else "open conflicts"
        detail = Text(f"No {kind}, as of the last sync.", "dim")
        source = None if entry is None else Source(self._paths.get(entry.md5), entry.md5)
        self._picture.show(source)
        if entry is not None:
            detail = told_conflict(entry)
            if len(self._entries) > _MOST:
                detail.append(f"\nThe first {_MOST} of {len(self._entries):,}.", "dim")
        self.query_one("#detail", Static).update(detail)
        self.query_one("#keys", Static).update(self._keys(entry))

    def _keys(self, entry: "ConflictEntry | None") -> Text:
        keys: list[tuple[str, str]] = []
        if entry is not None and entry.state == "open":
            keys = [("use_mine", "use mine"), ("use_theirs", "keep theirs")]
            if len(alike(self._entries, entry)) > 1:
                keys.append(("decide_alike", "all like this"))
        if self._decisions:
            keys.append(("undo", "undo"))
        keys += [("show_decided", "open ones only" if self._history else "history"), ("back", "back")]
        legend = "✓ holds now   " if self._entries else ""
        return Text.assemble((legend, "dim"), foot(self, keys))

    def on_conflicts_screen_failed(self, event: Failed) -> None:
        """Say what went wrong."""
        self.asked = 0
        self.notify(shown(event.reason), severity="error", markup=False)

    def action_cursor(self, by: int) -> None:
        """Move the cursor."""
        table = self.query_one(DataTable)
        table.move_cursor(row=table.cursor_row + by)

    def action_leave(self) -> None:
        """Go back to the photos."""
        self.dismiss()

    def action_history(self) -> None:
        """Show the decided ones, too, or the open ones only."""
        self._history = not self._history
        self.query_one(DataTable).move_cursor(row=0)
        self._ask()

    def action_decide(self, side: str) -> None:
        """Decide the conflict under the cursor: one side's value becomes the photo's."""
        if (entry := self._to_decide()) is not None:
            self._decide([entry.id], side)

    def action_decide_alike(self) -> None:
        """Ask how all conflicts like the one under the cursor shall be decided."""
        entry = self._to_decide()
        if entry is None:
            return
        numbers = [one.id for one in alike(self._entries, entry)]
        count = plural(len(numbers), "open conflict")
        question = QuestionScreen(
            "All like this",
            f"{count}: {told_alike(entry)}.",
            f"{key_of(self, 'undo')} takes it back, for all of them together.",
            {"m": "use mine for all", "t": "keep theirs for all"},
        )
        sides = {"m": "mine", "t": "theirs"}
        self.app.push_screen(question, lambda key: self._decide(numbers, sides[key]) if key else None)

    def _to_decide(self) -> "ConflictEntry | None":
        entry = self._current
        if entry is not None and entry.state != "open":
            undo = key_of(self, "undo")
            self.notify(f"This one is decided; {undo} takes the last decision back.", markup=False)
            return None
        return entry

    def _decide(self, numbers: list[int], side: str) -> None:
        app = self.app  # it hears of it even if this screen is left meanwhile

        def job(catalog: "SqlCatalog") -> None:
            from catalog.conflicts import Side, decide

            app.post_message(self.Decided(decide(catalog, numbers, Side(side))))

        self.asked = 1  # the next key is for the next conflict
        self._do(job)

    def action_undo(self) -> None:
        """Open what was decided last again, with the photos as they were."""
        if not self._decisions:
            self.notify("There is no decision to take back.", markup=False)
            return
        app, made = self.app, self._decisions.pop()

        def job(catalog: "SqlCatalog") -> None:
            from catalog.conflicts import undo

            undo(catalog, made)
            app.post_message(self.Decided([]))

        self._do(job)


def _cell(text: str, room: int, style: str) -> Text:
    cell = Text(text, style, no_wrap=True)
    cell.truncate(room, overflow="ellipsis")
    return cell
