"""The terminal before the app has it: no echo, questions asked, and what is typed meanwhile kept for the app.

Textual takes a third of a second to import. A terminal answers in that time, even over a slow link, so that
nobody has to wait for it.
"""

import os
import select
import shutil
import signal
import sys
import termios
import threading
import time
from contextlib import suppress
from types import FrameType

from tui.terminal.answers import Answers
from tui.terminal.cells import Cells
from tui.terminal.first_frame import FirstFrame
from tui.terminal.probe import QUESTIONS, Graphics, graphics, is_last, is_to_be_asked, system_cell

_PATIENCE = 0.2  # seconds from the questions on; who answers later has half blocks


class EarlyTerminal:
    """Takes the terminal over from the shell, and hands it to the app.

    Attributes:
        before: the terminal's settings (termios) as they were found.
        drawn: whether a first frame stands on the alternate screen.
        cells: what the first frame has left on the screen, as far as that is known.
        cursor: index of the photo to which the keys that the frame has answered lead; None if others were
            typed, too, or none.
    """

    def __init__(self) -> None:
        """Switch echo and line editing off."""
        self._input = sys.stdin.fileno()
        self.before = termios.tcgetattr(self._input)
        settings = termios.tcgetattr(self._input)
        settings[3] &= ~(termios.ECHO | termios.ICANON)
        settings[0] &= ~termios.ICRNL
        settings[6][termios.VSUSP] = bytes(
            [os.fpathconf(self._input, "PC_VDISABLE")]
        )  # ctrl+z waits for the app, as any other key
        termios.tcsetattr(self._input, termios.TCSANOW, settings)
        self._asked = 0.0
        self._answers = Answers()
        self._typed = ""
        self.drawn = False
        self.cells: Cells | None = None
        self.cursor: int | None = None
        self._wake, self._waker = os.pipe()
        self._answering: threading.Thread | None = None

    def restore(self) -> None:
        """Give the terminal back as it was found; it may be gone."""
        with suppress(OSError, termios.error):
            if self.drawn:
                self.drawn = False
                self._stop_answering()
                self.write("\x1b[m\x1b[?1049l\x1b[?25h")
            termios.tcsetattr(self._input, termios.TCSANOW, self.before)

    def write(self, data: str) -> None:
        """Write to the screen."""
        os.write(sys.stderr.fileno(), data.encode())

    def ask(self, preview: str) -> None:
        """Ask what the terminal can draw, if that matters.

        Args:
            preview: the setting.
        """
        if is_to_be_asked(preview):
            self.write(QUESTIONS)
            self._asked = time.monotonic()

    def show(self, frame: FirstFrame | None, *, answers: bool) -> None:
        """Draw the first frame.

        Args:
            frame: what to draw, None nothing.
            answers: whether it answers keys until the app is there.
        """
        if frame is None:
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        signal.signal(signal.SIGWINCH, self._forget)
        self.drawn, self.cells = True, frame.cells
        self.write(f"\x1b[?1049h\x1b[?25l{frame.draw()}")
        if answers:
            answering = threading.Thread(target=self._answer, args=(frame,), daemon=True)
            answering.start()
            self._answering = answering  # not before: a signal may come at any moment, and have it joined

    def _forget(self, *_: object) -> None:
        """The terminal has another size now, and cut off what did not fit."""
        self.cells = None

    def _end(self, number: int, _: FrameType | None) -> None:
        self.restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _stop_answering(self) -> None:
        if self._answering is not None:
            os.write(self._waker, b"x")
            self._answering.join(_PATIENCE)
            if self._answering.is_alive():  # it writes, and who knows what
                self.cells = None
            self._answering = None

    def _answer(self, frame: FirstFrame) -> None:
        while self._wake not in select.select([self._input, self._wake], [], [])[0]:
            try:
                data = os.read(self._input, 4096)
            except OSError:  # the terminal is gone, as the app will see
                return
            typed = self._answers.feed(data)
            self._typed += typed
            known = frame.answer(typed)
            self.cursor = frame.cursor if known else None
            if typed:
                self.write(frame.draw())
            if not data or not known:
                return

    def graphics(self, preview: str) -> Graphics:
        """Return what the terminal can draw; waits for its answers, but not long."""
        self._stop_answering()
        while self._asked and not any(map(is_last, self._answers.got)):
            left = self._asked + _PATIENCE - time.monotonic()
            if not select.select([self._input], [], [], max(0.0, left))[0]:
                break
            data = os.read(self._input, 4096)
            if not data:
                break
            typed = self._answers.feed(data)
            self._typed += typed
            self.cursor = None if typed else self.cursor
        asked = preview if self._asked else "halfblock"
        columns, lines = shutil.get_terminal_size()
        system = system_cell(columns, lines, self._input)
        return graphics(asked, self._answers.got, columns, lines, system=system)

    def hand_over(self) -> tuple[Answers, str]:
        """Return what sorts the input, with what it holds back, and what was typed so far."""
        typed, self._typed = self._typed, ""
        self.drawn = False  # it is the app's now
        return self._answers, typed
