"""The conflicts, by key."""

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding

from tui.config.settings import Settings
from tui.parts.syncing import SyncingApp
from tui.screens.conflicts import ConflictsScreen

if TYPE_CHECKING:
    from catalog.conflicts import Decision


class ConflictsApp(SyncingApp):
    """An app that shows its conflicts."""

    BINDINGS = [Binding("c", "conflicts", "Conflicts", id="conflicts")]

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is opened yet.

        Args:
            settings: catalog and remote.
        """
        super().__init__(settings)
        self._decisions: list[list[Decision]] = []

    def action_conflicts(self) -> None:
        """Open the conflicts."""
        self.clear_notifications()  # one lies on the keys that decide
        self.push_screen(ConflictsScreen(self._catalog, self._decisions))

    @on(ConflictsScreen.Decided)
    def _conflicts_decided(self, event: ConflictsScreen.Decided) -> None:
        if event.made:
            self._decisions.append(event.made)
        self._catalog_changed(photos=True)
        self._sync_soon()
