"""What of a place is listed, and in which order: filters by key and by name, all folders below, orders."""

from dataclasses import replace
from functools import partial
from typing import Any

from textual import on
from textual.binding import Binding
from textual.widgets import Input

from catalog.search.query import Query
from tui.panes.filter_line import FilterLine
from tui.panes.walked_tree import WalkedTree
from tui.parts.backing_up import BackingUpApp
from tui.parts.folders import FoldersApp
from tui.screens.menu import Choice, MenuScreen
from tui.words.queries import FILTERS, ORDERS, told_filters, without_filters
from tui.work.rows import Ref, key_of, ref_of

_LONGEST = 200  # characters of a part of a name


class FindingApp(BackingUpApp, FoldersApp):
    """An app that filters and sorts what is on the screen."""

    BINDINGS = [
        Binding("slash", "filter_name", "Filter by a part of the name", id="filter_name"),
        Binding("f", "filters", "Filters", id="filters"),
        Binding("o", "order", "Order", id="order"),
        Binding("R", "below", "With all folders below, or without", id="below"),
    ]

    _searched_from: Ref | None = None

    # ---- the name

    def action_filter_name(self) -> None:
        """Type a part of a name."""
        row = self.photos.current
        self._searched_from = None if row is None else ref_of(self.photos.query, row.key)
        self.query_one(FilterLine).begin(self._query.name)

    @on(Input.Changed, "FilterLine")
    def _filter_by_name(self, event: Input.Changed) -> None:
        self._list(replace(self._query, name=event.value[:_LONGEST]))

    @on(FilterLine.Left)
    def _filter_line_left(self, event: FilterLine.Left) -> None:
        if not event.keep:
            if self._query.name:
                self._list(replace(self._query, name=""))
            self.photos.when_there(partial(self._go_back, self._searched_from))
        self.action_pane("list")

    def _go_back(self, photo: Ref | None) -> None:
        """Put the cursor on a photo again, wherever a search has led it."""
        key = None if photo is None else key_of(self.photos.query, photo)
        if key is not None:
            self.photos.go_to(key)

    # ---- filters

    def action_filters(self) -> None:
        """Choose a filter: switch it on, or off."""
        choices = [Choice(key, words, getattr(self._query, name)) for key, (name, words) in FILTERS.items()]
        any_on = bool(told_filters(self._query))
        self.push_screen(
            MenuScreen("Only photos that are", [*choices, Choice("a", "all photos", not any_on)]),
            self._filter_chosen,
        )

    def _filter_chosen(self, key: str | None) -> None:
        if key == "a":
            self._list_and_go(without_filters(self._query))
        elif key is not None:
            name, _ = FILTERS[key]
            turned: dict[str, Any] = {name: not getattr(self._query, name)}
            self._list_and_go(replace(self._query, **turned))

    # ---- order

    def action_order(self) -> None:
        """Choose an order; the same again turns it round."""
        choices = [Choice(key, words, self._query.order is order) for key, (order, words) in ORDERS.items()]
        self.push_screen(MenuScreen("Order; the same again turns it round", choices), self._order_chosen)

    def _order_chosen(self, key: str | None) -> None:
        if key is not None:
            order, _ = ORDERS[key]
            turned = order is self._query.order and not self._query.reverse
            self._list_and_go(replace(self._query, order=order, reverse=turned))

    # ---- where

    def action_below(self) -> None:
        """List the photos of all folders below, too; or no more."""
        if why := self.why_not("below"):
            self._tell(why)
        else:
            self._list_and_go(replace(self._query, recursive=not self._query.recursive))

    def _list_and_go(self, query: Query) -> None:
        """List something else of the same place; the keys go from the tree to where that is seen."""
        self._list(query)
        if isinstance(self.screen_stack[0].focused, WalkedTree):
            self.action_pane("list")

    def why_not(self, action: str) -> str | None:
        """Return why there is nothing below; see `KeyedApp.why_not`."""
        if action == "below" and self._query.folder is None:
            return f"Only a folder has folders below: {self._key_of('timeline')} goes to the folders."
        return super().why_not(action)

    def action_cancel(self) -> None:
        """Take the name's filter away, or else the others, or else cancel what is under way."""
        if self._query.name:
            self._list(replace(self._query, name=""))
        elif told_filters(self._query):
            self._list(without_filters(self._query))
        else:
            super().action_cancel()
