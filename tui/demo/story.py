"""The demo: two devices share a bucket on this machine; the second has been busy, the first presses S."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from platformdirs import user_cache_path

from tui.commands.command_line import fail
from tui.commands.telling import USAGE
from tui.config.settings import Settings
from tui.terminal.early import EarlyTerminal
from tui.terminal.environment import has_mouse, set_up_textual, why_no_app
from tui.words.shown import shown
from tui.work.leaving import LAST_SECONDS, leave

if TYPE_CHECKING:
    from catalog.store import SqlCatalog

T = TypeVar("T")

PHOTOS = 240
_ENVIRONMENT_TO_FORGET = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE")
_GREETING = (
    "This is the desk. Meanwhile the attic has starred 5 photos, unstarred 2, and renamed one that you "
    "renamed too. Press S to sync, then c for the conflict."
)


@dataclass(frozen=True)
class Device:
    """One of the two: its own catalog, its own copy of the photos, the same remote."""

    settings: Settings
    library: Path

    @property
    def name(self) -> str:
        """What the other one calls it."""
        return self.settings.device_name

    def path(self, relative: Path) -> bytes:
        """Return the raw path of one of its photos."""
        return os.fsencode(self.library / relative)


def run_demo(*, headless: bool) -> int:
    """Tell the story.

    Args:
        headless: as text, on stdout; otherwise the app opens where the first device is about to sync.

    Returns:
        The exit status; where the app was open, the process ends by itself.
    """
    why_not = "" if headless else why_no_app()
    if why_not:
        return fail(f"{why_not} `photolala demo --headless` tells the story here.", USAGE)
    # a transfer that has not ended in time may still write there
    with tempfile.TemporaryDirectory(prefix="photolala-demo-", ignore_cleanup_errors=True) as work:
        photos = _photos()
        with _server() as remote:
            desk, attic = (_device(Path(work), name, remote, photos) for name in ("desk", "attic"))
            relative = [path.relative_to(_album()) for path in photos]
            folder = Counter(path.parent for path in relative).most_common(1)[0][0]
            _before(desk, attic, [path for path in relative if path.parent == folder], len(photos))
            if headless:
                return _tell_the_rest(desk, attic)
            status = _open(desk, desk.path(folder))
    return leave(status)


def _open(desk: Device, folder: bytes) -> int:
    set_up_textual(desk.settings)
    terminal = EarlyTerminal()
    try:
        terminal.ask(desk.settings.preview)
        from tui.app import PhotolalaApp

        app = PhotolalaApp(os.fsencode(desk.library), desk.settings, start=folder, greeting=_GREETING)
        app.take_over(terminal, desk.settings.preview)
        app.run(mouse=has_mouse(desk.settings))
    finally:
        terminal.restore()
    with suppress(KeyboardInterrupt):
        app.wait_for_transfers(LAST_SECONDS)
    return app.return_code or 0


def _album() -> Path:
    return user_cache_path("photolala", appauthor=False) / "demo-photos"


def _photos() -> list[Path]:
    from tui.demo.photos import draw_photos

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[Kdrawing photos: {done} of {total}", end="", file=sys.stderr, flush=True)

    photos = draw_photos(_album(), PHOTOS, progress=progress)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return sorted(photos)


@contextmanager
def _server() -> Iterator[str]:
    """Serve S3 in a process of its own, name it to botocore, and yield the remote's address."""
    command = [sys.executable, "-m", "tui.main", "serve-demo-s3"]
    for name in _ENVIRONMENT_TO_FORGET:
        os.environ.pop(name, None)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stderr is not None
            while (line := server.stdout.readline()).startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                os.environ[name] = value
                if name == "PHOTOLALA_REMOTE":
                    break
            else:
                raise OSError(f"The demo's S3 server did not start: {server.stderr.read().strip()}")
            # nobody's real account is touched, whatever is configured here
            os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
            yield os.environ["PHOTOLALA_REMOTE"]
        finally:
            server.kill()  # it has nothing to lose, and may be stopped


def _device(work: Path, name: str, remote: str, photos: list[Path]) -> Device:
    library = work / name / "Photos"
    for photo in photos:
        copy = library / photo.relative_to(_album())
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(photo, copy)
    settings = Settings(work / name / "catalog.sqlite", remote, name, automatic=False)  # S is for the user
    return Device(settings, library)


def _before(desk: Device, attic: Device, photos: list[Path], count: int) -> None:
    """All that has happened before the user comes in; it happened in one folder, so that it can be seen."""
    renamed = photos[2]
    print(f"Two devices, {count} photos each, one bucket: {desk.settings.remote}")
    _scan(desk)
    _star(desk, photos[5:15], is_starred=True)
    print(f"  desk   starred 10 photos. {_sync(desk)}")
    _scan(attic)
    print(f"  attic  scanned the same photos. {_sync(attic)}")
    _star(attic, photos[20:25], is_starred=True)
    _star(attic, photos[5:7], is_starred=False)
    _rename(attic, renamed, "sunrise.jpg")
    print(f"  attic  starred 5 others, took 2 stars away, renamed {shown(renamed.name)}. {_sync(attic)}")
    _star(desk, photos[16:19], is_starred=True)
    _rename(desk, renamed, "first light.jpg")
    print(f"  desk   offline, starred 3 more and renamed {shown(renamed.name)} too.")


def _tell_the_rest(desk: Device, attic: Device) -> int:
    print(f"  desk   presses S. {_sync(desk)}")
    for line in _with_catalog(desk, _conflict_lines):
        print(f"         conflict: {line}")
    print(f"  attic  syncs. {_sync(attic)}")
    stars = [
        _with_catalog(device, lambda c: {e.md5 for e in c.starred_entries()}) for device in (desk, attic)
    ]
    names = [
        _with_catalog(device, lambda c: {(e.md5, e.filename) for e in c.entries()})
        for device in (desk, attic)
    ]
    if stars[0] != stars[1] or names[0] != names[1]:
        print("The devices differ: that is a fault. Please report it.")
        return 1
    print(f"Both devices show the same {len(stars[0])} stars and the same names.")
    return 0


def _scan(device: Device) -> None:
    from catalog.scan.scanner import Scan

    _with_catalog(device, lambda catalog: Scan(catalog, os.fsencode(device.library)).run())


def _star(device: Device, photos: list[Path], *, is_starred: bool) -> None:
    from catalog.scan.chosen import scan_file

    def star(catalog: "SqlCatalog") -> None:
        catalog.update_star_statuses({scan_file(catalog, device.path(p)): is_starred for p in photos})

    _with_catalog(device, star)


def _rename(device: Device, photo: Path, name: str) -> None:
    (device.library / photo).rename((device.library / photo).with_name(name))
    _scan(device)


def _sync(device: Device) -> str:
    from tui.words.facts import described
    from tui.work.syncing import sync_once

    return described(sync_once(device.settings))


def _conflict_lines(catalog: "SqlCatalog") -> list[str]:
    from catalog.conflicts import conflicts

    return [
        f"{c.field} was {shown(c.base)}, {shown(c.mine)} here, "
        f"{shown(c.theirs)} on {shown(c.theirs_device)}; "
        f"{'mine' if c.winner == 'mine' else 'theirs'} won, and mine can be chosen with one key"
        for c in conflicts(catalog)
    ]


def _with_catalog(device: Device, use: "Callable[[SqlCatalog], T]") -> T:
    from catalog.store import SqlCatalog

    catalog = SqlCatalog(device.settings.catalog)
    try:
        return use(catalog)
    finally:
        catalog.close()
