"""Originals from within the app: B sends what is starred, esc cancels, quiet minutes send it by themselves."""

import dataclasses
import os

import pytest

from catalog.protocol import BackupStatus
from sync.stores.remote import open_store
from tests.tui.conftest import Device, Gate, Person, run_app, second_look
from tui.app import PhotolalaApp
from tui.config.backup import BackupSettings


def originals_of(device: Device) -> list[str]:
    assert device.settings.remote is not None
    return [listed.key for listed in open_store(device.settings.remote).list("photos/")]


@pytest.fixture
def starred(desk: Device) -> Device:
    desk.star("2023 Dolomites/IMG_0001.jpg", "2023 Dolomites/IMG_0002.jpg")
    return desk


def test_b_sends_what_is_starred_and_says_so(starred: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("B")
        await person.until(person.told)
        assert person.told()[0].startswith("2 originals uploaded: "), person.told()
        await person.until(lambda: len(originals_of(starred)) == 2)
        await person.until(lambda: not any("uploading" in line for line in person.bar()))

    run_app(starred.app(), script)
    with second_look(starred.settings.catalog) as catalog:
        stats = catalog.stats()
    assert (stats.pending, stats.backup[BackupStatus.UPLOADED]) == (0, 2)


def test_esc_cancels_and_what_is_not_sent_stays_queued(starred: Device, gate: Gate) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        gate.methods.add("PUT")
        await person.press("B")
        await person.until(gate.waiting.is_set)
        await person.press("escape")
        gate.open.set()
        await person.until(lambda: any("was cancelled" in told for told in person.told()))

    run_app(starred.app(), script)


def test_it_goes_by_itself_after_the_quiet_minutes(starred: Device) -> None:
    quiet = dataclasses.replace(starred.settings, automatic=True, backup=BackupSettings(quiet_minutes=0.001))

    async def script(person: Person) -> None:
        await person.until(lambda: len(originals_of(starred)) == 2)

    run_app(PhotolalaApp(os.fsencode(starred.album), quiet), script)


def test_without_a_remote_b_says_how_to_set_one(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("B")
        await person.until(person.told)
        assert "PHOTOLALA_REMOTE" in person.told()[0]

    run_app(app, script)
