"""A test of the connection to a remote: what the doctor finds there, told check by check as it comes."""

import threading
from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from catalog.checkup import Result, Status
from tui.config.settings import Settings
from tui.words.shown import shown
from tui.work.background import Background

_SIGNS = {
    Status.OK: ("✓", "green"), Status.WARNING: ("!", "yellow"), Status.FAILED: ("✗", "bold red"),
    Status.SKIPPED: ("-", "dim"),
}  # fmt: skip


class ConnectionScreen(ModalScreen[None]):
    """The checks of one remote. Leaving it ends them."""

    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "Back", id="back"),
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
        self._lines = Text("looking…", "dim")
        self._worst = Status.OK

    def compose(self) -> ComposeResult:
        """Lay out the results."""
        with Vertical() as box:
            box.border_title = Text(f"Test of {shown(self._remote)}")
            box.border_subtitle = "esc: back"
            with VerticalScroll(can_focus=False):
                yield Static(id="results")

    def on_mount(self) -> None:
        """Begin."""
        self._tell(Text())
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
        """Show what a check has found."""
        if event.result is not None:
            sign, style = _SIGNS[event.result.status]
            line = Text.assemble((f"{sign} ", style), (f"{event.result.name:<12} ", "bold"))
            line.append(f"{shown(event.result.found)}\n")
            if event.result.advice:
                line.append(f"    {shown(event.result.advice)}\n", "dim")
            if event.result.status is Status.FAILED or self._worst is Status.OK:
                self._worst = (
                    event.result.status if event.result.status is not Status.SKIPPED else self._worst
                )
            self._tell(line)
        else:
            self._lines.append(
                {
                    Status.OK: "All is well: this remote can be used.",
                    Status.WARNING: "It can be used; read what is marked with !.",
                }.get(self._worst, "It cannot be used as it is; read what is marked with ✗."),
                "bold",
            )
            self.query_one("#results", Static).update(self._lines)

    def _tell(self, line: Text) -> None:
        if self._lines.plain == "looking…" and line.plain:
            self._lines = Text()
        self._lines.append_text(line)
        self.query_one("#results", Static).update(self._lines)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
