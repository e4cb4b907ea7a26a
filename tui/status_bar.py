"""The status bar: what is known of catalog and remote, and what goes on now; never more than that."""

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from catalog.reader import Summary
from sync.events import Phase, Progress
from tui.shown import shown
from tui.sync_state import GLYPHS, SyncState, clock, sync_state

_STYLES = {
    SyncState.SYNCED: "green",
    SyncState.PENDING: "yellow",
    SyncState.CONFLICTS: "bold magenta",
    SyncState.OFFLINE: "yellow",
    SyncState.ERROR: "bold red",
    SyncState.NOT_CONFIGURED: "dim",
}
_PHASES = {
    Phase.CHECKING: "looking at the remote",
    Phase.DOWNLOADING: "shards down",
    Phase.MERGING: "shards merged",
    Phase.UPLOADING: "shards up",
    Phase.COMMITTING: "committing",
}


class StatusBar(Widget):
    """One line at the bottom."""

    def __init__(self, remote: str | None, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._remote = remote
        self._summary: Summary | None = None
        self._scan = ""
        self._progress: Progress | None = None
        self._failure: str | None = None

    def show_summary(self, summary: Summary) -> None:
        """Show the catalog in numbers."""
        self._summary = summary
        self.refresh()

    def show_scan(self, text: str) -> None:
        """Show what the scan is doing; empty if nothing."""
        self._scan = text
        self.refresh()

    def show_sync(self, progress: Progress | None) -> None:
        """Show what the sync is doing; None if nothing."""
        self._progress = progress
        self.refresh()

    def show_failure(self, reason: str) -> None:
        """Show that the catalog cannot be used."""
        self._failure = reason
        self.refresh()

    def render(self) -> Text:
        """Draw the line: the state to the left, the counts to the right."""
        width = self.size.width
        left, right = self._state(), self._counts()
        room = width - cell_len(right.plain) - 3
        if room < 24:
            right, room = Text(), width - 3
        left.truncate(room, overflow="ellipsis")
        return Text.assemble(" ", left, " " * (room - cell_len(left.plain) + 1), right, " ", no_wrap=True)

    def _state(self) -> Text:
        if self._failure is not None:
            return Text(f"! {shown(self._failure)}", "bold red")
        if self._progress is not None:
            return Text(f"⇅ syncing: {_progress(self._progress)}", "cyan")
        if self._summary is None:
            return Text("…")
        state = sync_state(self._summary, self._remote)
        return Text(f"{GLYPHS[state]} {self._sentence(state, self._summary)}", _STYLES[state])

    def _sentence(self, state: SyncState, summary: Summary) -> str:
        last = f"last synced {clock(summary.last_success)}" if summary.last_success else "never synced"
        if state is SyncState.NOT_CONFIGURED:
            return "no remote: stars are kept on this device"
        if state is SyncState.SYNCED:
            return f"synced {clock(summary.last_success or 0)}"
        if state is SyncState.PENDING:
            return f"{summary.pending} pending, {last}" if summary.pending else last
        if state is SyncState.CONFLICTS:
            waiting = f", {summary.pending} pending" if summary.pending else ""
            return f"{_plural(summary.open_conflicts, 'conflict')} (c){waiting}, {last}"
        waiting = f", {summary.pending} pending" if summary.pending else ""
        word = "offline" if state is SyncState.OFFLINE else "error"
        return f"{word}{waiting}: {shown(summary.last_error or '')}"

    def _counts(self) -> Text:
        if self._summary is None:
            return Text(self._scan, "cyan")
        photos = f"{self._summary.photos} photos · ★ {self._summary.starred}"
        return Text.assemble((f"{self._scan}  " if self._scan else "", "cyan"), photos)


class HintLine(Widget):
    """One line that says which keys work here and now."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._hints: list[tuple[str, str]] = []

    def show(self, hints: list[tuple[str, str]]) -> None:
        """Show (key, what it does) pairs, as many as fit."""
        if hints != self._hints:
            self._hints = hints
            self.refresh()

    def render(self) -> Text:
        """Draw the line."""
        line = Text(" ", no_wrap=True)
        for key, what in self._hints:
            part = Text.assemble((key, "bold"), f" {what}  ")
            if cell_len(line.plain) + cell_len(part.plain) > self.size.width:
                break
            line.append_text(part)
        return line


def _progress(progress: Progress) -> str:
    words = _PHASES[progress.phase]
    return f"{progress.done} of {progress.total} {words}" if progress.total > 1 else words


def _plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
