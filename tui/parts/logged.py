"""The app in the log file: when it begins and ends, and its last words if it meets a fault of its own."""

from threading import Thread

from rich.text import Text

from tui.config.settings import Settings
from tui.keys import KeyedApp
from tui.words.shown import shown
from tui.work.log import log_fault, log_path, log_start, start_log


class LoggedApp(KeyedApp):
    """An app that writes down what a person may want to know later."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the app.

        Args:
            settings: where the log file lies, and how much goes there.
        """
        super().__init__()
        self._settings = settings

    def on_mount(self) -> None:
        """Open the log behind the first paint; its disk may be slow."""
        self.call_after_refresh(Thread(target=self._start_log, name="log", daemon=True).start)

    def _start_log(self) -> None:
        start_log(self._settings)
        log_start("the app")

    def _fatal_error(self) -> None:
        """End with a sentence where Textual would print a traceback."""
        start_log(self._settings)  # it may not have come to that
        log_fault("the app ends", self._exception)
        if "debug" in self.features:
            super()._fatal_error()
        else:
            self.panic(
                Text(
                    "photolala: a fault of the app itself has ended it; all stars are saved. "
                    f"{shown(repr(self._exception))} ({shown(str(log_path(self._settings)))} has more.)"
                )
            )
