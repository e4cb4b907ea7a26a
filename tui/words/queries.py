"""What is listed, in words: from where, which of it, in which order."""

from catalog.search.query import Order, Query
from tui.words.shown import shown

FILTERS = {
    "s": ("starred", "starred"),
    "b": ("not_backed_up", "not backed up"),
    "d": ("duplicates", "in several places"),
    "r": ("only_remote", "only on the remote"),
    "c": ("conflicts", "with a conflict"),
    "w": ("damaged", "with something wrong"),
}
"""Key -> (the filter's name in a `Query`, in words)."""

ORDERS = {
    "n": (Order.NAME, "name"),
    "d": (Order.DATE, "date"),
    "s": (Order.SIZE, "size"),
    "r": (Order.STARRED, "starred first"),
}
"""Key -> (order, in words)."""

_ORDERS = dict(ORDERS.values())


def told_filters(query: Query) -> list[str]:
    """Return the filters that are on."""
    told = [words for name, words in FILTERS.values() if getattr(query, name)]
    return [f'"{shown(query.name)}"', *told] if query.name else told


def told_order(query: Query) -> str:
    """Return the order, empty if it is the usual one: by name, or by date in the timeline."""
    usual = Order.NAME if query.folder is not None or query.undated else Order.DATE
    if query.order is usual and not query.reverse:
        return ""
    words = _ORDERS[query.order]
    if query.order is Order.STARRED:
        return "starred last" if query.reverse else words
    return f"by {words}{' ↓' if query.reverse else ''}"


def without_filters(query: Query) -> Query:
    """Return the query for all photos of the same place, in the same order."""
    return Query(
        folder=query.folder,
        recursive=query.recursive,
        since=query.since,
        until=query.until,
        undated=query.undated,
        order=query.order,
        reverse=query.reverse,
    )
