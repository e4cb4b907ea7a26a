"""Conflicts: one record for each field that two devices changed differently, with both values."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from catalog.changes import PHOTO, change_photo
from catalog.protocol import CatalogError
from catalog.row import NewConflict, PhotoRow, parse_record
from catalog.store import CONFLICT, SqlCatalog


class ConflictNotFoundError(CatalogError):
    """No open conflict has this id."""


class ConflictEntry(NamedTuple):
    """A recorded conflict, as screens and scripts show it; `recorded_at` is Unix seconds."""

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
    with catalog.engine.begin() as connection:
        md5, field, mine = _close(connection, number, "mine")
        change_photo(connection, md5, **{field: typed_value(field, mine)})


def dismiss(catalog: SqlCatalog, number: int) -> None:
    """Leave a conflict as it was decided; it stays on record.

    Args:
        catalog: the store.
        number: the conflict's id.

    Raises:
        ConflictNotFoundError: no open conflict has this id.
    """
    with catalog.engine.begin() as connection:
        _close(connection, number, "dismissed")


def _close(connection: Connection, number: int, state: str) -> tuple[str, str, str]:
    this = (CONFLICT.c.id == number, CONFLICT.c.state == "open")
    found = connection.execute(
        select(CONFLICT.c.md5, CONFLICT.c.field, CONFLICT.c.mine).where(*this)
    ).one_or_none()
    if found is None:
        raise ConflictNotFoundError(
            f"No open conflict has the number {number}; `photolala conflicts` lists them."
        )
    connection.execute(update(CONFLICT).where(*this).values(state=state))
    return found.md5, found.field, found.mine


def typed_value(field: str, text: str) -> str | int | bool | None:
    """Return a conflict's value, kept as text, as the type of its column.

    Args:
        field: a column of `PhotoRow`.
        text: the value as it stands in a CSV.
    """
    record = PhotoRow("0" * 32, "").line().split(",")
    record[PhotoRow._fields.index(field)] = text
    value: str | int | bool | None = getattr(parse_record(record), field)
    return value
