"""The status bar: what is known of catalog and remote, and what goes on now; never more than that."""

import time
from collections.abc import Callable
from enum import Enum, auto

from rich.cells import cell_len
from rich.text import Text
from textual.timer import Timer
from textual.widget import Widget

from catalog.reader import Summary
from sync.events import Phase, Progress
from tui.words.ages import ago, within
from tui.words.facts import plural, size_of
from tui.words.shown import shown
from tui.words.sync_state import GLYPHS, SyncState, sync_state

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
_WIDE = 120  # cells, from which on work and all counts have room beside each other
_LEAST = 24  # cells for the state, before the counts give way


class Work(Enum):
    """What may be under way, with its line: the first that runs is told."""

    STARS = auto()
    SYNC = auto()
    BACKUP = auto()
    IMPORT = auto()
    FETCH = auto()


class StatusBar(Widget):
    """One line at the bottom. It is painted only when it says something else than before."""

    def __init__(
        self,
        remote: str | None,
        key_of: Callable[[str], str],
        *,
        id: str | None = None,  # noqa: A002 (Textual's name)
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare the bar.

        Args:
            remote: the configured remote.
            key_of: returns the key in force of an action, by its id.
            id: Textual's.
            now: Unix seconds.
        """
        super().__init__(id=id)
        self._remote = remote
        self._key_of = key_of
        self._now = now
        self._summary: Summary | None = None
        self._scan = ""
        self._problems = 0
        self._work: dict[Work, str] = {}
        self._opening = "…"
        self._waiting = ""
        self._warning = ""
        self._next = ""
        self._failure: str | None = None
        self._painted = Text()
        self._timer: Timer | None = None

    def show_summary(self, summary: Summary) -> None:
        """Show the catalog in numbers."""
        self._summary = summary
        self._update()

    def show_scan(self, files: int | None, problems: int = 0) -> None:
        """Show how far a scan has come, in files, None if none runs; and how many it found damaged."""
        self._scan = "" if files is None else f"scanning: {plural(files, 'file')}"
        self._problems = problems
        self._update()

    def show_sync(self, progress: Progress | None, rate: float = 0) -> None:
        """Show what the sync is doing, and at how many bytes a second; None if nothing."""
        self.show_work(Work.SYNC, "" if progress is None else f"syncing: {_progress(progress, rate)}")

    def show_work(self, work: Work, told: str) -> None:
        """Show how far something has come; empty if it does not run."""
        self._work[work] = told
        self._update()

    def show_opening(self, told: str) -> None:
        """Show why it takes a while until anything is known of the catalog."""
        self._opening = told
        self._update()

    def show_waiting(self, told: str) -> None:
        """Show what waits for an answer, and the key that leads to the question; empty if nothing does."""
        self._waiting = told
        self._update()

    def show_warning(self, told: str) -> None:
        """Show what should be looked at, and hinders nothing."""
        self._warning = told
        self._update()

    def show_remote(self, remote: str | None) -> None:
        """Another remote is configured now; None for none."""
        self._remote = remote
        self._update()

    def show_next(self, seconds: float | None) -> None:
        """Show when the next automatic sync comes; None if none is planned."""
        self._next = "" if seconds is None else f"next {within(seconds)}"
        self._update()

    def show_failure(self, reason: str) -> None:
        """Show that the catalog cannot be used."""
        self._failure = reason
        self._update()

    def on_resize(self) -> None:
        """Fill the line."""
        self._update()

    def render(self) -> Text:
        """Draw the line."""
        self._painted = self._line()
        return self._painted

    def _update(self) -> None:
        if self._line() != self._painted:
            self.refresh()
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._summary is not None and self._summary.last_success and self._remote:
            _, seconds = ago(self._summary.last_success, self._now())
            if seconds is not None:
                self._timer = self.set_timer(seconds + 0.1, self._update)

    def _line(self) -> Text:
        """Return the state to the left and the counts to the right; what comes next where there is room."""
        width = self.size.width
        busy = next((told for work in Work if (told := self._work.get(work))), "")
        left, right = self._state(busy), self._counts()
        if (busy and width < _WIDE) or cell_len(left.plain) + cell_len(right.plain) + 3 > width:
            right = self._counts(short=True)
        room = width - cell_len(right.plain) - 3
        if room < _LEAST:
            right, room = Text(), width - 3
        if self._next and not busy and self._failure is None:
            following = Text.assemble(left, (f"  {self._next}", "dim"))
            left = following if cell_len(following.plain) <= room else left
        if cell_len(left.plain) > room:  # the end is cut off: that must not be what wants a person
            left = self._state(busy, asks_first=True)
        left.truncate(max(0, room), overflow="ellipsis")
        return Text.assemble(" ", left, " " * (room - cell_len(left.plain) + 1), right, " ", no_wrap=True)

    def _state(self, busy: str, *, asks_first: bool = False) -> Text:
        if self._failure is not None:
            return Text(f"! {shown(self._failure)}", "bold red")
        if busy:
            return Text(f"⇅ {shown(busy)}", "cyan")
        if self._summary is None:
            return Text(self._opening)
        state = sync_state(self._summary, self._remote)
        told = [Text(f"{GLYPHS[state]} {self._sentence(state, self._summary)}", _STYLES[state])]
        asks = [Text(f"? {self._waiting}", "yellow")] if self._waiting else []
        asks += [Text(f"! {shown(self._warning)}", "red")] if self._warning else []
        return Text("  ").join([*asks, *told] if asks_first else [*told, *asks])

    def _sentence(self, state: SyncState, summary: Summary) -> str:
        when = ago(summary.last_success, self._now())[0] if summary.last_success else ""
        last = f"last synced {when}" if when else "never synced"
        if state is SyncState.NOT_CONFIGURED:
            return "no remote: stars are kept on this device"
        if state is SyncState.SYNCED:
            return f"synced {when}"
        if state is SyncState.PENDING:
            return f"{summary.pending:,} pending, {last}" if summary.pending else last
        waiting = f", {summary.pending:,} pending" if summary.pending else ""
        if state is SyncState.CONFLICTS:
            conflicts = plural(summary.open_conflicts, "conflict")
            return f"{conflicts} ({self._key_of('conflicts')}){waiting}, {last}"
        word = "offline" if state is SyncState.OFFLINE else "error"
        return f"{word}{waiting}: {shown(summary.last_error or '')}"

    def _counts(self, *, short: bool = False) -> Text:
        scan = (f"{self._scan}  " if self._scan else "", "cyan")
        problems = ""
        if self._problems:
            problems = f"! {plural(self._problems, 'problem')} ({self._key_of('filters')} w)  "
        photos = ""
        if self._summary is not None:
            photos = "" if short else f"{plural(self._summary.photos, 'photo')} · "
            photos += f"★ {self._summary.starred:,}"
        return Text.assemble(scan, (problems, "red"), photos)


Hints = list[tuple[str, str]]
"""(key, what it does) of some actions, most wanted first."""


class HintLine(Widget):
    """One line that says which keys work here and now."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._hints: Hints = []
        self._always: Hints = []

    def show(self, hints: Hints, *, always: Hints) -> None:
        """Show (key, what it does) pairs, as many as fit; after them some that always have their place."""
        if (hints, always) != (self._hints, self._always):
            self._hints, self._always = hints, always
            self.refresh()

    def render(self) -> Text:
        """Draw the line."""
        line = Text(" ", no_wrap=True)
        kept = Text.assemble(*map(_hint, self._always))
        for each in map(_hint, self._hints):
            if cell_len(line.plain) + cell_len(each.plain) + cell_len(kept.plain) > self.size.width:
                break
            line.append_text(each)
        return line.append_text(kept)


def _hint(hint: tuple[str, str]) -> Text:
    key, what = hint
    return Text.assemble((key, "bold"), f" {what}  ")


def _progress(progress: Progress, rate: float) -> str:
    words = _PHASES[progress.phase]
    if progress.total <= 1:
        return words
    return f"{progress.done} of {progress.total} {words}" + (f", {size_of(int(rate))}/s" if rate >= 1 else "")
