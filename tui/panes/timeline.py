"""The timeline: all photos that the catalog knows by year, month and day, also those that are not here."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.message import Message
from textual.widgets.tree import TreeNode

from catalog.search.query import Order, Query
from catalog.search.timeline import Period, Span
from tui.panes.walked_tree import WalkedTree

_UNDATED = (0,)  # no year


class Timeline(WalkedTree[Period | None]):
    """Years, the newest first; the root is all photos."""

    @dataclass
    class ChildrenWanted(Message):
        """A period is opened; None is all of it."""

        within: Period | None

    @dataclass
    class Chosen(Message):
        """The cursor is on a part; `enter` says that the list shall get the keys."""

        query: Query
        enter: bool

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(Text("All photos"), data=None, id=id)
        self._by_date: dict[tuple[int, ...], TreeNode[Period | None]] = {(): self.root}
        self.border_title = "Timeline"
        self.guide_depth = 2
        self.auto_expand = False

    def reload(self) -> None:
        """Ask anew for what lies in each period that is open."""
        for node in [self.root, *(node for node in self._by_date.values() if node.is_expanded)]:
            self.want_children(node)
        self.root.expand()

    def show_span(self, span: Span) -> None:
        """Say how many photos there are, and how many of them have no date."""
        self.root.set_label(_label("All photos", span.photos))
        if span.undated:
            self._put(self.root, Period(_UNDATED, 0, 0, span.undated), None)

    def fill(self, within: Period | None, periods: Sequence[Period]) -> None:
        """Take in what lies in a period.

        Args:
            within: it; None is the whole timeline.
            periods: in it, the earliest first.
        """
        self.asked = max(0, self.asked - 1)
        parent = self._by_date.get(within.date if within is not None else ())
        if parent is None:
            return
        found = {period.date for period in periods}
        for child in list(parent.children):
            if child.data is not None and child.data.date not in found and child.data.date != _UNDATED:
                self._by_date.pop(child.data.date)
                child.remove()
        for place, period in enumerate(reversed(periods)):
            self._put(parent, period, place)

    def _put(self, parent: TreeNode[Period | None], period: Period, before: int | None) -> None:
        node = self._by_date.get(period.date)
        if node is None:
            can_open = period.date != _UNDATED and len(period.date) < 3
            if before is not None and before >= len(parent.children):
                before = None
            node = self._by_date[period.date] = parent.add(Text(), allow_expand=can_open, before=before)
        node.data = period
        node.set_label(_label(_words(period.date), period.photos))

    def want_children(self, node: TreeNode[Period | None]) -> None:
        """Have counted what lies in a period."""
        if node.allow_expand:
            self.asked += 1
            self.post_message(self.ChildrenWanted(node.data))

    def choose(self, node: TreeNode[Period | None], *, enter: bool) -> None:
        """Have its photos shown."""
        self.post_message(self.Chosen(_query(node.data), enter))


def _query(period: Period | None) -> Query:
    if period is None:
        return Query(order=Order.DATE)
    if period.date == _UNDATED:
        return Query(undated=True, order=Order.NAME)
    return Query(since=period.since, until=period.until, order=Order.DATE)


def _label(words: str, photos: int) -> Text:
    return Text.assemble(words, (f" {photos:,}", "dim"))


def _words(date: tuple[int, ...]) -> str:
    if date == _UNDATED:
        return "Without a date"
    if len(date) == 1:
        return str(date[0])
    month = f"{date[1]:02} {calendar.month_abbr[date[1]]}"
    return month if len(date) == 2 else f"{date[2]:02}"
