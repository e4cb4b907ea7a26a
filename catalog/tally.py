"""What a set of changes does to a catalog, counted: what people are told, and what the brake looks at."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from catalog.row import PhotoRow
from catalog.tables import PHOTO


class Removals(NamedTuple):
    """How much is taken away, of how much there was.

    Attributes:
        photos: how many there were before, tombstones left out; not counted (0) if none is deleted.
        deleted: how many of them are deleted.
        stars: how many there were before; not counted (0) if none is taken away.
        unstarred: how many of them are taken away, those of deleted photos among them.
    """

    photos: int = 0
    deleted: int = 0
    stars: int = 0
    unstarred: int = 0


@dataclass
class Tally:
    """Changes, counted by what a user would notice.

    Attributes:
        added: photos that were not known, or were deleted.
        deleted: photos.
        starred: photos that have a star now.
        unstarred: photos that have none any more.
        changed: photos with other changes only.
        rows: all of them.
    """

    added: int = 0
    deleted: int = 0
    starred: int = 0
    unstarred: int = 0
    changed: int = 0
    rows: int = 0

    def count(self, changes: Iterable[tuple[PhotoRow | None, PhotoRow]]) -> None:
        """Count changes as (before, after), before being None if the photo was not known."""
        for before, after in changes:
            lived, lives = before is not None and not before.deleted, not after.deleted
            had_star, has_star = lived and before is not None and before.starred, lives and after.starred
            self.added += lives and not lived
            self.deleted += lived and not lives
            self.starred += has_star and not had_star
            self.unstarred += had_star and not has_star
            self.rows += 1
            self.changed += lived == lives and had_star == has_star

    def removals(self, connection: Connection) -> Removals:
        """Return what the changes take away.

        Args:
            connection: a catalog in which they have been made, all of them.
        """
        living = select(func.count()).select_from(PHOTO).where(PHOTO.c.deleted.is_(False))
        photos = stars = 0
        if self.deleted:
            photos = connection.execute(living).scalar_one() - self.added + self.deleted
        if self.unstarred:
            now = connection.execute(living.where(PHOTO.c.starred.is_(True))).scalar_one()
            stars = now - self.starred + self.unstarred
        return Removals(photos, self.deleted, stars, self.unstarred)
