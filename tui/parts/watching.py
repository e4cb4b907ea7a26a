"""What others do to the catalog while the app is open, and with it to what the app shows."""

from textual import on

from catalog.reader import Summary
from tui import messages
from tui.config.settings import Settings
from tui.parts.backing_up import BackingUpApp
from tui.parts.scanning import ScanningApp
from tui.work.watch import CatalogWatch


class WatchingApp(BackingUpApp, ScanningApp):
    """An app that sees what cron, a script or another terminal has changed.

    That the catalog was changed does not tell by whom: what is known of the photos on the screen is read
    again, whoever it was. Other photos are only listed where photos, files or the commit are not those that
    we know of, and not while something of ours is under way, which shows at its end what it has done. A list
    by stars stays as it is while somebody takes stars away.
    """

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is opened yet.

        Args:
            settings: the catalog.
        """
        super().__init__(settings)
        self._watch = CatalogWatch(settings.catalog, lambda: self.post_message(messages.CatalogTouched()))
        self._touched = False
        self._known: tuple[object, ...] | None = None

    def _is_at_it(self) -> bool:
        return self._sync is not None or self._backup_cancel is not None or self._scanning

    @on(messages.CatalogTouched)
    def _look_at_it(self) -> None:
        self._touched = True
        self.photos.doubt()
        self._catalog_changed(photos=False)

    @on(messages.SyncEnded)
    @on(messages.BackupEnded)
    @on(messages.Imported)
    def _forget_numbers(self) -> None:
        self._known = None

    @on(messages.ScanProgress)
    def _forget_scanned(self, event: messages.ScanProgress) -> None:
        if event.done:
            self._known = None

    @on(messages.SummaryRead)
    def _compare_numbers(self, event: messages.SummaryRead) -> None:
        numbers = _numbers(event.summary)
        if self._touched and self._known not in (None, numbers) and not self._is_at_it():
            self.post_message(messages.PhotosChanged())
        self._touched, self._known = False, numbers


def _numbers(summary: Summary) -> tuple[object, ...]:
    return summary.photos, summary.files, summary.seq
