"""Conflicts: one record for each field that two devices changed differently, with both values."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from catalog.changes import change_photo, change_photos
from catalog.protocol import CatalogError
from catalog.row import NewConflict, PhotoRow, parse_record
from catalog.store import SqlCatalog, driver
from catalog.tables import CONFLICT, PHOTO, SYNCED, photo_row

_PART = 500

Value = str | int | bool | None


class Side(StrEnum):
    """Whose value is used; also the state of a conflict that was decided so."""

    MINE = "mine"
    THEIRS = "theirs"


class Decision(NamedTuple):
    """A conflict that was decided: the photo's value until then, and since then."""

    number: int
    md5: str
    field: str
    before: Value
    after: Value


class ConflictNotFoundError(CatalogError):
    """No open conflict has this id."""


class ConflictEntry(NamedTuple):
    """A recorded conflict, as screens and scripts show it; `recorded_at` is Unix seconds.

    `state` is "open", whose value is used ("mine", "theirs"), or "dismissed": left as the merge had it.
    """

    id: int
    md5: str
    filename: str
    field: str
    base: str
    mine: str
    theirs: str
    winner: str
    mine_device: str
    theirs_device: str
    seq: int
    recorded_at: int
    state: str


def record_conflicts(
    connection: Connection, found: Iterable[NewConflict], *, mine: str, theirs: str, seq: int, now: int
) -> int:
    """Record what a merge has found, in the merge's own transaction.

    Args:
        connection: the transaction.
        found: the conflicts.
        mine: this device's name.
        theirs: the name of the device (or devices) that may have made the other change.
        seq: the commit that was merged.
        now: Unix seconds.

    Returns:
        How many were recorded.
    """
    values = [
        {**conflict._asdict(), "mine_device": mine, "theirs_device": theirs, "seq": seq, "recorded_at": now,
         "state": "open"}
        for conflict in found
    ]  # fmt: skip
    if values:
        connection.execute(insert(CONFLICT), values)
    return len(values)


def conflicts(catalog: SqlCatalog, *, closed: bool = False) -> Sequence[ConflictEntry]:
    """Return the open conflicts, or also the closed ones, the newest last."""
    columns = [PHOTO.c.filename if name == "filename" else CONFLICT.c[name] for name in ConflictEntry._fields]
    query = select(*columns).join_from(CONFLICT, PHOTO, CONFLICT.c.md5 == PHOTO.c.md5).order_by(CONFLICT.c.id)
    if not closed:
        query = query.where(CONFLICT.c.state == "open")
    with catalog.reading() as connection:
        return [ConflictEntry(*found) for found in connection.execute(query)]


def use_mine(catalog: SqlCatalog, number: int) -> None:
    """Turn a conflict: this device's value becomes the photo's, as a change to be synced.

    Args:
        catalog: the store.
        number: the conflict's id.

    Raises:
        ConflictNotFoundError: no open conflict has this id.
    """
    if not decide(catalog, [number], Side.MINE):
        raise _not_found(number)


def dismiss(catalog: SqlCatalog, number: int) -> None:
    """Leave a conflict as it was decided; it stays on record.

    Args:
        catalog: the store.
        number: the conflict's id.

    Raises:
        ConflictNotFoundError: no open conflict has this id.
    """
    this = (CONFLICT.c.id == number, CONFLICT.c.state == "open")
    with catalog.engine.begin() as connection:
        if not connection.execute(update(CONFLICT).where(*this).values(state="dismissed")).rowcount:
            raise _not_found(number)


def decide(catalog: SqlCatalog, numbers: Sequence[int], side: Side) -> list[Decision]:
    """Let one side's values be the photos', as changes to be synced: all in one transaction.

    Args:
        catalog: the store.
        numbers: ids of conflicts; those that are not open any more are left out.
        side: whose values.

    Returns:
        What was decided, to be given to `undo`.
    """
    made: list[Decision] = []
    changes: dict[str, dict[str, Value]] = defaultdict(dict)
    columns = (*SYNCED, CONFLICT.c.id, CONFLICT.c.field, CONFLICT.c[side.value])
    with catalog.engine.begin() as connection:
        for begin in range(0, len(numbers), _PART):
            this = (CONFLICT.c.id.in_(numbers[begin : begin + _PART]), CONFLICT.c.state == "open")
            query = select(*columns).join_from(CONFLICT, PHOTO, CONFLICT.c.md5 == PHOTO.c.md5).where(*this)
            for *record, number, field, text in connection.execute(query.order_by(CONFLICT.c.id)):
                row, after = photo_row(record), typed_value(field, text)
                made.append(Decision(number, row.md5, field, getattr(row, field), after))
                changes[row.md5][field] = after
            connection.execute(update(CONFLICT).where(*this).values(state=side.value))
        change_photos(driver(connection), changes)
    return made


def undo(catalog: SqlCatalog, made: Sequence[Decision]) -> None:
    """Open conflicts again, and put back what was the photos' before; what was changed since then stays."""
    with catalog.engine.begin() as connection:
        for number, md5, field, before, after in made:
            connection.execute(update(CONFLICT).where(CONFLICT.c.id == number).values(state="open"))
            if connection.scalar(select(PHOTO.c[field]).where(PHOTO.c.md5 == md5)) == after:
                change_photo(driver(connection), md5, **{field: before})


def _not_found(number: int) -> ConflictNotFoundError:
    return ConflictNotFoundError(
        f"No open conflict has the number {number}; `photolala conflicts` lists them."
    )


def typed_value(field: str, text: str) -> Value:
    """Return a conflict's value, kept as text, as the type of its column.

    Args:
        field: a column of `PhotoRow`.
        text: the value as it stands in a CSV.
    """
    record = PhotoRow("0" * 32, "").line().split(",")
    record[PhotoRow._fields.index(field)] = text
    value: Value = getattr(parse_record(record), field)
    return value
