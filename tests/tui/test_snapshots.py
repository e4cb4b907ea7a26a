"""The main screens, cell by cell and colour by colour, as they were when somebody last looked at them.

`PHOTOLALA_SNAPSHOTS=renew make test ARGS=tests/tui/test_snapshots.py` takes them anew: look at the SVG files
in snapshots/ before they are committed. The clock is that of the files and of the records, which stands still.
"""

import os
import re
import time
from pathlib import Path

import pytest

from catalog.conflicts import record_conflicts
from catalog.row import NewConflict
from catalog.scan.chosen import scan_file
from tests.conftest import draw_album
from tests.tui.conftest import Device, Person, run_app, second_look
from tui.config.settings import Settings

HERE = Path(__file__).with_name("snapshots")
RENEW = os.environ.get("PHOTOLALA_SNAPSHOTS") == "renew"
ALBUM = "2023 Dolomites"
THEN = 1_700_000_000  # 2023-11-14 22:13:20 UTC


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    """A device whose photos, stars and conflicts are always the same."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    desk = Device(Settings(tmp_path / "catalog.sqlite", None, "desk"), draw_album(tmp_path / "album"))
    for number, photo in enumerate(sorted(desk.album.rglob("*.jpg"))):
        os.utime(photo, (THEN + number * 3600, THEN + number * 3600))
    desk.scan()
    desk.star(f"{ALBUM}/IMG_0002.jpg", f"{ALBUM}/IMG_0005.jpg")
    with second_look(desk.settings.catalog) as catalog, catalog.engine.begin() as connection:
        md5 = scan_file(catalog, os.fsencode(desk.album / ALBUM / "IMG_0002.jpg"))
        found = [
            NewConflict(md5, "filename", "was.jpg", "from the desk.jpg", "from the attic.jpg", "theirs"),
            NewConflict(md5, "starred", "1", "1", "0", "mine"),
        ]
        record_conflicts(connection, found, mine="desk", theirs="attic", seq=1, now=THEN)
    return desk


def screenshot(person: Person) -> str:
    """The screen as SVG, without the hash of itself in the names of its parts, and without the font's address."""
    svg = person.app.export_screenshot(title="photolala")
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    return re.sub(r"src:[^;]*;", "", svg)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_main_screens_look_as_they_did(desk: Device, size: tuple[int, int], tmp_path: Path) -> None:
    async def looks_as(person: Person, name: str) -> None:
        """Wait until the screen is as it was, to the last cell of the last picture."""
        kept = HERE / f"{name}-{size[0]}x{size[1]}.svg"
        if RENEW:
            await person.pilot.pause(1.5)  # for a person's eyes
            kept.write_text(screenshot(person), "utf-8")
        was = kept.read_text("utf-8")
        try:
            await person.until(lambda: screenshot(person) == was, kept.name)
        except AssertionError:
            (tmp_path / kept.name).write_text(screenshot(person), "utf-8")
            raise AssertionError(f"{kept} is not what is shown now: {tmp_path / kept.name}") from None

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.sees("c 2 conflicts")
        await person.press("j")
        await looks_as(person, "list")
        await person.press("v")
        await looks_as(person, "contact-sheet")
        await person.press("v", "enter")
        await looks_as(person, "full-view")
        await person.press("escape", "c")
        await looks_as(person, "conflicts")
        await person.press("escape", "question_mark")
        await looks_as(person, "help")
        await person.press("escape", "t")
        await looks_as(person, "timeline")
        await person.press("t", "2", "slash", "3")
        await looks_as(person, "filter")

    run_app(desk.app(ALBUM), script, size)
