"""An app and its terminal: given back when the app is stopped or ended from outside, and taken up again."""

import asyncio
import signal
from typing import Any

from rich.color import ColorSystem
from rich.console import RenderableType
from textual import on
from textual.binding import Binding
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.notifications import SeverityLevel
from textual.screen import Screen

from tui.terminal.driver import TerminalDriver
from tui.terminal.early import EarlyTerminal
from tui.terminal.in_turn import KeysInTurnApp
from tui.terminal.painter import CellPaintedApp
from tui.terminal.probe import Graphics


class TerminalApp(KeysInTurnApp, CellPaintedApp):
    """An app that knows its terminal.

    Attributes:
        early: the terminal, if something was done with it before the app; set before the app runs.
        graphics: what the terminal can draw.
        held: whether nothing is painted yet, as the first frame shows more.
        alt_keys: whether a key with alt does something; else what looks like one was esc, and then that key.
    """

    BINDINGS = [Binding("ctrl+z", "suspend_process", "Stop, until the shell's fg", show=False, id="suspend")]

    early: EarlyTerminal | None = None
    graphics = Graphics()
    held = False
    alt_keys = False

    def take_over(self, terminal: EarlyTerminal, preview: str) -> None:
        """Take a terminal as it was made ready, and draw with all that it has; before the app runs.

        Args:
            terminal: what was asked, drawn and typed there is the app's from now on.
            preview: the setting.
        """
        self.early, self.held = terminal, terminal.drawn
        self.graphics = terminal.graphics(preview)
        if self.graphics.all_colours:  # whatever the environment says
            self.console._color_system = ColorSystem.TRUECOLOR  # noqa: SLF001 (Textual leaves no other way)

    def get_driver_class(self) -> type[Driver]:
        """Use our own driver, unless the environment names one."""
        driver = super().get_driver_class()
        return TerminalDriver if driver is LinuxDriver else driver

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notification, in place of one that says the same: a key pressed again covers no more."""
        for told in [told for told in self._notifications if told.message == message]:
            self._unnotify(told, refresh=False)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def end_on_signals(self) -> None:
        """End the app as q does when it is told to, or when the terminal hangs up."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self.exit, None, 128 + number)

    def paint(self) -> None:
        """Paint over the first frame from now on, where it differs."""
        if self.held and self.early is not None:
            self.held = False
            self._cells = self.early.cells
            self.refresh(layout=True)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not self.held:
            super()._display(screen, renderable)

    @on(Driver.SignalResume)
    def _paint_again(self) -> None:
        self.forget_cells()
        self.refresh(layout=True)
