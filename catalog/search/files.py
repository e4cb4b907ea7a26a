"""The files of one folder, in any order, as far as their photos pass a query's filters."""

import sqlite3
from dataclasses import replace

from catalog.search.filters import filters_of
from catalog.search.query import Order, Query

_KEYS = {
    Order.DATE: ("photodate",),
    Order.SIZE: ("coalesce(photo.size, file.size)",),
    Order.STARRED: ("-coalesce(starred, 0)", "photodate"),
}


def names(connection: sqlite3.Connection, query: Query) -> list[bytes]:
    """Return the raw names of the files that a scan has seen in a folder and that pass, in order.

    The filter by name is left to the caller, who may know of files that no scan has seen. Unreadable files
    pass only if nothing but the folder is asked for. Of equals the first name is first; what is unknown
    comes last.

    Args:
        connection: a catalog.
        query: names a folder, and is not recursive.
    """
    conditions, values = ["file.folder = ?", "missing = 0"], [query.folder]
    filters = filters_of(replace(query, folder=None, name=""))
    if filters:
        conditions.append("deleted = 0")
    for each in filters:
        conditions.append(each.condition)
        values += each.parameters
    way = "DESC" if query.reverse else "ASC"
    keys = _KEYS.get(query.order, ())
    order = [part for key in keys for part in (f"{key} IS NULL", f"{key} {way}")]
    statement = (
        "SELECT name FROM file LEFT JOIN photo ON photo.md5 = file.md5"
        f" WHERE {' AND '.join(conditions)} ORDER BY {', '.join([*order, f'name {way}'])}"
    )
    return [name for (name,) in connection.execute(statement, values)]
