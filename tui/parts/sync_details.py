"""The sync details: what syncs and backups have done, and the way back."""

from textual import on
from textual.binding import Binding

from tui.parts.syncing import SyncingApp
from tui.screens.sync_details import SyncDetailsScreen
from tui.words.sync_details import told_rollback


class SyncDetailsApp(SyncingApp):
    """An app that tells its syncs."""

    BINDINGS = [
        Binding("y", "sync_details", "Sync details: events, history, the way back", id="sync_details")
    ]

    def action_sync_details(self) -> None:
        """Open what syncs and backups have done, and the way back."""
        self.clear_notifications()
        self.push_screen(SyncDetailsScreen(self._settings, self._catalog, self._background, self._sync_log))

    @on(SyncDetailsScreen.RolledBack)
    def _rolled_back(self, event: SyncDetailsScreen.RolledBack) -> None:
        self._tell(told_rollback(event.done))
        self._catalog_changed(photos=True)
        self._sync_soon()
