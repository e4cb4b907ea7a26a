"""The indexes that a search leans on: for each order one of all photos, and one of each smaller set.

A smaller set has its own, so that its first page is read off and not looked for among a million. They
name what catalog/tables.py makes and what catalog/search/find.py asks for. Imports no ORM.
"""

ORDERS = {
    "date": ("photodate", "md5", "filename", "size"),
    "name": ("filename", "md5", "photodate", "camera"),
    "size": ("size", "md5", "photodate", "camera"),
}
"""Columns by order: the key, the tie-breaker, and what spares a look at the row itself."""

SETS = {
    "starred": "starred = 1 AND deleted = 0",
    "uploaded": "(uploaded IS NOT NULL OR backup_status = 'uploaded') AND deleted = 0",
    "twice": "places > 1 AND deleted = 0",
    "remote": "places = 0 AND uploaded IS NOT NULL AND deleted = 0",
    "in_backup": "backup_status <> 'none' AND deleted = 0",
}
"""The smaller sets, as SQL. An index helps only where a statement holds these very words."""

FIRST = {"in_backup": ("backup_status",)}
"""Columns that stand before the order's own in the indexes of a set."""

ALL = "deleted = 0"
WAITING = "starred = 1 AND uploaded IS NULL AND deleted = 0"
CAMERA = "camera IS NOT NULL AND deleted = 0"


def index_name(order: str, of: str | None = None) -> str:
    """Return the name of the index of a set, all photos if none is named, in an order."""
    return f"photo_by_{order}" if of is None else f"photo_{of}_by_{order}"
