"""Keys in turn: the next one goes to who has the keys once all is done that the one before it has set off.

Textual gives a key to the widget that has the focus as the key is read. Of keys that come together, as over a
slow link, the second would then be on its way to the list while the first still opens a menu over it: lost
there, or taken for something else.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, NamedTuple

from textual import events
from textual.app import App, ScreenStackError
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

_PATIENCE = 0.5  # seconds: then the next key is given out, whatever is still busy
_LOOK_AGAIN = 0.005  # seconds from look to look whether what was asked for has come


class Asking:
    """A place that asks a thread for what it shows; until that has come, keys wait.

    Attributes:
        asked: how many answers it waits for; 0 again if they take too long.
    """

    asked = 0


class _Given(NamedTuple):
    """A key that was given out, None for a paste, and who had the keys then."""

    key: str | None
    screen: Screen[Any] | None
    focused: Widget | None


class KeysInTurnApp(App[None]):
    """An app that never handles two keys at once."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Event] = deque()
        self._given: _Given | None = None  # the last one
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
            self._given = self._given_now(event)
            # no eager one, as Textual makes all others from Python 3.12 on: the key is handled first
            self._turns = asyncio.Task(self._take_turns(), loop=asyncio.get_running_loop())
            await super().on_event(event)

    async def _take_turns(self) -> None:
        """Wait for what the key under way has set off, and give out those that wait, one by one."""
        try:
            stays = await self._settled()
            while self._typed:
                if stays and self._is_repeated(self._typed[0]):
                    self._repeat()
                else:
                    event = self._typed.popleft()
                    self._given = self._given_now(event)
                    self.call_later(super().on_event, event)
                stays = await self._settled()
        finally:
            self._turns = None
        with suppress(ScreenStackError):  # the app has ended
            self.screen.check_idle()  # it may have put off to paint

    def _given_now(self, event: events.Event) -> "_Given":
        return _Given(_key(event), self.screen_stack[-1] if self.screen_stack else None, self.focused)

    def _is_repeated(self, event: events.Event) -> bool:
        """Whether it is the key before once more, and does something in the widget that has the keys."""
        key, holder = _key(event), self.focused
        if holder is None or self._given is None or key is None or key != self._given.key:
            return False
        own = holder._bindings.key_to_bindings  # noqa: SLF001
        all_bound = [bindings.key_to_bindings for _, bindings in self.screen._binding_chain]  # noqa: SLF001
        return key in own and not any(
            binding.priority for bound in all_bound for binding in bound.get(key, ())
        )

    def _repeat(self) -> None:
        """Give out all that follow and are the same: none of them takes the keys elsewhere."""
        assert self._given is not None
        assert self.focused is not None
        while self._typed and _key(self._typed[0]) == self._given.key:
            self.focused._forward_event(self._typed.popleft())  # noqa: SLF001

    async def _settled(self) -> bool:
        """Wait until a key would find the focus where the one before has put it, and something to act on.

        Returns:
            Whether the keys are where they were before it, and nobody was asked for anything.
        """
        stays = True
        with suppress(ScreenStackError):  # the app has ended
            try:
                async with asyncio.timeout(_PATIENCE):
                    while (is_busy := self._is_busy()) or self._asking():
                        if is_busy:
                            handled = asyncio.Event()
                            self.call_later(handled.set)
                            await handled.wait()
                        else:
                            stays = False
                            await asyncio.sleep(_LOOK_AGAIN)
            except TimeoutError:
                stays = False
                for place in self._asking():
                    place.asked = 0
            given = self._given
            return (
                stays and given is not None and (given.screen, given.focused) == (self.screen, self.focused)
            )
        return False

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


def _key(event: events.Event) -> str | None:
    return event.key if isinstance(event, events.Key) else None
