"""Keys that come in one read, as over a slow link: each is for who has the keys after the one before it."""

import asyncio
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import Person, run_app
from tests.tui.terminal.test_real_terminal import opened
from tui.app import PhotolalaApp


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("j j j s k k x", r"IMG_0002(.*\n)+.*[☆★] IMG_0004(.*\n)+.* 1 marked · 3/5 "),
        ("j j j space space G", r"[☆★] IMG_0004.*\n.*[☆★] IMG_0005(.*\n)+.* 5/5 "),
        ("f w", "Photos · with something wrong · 0 of 5"),
        ("o s o s G", r"Photos · by size ↓ .*\n(.*\n)+.* 5/5 "),
        ("f s f a G", r"Photos ─.*\n(.*\n)+.* 5/5 "),
        ("/ 0 0 3 enter s", r'Photos · "003" · 1 of 5 .*\n.*[☆★] IMG_0003'),
        ("? G q j", r"IMG_0001(.*\n)+.* 2/5 "),
        ("enter j s q j", r"[☆★] IMG_0002(.*\n)+.* 3/5 "),
        ("? esc j", r"IMG_0001(.*\n)+.* 2/5 "),
        ("f esc G", r"IMG_0001(.*\n)+.* 5/5 "),
        ("/ 0 0 3 esc G", r"Photos ─.*\n(.*\n)+.* 5/5 "),
        ("c q j", r"IMG_0001(.*\n)+.* 2/5 "),
        (", q j", r"IMG_0001(.*\n)+.* 2/5 "),
        ("t j l j", r"─ Timeline ─.*─ Photos of 20\d\d-\d\d ─"),
        ("v j s", r"┏ [☆★] (.*\n)+.* 4/5 "),
        ("h j enter j", r"IMG_0001(.*\n)+.* 2/5 "),
        (": c o n t a c t enter", "─ Contact sheet ─"),
    ],
)
def test_each_goes_to_what_the_one_before_has_opened_or_closed(
    small_album: Path, tmp_path: Path, typed: str, seen: str
) -> None:
    with opened(small_album / "2023 Dolomites", tmp_path) as terminal:
        terminal.wait_for("5 photos")
        terminal.settle()
        terminal.press_together(*typed.split())
        terminal.wait_for(re.compile(seen))


def test_what_looks_like_alt_with_a_key_is_that_where_somebody_has_bound_one(
    small_album: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[keymap]\nstar = "alt+j"\n')
    with opened(small_album / "2023 Dolomites", tmp_path, env={"PHOTOLALA_CONFIG": str(config)}) as terminal:
        terminal.wait_for("5 photos")
        terminal.settle()
        terminal.press_together("esc", "j")
        terminal.wait_for(re.compile("[☆★] IMG_0001"))


def test_a_task_that_is_begun_before_its_key_is_handled_keeps_no_key_back(app: PhotolalaApp) -> None:
    """Textual makes tasks begin at once from Python 3.12 on."""

    def begun_at_once(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> Any:
        if work.__name__ == "_take_turns":
            with suppress(StopIteration):
                work.send(None)
            ended = loop.create_future()
            ended.set_result(None)
            return ended
        return asyncio.Task(work, loop=loop, **options)

    async def script(person: Person) -> None:
        await person.scanned(14)
        asyncio.get_running_loop().set_task_factory(begun_at_once)
        await person.press("l", "j", "k", "l")
        assert person.app._turns is None or not person.app._turns.done()

    run_app(app, script)
