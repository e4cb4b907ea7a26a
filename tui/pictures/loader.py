"""A small pool of threads that makes pictures for the screen: what is still wanted, in that order.

Whoever shows pictures tells all that it wants now, the most urgent first; that replaces what it wanted
before, so that photos passed by are never decoded. Who has asked last is served first. What was made stays
in memory as long as it is wanted and, up to a bound, for longer, to be there at once when it is wanted again.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence

from tui.pictures.wanted import Loaded, Want

_THREADS = 2  # for files here, and as many for what a remote must be asked for: one never waits for the other
_MOST_BYTES = 8 << 20
_LEAST_COST = 1000  # bytes of an entry, about

Load = Callable[[Want], Loaded]
Tell = Callable[[Want, Loaded], object]


class Loader:
    """Makes pictures. Its methods never wait, and any thread may call them."""

    def __init__(self, load: Load, *, most_bytes: int = _MOST_BYTES) -> None:
        """Set it up; threads start with the first picture that is wanted.

        Args:
            load: makes one picture, on a thread of the pool.
            most_bytes: of memory that all pictures may take before those go that nobody wants.
        """
        self._load = load
        self._most_bytes = most_bytes
        self._made: OrderedDict[Want, Loaded] = OrderedDict()  # the longest unused first
        self._bytes = 0
        self._wanted: dict[Hashable, Sequence[Want]] = {}
        self._asked: OrderedDict[Hashable, tuple[list[Want], Tell]] = OrderedDict()  # the newest first
        self._making: set[Want] = set()
        self._ended = False
        self._news = threading.Condition()
        self._threads: list[threading.Thread] = []

    def found(self, want: Want) -> Loaded | None:
        """Return a picture that was made before; None if it is not in memory."""
        with self._news:
            if want in self._made:
                self._made.move_to_end(want)
            return self._made.get(want)

    def want(self, who: Hashable, wants: Sequence[Want], tell: Tell) -> None:
        """Ask for pictures, in place of those that were asked for before.

        Args:
            who: for whom.
            wants: the most urgent first; none to ask for nothing any more.
            tell: called with each that was not in memory, on a thread of the pool, unless it is no longer
                wanted by then.
        """
        with self._news:
            self._asked.pop(who, None)
            self._wanted.pop(who, None)
            if wants:
                self._wanted[who] = wants
            missing = [want for want in wants if want not in self._made]
            if not missing or self._ended:
                return
            self._asked[who] = (missing, tell)
            self._asked.move_to_end(who, last=False)
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._work, args=(far,), name="pictures", daemon=True)
                    for far in (False, True)
                    for _ in range(_THREADS)
                ]
                for thread in self._threads:
                    thread.start()
            self._news.notify_all()

    def end(self) -> None:
        """Make nothing any more."""
        with self._news:
            self._ended = True
            self._asked.clear()
            self._news.notify_all()

    def _work(self, far: bool) -> None:
        while (want := self._next(far)) is not None:
            try:
                loaded = self._load(want)
            except Exception as error:  # a fault of ours must not end the pool
                loaded = Loaded(problem=f"the picture cannot be made: {type(error).__name__}: {error}")
            for tell in self._done(want, loaded):
                tell(want, loaded)

    def _next(self, far: bool) -> Want | None:
        """Wait for the next picture to be made; None at the end."""
        with self._news:
            while not self._ended:
                for wants, _ in self._asked.values():
                    for want in wants:
                        is_far = want.source.path is None
                        if is_far == far and want not in self._making:
                            self._making.add(want)
                            return want
                self._news.wait()
        return None

    def _done(self, want: Want, loaded: Loaded) -> list[Tell]:
        """Keep what was made; returns who is to be told."""
        with self._news:
            self._making.discard(want)
            if self._ended:
                return []
            told = []
            for wants, tell in self._asked.values():
                if want in wants:
                    wants.remove(want)
                    told.append(tell)
            if not loaded.passing:
                self._made[want] = loaded
                self._bytes += _cost(loaded)
            self._make_room()
            return told

    def _make_room(self) -> None:
        wanted = {want for wants in self._wanted.values() for want in wants}
        spare = iter([want for want in self._made if want not in wanted])
        while self._bytes > self._most_bytes and (longest_unused := next(spare, None)) is not None:
            self._bytes -= _cost(self._made.pop(longest_unused))


def _cost(loaded: Loaded) -> int:
    return _LEAST_COST + (loaded.drawn.cost if loaded.drawn else 0)
