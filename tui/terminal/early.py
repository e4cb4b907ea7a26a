"""The terminal before the app has it: no echo, questions asked, and what is typed meanwhile kept for the app.

Textual takes a third of a second to import. A terminal answers in that time, even over a slow link, so that
nobody has to wait for it.
"""

import os
import select
import shutil
import sys
import termios
import time

from tui.terminal.answers import Answers
from tui.terminal.probe import QUESTIONS, Graphics, graphics, is_last, is_to_be_asked

_PATIENCE = 0.2  # seconds from the questions on; who answers later has half blocks


class EarlyTerminal:
    """Takes the terminal over from the shell, and hands it to the app.

    Attributes:
        before: the terminal's settings (termios) as they were found.
    """

    def __init__(self) -> None:
        """Switch echo and line editing off."""
        self._input = sys.stdin.fileno()
        self.before = termios.tcgetattr(self._input)
        settings = termios.tcgetattr(self._input)
        settings[3] &= ~(termios.ECHO | termios.ICANON)
        settings[0] &= ~termios.ICRNL
        termios.tcsetattr(self._input, termios.TCSANOW, settings)
        self._asked = 0.0
        self._answers = Answers()
        self._typed = ""

    def restore(self) -> None:
        """Give the terminal back as it was found."""
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

    def graphics(self, preview: str) -> Graphics:
        """Return what the terminal can draw; waits for its answers, but not long."""
        while self._asked and not any(map(is_last, self._answers.got)):
            left = self._asked + _PATIENCE - time.monotonic()
            if not select.select([self._input], [], [], max(0.0, left))[0]:
                break
            data = os.read(self._input, 4096)
            if not data:
                break
            self._typed += self._answers.feed(data)
        asked = preview if self._asked else "halfblock"
        return graphics(asked, self._answers.got, *shutil.get_terminal_size())

    def hand_over(self) -> tuple[Answers, str]:
        """Return what sorts the input, with what it holds back, and what was typed so far."""
        typed, self._typed = self._typed, ""
        return self._answers, typed
