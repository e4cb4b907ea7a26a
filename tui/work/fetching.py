"""What is only on the remote: small pictures for the screen, and originals when they are asked for."""

import threading
import time
from typing import TYPE_CHECKING

from tui.config.settings import Settings
from tui.messages import Fetched, FetchStep
from tui.words.shown import shown
from tui.work.jobs import Post

if TYPE_CHECKING:
    from sync.stores.original_store import OriginalStore

_DOWN_SECONDS = 30.0  # after the remote failed; a screen full of pictures shall not wait for each one's


class Fetching:
    """Fetches from one remote, opened when the first thing is wanted, and kept open until it fails."""

    def __init__(self, settings: Settings) -> None:
        """Set it up.

        Args:
            settings: catalog and remote.
        """
        self._settings = settings
        self._store: OriginalStore | None = None
        self._opening = threading.Lock()
        self._down: tuple[float, str] = (0.0, "")
        self.cancel = threading.Event()

    def thumbnail(self, md5: str) -> bytes | None:
        """Return a photo's small JPEG, None if the remote has none.

        Raises:
            ConnectionError: the remote failed, now or a moment ago, or what it has is damaged; one sentence.
        """
        from sync.originals.fetch import NoThumbnailError, fetch_thumbnail

        until, reason = self._down
        if time.monotonic() < until:
            raise ConnectionError(reason)
        try:
            return fetch_thumbnail(self._open(), md5, cancel=self.cancel)
        except NoThumbnailError as error:
            raise ConnectionError(str(error)) from error
        except Exception as error:  # whatever it is, the next picture would meet it too
            self._down = (time.monotonic() + _DOWN_SECONDS, str(error))
            self._store = None  # opened again, it looks again for settings and credentials
            raise ConnectionError(str(error)) from error

    def original(self, md5: str, root: bytes, post: Post, cancel: threading.Event) -> None:
        """Bring an original back, on a thread of its own, and tell how that went.

        Args:
            md5: the photo.
            root: raw path of the folder below which its own folder is.
            post: takes `FetchStep` and, once, `Fetched`.
            cancel: ends it when it is set.
        """
        from catalog.store import SqlCatalog
        from sync.originals.fetch import fetch_original
        from sync.transfer import CancelledError

        try:
            catalog = SqlCatalog(self._settings.catalog)
            try:
                path = fetch_original(
                    catalog,
                    self._open(),
                    md5,
                    root,
                    progress=lambda step: post(FetchStep(step.bytes_done, step.bytes_total)),
                    cancel=cancel,
                )
            finally:
                catalog.close()
        except CancelledError:
            post(Fetched("The fetch was cancelled; nothing half written is left."))
        except Exception as error:
            self._store = None
            post(Fetched(f"The original was not fetched: {error}", failed=True))
        else:
            post(Fetched(f"Fetched to {shown(path)}."))

    def _open(self) -> "OriginalStore":
        from tui.work.remote import open_backup

        with self._opening:
            if self._store is None:
                self._store = open_backup(self._settings)
            return self._store
