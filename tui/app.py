"""The app: three panes over a status bar. Its parts, each one behaviour, are in tui/parts/."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message

from tui.config.settings import Settings
from tui.panes.folder_tree import FolderTree
from tui.panes.photo_list import PhotoList
from tui.panes.preview import Preview
from tui.panes.status_bar import HintLine, StatusBar
from tui.parts.conflicts import ConflictsApp
from tui.parts.duplicates import DuplicatesApp
from tui.parts.panes import PanesApp
from tui.parts.preferences import PreferringApp
from tui.parts.scanning import ScanningApp
from tui.parts.stars import StarringApp
from tui.parts.sync_details import SyncDetailsApp
from tui.pictures.characters import characters_for
from tui.pictures.loader import Loader
from tui.pictures.loading import picture_load
from tui.pictures.thumbnail_cache import ThumbnailCache
from tui.work.photos import RowsChanged
from tui.work.rows import Row


class PhotolalaApp(
    ScanningApp, StarringApp, PreferringApp, ConflictsApp, SyncDetailsApp, DuplicatesApp, PanesApp
):
    """Walk folders, star photos, sync."""

    CSS_PATH = "photolala.tcss"
    TITLE = "photolala"
    AUTO_FOCUS = "PhotoList"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    BINDINGS = [
        Binding("q", "quit", "Quit", id="quit"),
    ]

    def __init__(
        self, root: bytes, settings: Settings, *, start: bytes | None = None, greeting: str = ""
    ) -> None:
        """Prepare the app.

        Args:
            root: raw absolute path of the folder to open.
            settings: catalog and remote.
            start: raw path of the folder below it to begin with, if not the root itself.
            greeting: said once the app is up.
        """
        super().__init__(settings)
        self._greeting = greeting
        self._pictures = Loader(picture_load(ThumbnailCache(), None))
        self._walk(root, start)

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        with Horizontal(id="panes"):
            yield FolderTree(self._root, self._folder, id="tree")
            yield PhotoList(self.photos, id="list")
            yield Preview(self._pictures, characters_for(self), id="preview")
        yield StatusBar(self._settings.remote, id="status")
        yield HintLine(id="hints")

    def on_mount(self) -> None:
        """Show the folder; load what is heavy behind the first paint."""
        self.photos.listen(self._show_preview)
        self._list_again()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.end_on_signals()
        self._catalog.start()
        self._ask_summary()
        self._scan()
        self._sync_soon()
        self._back_up_later()
        if self._greeting:
            self.notify(self._greeting, timeout=15, markup=False)

    def _show_preview(self, message: Message) -> None:
        row = self.photos.current
        if not isinstance(message, RowsChanged) or _names(message, row):
            self.query_one(Preview).show(row)

    async def action_quit(self) -> None:
        """Leave."""
        self.exit()

    def on_unmount(self) -> None:
        """Cancel what is under way, and write what was starred."""
        self._syncs.cancel.set()
        if self._backup_cancel is not None:
            self._backup_cancel.set()
        self._background.end()
        self._pictures.end()
        self._catalog.finish()


def _names(message: RowsChanged, row: Row | None) -> bool:
    return row is not None and (message.keys is None or row.key in message.keys)
