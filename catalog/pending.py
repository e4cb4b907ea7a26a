"""What waits to be sent to the remote, photo by photo, as people may look at it."""

from typing import NamedTuple

from sqlalchemy import select

from catalog.row import PhotoRow, parse_line
from catalog.store import SqlCatalog
from catalog.tables import PENDING, PHOTO, SYNCED, photo_row


class PendingPhoto(NamedTuple):
    """A photo as it is here and, if it is there, as it was last seen on the remote."""

    here: PhotoRow
    there: PhotoRow | None

    @property
    def changed(self) -> tuple[str, ...]:
        """The fields that differ; none of a photo that the remote does not know."""
        if self.there is None:
            return ()
        pairs = zip(PhotoRow._fields, self.here, self.there, strict=True)
        return tuple(name for name, here, there in pairs if here != there)


def pending_photos(catalog: SqlCatalog, most: int) -> list[PendingPhoto]:
    """Return photos that are changed here and not yet committed, by md5.

    Args:
        catalog: the store.
        most: how many at most.
    """
    query = (
        select(*SYNCED, PENDING.c.base)
        .join_from(PENDING, PHOTO, PENDING.c.md5 == PHOTO.c.md5)
        .order_by(PENDING.c.md5)
        .limit(most)
    )
    with catalog.reading() as connection:
        return [
            PendingPhoto(photo_row(record), parse_line(record.base) if record.base is not None else None)
            for record in connection.execute(query)
        ]
