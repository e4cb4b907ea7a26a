"""A person at the app: presses keys, and looks at the screen until it shows something."""

import asyncio
import os
import re
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

import tui.app
from catalog.scan.chosen import scan_file
from catalog.scan.scanner import Scan
from catalog.store import SqlCatalog
from sync.events import Outcome, Reason
from tests.conftest import draw_album
from tests.tui.words.test_shown import hidden_in
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.demo.server import DemoServer
from tui.panes.folder_tree import FolderTree
from tui.panes.photo_list import PhotoList
from tui.panes.preview import Preview
from tui.panes.status_bar import StatusBar
from tui.work.syncing import sync_once

PATIENCE = 15  # seconds


class Person:
    """Somebody who uses an app."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot = pilot
        self.app: Any = pilot.app

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def until(self, met: Callable[[], object], wanted: object = "") -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not met():
            if self.app._exception is not None:
                raise self.app._exception
            if time.monotonic() > deadline:
                shown = "\n".join(self.screen)
                raise AssertionError(f"waited {PATIENCE} s in vain for {wanted or met}; the screen:\n{shown}")
            await self.pilot.pause(0.01)

    async def sees(self, pattern: str, within: Callable[[], list[str]] | None = None) -> None:
        """Wait until the screen, or a part of it, shows what a regular expression matches."""
        look = within or (lambda: self.screen)
        await self.until(lambda: re.search(pattern, "\n".join(look())), repr(pattern))

    @property
    def screen(self) -> list[str]:
        """The lines of the screen, as they go to the terminal."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    def part(self, widget: Widget) -> list[str]:
        """The lines of one widget, with its border."""
        x, y, width, height = widget.region
        strips = self.app.screen._compositor.render_strips()[y : y + height]
        return [strip.crop(x, x + width).text for strip in strips]

    def photos(self) -> list[str]:
        return self.part(self.app.query_one(PhotoList))

    def tree(self) -> list[str]:
        return self.part(self.app.query_one(FolderTree))

    def preview(self) -> list[str]:
        return self.part(self.app.query_one(Preview))

    def bar(self) -> list[str]:
        return self.part(self.app.query_one(StatusBar))

    def told(self) -> list[str]:
        """What the notifications say."""
        return [notification.message for notification in self.app._notifications]

    @property
    def cursor(self) -> bytes | None:
        """The name of the photo under the list's cursor."""
        row = self.app.photos.current
        return row.name if row is not None else None

    @property
    def focused(self) -> str | None:
        return self.app.focused.id if self.app.focused is not None else None

    async def scanned(self, files: int) -> None:
        """Wait until the folder is listed, and a scan has come to its end with so many files in the catalog."""
        reader, photos = self.app._reader, self.app.photos
        await self.until(lambda: photos.query.folder == self.app._folder, "the folder")
        await self.until(lambda: reader.summary(None).files == files, f"{files} files in the catalog")
        await self.until(lambda: not re.search("scanning|…", self.bar()[0]), "the scan to end")


def run_app(
    app: App[Any],
    script: Callable[[Person], Awaitable[None]],
    size: tuple[int, int] = (100, 30),
) -> Person:
    """Run an app in a terminal of this size, let somebody use it, and end it."""

    async def run() -> Person:
        async with app.run_test(size=size, notifications=True) as pilot:
            person = Person(pilot)
            await script(person)
            assert not any(map(hidden_in, person.screen))
            app.exit()
            await app._task  # as after q: what was still on its way is handled before the widgets go
            return person

    try:
        return asyncio.run(run())
    finally:
        if isinstance(app, PhotolalaApp):
            app._background.end()
            app._pictures.end()
            app._catalog.finish()


@contextmanager
def second_look(path: Path) -> Iterator[SqlCatalog]:
    """Open a catalog beside whoever has it open."""
    catalog = SqlCatalog(path)
    try:
        yield catalog
    finally:
        catalog.close()


def stars_in(path: Path) -> set[str]:
    """The names of the starred photos, as another program sees them in the catalog."""
    with second_look(path) as catalog:
        return {entry.filename for entry in catalog.starred_entries()}


class Host(App[None]):
    """An app with one widget."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


class StyledHost(Host):
    """An app with one widget that looks as it does in ours."""

    CSS_PATH = Path(tui.app.__file__).with_name("photolala.tcss")


@pytest.fixture(autouse=True)
def _a_colour_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A device without a remote."""
    return Settings(tmp_path / "catalog.sqlite", None, "desk")


@pytest.fixture
def app(small_album: Path, settings: Settings) -> PhotolalaApp:
    """The app on the small album."""
    return PhotolalaApp(os.fsencode(small_album), settings)


# ---- devices that share a remote


class Gate:
    """Holds up the requests of some methods at the server's door."""

    def __init__(self) -> None:
        self.methods: set[str] = set()
        self.open = threading.Event()
        self.waiting = threading.Event()

    def before(self, application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            if environ["REQUEST_METHOD"] in self.methods:
                self.waiting.set()
                self.open.wait(PATIENCE)
            return application(environ, start)

        return answer


@dataclass
class Device:
    """One with the small album and a catalog of its own."""

    settings: Settings
    album: Path

    def scan(self) -> None:
        with second_look(self.settings.catalog) as catalog:
            Scan(catalog, os.fsencode(self.album)).run()

    def star(self, *names: str, is_starred: bool = True) -> None:
        with second_look(self.settings.catalog) as catalog:
            for name in names:
                md5 = scan_file(catalog, os.fsencode(self.album / name))
                catalog.update_star_status(md5, is_starred)

    def rename(self, path: str, name: str) -> None:
        (self.album / path).rename((self.album / path).with_name(name))
        self.scan()

    def sync(self, *accepted: Reason) -> Outcome:
        return sync_once(self.settings, accepted=accepted).outcome

    @property
    def stars(self) -> set[str]:
        return stars_in(self.settings.catalog)

    def app(self, folder: str = "") -> PhotolalaApp:
        return PhotolalaApp(os.fsencode(self.album / folder), self.settings)


def device(tmp_path: Path, name: str, remote: str | None = None) -> Device:
    settings = Settings(tmp_path / name / "catalog.sqlite", remote, name, automatic=False)
    made = Device(settings, draw_album(tmp_path / name / "album"))
    made.scan()
    return made


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch, gate: Gate) -> Iterator[str]:
    """An empty bucket, served over HTTP."""
    with DemoServer(gate.before) as server:
        server.create_bucket("bucket")
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield "s3://bucket/library"
        gate.open.set()


@pytest.fixture
def desk(tmp_path: Path, remote: str) -> Device:
    """The device in front of us; it has synced before."""
    desk = device(tmp_path, "desk", remote)
    assert desk.sync() is Outcome.COMMITTED
    return desk


@pytest.fixture
def attic(tmp_path: Path, remote: str, desk: Device) -> Device:
    """Another device, that has synced after the desk."""
    attic = device(tmp_path, "attic", remote)
    assert attic.sync() is not Outcome.OFFLINE
    return attic
