"""For how long the screen's thread is held up while 200,000 photos are opened, scrolled, sorted and filtered.

Beside it the same with 1,000. PHOTOLALA_BENCH_PHOTOS says how many the large catalog has.
"""

import asyncio
import gc
import os
import time
from pathlib import Path

from tests.benchmarks.made_catalog import make_catalog
from tests.tui.conftest import Person, run_app
from tests.tui.parts.test_screens_thread import use_it_all
from tui.app import PhotolalaApp
from tui.config.settings import Settings

PHOTOS = int(os.environ.get("PHOTOLALA_BENCH_PHOTOS", "200000"))


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


def used(tmp_path: Path, photos: int) -> Heartbeat:
    """Have somebody use the app on a catalog of so many photos."""
    catalog = make_catalog(tmp_path / f"{photos}.sqlite", photos)
    (tmp_path / f"{photos}").mkdir()
    app = PhotolalaApp(os.fsencode(tmp_path / f"{photos}"), Settings(catalog, None, "desk"))
    app._scan = lambda: None  # type: ignore[method-assign]
    heart = Heartbeat()

    async def script(person: Person) -> None:
        beat = asyncio.create_task(heart.beat())
        await use_it_all(person, lambda keys: setattr(heart, "now", keys), photos)
        beat.cancel()

    gc.collect()
    gc.freeze()  # what others have left in this process would be looked through in the middle of a beat
    try:
        run_app(app, script, (120, 36))
    finally:
        gc.unfreeze()
    return heart


def test_the_longest_pause(tmp_path, capsys):
    for photos in (1000, PHOTOS):
        heart = used(tmp_path, photos)
        with capsys.disabled():
            told = " ".join(
                f"{what} {seconds * 1000:.0f} ms ({keys})"
                for what, (seconds, keys) in (("held up", heart.held), ("at work", heart.worked))
            )
            print(f"\n{photos:,} photos: {told}")
