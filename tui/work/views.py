"""How each folder was looked at last: where the cursor was, the order, the filters; kept in a small file.

The file lies beside the catalog. Where it is lost or damaged, folders look as they do at first.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from catalog.search.query import Order, Query
from tui.work.rows import place_of

_MOST = 500  # folders, those looked at last
_LARGEST = 1 << 20  # bytes of a file that is read
_FLAGS = (
    "recursive",
    "reverse",
    "starred",
    "not_backed_up",
    "duplicates",
    "only_remote",
    "conflicts",
    "damaged",
)


class Views:
    """What is remembered. Only `read_views` and `write_views` touch the disk."""

    def __init__(self) -> None:
        self._views: dict[tuple[object, ...], tuple[Query, bytes]] = {}  # the one looked at last is last

    def remember(self, query: Query, key: bytes) -> None:
        """Remember a place as it is looked at.

        Args:
            query: what is listed.
            key: of the photo under the cursor, empty if there is none.
        """
        self._views.pop(place_of(query), None)
        self._views[place_of(query)] = (query, key)
        while len(self._views) > _MOST:
            self._views.pop(next(iter(self._views)))

    def of_folder(self, folder: bytes) -> Query:
        """Return what to list of a folder, a raw path."""
        plain = Query(folder=folder, recursive=False, order=Order.NAME)
        return self._views.get(place_of(plain), (plain, b""))[0]

    def key_in(self, query: Query) -> bytes:
        """Return the key of the photo that the cursor was on in this place; empty if that is not known."""
        return self._views.get(place_of(query), (query, b""))[1]

    def dump(self) -> bytes:
        """Return what is remembered of folders, as JSON."""
        folders = [(query, key) for query, key in self._views.values() if query.folder is not None]
        return json.dumps([_record(query, key) for query, key in folders]).encode()

    def load(self, data: bytes) -> None:
        """Remember what was dumped; what cannot be read of it is left out."""
        with suppress(ValueError, RecursionError):
            records = json.loads(data)
            for record in records if isinstance(records, list) else []:
                with suppress(ValueError, TypeError, KeyError, AttributeError):
                    self.remember(*_view(record))


def _record(query: Query, key: bytes) -> dict[str, Any]:
    flags = {name: True for name in _FLAGS if getattr(query, name)}
    folder = os.fsdecode(query.folder or b"")
    return {"folder": folder, "at": os.fsdecode(key), "order": query.order.value, "name": query.name, **flags}


def _view(record: dict[str, Any]) -> tuple[Query, bytes]:
    folder, key, name = os.fsencode(record["folder"]), os.fsencode(record["at"]), record["name"]
    if not folder.startswith(b"/") or not isinstance(name, str):
        raise ValueError("not a view")
    flags: dict[str, Any] = {flag: record.get(flag) is True for flag in _FLAGS}
    return Query(folder=folder, name=name, order=Order(record["order"]), **flags), key


def read_views(path: Path) -> bytes:
    """Return what the file holds, empty if it cannot be read or is none of ours."""
    with suppress(OSError), path.open("rb") as file:
        data = file.read(_LARGEST + 1)
        return data if len(data) <= _LARGEST else b""
    return b""


def write_views(path: Path, data: bytes) -> None:
    """Replace the file; where it cannot be written, the folders look as they did before."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch(mode=0o600)
        part.write_bytes(data)
        part.replace(path)
