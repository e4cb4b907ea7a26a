"""Textual's driver for Linux, with an input thread that sleeps until somebody types.

Keys that have come together are handed to the app together; what the terminal answers late is no key; and a
terminal that has gone away ends the app.
"""

import os
import re
import select
import signal
from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, cast

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.terminal.answers import Answers

if TYPE_CHECKING:
    from tui.terminal.app import TerminalApp

_ESCAPE = "\x1b"
_ALTERNATE = "\x1b[?1049h"
_READ = 1 << 16  # bytes: a burst of keys is one read
# esc before another key; the sequences of keys, of answers and of the mouse begin in other ways
_ESCAPE_AND_KEY = re.compile(r"\x1b(?=[^\x1b\x7f\x08\[\]OPX^_])")


class TerminalDriver(LinuxDriver):
    """Reads the keys and writes to the terminal."""

    def __init__(self, app: "TerminalApp", **options: Any) -> None:
        """Prepare the driver.

        Args:
            app: the app.
            options: Textual's.
        """
        super().__init__(app, **options)
        self._terminal_app = app
        self._early = app.early
        assert self._file is not None
        self._file = cast("TextIOWrapper", _Output(self._file.fileno(), self._lost))
        self._wake, self._waker = os.pipe()
        self._together: list[Message] | None = None

    def start_application_mode(self) -> None:
        """Take the terminal over, from the shell or from the frame that stands there already."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._early is not None:
            self.attrs_before = self._early.before

    def write(self, data: str) -> None:
        """Write to the terminal; where a first frame stands, its alternate screen is the app's."""
        if data != _ALTERNATE or self._early is None or not self._early.drawn:
            super().write(data)

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._terminal_app.forget_cells()
        super().stop_application_mode()

    def disable_input(self) -> None:
        """End the input thread."""
        if self._key_thread is not None and self._key_thread.is_alive():
            os.write(self._waker, b"x")
        super().disable_input()

    def run_input_thread(self) -> None:
        """Read what is typed, until the app wants no more."""
        answers, typed = self._early.hand_over() if self._early is not None else (Answers(), "")
        self._early = None
        parser = XTermParser(self._debug)
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        self._tell(self._parsed(parser, typed))
        unsure = _ESCAPE in typed
        while True:
            ready = poll.poll(constants.ESCAPE_DELAY * 1000 + 1 if unsure or answers.waits else None)
            if any(file == self._wake for file, _ in ready):
                os.read(self._wake, 1)
                return
            if ready:
                data = self._read()
                if not data:
                    self._lost()
                    return
                typed = answers.feed(data)
            else:
                typed = answers.release()
            if typed == _ESCAPE and not ready:  # nothing followed: it was the key
                self._tell([events.Key("escape", _ESCAPE)])
                unsure = False
            else:
                self._tell(self._parsed(parser, typed))
                unsure = _ESCAPE in typed
            self._tell(parser.tick())

    def _parsed(self, parser: XTermParser, typed: str) -> Iterator[Message]:
        """Yield what was typed; esc and a key are two, and not one with alt, unless such a one is bound."""
        first, *others = [typed] if self._terminal_app.alt_keys else _ESCAPE_AND_KEY.split(typed)
        if first:
            yield from parser.feed(first)
        for other in others:
            yield events.Key("escape", _ESCAPE)
            yield from parser.feed(other)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, _READ)
        except OSError:
            return b""

    def _tell(self, messages: Iterable[Message]) -> None:
        together = self._together = []
        for message in messages:
            self.process_message(message)
        self._together = None
        if together:
            self._soon(lambda: [self._app.post_message(message) for message in together])

    def send_message(self, message: Message) -> None:
        """Send a message to the app, with those that were read at the same time."""
        if self._together is None:
            super().send_message(message)
        else:
            self._together.append(message)

    def _lost(self) -> None:
        """The terminal is gone: end as if it had hung up."""
        self._soon(lambda: self._app.exit(None, 128 + signal.SIGHUP))

    def _soon(self, do: Callable[[], object]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(do)


class _Output:
    """The terminal as a file that never fails: what cannot be written has nobody to read it."""

    def __init__(self, file: int, lost: Callable[[], None]) -> None:
        self._fileno = file
        self._lost: Callable[[], None] | None = lost
        self._waiting: list[str] = []

    def fileno(self) -> int:
        return self._fileno

    def write(self, text: str) -> None:
        self._waiting.append(text)

    def flush(self) -> None:
        data = "".join(self._waiting).encode("utf-8", "replace")
        self._waiting.clear()
        while data and self._lost is not None:
            try:
                data = data[os.write(self._fileno, data) :]
            except OSError:
                lost, self._lost = self._lost, None
                lost()
