"""The folders: what the tree chooses is listed."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from threading import Event, Lock

from textual import on
from textual.content import Content

from catalog.provider import Serving
from catalog.search.query import Order, Query
from tui import messages
from tui.config.settings import Settings
from tui.panes.folder_tree import FolderTree
from tui.panes.photo_list import PhotoList
from tui.parts.catalog import CatalogApp
from tui.parts.panes import PanesApp
from tui.work.folders import read_subfolders
from tui.work.listing import empty_text, heading, list_first, list_photos
from tui.work.rows import goes_by_stars, is_folder
from tui.work.views import Views, read_views, write_views

_VIEWS_SECONDS = 0.5
_STARS_SECONDS = 2.0  # a list by stars waits for those given before it; others may take long to be read


class FoldersApp(CatalogApp, PanesApp):
    """An app that walks folders."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is read yet.

        Args:
            settings: catalog and remote.
        """
        super().__init__(settings)
        self._query = Query()
        self._views = Views()
        self._sought: bytes | None = None
        self._listed_before = False
        self._serving: Serving | None = None  # of the folder on the screen, once it was read by itself
        self._one_search = Lock()

    def _walk(self, root: bytes, start: bytes | None) -> None:
        """Say which folder is walked, and where below it to begin; raw absolute paths."""
        self._root = root
        self._query = self._views.of_folder(start or root)

    @property
    def _folder(self) -> bytes:
        """The folder on the screen, or on its way there."""
        return self._query.folder or self._root

    # ---- the tree

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
            self._list(self._views.of_folder(event.folder))
        if event.enter:
            self.action_pane("list")

    def open_folder(self, folder: bytes, name: bytes) -> None:
        """Go to a file.

        Args:
            folder: raw path of its folder, below the one that is walked.
            name: its raw name.
        """
        self._sought = name
        self.query_one(FolderTree).reveal(folder)
        self._list(Query(folder=folder, recursive=False, order=Order.NAME))  # where no filter hides it
        self.action_pane("list")

    # ---- the list

    def _list(self, query: Query) -> None:
        """Put photos on the screen, as soon as they are found."""
        if query.folder != self._query.folder:
            self._serving = None
        self._query = query
        self.photos.expect(query)
        written = self._stars_in_catalog() if goes_by_stars(query) else None
        self._background.run("list", partial(self._find, query, written))

    def _find(self, query: Query, written: Event | None, stale: Callable[[], bool]) -> None:
        """Find photos, on a worker: once the stars that count are written, or else once more then."""
        in_time = written is None or written.wait(_STARS_SECONDS)
        self._search(query, stale)
        if written is not None and not in_time:
            written.wait()
            self._search(query, stale)

    def _search(self, query: Query, stale: Callable[[], bool]) -> None:
        """Find photos; one search of the catalog at a time, and only if still wanted."""
        with nullcontext() if is_folder(query) else self._one_search:
            if stale():
                return
            if not is_folder(query) and query != self.photos.query:
                first = list_first(query, self._reader)
                self.post_message(first)
                if stale():
                    return
            self.post_message(list_photos(query, self._served, self._reader))

    def _list_again(self) -> None:
        self._list(self._query)

    @on(messages.Listed)
    def _show_listed(self, event: messages.Listed) -> None:
        if event.query != self._query:
            return
        self._remember()
        self._serving = event.serving or self._serving
        first, self._listed_before = not self._listed_before, True
        pane = self.query_one(PhotoList)
        pane.border_title = Content(heading(event, self._root, self._key_of))
        pane.say_empty(empty_text(event, self._root, self._key_of))
        self.photos.show(event.query, event.keys, at=self._views.key_in(event.query), more=event.more)
        if self._sought is not None:
            self.photos.go_to(self._sought)
            self._sought = None
        self.show_hints()
        if first and not event.keys:
            self.action_pane("tree")

    @on(messages.PhotosChanged)
    def _photos_changed(self) -> None:
        self.photos.doubt()
        query = self._query
        others = not is_folder(query) or query.not_backed_up or query.conflicts
        if others or not self.photos.keys:  # how many lie below may be known now
            self._list_again()

    # ---- how each folder was looked at

    def on_mount(self) -> None:
        """List the folder as it was looked at last time, if that is read soon enough."""
        path = self._settings.views
        self._background.run("views", lambda _: self.post_message(messages.ViewsRead(read_views(path))))
        self._without_views = self.set_timer(_VIEWS_SECONDS, self._list_again)

    @on(messages.ViewsRead)
    def _use_views(self, event: messages.ViewsRead) -> None:
        self._without_views.stop()
        self._views.load(event.data)
        if not self._listed_before:
            self._list(self._views.of_folder(self._folder))

    def _remember(self) -> None:
        if self._listed_before:
            row = self.photos.current
            self._views.remember(self.photos.query, row.key if row is not None else b"")

    def on_unmount(self) -> None:
        """Keep how the folders were looked at; a disk that does not answer holds nobody up."""
        self._remember()
        path, data = self._settings.views, self._views.dump()
        self._background.run("views", lambda _: write_views(path, data)).join(_VIEWS_SECONDS)
