"""The app's syncs, by key and by themselves: one at a time, and quiet where nobody has asked for it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from textual import on
from textual.binding import Binding
from textual.timer import Timer

from sync.events import SUCCESSES, Outcome, Phase, Progress, Reason, SyncReport
from tui import messages
from tui.config.settings import Settings
from tui.panes.status_bar import StatusBar
from tui.parts.catalog import CatalogApp
from tui.screens.question import QuestionScreen
from tui.words.facts import described, plural
from tui.work import jobs
from tui.work.sync_log import SyncLog
from tui.work.sync_timer import SyncTimer

_CONSEQUENCES = {
    Reason.REMOVALS: "All of that is still there. Go on if you, or somebody on another device, meant to take "
    "it away. What goes here can be put back: the sync details have restore points.",
    Reason.ADDRESS: "Go on if the address is right: all photos and stars go there and, with the next backup, "
    "the starred originals. If it is not, correct it in the preferences.",
}
"""What a sync that asks would do if it went on."""

_STARS_SECONDS = 2.0  # for those on their way; what takes longer to be read goes with the next sync


@dataclass
class _UnderWay:
    """A sync under way: who wants to hear of it, and whether it is to be followed by another."""

    by_hand: bool
    seen: bool
    again: bool = False


class SyncingApp(CatalogApp):
    """An app whose catalog syncs."""

    BINDINGS = [
        Binding("S", "sync", "Sync now", id="sync"),
        Binding("escape", "cancel", "Leave range, marks, filter; cancel what runs", id="cancel"),
    ]

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is opened yet.

        Args:
            settings: catalog and remote.
        """
        super().__init__(settings)
        self._syncs = jobs.Syncs(settings, self.post_message)
        self._sync: _UnderWay | None = None
        self._sync_timer = SyncTimer(settings.every_minutes * 60)
        self._alarm: Timer | None = None
        self._sync_log = SyncLog()

    def action_sync(self) -> None:
        """Sync now."""
        if why := self.why_not("sync"):
            self._tell(why)
        elif self._sync is None:
            self._start_sync(by_hand=True)
        elif self._sync.by_hand or self._sync.again:
            self._tell(f"A sync is under way; {self._key_of('cancel')} cancels it.")
        else:  # one began by itself, perhaps before the last star: it is followed by one that is asked for
            self._sync.again = self._sync.seen = True
            self._show_progress(Progress(Phase.CHECKING, 0, 0))

    def why_not(self, action: str) -> str | None:
        """Return why nothing can be synced or backed up; see `KeyedApp.why_not`."""
        if action in ("sync", "backup") and self._settings.remote is None:
            preferences = self._key_of("preferences")
            return f"There is no remote: set one in the preferences ({preferences}) or by PHOTOLALA_REMOTE."
        return super().why_not(action)

    def action_cancel(self) -> None:
        """Cancel the sync."""
        if self._sync is not None and self._sync.seen and not self._syncs.cancel.is_set():
            self._syncs.cancel.set()
            self._tell("Cancelling, as soon as the server has answered.")

    def _start_sync(self, *, by_hand: bool, accepted: Collection[Reason] = ()) -> None:
        self._sync = _UnderWay(by_hand, seen=by_hand)
        if self._syncs.settings is not self._settings:  # they were changed meanwhile
            self._syncs = jobs.Syncs(self._settings, self.post_message)
        self._syncs.cancel.clear()
        self._sync_timer.begun()
        self._sync_log.begun(by_hand=by_hand)
        if by_hand:
            self._show_progress(Progress(Phase.CHECKING, 0, 0))
        written, syncs = self._stars_in_catalog(), self._syncs

        def run(_: object) -> None:
            written.wait(_STARS_SECONDS)  # it was asked for after them
            syncs.run(accepted)

        self._background.run("sync", run)

    def _sync_soon(self) -> None:
        """Have what is here now synced, after a moment of quiet."""
        self._sync_timer.changed()
        self._set_alarm()

    @on(messages.StarsWritten)
    @on(messages.Imported)
    def _sync_news(self) -> None:
        self._sync_soon()

    @on(messages.ScanProgress)
    def _sync_scanned(self, event: messages.ScanProgress) -> None:
        if event.changed:
            self._sync_soon()

    @on(messages.SummaryRead)
    def _show_synced(self) -> None:
        if self._sync is None:  # only now is it known how that has left the catalog
            self.query_one(StatusBar).show_sync(None)

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.stop()
            self._alarm = None
        if self._settings.remote is None or not self._settings.automatic:
            self.query_one(StatusBar).show_next(None)
        elif self._sync is None:
            wait = self._sync_timer.wait
            if wait is not None:
                self._alarm = self.set_timer(wait, self._sync_by_itself)
            self.query_one(StatusBar).show_next(wait)

    def _sync_by_itself(self) -> None:
        if self._sync is None:
            self._start_sync(by_hand=False)

    @on(messages.SyncProgress)
    def _on_sync_progress(self, event: messages.SyncProgress) -> None:
        if self._sync is not None:  # one that finds nothing to do tells nothing, and is not seen
            self._sync.seen = True
            self._show_progress(event.progress, event.rate)
            self._sync_log.stepped(event.progress, event.moved)
            self.screen.post_message(messages.SyncLogged())

    def _show_progress(self, progress: Progress, rate: float = 0) -> None:
        self.query_one(StatusBar).show_sync(progress, rate)

    @on(messages.SyncEnded)
    def _on_sync_ended(self, event: messages.SyncEnded) -> None:
        ended, self._sync = self._sync, None
        assert ended is not None
        report = event.report
        self._sync_log.ended(report)
        if report.reason in (Reason.CANCELLED, Reason.BUSY):
            self._sync_timer.passed_over()
        else:
            self._sync_timer.ended(report.outcome)
        if ended.again and report.reason is not Reason.CANCELLED:
            self._start_sync(by_hand=True)
        else:
            self._set_alarm()
            if ended.by_hand or report.reason is Reason.CANCELLED:
                self._tell_all(report)
            else:
                self._tell_news(report)
        self._catalog_changed(photos=report.pulled_rows > 0)

    def _tell_all(self, report: SyncReport) -> None:
        """Say to who has asked for a sync what it did, or ask what it is to do."""
        self.clear_notifications()
        if report.reason in _CONSEQUENCES and self.is_typing:
            self._tell_news(report)
            return
        if report.reason in _CONSEQUENCES:
            self.push_screen(
                QuestionScreen(
                    "Is that meant?",
                    _question(report),
                    _CONSEQUENCES[report.reason],
                    {"y": "go on"},
                    late=True,
                ),
                partial(self._answered, report.reason),
            )
            return
        bad = report.outcome not in SUCCESSES and report.reason is not Reason.CANCELLED
        self._tell(described(report), "error" if bad else "information")

    def _answered(self, reason: Reason, go_on: str | None) -> None:
        if go_on and self._sync is None:
            self._start_sync(by_hand=True, accepted={reason})

    def _tell_news(self, report: SyncReport) -> None:
        """Say of a sync that nobody has asked for what must not be missed; the status bar has the rest."""
        if report.reason in _CONSEQUENCES:
            self._tell(f"{_question(report)} Press {self._key_of('sync')} to decide.", "warning")
        elif report.error is not None:
            first = self._sync_timer.failures == 1 or report.outcome is Outcome.REFUSED
            if first and report.reason is not Reason.BUSY:
                self._tell(report.error, "error")
        elif report.new_conflicts:
            conflicts = plural(report.new_conflicts, "new conflict")
            self._tell(f"{conflicts}: press {self._key_of('conflicts')} to decide.", "warning")


def _question(report: SyncReport) -> str:
    """Return what a sync that has stopped asks, without its advice for the command line."""
    return (report.error or "").partition(" `photolala ")[0]
