"""The scan behind the screen: at the start, and by key."""

from textual import on
from textual.binding import Binding

from tui import messages
from tui.panes.folder_tree import FolderTree
from tui.panes.status_bar import StatusBar
from tui.parts.folders import FoldersApp
from tui.work import jobs


class ScanningApp(FoldersApp):
    """An app that looks for new and changed photos."""

    BINDINGS = [Binding("r", "rescan", "Scan again", id="rescan")]

    _scanning = False

    def action_rescan(self) -> None:
        """Look for new and changed photos, and for new folders."""
        self.query_one(FolderTree).reload()
        self._list_again()
        self._scan()

    def _scan(self) -> None:
        self._scanning = True
        self._background.run(
            "scan",
            lambda stale: jobs.scan(
                self._settings,
                self._root,
                post=self.post_message,
                ask=self._ask,
                stale=stale,
                shown_folder=lambda: self._folder,
            ),
        )

    @on(messages.FilesStored)
    def _show_stored(self, event: messages.FilesStored) -> None:
        if event.folder == self.photos.query.folder:
            self.photos.doubt(event.names)

    @on(messages.ScanProgress)
    def _show_scan(self, event: messages.ScanProgress) -> None:
        self.query_one(StatusBar).show_scan(None if event.done else event.files, event.problems)
        if event.failure:
            self._tell(event.failure, "error")
        if event.done:
            self._scanning = False
            self._catalog_changed(photos=True)
