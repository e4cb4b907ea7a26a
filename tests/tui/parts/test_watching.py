"""What cron, a script or another terminal does to the catalog shows in the app that is open."""

from dataclasses import replace

import pytest

from tests.conftest import draw_photo
from tests.tui.conftest import Device, Gate, Person, run_app
from tui.work import sync_timer, watch

WIDE = (140, 26)
FOLDER = "2023 Dolomites"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_EVERY", 0.02)


def test_a_star_that_a_script_has_given_shows(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        desk.star(f"{FOLDER}/IMG_0003.jpg")
        await person.sees("★ IMG_0003", person.photos)
        await person.sees("★ 1", person.bar)
        desk.star(f"{FOLDER}/IMG_0003.jpg", is_starred=False)
        await person.sees("  IMG_0003", person.photos)

    run_app(desk.app(FOLDER), script, WIDE)


def test_photos_that_another_process_has_scanned_are_listed(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.press("R")
        await person.sees("Photos, with all below")
        await person.scanned(14)
        draw_photo(desk.album / FOLDER / "AAA.jpg", 77)
        desk.scan()
        await person.sees("AAA.jpg", person.photos)

    run_app(desk.app(), script, WIDE)


def test_what_cron_has_synced_is_listed(desk: Device, attic: Device) -> None:
    attic.star(f"{FOLDER}/IMG_0003.jpg")
    attic.sync()

    async def script(person: Person) -> None:
        await person.press("f", "s")
        await person.sees("No photo", person.photos)
        await person.scanned(14)
        desk.sync()
        await person.sees("★ IMG_0003", person.photos)

    run_app(desk.app(FOLDER), script, WIDE)


def test_a_list_by_stars_stays_as_it_is_while_stars_are_taken_away_here(
    desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_timer, "_REST", 0.05)
    desk.settings = replace(desk.settings, automatic=True)
    desk.star(f"{FOLDER}/IMG_0001.jpg", f"{FOLDER}/IMG_0002.jpg")
    desk.sync()

    async def script(person: Person) -> None:
        await person.press("f", "s")
        await person.sees("★ IMG_0002", person.photos)
        await person.press("s")
        await person.sees("1 changed, r lists anew", person.photos)
        await person.until(lambda: "synced" in person.bar()[0] and "pending" not in person.bar()[0])
        desk.star(f"{FOLDER}/IMG_0005.jpg")  # so that the app has looked at what it has synced itself
        await person.sees("★ 2", person.bar)
        await person.until(lambda: not person.app._touched)
        await person.pilot.pause()
        await person.sees("1 changed, r lists anew", person.photos)

    run_app(desk.app(FOLDER), script, WIDE)


def test_a_star_that_a_script_has_given_shows_while_we_sync(desk: Device, gate: Gate) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        gate.methods.add("GET")
        await person.press("S")
        await person.until(gate.waiting.is_set)
        desk.star(f"{FOLDER}/IMG_0003.jpg")
        await person.sees("★ IMG_0003", person.photos)
        assert person.app._sync is not None
        gate.open.set()

    run_app(desk.app(FOLDER), script, WIDE)


def test_a_list_by_stars_stays_as_it_is_while_a_sync_of_ours_has_come_half_way(
    desk: Device, attic: Device, gate: Gate
) -> None:
    desk.star(f"{FOLDER}/IMG_0001.jpg", f"{FOLDER}/IMG_0002.jpg")
    desk.sync()
    attic.star(f"{FOLDER}/IMG_0005.jpg")
    attic.sync()

    async def script(person: Person) -> None:
        await person.press("R", "f", "s")
        await person.sees("★ IMG_0002", person.photos)
        await person.scanned(14)
        await person.press("s")
        await person.sees("1 changed, r lists anew", person.photos)
        gate.methods.add("PUT")
        await person.press("S")
        await person.until(gate.waiting.is_set)  # the attic's star has come, and that is another commit
        await person.sees("★ 2", person.bar)
        await person.until(lambda: not person.app._touched)
        await person.pilot.pause()
        await person.sees("starred · 2 of 5", person.photos)
        await person.sees("1 changed, r lists anew", person.photos)
        gate.open.set()
        await person.sees("★ IMG_0005", person.photos)

    run_app(desk.app(FOLDER), script, WIDE)


def test_no_log_is_left_beside_the_catalog(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        desk.star(f"{FOLDER}/IMG_0003.jpg")
        await person.sees("★ IMG_0003", person.photos)  # the catalog is being watched
        await person.press("s")
        await person.sees("★ 2", person.bar)

    run_app(desk.app(FOLDER), script, WIDE)
    assert [path.name for path in desk.settings.catalog.parent.glob("*-wal")] == []
