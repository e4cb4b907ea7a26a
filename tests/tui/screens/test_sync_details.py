"""What syncs and backups have done, looked up by key; the remote is asked only when told to, and y leads back."""

import re
import time
from pathlib import Path

import pytest
from textual.widgets import OptionList

from catalog.backup_queue import BackupQueue
from catalog.originals import Originals
from tests.tui.conftest import Device, Gate, Person, device, run_app, second_look
from tui.screens.question import QuestionScreen
from tui.screens.sync_details import SyncDetailsScreen

ALBUM = "2023 Dolomites"
NARROW, WIDE = (80, 24), (120, 36)


def closed(person: Person) -> bool:
    return not isinstance(person.app.screen, SyncDetailsScreen)


def test_each_sync_is_told_with_its_phases_requests_and_bytes(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("y")
        await person.sees("No sync yet since the app was started")
        await person.press("escape", "s")
        await person.sees("★ IMG_0001", person.photos)
        await person.press("S")
        await person.sees("✓ synced", person.bar)
        await person.press("y")
        await person.sees(r"<5 min ago  by key, \d+\.\d s: Synced: 1 photo sent\. Commit 2\.")
        await person.sees(r"uploading +\d\.\d s")
        await person.sees(r"requests: 1 GET, \d PUT; [\d.]+ k?B up, 0 B down")
        await person.press("y")
        await person.until(lambda: closed(person))

    run_app(desk.app(ALBUM), script, WIDE)


def test_what_the_details_name_keys_for_is_done_from_there(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("s")
        await person.sees("★ IMG_0001", person.photos)
        await person.press("y", "4")
        await person.sees("IMG_0001.jpg +star given(.|\n)*S sync now")
        await person.press("S")
        await person.sees("Nothing: all that is here is on the remote")
        await person.press("5")
        await person.sees("1 original to be sent(.|\n)*B back up now")
        await person.press("B")
        await person.sees("1 starred, 1 on the remote")

    run_app(desk.app(ALBUM), script, NARROW)


def test_a_sync_under_way_is_told_as_it_goes_on(desk: Device, gate: Gate) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        gate.methods.add("PUT")
        await person.press("s")
        await person.sees("★ IMG_0001", person.photos)
        await person.press("S", "y")
        await person.until(gate.waiting.is_set)
        await person.sees("by key: under way")
        await person.sees("uploading")
        gate.open.set()
        await person.sees("Synced: 1 photo sent")

    run_app(desk.app(ALBUM), script, NARROW)


def test_the_history_of_the_remote_is_asked_for_by_key_and_not_before(
    desk: Device, attic: Device, gate: Gate
) -> None:
    attic.star(f"{ALBUM}/IMG_0003.jpg")
    attic.sync()

    async def script(person: Person) -> None:
        await person.scanned(14)
        gate.methods.add("GET")
        for key in ("y", "2", "3", "4", "5", "2"):
            await person.press(key)
        await person.sees("Press r to ask the remote for its commits")
        assert not gate.waiting.is_set()
        await person.press("r")
        await person.until(gate.waiting.is_set)
        await person.sees("Asking s3://bucket/library")
        gate.open.set()
        await person.sees(r" 2  \d{4}-\d\d-\d\d \d\d:\d\d  by attic: 13 photos")
        await person.sees(r" 1  \d{4}-\d\d-\d\d \d\d:\d\d  by desk: 13 photos")
        await person.press("3", "2")  # it is kept
        await person.sees("by attic")

    run_app(desk.app(ALBUM), script, NARROW)


def test_a_restore_point_is_gone_back_to_by_key_after_a_question(desk: Device, attic: Device) -> None:
    attic.star(f"{ALBUM}/IMG_0003.jpg")
    attic.sync()
    desk.sync()
    assert desk.stars == {"IMG_0003.jpg"}

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("y", "3")
        await person.sees(r"1 restore point, the newest first")
        await person.sees(r" 1  .* before commit 2 by attic: 1 photo")
        await person.press("enter")  # no key leads to the line that says what these are
        await person.sees("Put the photos back as they were at restore point 1?")
        await person.press("n", "g", "enter")
        await person.sees("Put the photos back as they were at restore point 1?")
        await person.press("n")
        await person.until(lambda: not isinstance(person.app.screen, QuestionScreen))
        assert desk.stars == {"IMG_0003.jpg"}
        await person.press("enter", "y")
        await person.until(lambda: desk.stars == set())
        await person.until(lambda: person.told() == ["1 photo put back."])
        await person.sees("2 restore points")
        await person.press("4")
        await person.sees("1 photo to be sent with the next sync")
        await person.sees("IMG_0003.jpg  star taken")

    run_app(desk.app(ALBUM), script, NARROW)


def test_originals_are_counted_as_sets_and_failures_have_their_reason_and_next_try(desk: Device) -> None:
    desk.star(*(f"{ALBUM}/IMG_000{n}.jpg" for n in range(1, 5)))
    with second_look(desk.settings.catalog) as catalog:
        url = str(desk.settings.remote)
        queue, originals = BackupQueue(catalog, url), Originals(catalog, url)
        md5s = [entry.md5 for entry in catalog.starred_entries()]
        queue.done(dict.fromkeys(md5s[:2], 1))
        originals.listed(md5s[:1], int(time.time()) - 2 * 86400)
        queue.failed(md5s[2], "The file \x1b[2J is not there any more.")
        catalog.update_star_status(md5s[0], is_starred=True)

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("y", "5")
        await person.sees(r"4 starred, 2 on the remote, 1 verified, last proof 2 days ago")
        await person.sees(r"2 originals to be sent: \d")
        await person.sees(r"! IMG_000\d.jpg  The file \\x1b\[2J is not there any more\. +Tried 1 time, again")

    run_app(desk.app(ALBUM), script, WIDE)


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_sections_are_reached_by_keys_and_scroll(tmp_path: Path, size: tuple[int, int]) -> None:
    desk = device(tmp_path, "desk")

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("y", "4")
        await person.sees("13 photos to be sent")
        await person.sees(r"IMG_0001.jpg  new")
        await person.pilot.resize_terminal(size[0], 14)
        lines = person.app.screen.query_one(OptionList)
        await person.press("G")
        await person.until(lambda: lines.highlighted == lines.option_count - 1 and lines.scroll_y > 0)
        await person.press("g", "j", "j", "k")
        await person.until(lambda: lines.highlighted == 1)
        await person.press("tab")
        await person.sees("0 starred, 0 on the remote, 0 verified")
        await person.press("shift+tab", "shift+tab")
        await person.sees(r"None yet: a sync \(S\) makes one")
        assert "roll back" not in "\n".join(person.screen)  # no key for what is not there
        await person.press("r")
        await person.until(lambda: any(re.search("no remote to ask", told) for told in person.told()))
        await person.press("q")
        await person.until(lambda: closed(person))

    run_app(desk.app(ALBUM), script, size)
