"""A test of the connection to a remote: what the doctor finds there, told check by check as it comes."""

import threading
from dataclasses import dataclass

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from catalog.checkup import Result, Status
from tui.config.settings import Settings
from tui.screens.foot import key_of
from tui.words.shown import shown
from tui.work.background import Background

_SIGNS = {
    Status.OK: ("✓", "green"), Status.WARNING: ("!", "yellow"), Status.FAILED: ("✗", "bold red"),
    Status.SKIPPED: ("-", "dim"),
}  # fmt: skip

_ENDS = {  # the worst last
    Status.SKIPPED: "Nothing could be looked at.",
    Status.OK: "All is well: this remote can be used.",
    Status.WARNING: "It can be used; read what is marked with !.",
    Status.FAILED: "It cannot be used as it is; read what is marked with ✗.",
}


class ConnectionScreen(ModalScreen[None]):
    """The checks of one remote. Leaving it ends them."""

    BINDINGS = [
        Binding("escape,q,enter", "dismiss(None)", "Back", id="back"),
        Binding("j,down", "scroll(1)", "Down", show=False, id="down"),
        Binding("k,up", "scroll(-1)", "Up", show=False, id="up"),
    ]

    @dataclass
    class Found(Message):
        """One check has ended; None if all have."""

        result: Result | None

    def __init__(self, settings: Settings, background: Background) -> None:
        """Prepare the screen.

        Args:
            settings: the remote, which must be there, and how it is used.
            background: looks into it.
        """
        super().__init__()
        assert settings.remote is not None
        self._settings, self._remote = settings, settings.remote
        self._background = background
        self._cancel = threading.Event()
        self._table = Table.grid(padding=(0, 1))
        self._worst = Status.SKIPPED

    def compose(self) -> ComposeResult:
        """Lay out the results."""
        with Vertical() as box:
            box.border_title = Text(f"Test of {shown(self._remote)}")
            box.border_subtitle = Text(f"{key_of(self, 'back')}: back")
            with VerticalScroll(can_focus=False):
                yield Static(id="results")

    def on_mount(self) -> None:
        """Begin."""
        self._say("looking…")
        self._background.run("connection", lambda _: self._look())

    def on_unmount(self) -> None:
        """End the checks."""
        self._cancel.set()

    def _look(self) -> None:
        from sync.doctor.remote import check_remote

        settings = self._settings
        results = check_remote(
            self._remote,
            single_writer=settings.single_writer,
            sse=settings.backup.sse,
            kms_key=settings.backup.kms_key,
            cancel=self._cancel,
        )
        for result in results:
            self.post_message(self.Found(result))
        self.post_message(self.Found(None))

    def on_connection_screen_found(self, event: Found) -> None:
        """Show what a check has found, or what all of them come to."""
        if event.result is None:
            self._say(_ENDS[self._worst])
        else:
            self._add(event.result)
            self._say("")
        self.query_one(VerticalScroll).scroll_end(animate=False)

    def _add(self, result: Result) -> None:
        text = Text(shown(result.found))
        if result.advice:
            text.append(f"\n{shown(result.advice)}", "dim")
        sign, style = _SIGNS[result.status]
        self._table.add_row(Text(sign, style), Text(result.name, "bold"), text)
        self._worst = max(self._worst, result.status, key=list(_ENDS).index)

    def _say(self, end: str) -> None:
        self.query_one("#results", Static).update(Group(self._table, Text(end, "bold")))

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
