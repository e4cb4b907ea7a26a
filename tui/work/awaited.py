"""What is typed while other photos are on their way: it is meant for those, and done once they are there."""

from collections.abc import Callable

from catalog.search.query import Query
from tui.work.rows import place_of


class Awaited:
    """The photos that are awaited, and what is to be done to them.

    Attributes:
        there: whether none are awaited.
    """

    def __init__(self) -> None:
        self.there = False
        self._query: Query | None = None  # whichever comes first
        self._typed: list[Callable[[], object]] = []

    def expect(self, query: Query) -> None:
        """Photos are on their way; what was typed for those of another place is typed in vain."""
        if self._query is not None and place_of(self._query) != place_of(query):
            self._typed.clear()
        self._query, self.there = query, False

    def when_there(self, do: Callable[[], object]) -> None:
        """Do something at once, or as soon as the photos are there that it is meant for."""
        if self.there:
            do()
        else:
            self._typed.append(do)

    def arrived(self, query: Query) -> None:
        """Photos are there; if they are the ones, do what was typed for them."""
        if self._query in (None, query):
            typed, self._typed, self._query, self.there = self._typed, [], None, True
            for do in typed:
                do()
