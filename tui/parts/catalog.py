"""What all parts of the app stand on: the settings, the catalog, and the photos on the screen.

A part is a class that derives from `CatalogApp`, or from the parts that it needs. Its keys stand in its own
BINDINGS, its messages have handlers of its own (of one message each part's handler is called), and the app in
tui/app.py takes it in by naming it among its bases. Help and palette find its keys by themselves.
"""

from threading import Event
from typing import Literal

from textual import on

from catalog.reader import CatalogReader
from tui import messages
from tui.config.settings import Settings
from tui.panes.status_bar import StatusBar
from tui.parts.logged import LoggedApp
from tui.words.shown import shown
from tui.work import jobs
from tui.work.background import Background
from tui.work.catalog_thread import CatalogThread, Job
from tui.work.listing import row_reader
from tui.work.photos import Photos
from tui.work.row_window import RowsRead
from tui.work.served import ServedFolders


class CatalogApp(LoggedApp):
    """An app with a catalog, and photos of it on the screen.

    Attributes:
        photos: those on the screen.
    """

    def __init__(self, settings: Settings) -> None:
        """Prepare the app; nothing is opened yet.

        Args:
            settings: catalog and remote.
        """
        super().__init__(settings)
        self._reader = CatalogReader(settings.catalog)
        self._catalog = CatalogThread(
            settings.catalog,
            lambda reason: self.post_message(messages.CatalogFailed(reason)),
            migrating=lambda: self.post_message(messages.CatalogMigrating()),
            warned=lambda warning: self.post_message(messages.CatalogWarned(warning)),
        )
        self._background = Background()
        self._served = ServedFolders(settings)
        self._root = b"/"  # of the folder that is walked
        read = row_reader(self._served, self._reader, lambda: self._root)
        self.photos = Photos(read, self._background, self.post_message)

    def action_move(self, by: int) -> None:
        """Move the cursor by photos."""
        self.photos.when_there(lambda: self.photos.move_by(by))

    @on(RowsRead)
    def _take_rows(self, event: RowsRead) -> None:
        self.photos.take(event)

    def _ask(self, job: Job) -> None:
        """Have the catalog's thread do something whose failure is told elsewhere."""
        self._catalog.ask(job, lambda _: None)

    def _stars_in_catalog(self) -> Event:
        """Return what is set once the stars that are on their way are written, or is so if none are."""
        if self.photos.stars_wait:
            return self._catalog.all_asked()
        written = Event()
        written.set()
        return written

    def _ask_summary(self) -> None:
        self._ask(jobs.count(self.post_message, self._reader, self._settings.remote))

    def _catalog_changed(self, *, photos: bool) -> None:
        """The catalog is another one now; `photos`, if what is known of photos on the screen may be."""
        if photos:
            self.post_message(messages.PhotosChanged())
        self._ask_summary()
        self.screen.post_message(messages.CatalogChanged())

    @on(messages.SummaryRead)
    def _show_summary(self, event: messages.SummaryRead) -> None:
        self.query_one(StatusBar).show_summary(event.summary)

    @on(messages.CatalogFailed)
    def _catalog_failed(self, event: messages.CatalogFailed) -> None:
        self.query_one(StatusBar).show_failure(event.reason)

    @on(messages.CatalogMigrating)
    def _tell_migration(self) -> None:
        self.query_one(StatusBar).show_opening("The catalog is brought to this version; a copy is kept.")

    @on(messages.CatalogWarned)
    def _tell_warning(self, event: messages.CatalogWarned) -> None:
        self.query_one(StatusBar).show_warning(event.warning)

    def _tell(
        self, sentence: str, severity: Literal["information", "warning", "error"] = "information"
    ) -> None:
        self.notify(shown(sentence), severity=severity, markup=False)
