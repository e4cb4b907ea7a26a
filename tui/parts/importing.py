"""The import of the Mac app's catalogs: by key, told as it goes on, and undone whole by a cancel."""

import threading

from textual import on
from textual.binding import Binding

from tui import messages
from tui.config.settings import Settings
from tui.panes.status_bar import StatusBar, Work
from tui.parts.folders import FoldersApp
from tui.parts.syncing import SyncingApp
from tui.words.facts import plural
from tui.work import jobs


class ImportingApp(SyncingApp, FoldersApp):
    """An app that imports the Photolala catalog of the folder on the screen; one at a time."""

    BINDINGS = [Binding("I", "import", "Import the Photolala catalog here", id="import")]

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is opened yet.

        Args:
            settings: catalog and remote.
        """
        super().__init__(settings)
        self._import_cancel: threading.Event | None = None

    def action_import(self) -> None:
        """Import the Photolala catalog that lies in the folder on the screen."""
        if self._import_cancel is not None:
            self._tell(f"An import is under way; {self._key_of('cancel')} cancels it.")
            return
        if why := self.why_not("import"):
            self._tell(why)
            return
        folder, self._import_cancel = self._folder, threading.Event()
        self.query_one(StatusBar).show_work(Work.IMPORT, "importing")
        self._catalog.ask(
            jobs.import_photolala(folder, post=self.post_message, cancel=self._import_cancel),
            lambda reason: self.post_message(messages.Imported(folder, reason, failed=True)),
        )

    def why_not(self, action: str) -> str | None:
        """Return why there is nothing to import; see `KeyedApp.why_not`."""
        if action == "import":
            if self._query.folder is None:
                return f"The timeline is no folder: {self._key_of('timeline')} goes to the folders."
            if self._serving is None:
                alone = f"{self._key_of('below')} lists this folder alone, as an import does."
                return alone if self._query.recursive else "This folder was not read yet."
            if not self._serving.has_catalog:
                return "No Photolala catalog lies in this folder."
        return super().why_not(action)

    def action_cancel(self) -> None:
        """Cancel the import, and what else is under way."""
        if self._import_cancel is not None:
            self._import_cancel.set()
            self.query_one(StatusBar).show_work(Work.IMPORT, "cancelling the import")
        super().action_cancel()

    @on(messages.ImportStep)
    def _show_import_step(self, event: messages.ImportStep) -> None:
        if self._import_cancel is not None and not self._import_cancel.is_set():
            told = f"importing: {plural(event.photos, 'photo')}"
            self.query_one(StatusBar).show_work(Work.IMPORT, told)

    @on(messages.Imported)
    def _show_import(self, event: messages.Imported) -> None:
        self._import_cancel = None
        self.query_one(StatusBar).show_work(Work.IMPORT, "")
        self._tell(event.told, "error" if event.failed else "information")
        self._list_again()
        self._catalog_changed(photos=True)
