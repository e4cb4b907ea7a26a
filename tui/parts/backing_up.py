"""The app's backups of starred originals: by key, and by themselves once the stars have come to rest."""

import threading

from textual import on
from textual.binding import Binding
from textual.timer import Timer

from sync.originals.events import BackupOutcome
from tui import messages
from tui.config.settings import Settings
from tui.panes.status_bar import StatusBar, Work
from tui.parts.syncing import SyncingApp
from tui.words.backup import told_progress, told_report
from tui.work import jobs


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

    def action_backup(self) -> None:
        """Back up the starred originals now."""
        if why := self.why_not("backup"):
            self._tell(why)
        elif self._backup_cancel is not None:
            self._backup_by_hand = True
            self._tell("A backup is under way; esc cancels it.")
        else:
            self._start_backup(by_hand=True)

    def action_cancel(self) -> None:
        """Cancel the backup and the sync."""
        if self._backup_cancel is not None and not self._backup_cancel.is_set():
            self._backup_cancel.set()
            self._tell("Cancelling the backup: what is not sent stays queued.")
        super().action_cancel()

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
            self._start_backup(by_hand=False)

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
        if self._backup_cancel is not None:
            self.query_one(StatusBar).show_work(Work.BACKUP, told_progress(event.progress))

    @on(messages.BackupEnded)
    def _backup_ended(self, event: messages.BackupEnded) -> None:
        report, self._backup_cancel = event.report, None
        self._sync_log.backed_up(report)
        self.query_one(StatusBar).show_work(Work.BACKUP, "")
        if report.outcome is BackupOutcome.CANCELLED:
            self._tell("The backup was cancelled: what is not sent stays queued.")
        elif self._backup_by_hand or report.outcome is BackupOutcome.FAILED:
            self._tell(report.error or told_report(report), "error" if report.error else "information")
        self._catalog_changed(photos=False)
