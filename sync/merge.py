"""The merge: a pure function of (base, mine, theirs), and the only place that decides between two devices.

The rules, field by field, with the row as last seen on the remote as base:

1. unchanged here: the remote's value.
2. changed here, unchanged there: mine, to be uploaded.
3. changed on both sides to the same: that, and no conflict.
4. changed on both sides differently: the remote's, and a conflict, if it is a field that people see. A
   star has two values, so two changes of one star are the same change: rule 3.
5. no base (first contact): the remote's fields; starred if starred on either side. A star here undoes a
   deletion there.
6. starred here since, deleted there: it comes back, starred, and a conflict. Any other change here to a
   photo that was deleted there is lost, with a conflict if it is one that people see.
7. deleted here, changed there: the remote's row stays, and a conflict.
8. `keep_stars`: a star that is set here is never taken away by the remote, not by a deletion either; a
   conflict says so.

No rule looks at a clock.
"""

from typing import Any, NamedTuple

from catalog.row import NewConflict, PhotoRow

SEEN_BY_PEOPLE = frozenset({"filename", "folder", "photodate"})


class Merged(NamedTuple):
    """What both sides shall have, and what was lost on the way to it."""

    row: PhotoRow
    conflicts: tuple[NewConflict, ...] = ()


def merge(base: PhotoRow | None, mine: PhotoRow, theirs: PhotoRow, *, keep_stars: bool = False) -> Merged:
    """Merge one photo.

    Args:
        base: the row as last seen on the remote, None at first contact.
        mine: the row here.
        theirs: the row on the remote.
        keep_stars: the policy of rule 8.

    Returns:
        The merged row. It must go up exactly if it differs from `theirs`.
    """
    if base is None:
        survives = mine.starred and not mine.deleted
        starred = mine.starred or theirs.starred
        return Merged(theirs._replace(starred=starred, deleted=theirs.deleted and not survives))
    deleted_there = theirs.deleted and not base.deleted and not mine.deleted
    comes_back = deleted_there and mine.starred and (keep_stars or not base.starred)
    if deleted_there and not comes_back:
        lost = any(
            getattr(mine, field) not in (getattr(base, field), getattr(theirs, field))
            for field in SEEN_BY_PEOPLE
        )
        return Merged(theirs, (_conflict("deleted", base, mine, theirs, "theirs"),) if lost else ())
    if mine.deleted and not base.deleted and not theirs.deleted and theirs != base:
        return Merged(theirs, (_conflict("deleted", base, mine, theirs, "theirs"),))
    values: dict[str, Any] = {}
    conflicts: list[NewConflict] = []
    for field, was, here, there in zip(PhotoRow._fields, base, mine, theirs, strict=True):
        values[field] = there if here == was else here
        if was not in (here, there) and here != there:
            values[field] = there
            if field in SEEN_BY_PEOPLE:
                conflicts.append(_conflict(field, base, mine, theirs, "theirs"))
    if comes_back:
        values["deleted"] = False
        conflicts.append(_conflict("deleted", base, mine, theirs, "mine"))
    if keep_stars and mine.starred and base.starred and not theirs.starred:
        values["starred"] = True
        conflicts.append(_conflict("starred", base, mine, theirs, "mine"))
    return Merged(PhotoRow(**values), tuple(conflicts))


def _conflict(field: str, base: PhotoRow, mine: PhotoRow, theirs: PhotoRow, winner: str) -> NewConflict:
    was, here, there = (as_text(getattr(row, field)) for row in (base, mine, theirs))
    return NewConflict(mine.md5, field, was, here, there, winner)


def as_text(value: str | int | bool | None) -> str:
    """Return a value as it stands in a shard's CSV."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)
