"""Something that is done once nobody has asked for it for a moment: holding a key costs one timer."""

import time
from collections.abc import Callable

from textual.message_pump import MessagePump
from textual.timer import Timer

_SOON = 0.001  # seconds: not worth another timer


class Debounce:
    """Puts off what it is asked for until the asking has paused. Used on the screen's own thread."""

    def __init__(self, pump: MessagePump, seconds: float, do: Callable[[], object]) -> None:
        """Prepare it.

        Args:
            pump: whose timers are used: a widget, or the app.
            seconds: how long the pause is.
            do: what is asked for.
        """
        self._pump, self._seconds, self._do = pump, seconds, do
        self._due = 0.0
        self._timer: Timer | None = None

    def ask(self) -> None:
        """Have it done after a pause from now on."""
        self._due = time.monotonic() + self._seconds
        if self._timer is None:
            self._timer = self._pump.set_timer(self._seconds, self._look)

    def cancel(self) -> None:
        """Have it not done, if it was not yet."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _look(self) -> None:
        left = self._due - time.monotonic()
        self._timer = self._pump.set_timer(left, self._look) if left > _SOON else None
        if self._timer is None:
            self._do()
