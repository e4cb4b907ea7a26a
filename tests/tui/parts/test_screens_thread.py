"""The screen's thread waits for nobody: it asks no catalog and no disk, and looks at no more photos than it shows."""

import builtins
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.made_catalog import make_catalog
from tests.tui.conftest import Person, run_app
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.work.rows import PackedKeys

PHOTOS = 20_000
DISK = [(os, name) for name in ("stat", "lstat", "scandir", "listdir", "open", "access", "readlink")]


async def use_it_all(person: Person, pressing: Callable[[str], object], count_of_all: int) -> None:
    """Open, scroll, sort, filter and mark all photos of the catalog; told are the keys before they are pressed."""
    photos = person.app.photos

    async def press(*keys: str, count: int | None = None) -> None:
        pressing(" ".join(keys))
        await person.press(*keys)
        await person.until(lambda: photos.ready and count in (None, len(photos)), keys)
        await person.until(lambda: not len(photos) or photos.current.known, f"a row after {keys}")

    await person.until(lambda: photos.ready)
    await press("t", count=count_of_all)
    await press("2", "G", "g", *["pagedown"] * 4, "j")
    for order in "sn":
        await press("o", order)
    await press("f", "s")
    await press("f", "a", count=count_of_all)
    await press("slash", *"IMG_1", "enter")
    await press("escape", count=count_of_all)
    await press("V", *["pagedown"] * 3, "V", "x")
    await press("1", "l", "j", "l", "j", "g", count=count_of_all)


class Watch:
    """Notes what a thread asks of catalog and disk, and at how many photos' keys it looks after each press."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.thread: int | None = None
        self.asked: list[str] = []
        self.asked_elsewhere = 0
        self.looked: Counter[str] = Counter()
        self.pressed = ""
        self._folder = os.fspath(folder)
        for where, name in (*DISK, (builtins, "open")):
            monkeypatch.setattr(where, name, self._noting_path(getattr(where, name)))
        for driver in (sqlite3, sqlite3.dbapi2):
            monkeypatch.setattr(driver, "connect", self._noting_queries(sqlite3.connect))
        at = PackedKeys._at
        monkeypatch.setattr(PackedKeys, "_at", lambda keys, number: (self._look(), at(keys, number))[1])

    def _look(self) -> None:
        self.looked[self.pressed] += threading.get_ident() == self.thread

    def _note(self, what: str) -> None:
        if threading.get_ident() == self.thread:
            self.asked.append(f"after {self.pressed}: {what}")
        else:
            self.asked_elsewhere += 1

    def _noting_path(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def noting(path: Any = ".", *rest: Any, **named: Any) -> Any:
            if not isinstance(path, int) and os.fsdecode(path).startswith(self._folder):
                self._note(f"{real.__name__} {os.fsdecode(path)}")
            return real(path, *rest, **named)

        return noting

    def _noting_queries(self, real: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
        def connect(*how: Any, **named: Any) -> sqlite3.Connection:
            self._note("connect")
            connection = real(*how, **named)
            connection.set_trace_callback(self._note)  # called on the thread that asks
            return connection

        return connect


def test_it_asks_no_catalog_and_no_disk_and_looks_at_no_more_photos_than_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = make_catalog(tmp_path / "catalog.sqlite", PHOTOS)
    (tmp_path / "album").mkdir()
    app = PhotolalaApp(os.fsencode(tmp_path / "album"), Settings(catalog, None, "desk"))
    app._scan = lambda: None  # type: ignore[method-assign]
    watch = Watch(tmp_path, monkeypatch)

    async def script(person: Person) -> None:
        await person.until(lambda: person.app.photos.ready)
        watch.thread = threading.get_ident()
        await use_it_all(person, lambda keys: setattr(watch, "pressed", keys), PHOTOS)
        watch.thread = None

    run_app(app, script, (120, 36))
    assert watch.asked == []
    assert watch.asked_elsewhere
    # some screens after each key; all of them once would be more than the half
    assert 0 < max(watch.looked.values()) < PHOTOS / 2, watch.looked
