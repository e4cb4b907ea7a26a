"""The app's backups of starred originals: by key, and by themselves once the stars have come to rest."""

import threading
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.timer import Timer

from sync.originals.events import BackupOutcome, BackupReport
from tui import messages
from tui.config.settings import Settings
from tui.panes.status_bar import StatusBar, Work
from tui.parts.syncing import SyncingApp
from tui.screens.question import QuestionScreen
from tui.words.backup import told_failure, told_plan, told_progress, told_report
from tui.work import jobs
from tui.work.consent import Consent

if TYPE_CHECKING:
    from sync.originals.plan import Plan


class BackingUpApp(SyncingApp):
    """An app that syncs, and sends originals to the remote; one backup at a time."""

    BINDINGS = [Binding("B", "backup", "Back up the starred originals now", id="backup")]

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is opened yet.

        Args:
            settings: catalog, remote, and what is set about the backup.
        """
        super().__init__(settings)
        self._backup_cancel: threading.Event | None = None
        self._backup_by_hand = False
        self._quiet: Timer | None = None
        self._consent = Consent()
        self._unfinished = False  # the last one has left something that is to be tried again

    def action_backup(self) -> None:
        """Back up the starred originals now."""
        if why := self.why_not("backup"):
            self._tell(why)
        elif self._backup_cancel is not None:
            self._backup_by_hand = True
            self._tell(f"A backup is under way; {self._key_of('cancel')} cancels it.")
        else:
            self._plan_backup(by_hand=True)

    def action_cancel(self) -> None:
        """Cancel the backup and the sync."""
        if self._backup_cancel is not None and not self._backup_cancel.is_set():
            self._backup_cancel.set()
            self.query_one(StatusBar).show_work(Work.BACKUP, "cancelling the backup")
        super().action_cancel()

    @on(messages.SyncEnded)
    def _back_up_pulled(self, event: messages.SyncEnded) -> None:
        if event.report.pulled_rows:  # stars of others, of photos that lie here
            self._back_up_later()

    @on(messages.StarsWritten)
    def _back_up_later(self) -> None:
        """Have the queue uploaded after some quiet minutes, counted from now."""
        if self._quiet is not None:
            self._quiet.stop()
            self._quiet = None
        minutes = self._settings.backup.quiet_minutes
        if self._settings.remote is not None and self._settings.automatic and minutes:
            self._quiet = self.set_timer(minutes * 60, self._back_up_by_itself)

    def _back_up_by_itself(self) -> None:
        if self._backup_cancel is None:
            self._plan_backup(by_hand=False)

    def _plan_backup(self, *, by_hand: bool) -> None:
        self._catalog.ask(
            jobs.plan_backup(self._settings, self.post_message, by_hand=by_hand),
            lambda reason: self.post_message(
                messages.BackupEnded(BackupReport(outcome=BackupOutcome.FAILED, error=reason))
            ),
        )

    @on(messages.BackupPlanned)
    def _backup_planned(self, event: messages.BackupPlanned) -> None:
        plan = event.plan
        if self._backup_cancel is not None or isinstance(self.screen, QuestionScreen):
            return
        asks = self._consent.asks(plan)
        self.query_one(StatusBar).show_waiting(
            f"a large backup waits ({self._key_of('backup')})" if asks else ""
        )
        if not asks and (plan.photos or event.by_hand or event.chores):
            self._start_backup(by_hand=event.by_hand)
        elif asks and event.by_hand and not self.is_typing:
            cancel = self._key_of("cancel")
            more = f"They go up behind the screen; {cancel} cancels, and what is not sent stays queued."
            question = QuestionScreen("A large backup", told_plan(plan), more, {"y": "send them"}, late=True)
            self.push_screen(question, partial(self._backup_answered, plan))
        elif self._unfinished:
            self._back_up_later()  # what has failed is not due yet

    def _backup_answered(self, plan: "Plan", answer: str | None) -> None:
        if answer is not None and self._backup_cancel is None:
            self._consent.given(plan)
            self.query_one(StatusBar).show_waiting("")
            self._start_backup(by_hand=True)

    def _start_backup(self, *, by_hand: bool) -> None:
        cancel = self._backup_cancel = threading.Event()
        self._backup_by_hand = by_hand
        if by_hand:
            self.query_one(StatusBar).show_work(Work.BACKUP, "looking what is to be sent")
        self._background.run(
            "backup",
            lambda _: jobs.back_up(self._settings, self.post_message, cancel, due_only=not by_hand),
        )

    @on(messages.BackupStep)
    def _show_backup(self, event: messages.BackupStep) -> None:
        if self._backup_cancel is not None and not self._backup_cancel.is_set():
            self.query_one(StatusBar).show_work(Work.BACKUP, told_progress(event.progress))
        self.photos.doubt()  # which are under way, and which are safe

    @on(messages.BackupEnded)
    def _backup_ended(self, event: messages.BackupEnded) -> None:
        report, self._backup_cancel = event.report, None
        only_tidied = report.outcome is BackupOutcome.NOTHING and not self._backup_by_hand
        if not only_tidied:
            self._sync_log.backed_up(report)
        self.query_one(StatusBar).show_work(Work.BACKUP, "")
        if report.outcome is BackupOutcome.CANCELLED:
            self._tell("The backup was cancelled: what is not sent stays queued.")
        elif report.outcome is BackupOutcome.FAILED:
            self._tell(told_failure(report), "error")
        elif self._backup_by_hand:
            self._tell(report.error or told_report(report), "error" if report.error else "information")
        if not only_tidied:
            self._unfinished = report.outcome in (BackupOutcome.FAILED, BackupOutcome.OFFLINE)
        if self._unfinished:
            self._back_up_later()
        self._catalog_changed(photos=True)
