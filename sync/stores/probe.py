"""Finds out whether a remote honours conditional writes, by trying: some ignore them without a word.

It works on objects of its own, under `probes/`, and deletes them afterwards as well as it can.
"""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from functools import partial
from typing import Any

from sync.stores.objectstore import (
    ConditionFailedError,
    ObjectStore,
    RemoteError,
    UnclearError,
    UnsupportedError,
)

READ_ONLY = (
    "This remote does not honour conditional writes: two devices that sync at the same time could undo each "
    "other's changes, so it is only read. If no more than one device ever writes to it, set "
    "single_writer = true under [sync] in config.toml."
)
"""Why nothing is written to a remote of `Conditions.NONE`, for people."""

_RACERS = 8
_TRIES = 10  # of a request that the remote was too busy for


class Conditions(StrEnum):
    """How a remote wants the ETag in the condition of a write."""

    QUOTED = "quoted"
    BARE = "bare"
    NONE = "none"


def new_folder() -> str:
    """Return a name for a folder that nobody else has: objects left in it are known as garbage."""
    return f"probes/{uuid.uuid4().hex}"


def probe(store: ObjectStore, folder: str | None = None) -> Conditions:
    """Find out whether a remote honours conditions, and with what form of ETag.

    Args:
        store: the remote. A request that it was too busy for (`retry_after`, see `sync.stores.rate`) is sent
            again at once, so it had better be limited.
        folder: where to put the objects, `probes/` and 32 hex digits; None makes one up.

    Returns:
        `QUOTED` if it takes an ETag as it gives it, `BARE` if it takes one only without its quotes, `NONE`
        if it ignored a condition, or refused one that was met.

    Raises:
        RemoteError: an answer was unclear, and nothing is known. The whole may be done again.
    """
    folder = folder or new_folder()
    try:
        return _found_out(store, folder)
    except UnsupportedError:
        return Conditions.NONE
    finally:
        for name in ("created", "updated", "raced"):
            with suppress(RemoteError):
                store.delete(f"{folder}/{name}")


def _found_out(store: ObjectStore, folder: str) -> Conditions:
    if not _creates_once(store, f"{folder}/created"):
        return Conditions.NONE
    form = _accepted_form(store, f"{folder}/updated")
    return form if _has_one_winner(store, f"{folder}/raced") else Conditions.NONE


def _creates_once(store: ObjectStore, key: str) -> bool:
    """Return whether an object is created if absent, and only then."""
    return _accepts(store, key, b"1", if_absent=True) and not _accepts(store, key, b"2", if_absent=True)


def _accepted_form(store: ObjectStore, key: str) -> Conditions:
    """Return the form of ETag of which a stale one is refused and the right one accepted."""
    stale = _put(store, key, b"1")
    right = _put(store, key, b"2")
    for form, marks in ((Conditions.QUOTED, ""), (Conditions.BARE, '"')):
        if _accepts(store, key, b"3", if_etag=stale.strip(marks)):
            return Conditions.NONE
        if _accepts(store, key, b"4", if_etag=right.strip(marks)):
            return form
    return Conditions.NONE


def _has_one_winner(store: ObjectStore, key: str) -> bool:
    """Return whether of several who create an object at the same time one succeeds."""
    start = threading.Barrier(_RACERS)

    def race(number: int) -> bool:
        start.wait()
        return _accepts(store, key, b"%d" % number, if_absent=True)

    with ThreadPoolExecutor(_RACERS, thread_name_prefix="probe") as pool:
        winners = sum(pool.map(race, range(_RACERS)))
    if winners == 0:
        raise UnclearError(f"{store.url} refused all of {_RACERS} that wanted to create the same object.")
    return winners == 1


def _accepts(store: ObjectStore, key: str, data: bytes, **condition: Any) -> bool:
    try:
        _put(store, key, data, **condition)
    except ConditionFailedError:
        return False
    return True


def _put(store: ObjectStore, key: str, data: bytes, **condition: Any) -> str:
    put = partial(store.put, key, data, content_type="application/octet-stream", **condition)
    for _ in range(_TRIES - 1):
        try:
            return put()
        except UnclearError as error:
            if getattr(error, "retry_after", None) is None:
                raise
    return put()
