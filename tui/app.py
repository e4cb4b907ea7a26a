"""The app: three panes over a status bar. Its parts, each one behaviour, are in tui/parts/."""

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal

from tui import messages
from tui.config.settings import Settings
from tui.panes.filter_line import FilterLine
from tui.panes.folder_tree import FolderTree
from tui.panes.photo_list import PhotoList
from tui.panes.status_bar import HintLine, StatusBar
from tui.panes.timeline import Timeline
from tui.parts.conflicts import ConflictsApp
from tui.parts.duplicates import DuplicatesApp
from tui.parts.finding import FindingApp
from tui.parts.importing import ImportingApp
from tui.parts.panes import PanesApp
from tui.parts.preferences import PreferringApp
from tui.parts.stars import StarringApp
from tui.parts.sync_details import SyncDetailsApp
from tui.parts.timeline import TimelineApp
from tui.parts.watching import WatchingApp

_LISTED_BY = 2.0  # seconds: then what is heavy is loaded all the same
_LOOKS, _LOOK_AGAIN = 20, 0.02  # seconds from look to look whether keys that were typed early have arrived


class PhotolalaApp(
    WatchingApp,
    StarringApp,
    FindingApp,
    TimelineApp,
    PreferringApp,
    ConflictsApp,
    ImportingApp,
    SyncDetailsApp,
    DuplicatesApp,
    PanesApp,
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
        self._started = False
        self._walk(root, start)

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        with Horizontal(id="panes"):
            yield FolderTree(self._root, self._folder, id="tree")
            yield Timeline(id="timeline")
            yield PhotoList(self.photos, id="list")
            yield self._contact_sheet()
            yield self._preview()
        yield FilterLine(id="filter")
        yield StatusBar(self._settings.remote, self._key_of, id="status")
        yield HintLine(id="hints")

    def on_mount(self) -> None:
        """Wait for the folder; what is heavy is loaded behind the first paint of its photos."""
        self.end_on_signals()
        self.set_timer(_LISTED_BY, self._start)  # it may lie on a disk that does not answer

    @on(messages.Listed)
    def _start_soon(self) -> None:
        self._start_once_there(_LOOKS)

    def _start_once_there(self, looks: int) -> None:
        """Paint once the keys that the first frame has answered are answered here, too."""
        there = self.early.cursor if self.held and self.early is not None else None
        if looks and there not in (None, self.photos.cursor):
            self.set_timer(_LOOK_AGAIN, partial(self._start_once_there, looks - 1))
            return
        self.paint()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        if self._started:
            return
        self._started = True
        self.paint()
        self._catalog.start()
        self._ask_summary()
        self._scan()
        self._watch.start()
        self._sync_soon()
        self._back_up_later()
        if self._greeting:
            self.notify(self._greeting, timeout=15, markup=False)

    async def action_quit(self) -> None:
        """Leave."""
        self.exit()

    def on_unmount(self) -> None:
        """Cancel what is under way, and write what was starred."""
        for cancel in (self._syncs.cancel, self._backup_cancel, self._import_cancel):
            if cancel is not None:
                cancel.set()
        self._background.end()
        self._watch.end()  # before the catalog: whoever closes it last puts the log into it
        self._catalog.finish()

    def wait_for_transfers(self, seconds: float) -> None:
        """Give a sync and a backup, once they are cancelled, the time to end between two objects."""
        self._background.wait(("sync", "backup"), seconds)
