"""The app: three panes over a status bar. Threads do the work; handlers here touch the widgets."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal

from tui import keys, messages
from tui.backup_app import BackingUpApp
from tui.config.settings import Settings
from tui.panes.folder_tree import FolderTree
from tui.panes.photo_list import PhotoList
from tui.panes.preview import Preview
from tui.panes.status_bar import HintLine, StatusBar
from tui.pictures.characters import characters_for
from tui.pictures.loader import Loader
from tui.pictures.loading import picture_load
from tui.pictures.thumbnail_cache import ThumbnailCache
from tui.screens.duplicates import DuplicatesScreen, Place
from tui.words.shown import shown
from tui.work import jobs
from tui.work.catalog_thread import Job
from tui.work.folders import empty_text, heading, read_folder, read_subfolders
from tui.work.served import ServedFolders


class PhotolalaApp(BackingUpApp):
    """Walk folders, star photos, sync."""

    CSS_PATH = "photolala.tcss"
    TITLE = "photolala"
    AUTO_FOCUS = "PhotoList"
    COMMAND_PALETTE_BINDING = "colon"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    BINDINGS = [
        Binding("1", "pane('tree')", "Folders"),
        Binding("2", "pane('list')", "Photos"),
        Binding("3", "pane('preview')", "Preview"),
        # before the screen's own, which pass by a pane that a narrow terminal hides
        Binding("tab", "next_pane(1)", "Next pane", priority=True),
        Binding("shift+tab", "next_pane(-1)", "Previous pane", priority=True),
        Binding("u", "undo", "Undo the last star"),
        Binding("S", "sync", "Sync now"),
        Binding("B", "backup", "Back up the starred originals now"),
        Binding("escape", "cancel", "Cancel the sync or the backup"),
        Binding("c", "conflicts", "Conflicts"),
        Binding("y", "sync_details", "Sync details: events, history, the way back"),
        Binding("D", "duplicates", "Photos in several places"),
        Binding("r", "rescan", "Scan again"),
        Binding("I", "import", "Import the Photolala catalog here"),
        Binding("question_mark,f1", "help", "Help"),
        Binding("q", "quit", "Quit"),
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
        self._start_at = start
        self._greeting = greeting
        self._root = root
        self._folder = root
        self._served = ServedFolders(settings)
        self._pictures = Loader(picture_load(ThumbnailCache(), None))
        self._sought: Place | None = None
        self._undo: list[tuple[bytes, bytes, bool]] = []

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        with Horizontal(id="panes"):
            yield FolderTree(self._root, self._start_at, id="tree")
            yield PhotoList(id="list")
            yield Preview(self._pictures, characters_for(self), id="preview")
        yield StatusBar(self._settings.remote, id="status")
        yield HintLine(id="hints")

    def on_mount(self) -> None:
        """Show the folder; load what is heavy behind the first paint."""
        self._read_folder(self._start_at or self._root)
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

    # ---- folders

    def _read_folder(self, folder: bytes) -> None:
        self._folder = folder
        self.query_one(PhotoList).await_folder(folder)
        self._background.run("folder", lambda _: self.post_message(read_folder(folder, self._served)))

    @on(FolderTree.ChildrenWanted)
    def _open_folder(self, event: FolderTree.ChildrenWanted) -> None:
        folder = event.folder
        self._background.run(f"subfolders {folder!r}", lambda _: self.post_message(read_subfolders(folder)))

    @on(messages.SubfoldersRead)
    def _fill_tree(self, event: messages.SubfoldersRead) -> None:
        self.query_one(FolderTree).fill(event.folder, event.subfolders, event.problem)

    @on(FolderTree.Chosen)
    def _choose_folder(self, event: FolderTree.Chosen) -> None:
        if event.folder != self._folder:
            self._read_folder(event.folder)
        if event.enter:
            self.action_pane("list")

    @on(messages.FolderRead)
    def _show_folder(self, event: messages.FolderRead) -> None:
        if event.folder != self._folder:
            return
        photos = self.query_one(PhotoList)
        first = photos.folder == b""
        photos.show(event.folder, event.names, event.known, empty_text(event))
        photos.border_title = heading(event)
        if self._sought is not None and self._sought.folder == event.folder:
            photos.go_to(self._sought.name)
            self._sought = None
        if first and not event.names:
            self.action_pane("tree")

    def action_import(self) -> None:
        """Import the Photolala catalog that lies in the folder on the screen."""
        folder = self._folder
        if not self._served.serving(folder).has_catalog:
            self._tell("No Photolala catalog lies in this folder.")
            return
        self._catalog.ask(
            jobs.import_photolala(folder, post=self.post_message),
            lambda reason: self.post_message(messages.Imported(folder, reason, failed=True)),
        )

    @on(messages.Imported)
    def _show_import(self, event: messages.Imported) -> None:
        self._tell(event.told, "error" if event.failed else "information")
        self._read_folder(self._folder)
        self._catalog_changed(photos=True)
        self._sync_soon()

    @on(messages.FactsChanged)
    def _update_folder(self, event: messages.FactsChanged) -> None:
        if event.folder == self._folder:
            self.query_one(PhotoList).update_known(event.known)

    # ---- the scan

    def action_rescan(self) -> None:
        """Look for new and changed photos, and for new folders."""
        self.query_one(FolderTree).reload()
        self._read_folder(self._folder)
        self._scan()

    def _scan(self) -> None:
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

    @on(messages.ScanProgress)
    def _show_scan(self, event: messages.ScanProgress) -> None:
        self.query_one(StatusBar).show_scan(None if event.done else event.files, event.problems)
        if event.failure:
            self._tell(event.failure, "error")
        if event.changed:
            self._sync_soon()
            if self.query_one(PhotoList).current is None:
                self._read_folder(self._folder)  # how many lie below is known now

    # ---- stars

    @on(PhotoList.StarWanted)
    def _star(self, event: PhotoList.StarWanted) -> None:
        self._undo.append((event.folder, event.name, not event.is_starred))
        self._write_star(event.folder, event.name, event.is_starred)

    def _write_star(self, folder: bytes, name: bytes, is_starred: bool) -> None:
        self._catalog.ask(
            jobs.star(folder, name, is_starred, post=self.post_message, served=self._served),
            lambda reason: self.post_message(messages.StarFailed(folder, name, reason)),
        )
        self._ask_summary()

    @on(messages.StarSaved)
    def _star_saved(self, event: messages.StarSaved) -> None:
        self.query_one(PhotoList).settle_star(event.folder, event.name, event.known)
        self._sync_soon()
        self._back_up_later()

    @on(messages.StarFailed)
    def _star_failed(self, event: messages.StarFailed) -> None:
        self._undo = [star for star in self._undo if star[:2] != (event.folder, event.name)]
        self.query_one(PhotoList).settle_star(event.folder, event.name, {})
        self._tell(f"{shown(event.name)} was not changed: {event.reason}", "error")

    def action_undo(self) -> None:
        """Take the last star back, or give it back."""
        if not self._undo:
            self._tell("There is no star to undo.")
            return
        folder, name, was = self._undo.pop()
        self.query_one(PhotoList).want_star(folder, name, was)
        self._write_star(folder, name, was)
        if folder == self._folder:
            self.query_one(PhotoList).go_to(name)
        else:
            self._tell(f"{shown(name)} is {'starred' if was else 'not starred'} again.")

    # ---- what the catalog knows

    def _ask(self, job: Job) -> None:
        self._catalog.ask(job, lambda _: None)

    def _ask_summary(self) -> None:
        self._ask(jobs.count(self.post_message, self._reader, self._settings.remote))

    def _catalog_changed(self, *, photos: bool) -> None:
        if photos:
            self._ask(jobs.look(self.post_message, self._served, self._folder))
        self._ask_summary()
        self.screen.post_message(messages.CatalogChanged())

    @on(messages.SummaryRead)
    def _show_summary(self, event: messages.SummaryRead) -> None:
        bar = self.query_one(StatusBar)
        bar.show_summary(event.summary)
        if self._sync is None:  # only now is it known how that has left the catalog
            bar.show_sync(None)

    @on(messages.CatalogFailed)
    def _catalog_failed(self, event: messages.CatalogFailed) -> None:
        self.query_one(StatusBar).show_failure(event.reason)

    def action_duplicates(self) -> None:
        """List the photos that lie in several places."""
        self.push_screen(DuplicatesScreen(self._root, self._reader, self._background), self._go_to)

    def _go_to(self, place: Place | None) -> None:
        if place is None:
            return
        self._sought = place
        self.query_one(FolderTree).reveal(place.folder)
        self._read_folder(place.folder)
        self.action_pane("list")

    @on(PhotoList.Moved)
    def _cursor_moved(self, event: PhotoList.Moved) -> None:
        self.query_one(Preview).show(event.folder, event.name, event.photo)

    # ---- panes, help, the end

    def action_pane(self, pane: str) -> None:
        """Give the keys to a pane."""
        self.screen.set_class(pane == "preview", "-preview")
        self.query_one(f"#{pane}").focus()

    def action_in_list(self, action: str, value: int) -> None:
        """Do in the list what a key in the preview asks for."""
        getattr(self.query_one(PhotoList), f"action_{action}")(value)

    def action_next_pane(self, by: int) -> None:
        """Give the keys to the next pane."""
        panes = ["tree", "list", "preview"]
        here = self.focused.id if self.focused is not None and self.focused.id in panes else "list"
        self.action_pane(panes[(panes.index(here) + by) % len(panes)])

    def on_descendant_focus(self) -> None:
        """Say which keys work here."""
        if len(self.screen_stack) == 1:
            self.query_one(HintLine).show(keys.hints(self.focused))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave tab to what lies over the panes."""
        return action != "next_pane" or len(self.screen_stack) == 1

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
