"""The one way to change a photo's synced columns here: the change, and its entry in `pending`, together.

All functions work inside the caller's transaction.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from catalog.row import PhotoRow
from catalog.tables import Pending, Photo

PHOTO = Photo.__table__  # type: ignore[attr-defined]
PENDING = Pending.__table__  # type: ignore[attr-defined]
SYNCED = tuple(PHOTO.c[name] for name in PhotoRow._fields)


def photo_row(record: Any) -> PhotoRow:
    """Return the synced columns of a selected record that begins with them."""
    return PhotoRow(*record[: len(SYNCED)])


def change_photo(connection: Connection, md5: str, **values: Any) -> bool:
    """Change synced columns of one photo, as the user's or this device's own doing.

    Args:
        connection: a writer's transaction.
        md5: the photo.
        values: new values by column.

    Returns:
        Whether anything is different now; False also if there is no such photo.
    """
    record = connection.execute(select(*SYNCED).where(PHOTO.c.md5 == md5)).one_or_none()
    if record is None:
        return False
    before = photo_row(record)
    after = before._replace(**values)
    if after == before:
        return False
    connection.execute(update(PHOTO).where(PHOTO.c.md5 == md5).values(**values))
    _note(connection, before, after)
    return True


def _note(connection: Connection, before: PhotoRow, after: PhotoRow) -> None:
    this = PENDING.c.md5 == before.md5
    entry = connection.execute(select(PENDING).where(this)).one_or_none()
    if entry is None:
        connection.execute(insert(PENDING).values(md5=before.md5, base=before.line(), revision=1))
    elif entry.batch is None and entry.base == after.line():
        connection.execute(delete(PENDING).where(this))  # changed back: nothing to tell anyone
    else:
        values: dict[str, Any] = {"revision": entry.revision + 1}
        if entry.batch is not None and entry.sent is None:
            values["sent"] = before.line()  # the batch under way took the row as it was
        connection.execute(update(PENDING).where(this).values(**values))


def add_photos(connection: Connection, photos: Iterable[dict[str, Any]]) -> None:
    """Add photos that this device is the first to tell of: pending, with no base.

    Args:
        connection: a writer's transaction.
        photos: column values, all with the same keys; none of them known yet.
    """
    values = list(photos)
    if values:
        connection.execute(insert(PHOTO), values)
        connection.execute(insert(PENDING), [{"md5": photo["md5"], "revision": 1} for photo in values])
