"""The one way to change a photo's synced columns here: the change, and its entry in `pending`, together.

All functions work inside the caller's transaction. A star is one press of a key, so the statements are plain
SQL: the ORM's own take three times as long, and have to be loaded first.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from catalog.row import PhotoRow

_PART = 500
_BEFORE = f"""
SELECT {", ".join(f"photo.{name}" for name in PhotoRow._fields)},
       pending.md5 IS NOT NULL, pending.base, pending.batch, pending.sent
  FROM photo LEFT JOIN pending ON pending.md5 = photo.md5
 WHERE photo.md5 IN (SELECT value FROM json_each(?))
"""
_FIRST = "INSERT INTO pending (md5, base, revision) VALUES (?, ?, 1)"
_AGAIN = "UPDATE pending SET revision = revision + 1, sent = ? WHERE md5 = ?"
_BACK = "DELETE FROM pending WHERE md5 = ?"
_ADD = (
    f"INSERT INTO photo ({', '.join(PhotoRow._fields)}, backup_status)"
    f" VALUES ({', '.join('?' * len(PhotoRow._fields))}, 'none')"
)
_ADD_PENDING = "INSERT INTO pending (md5, revision) VALUES (?, 1)"


def change_photo(connection: sqlite3.Connection, md5: str, **values: Any) -> bool:
    """Change synced columns of one photo, as the user's or this device's own doing.

    Args:
        connection: a writer's transaction.
        md5: the photo.
        values: new values by column.

    Returns:
        Whether anything is different now; False also if there is no such photo.
    """
    return bool(change_photos(connection, {md5: values}).get(md5))


def change_photos(
    connection: sqlite3.Connection, changes: Mapping[str, Mapping[str, Any]]
) -> dict[str, bool]:
    """Change synced columns of many photos, as the user's or this device's own doing.

    Args:
        connection: a writer's transaction.
        changes: md5 -> new values by column.

    Returns:
        md5 -> whether anything is different now; photos that are not known are not among them.
    """
    told: dict[str, bool] = {}
    for part in _parts(list(changes)):
        statements: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for *record, is_pending, base, batch, sent in connection.execute(_BEFORE, (part,)).fetchall():
            before = _row(record)
            values = changes[before.md5]
            after = before._replace(**values)
            told[before.md5] = after != before
            if after == before:
                continue
            columns = ", ".join(f"{name} = ?" for name in values)
            update = f"UPDATE photo SET {columns} WHERE md5 = ?"
            statements[update].append((*values.values(), before.md5))
            if not is_pending:
                statements[_FIRST].append((before.md5, before.line()))
            elif batch is None and base == after.line():
                statements[_BACK].append((before.md5,))  # changed back: nothing to tell anyone
            else:
                taken = batch is not None and sent is None  # the batch under way took the row as it was
                statements[_AGAIN].append((before.line() if taken else sent, before.md5))
        for statement, parameters in statements.items():
            connection.executemany(statement, parameters)
    return told


def _parts(md5s: list[str]) -> Iterator[str]:
    for begin in range(0, len(md5s), _PART):
        yield json.dumps(md5s[begin : begin + _PART])


def _row(record: list[Any]) -> PhotoRow:
    row = PhotoRow(*record)
    return row._replace(starred=bool(row.starred), deleted=bool(row.deleted))


def add_photos(connection: sqlite3.Connection, photos: Iterable[PhotoRow]) -> None:
    """Add photos that this device is the first to tell of: pending, with no base.

    Args:
        connection: a writer's transaction.
        photos: none of them known yet.
    """
    rows = list(photos)
    connection.executemany(_ADD, rows)
    connection.executemany(_ADD_PENDING, [(row.md5,) for row in rows])
