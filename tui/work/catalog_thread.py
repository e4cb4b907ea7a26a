"""The thread that writes for the screen: opens the catalog behind the first paint, then does what is asked.

One thread, so that stars are written in the order in which they were given, and a screen never waits.
"""

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui.work.log import log, log_fault

if TYPE_CHECKING:
    from catalog.store import SqlCatalog

_LAST_SECONDS = 10.0  # for what was asked before the end; a dead mount must not hold the terminal

Job = Callable[["SqlCatalog"], object]
Tell = Callable[[str], object]


class CatalogThread:
    """Runs jobs on the catalog, one after the other."""

    def __init__(
        self,
        path: Path,
        failed: Tell,
        *,
        migrating: Callable[[], object] = lambda: None,
        warned: Tell = lambda _: None,
    ) -> None:
        """Prepare the thread.

        Args:
            path: the SQLite file.
            failed: told, on this thread, why the catalog cannot be used.
            migrating: called, on this thread, before the catalog is brought to this version's schema.
            warned: told, on this thread, what should be looked at, and hinders nothing.
        """
        self._path = path
        self._failed = failed
        self._migrating = migrating
        self._warned = warned
        self._jobs: queue.SimpleQueue[tuple[Job, Tell] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="catalog", daemon=True)

    def start(self) -> None:
        """Begin to open the catalog."""
        self._thread.start()

    def ask(self, job: Job, failed: Tell) -> None:
        """Have something done.

        Args:
            job: called on this thread with the open catalog.
            failed: called on this thread with one sentence if it raises, or if there is no catalog.
        """
        self._jobs.put((job, failed))

    def all_asked(self) -> threading.Event:
        """Return what is set once all that was asked so far is done, or could not be."""
        done = threading.Event()
        self.ask(lambda _: done.set(), lambda _: done.set())
        return done

    def finish(self) -> None:
        """Do what was asked so far, then end."""
        self._jobs.put(None)
        if self._thread.ident is not None:
            self._thread.join(_LAST_SECONDS)

    def _run(self) -> None:
        catalog, reason = None, ""
        try:
            from catalog.store import SqlCatalog

            catalog = SqlCatalog(self._path, migrating=self._migrating)
            if catalog.warning is not None:
                self._warned(catalog.warning)
        except Exception as error:
            reason = sentence(error, self._path)
            self._failed(reason)
        while (asked := self._jobs.get()) is not None:
            job, failed = asked
            if catalog is None:
                failed(reason)
                continue
            try:
                job(catalog)
            except Exception as error:
                failed(sentence(error, self._path))
        if catalog is not None:
            catalog.close()


def sentence(error: Exception, catalog: Path) -> str:
    """Return what went wrong in one sentence, and write it down, with its traceback if it is a fault of ours.

    Args:
        error: from any use of the catalog.
        catalog: its file.
    """
    from catalog.store import sentence_of

    if (told := sentence_of(error, catalog)) is not None:
        text = str(told)
        log_fault("the catalog", error)
    elif isinstance(error, OSError) and error.strerror:
        text = error.strerror  # without its number and the raw path
        log.warning("%s", error)
    elif type(error).__module__ == "builtins":  # "'x'" alone would not say that it was a KeyError
        text = f"{type(error).__name__}: {error}".removesuffix(": ")
        log_fault("a fault", error)
    else:
        text = str(error)
        log.warning("%s", text)
    return text
