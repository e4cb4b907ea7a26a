"""What all tests share: a machine without settings of its own, photos, and names meant to do harm."""

import ctypes
import gc
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from PIL import Image

from catalog import schema

REAL_PHOTOS = Path(__file__).parents[2] / "shared" / "photos"

# each stands for a way to act on a terminal, to deceive a reader, to break a markup parser or an encoder
HOSTILE_NAMES = [
    b"\x1b[2Jcleared", b"\x1b]0;owned\x07title", b"\x1b]52;c;b3duZWQ=\x1b\\clipboard", b"\x1bPq#0\x1b\\sixel",
    b"\x1b[?1049lscreen", b"\x1b_Gi=1;AAAA\x1b\\kitty", b"a\rb", b"a\nb", b"a\tb", b"a\x08\x08b", b"\x07bell",
    b"a\x7fb", b"\x0eshift out\x0f",
    "\x9b31mC1 CSI".encode(), "\x9d0;C1 OSC\x9c".encode(), "\x85next line".encode(), b"\x9b31mraw C1",
    "\u202egpj.exe".encode(), "\u2066isolate\u2069".encode(), "\u061carabic mark".encode(),
    "\u200fright to left".encode(), "zero\u200bwidth".encode(), "joined\u200dby a joiner".encode(),
    "\ufeffbyte order mark".encode(), "soft\u00adhyphen".encode(), "\U000e0041tag".encode(),
    "\ue000private".encode(), "\U000f0000private plane".encode(), "\u0378unassigned".encode(),
    "\ufffenoncharacter".encode(), "line\u2028separator".encode(), "paragraph\u2029separator".encode(),
    b"\xff\xfenot utf-8", b"\xed\xa0\x80surrogate", b"cut \xe6\x97", b"[red]markup[/red]", b"[/b] shut",
    b"[@click=app.quit]click[/]", b"\\[escaped", b"{brace} %s $HOME", b"-rf", b" blank ", b"~",
]  # fmt: skip
"""Names without their suffix. None holds a NUL; those with a slash are for texts only."""


def pytest_collection_finish() -> None:
    """Look for garbage more rarely than Python does: with all that is imported here, a quarter of the time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture(scope="session", autouse=True)
def _each_new_catalog_is_a_copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The migrations make one new catalog; hundreds of others in this process, 0.03 s each, are copies of that."""
    migrate, first = schema._migrate, tmp_path_factory.mktemp("new") / "catalog.sqlite"
    schema.make_ready(first)

    def copy_or_migrate(path: Path) -> None:
        with closing(sqlite3.connect(path)) as new:
            if new.execute("SELECT 1 FROM sqlite_schema").fetchone() is None:
                new.execute("PRAGMA synchronous = OFF")
                with closing(sqlite3.connect(first)) as made:
                    made.backup(new)
                return
        migrate(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "_migrate", copy_or_migrate)
        yield


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No test sees the settings, the catalog or the credentials of whoever runs it."""
    # not by mktemp, which looks through thousands for the next number
    home = tempfile.mkdtemp(prefix="home-", dir=tmp_path_factory.getbasetemp())
    for name in list(os.environ):
        if name.startswith(("AWS_", "PHOTOLALA_", "XDG_", "TEXTUAL", "SSH_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if "boto3" in sys.modules:
        monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it remembers credentials


@pytest.fixture
def photos() -> Path:
    """Real photos, to be read only."""
    if not REAL_PHOTOS.is_dir():
        pytest.skip(f"the real photos are not at {REAL_PHOTOS}")
    return REAL_PHOTOS


@pytest.fixture
def small_album(tmp_path: Path) -> Path:
    """A folder with folders: 13 photos in 14 files, one damaged, one under a hostile name, one twice."""
    return draw_album(tmp_path / "album")


def draw_album(album: Path) -> Path:
    """Make the small album; the same contents each time."""
    for number in range(1, 6):
        draw_photo(album / "2023 Dolomites" / f"IMG_{number:04}.jpg", number)
    for number in range(6, 11):
        draw_photo(album / "2024" / "05 Lisbon" / f"IMG_{number:04}.jpg", number)
    draw_photo(album / "2024" / "Home" / "\x1b]0;owned\x07\u202egpj[b].jpg", 11)
    draw_photo(album / "2024" / "Home" / "cat.jpg", 12)
    draw_photo(album / "2024" / "Home" / "copy of IMG_0001.jpg", 1)
    broken = album / "damaged" / "broken.jpg"
    draw_photo(broken, 13, size=(64, 48))
    broken.write_bytes(broken.read_bytes()[:-200])
    return album


def draw_photo(path: Path, number: int, *, size: tuple[int, int] = (16, 12)) -> Path:
    """Draw one tiny JPEG; each number is a content of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    colour = (number * 37 % 256, number * 101 % 256, number // 251)
    Image.new("RGB", size, colour).save(path, "JPEG", comment=f"photo {number}".encode())
    return path


def draw_hostile(folder: Path) -> list[bytes]:
    """Draw a photo under each hostile name that the file system takes; returns the names, sorted."""
    drawing = draw_photo(folder / "drawing.jpg", 1)
    for number, name in enumerate(HOSTILE_NAMES):
        if b"/" not in name:
            try:
                draw_photo(drawing, number).rename(folder / os.fsdecode(name + b".jpg"))
            except OSError:  # some file systems take UTF-8 only
                drawing.unlink()
    return sorted(os.listdir(os.fsencode(folder)))  # noqa: PTH208 (raw names)


def wait_until(met: Callable[[], object], timeout: float = 20) -> None:
    """Come back as soon as something is so; fail if that takes too long."""
    deadline, pause = time.monotonic() + timeout, threading.Event()
    while not met():
        assert time.monotonic() < deadline, f"waited {timeout:g} s in vain"
        pause.wait(0.01)


@contextmanager
def permissions_that_count() -> Iterator[None]:
    """Make permission bits hold for this thread and those that it starts, even where root runs the tests."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this thread
    data = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice
    if libc.capget(header, data) != 0:
        pytest.skip("root here cannot lay down its powers")
    effective = data[0]
    data[0] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    libc.capset(header, data)
    try:
        yield
    finally:
        data[0] = effective
        libc.capset(header, data)


@pytest.fixture
def slow_thaw():
    """What is asked for stays archived the next few times that somebody looks."""
    from moto.moto_api import state_manager

    state_manager.set_transition("s3::keyrestore", {"progression": "manual", "times": 4})
    yield
    state_manager.unset_transition("s3::keyrestore")
