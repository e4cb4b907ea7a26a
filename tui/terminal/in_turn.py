"""Keys in turn: the next one goes to who has the keys once all is done that the one before it has set off.

Textual gives a key to the widget that has the focus as the key is read. Of keys that come together, as over a
slow link, the second would then be on its way to the list while the first still opens a menu over it: lost
there, or taken for something else.
"""

import asyncio
from collections import deque
from contextlib import suppress

from textual import events
from textual.app import App, ScreenStackError
from textual.dom import DOMNode

_PATIENCE = 0.5  # seconds: then the next key is given out, whatever is still busy
_LOOK_AGAIN = 0.005  # seconds from look to look whether what was asked for has come


class Asking:
    """A place that asks a thread for what it shows; until that has come, keys wait.

    Attributes:
        asked: how many answers it waits for; 0 again if they take too long.
    """

    asked = 0


class KeysInTurnApp(App[None]):
    """An app that never handles two keys at once."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Event] = deque()
        self._turns: asyncio.Task[None] | None = None  # while a key is under way

    @property
    def keys_wait(self) -> bool:
        """Whether more was typed than is under way: what is painted now would be painted over at once."""
        return bool(self._typed)

    async def on_event(self, event: events.Event) -> None:
        """Handle an event; what was typed or pasted, once it is its turn."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._turns is not None:
            self._typed.append(event)
        else:
            # no eager one, as Textual makes all others from Python 3.12 on: the key is handled first
            self._turns = asyncio.Task(self._take_turns(), loop=asyncio.get_running_loop())
            await super().on_event(event)

    async def _take_turns(self) -> None:
        """Wait for what the key under way has set off, and give out those that wait, one by one."""
        try:
            await self._settled()
            while self._typed:
                self.call_later(super().on_event, self._typed.popleft())
                await self._settled()
        finally:
            self._turns = None
        with suppress(ScreenStackError):  # the app has ended
            self.screen.check_idle()  # it may have put off to paint

    async def _settled(self) -> None:
        """Wait until a key would find the focus where the one before has put it, and something to act on."""
        with suppress(ScreenStackError):  # the app has ended
            try:
                async with asyncio.timeout(_PATIENCE):
                    while (is_busy := self._is_busy()) or self._asking():
                        if is_busy:
                            handled = asyncio.Event()
                            self.call_later(handled.set)
                            await handled.wait()
                        else:
                            await asyncio.sleep(_LOOK_AGAIN)
            except TimeoutError:
                for place in self._asking():
                    place.asked = 0

    def _is_busy(self) -> bool:
        """Whether a message waits on a key's way, or what a screen was closed with.

        Or what has just come on the screen has no place there yet.
        """
        waits = any(pump._next_callbacks or not pump._message_queue.empty() for pump in self._way())  # noqa: SLF001
        return waits or self.screen._layout_required  # noqa: SLF001

    def _asking(self) -> list[Asking]:
        return [place for place in self._way() if isinstance(place, Asking) and place.asked > 0]

    def _way(self) -> list[DOMNode]:
        """Return all that a key passes: the focused widget, what it lies in, the screen and the app."""
        return (self.focused or self.screen).ancestors_with_self
