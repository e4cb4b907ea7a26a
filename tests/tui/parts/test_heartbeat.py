"""The screen's thread is never held up: not by a large catalog, whatever is asked of it."""

import asyncio
import gc
import os
import time
from pathlib import Path

from tests.benchmarks.made_catalog import make_catalog
from tests.tui.conftest import Person, run_app
from tui.app import PhotolalaApp
from tui.config.settings import Settings


class Heartbeat:
    """Notes the longest time for which the event loop did not come round: by the clock, and on the processor."""

    def __init__(self) -> None:
        self.held, self.worked = (0.0, ""), (0.0, "")
        self.now = ""

    async def beat(self) -> None:
        while True:
            clock, processor = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.005)
            self.held = max(self.held, (time.perf_counter() - clock - 0.005, self.now))
            self.worked = max(self.worked, (time.thread_time() - processor, self.now))


async def use_it_all(person: Person, heart: Heartbeat, count_of_all: int) -> None:
    """Open, scroll, sort, filter and mark all photos of the catalog."""
    photos = person.app.photos

    async def press(*keys: str, count: int | None = None) -> None:
        heart.now = " ".join(keys)
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


def used(tmp_path: Path, photos: int) -> Heartbeat:
    """Have somebody use the app on a catalog of so many photos."""
    catalog = make_catalog(tmp_path / f"{photos}.sqlite", photos)
    (tmp_path / f"{photos}").mkdir()
    app = PhotolalaApp(os.fsencode(tmp_path / f"{photos}"), Settings(catalog, None, "desk"))
    app._scan = lambda: None  # type: ignore[method-assign]
    heart = Heartbeat()

    async def script(person: Person) -> None:
        beat = asyncio.create_task(heart.beat())
        await use_it_all(person, heart, photos)
        beat.cancel()

    gc.collect()
    gc.freeze()  # what other tests have left in this process would be looked through in the middle of a beat
    try:
        run_app(app, script, (120, 36))
    finally:
        gc.unfreeze()
    return heart


def test_many_photos_keep_the_screens_thread_no_longer_at_work_than_few(tmp_path: Path) -> None:
    few, many = used(tmp_path, 300), used(tmp_path, 5000)
    assert many.worked[0] < 2 * few.worked[0] + 0.05, (few.worked, many.worked)
