"""Originals from within the app: B sends what is starred, esc cancels, quiet minutes send it by themselves."""

import dataclasses
import os
import threading

import pytest

from catalog.protocol import BackupStatus
from sync.originals.plan import Plan
from sync.stores.original_store import About, original_key
from sync.stores.remote import open_store
from sync.stores.s3_originals import S3Originals
from tests.tui.conftest import PATIENCE, Device, Gate, Person, run_app, second_look
from tui.app import PhotolalaApp
from tui.config.backup import BackupSettings
from tui.screens import question
from tui.screens.question import QuestionScreen
from tui.work import consent


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


def test_the_list_shows_at_once_which_originals_are_safe_now(starred: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.sees("★ IMG_0001.* ·│", person.photos)
        await person.press("B")
        await person.sees("★ IMG_0001.* ✓│", person.photos)
        await person.sees("★ IMG_0002.* ✓│", person.photos)

    run_app(starred.app("2023 Dolomites"), script)


def test_the_list_shows_which_originals_are_on_their_way(starred: Device, gate: Gate) -> None:
    starred.sync()

    async def script(person: Person) -> None:
        await person.scanned(14)
        gate.methods.add("PUT")
        await person.press("B")
        await person.sees("★ IMG_0001.* ↑│", person.photos)
        gate.open.set()
        await person.sees("★ IMG_0001.* ✓│", person.photos)

    run_app(starred.app("2023 Dolomites"), script)


def test_what_is_safe_leaves_the_filter_for_what_is_not(starred: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("f", "b")
        await person.sees("not backed up · 5 of 5", person.photos)
        await person.press("B")
        await person.sees("not backed up · 3 of 5", person.photos)
        assert "IMG_0001" not in "".join(person.photos())

    run_app(starred.app("2023 Dolomites"), script)


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


def test_with_nothing_to_send_it_tidies_up_by_itself_and_says_nothing(desk: Device) -> None:
    remote = S3Originals(desk.settings.remote or "")
    remote.begin_upload(original_key("f" * 32), About("image/jpeg", {}))  # long ago: moto says 2010
    quiet = dataclasses.replace(desk.settings, automatic=True, backup=BackupSettings(quiet_minutes=0.001))

    async def script(person: Person) -> None:
        await person.until(lambda: not list(remote.uploads()))
        await person.until(lambda: person.app._backup_cancel is None)
        assert (person.told(), person.app._sync_log.backup) == ([], None)

    run_app(PhotolalaApp(os.fsencode(desk.album), quiet), script)


def test_without_a_remote_b_says_how_to_set_one(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("B")
        await person.until(person.told)
        assert "PHOTOLALA_REMOTE" in person.told()[0]

    run_app(app, script)


# ---- a large one


@pytest.fixture
def large(starred: Device, monkeypatch: pytest.MonkeyPatch) -> Device:
    """Two originals are many."""
    monkeypatch.setattr(consent, "_PHOTOS", 1)
    return starred


def test_a_large_backup_asks_nobody_who_is_typing(large: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        halt = threading.Event()
        person.app._catalog.ask(lambda _: halt.wait(15), print)  # as if it were busy with stars
        await person.press("B", "slash")
        halt.set()
        await person.sees(r"\? a large backup waits \(B\)", person.bar)
        await person.press("y")
        await person.sees('"y"', person.photos)
        assert originals_of(large) == []

    run_app(large.app("2023 Dolomites"), script)


def test_a_key_that_was_typed_for_the_list_is_no_answer_to_what_comes_just_then(
    large: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question, "_MOMENT", 2 * PATIENCE)

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("B")
        await person.sees("2 photos to upload")
        await person.press("y", "n", "escape")
        await person.pilot.pause()
        assert isinstance(person.app.screen, QuestionScreen)
        assert person.app._backup_cancel is None
        assert not any("y send them" in line for line in person.screen)

    run_app(large.app(), script)


def test_a_large_backup_asks_first_with_its_size_and_price_and_once_a_session(large: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("B")
        await person.sees(r"2 photos to upload, 1\.3 kB, in at most 6 requests\. In storage")
        await person.sees(r"class STANDARD that costs less than \$0\.01 once and less than \$0\.01")
        await person.sees("n or esc leave it")
        await person.press("enter", "n")
        await person.sees(r"\? a large backup waits \(B\)", person.bar)
        assert originals_of(large) == []
        await person.press("B")
        await person.sees("y send them")
        await person.press("y")
        await person.until(lambda: len(originals_of(large)) == 2)
        await person.until(lambda: person.told() and "2 originals uploaded" in person.told()[-1])
        assert "waits" not in person.bar()[0]
        large.star(*(f"2024/05 Lisbon/IMG_000{n}.jpg" for n in (6, 7, 8)))
        await person.press("B")
        await person.until(lambda: len(originals_of(large)) == 5)

    run_app(large.app(), script)


def test_a_large_one_by_itself_waits_for_the_answer_and_says_so(large: Device, gate: Gate) -> None:
    quiet = dataclasses.replace(large.settings, automatic=True, backup=BackupSettings(quiet_minutes=0.001))

    async def script(person: Person) -> None:
        await person.sees(r"\? a large backup waits \(B\)", person.bar)
        await person.scanned(14)
        assert person.app._backup_cancel is None
        assert originals_of(large) == []
        await person.press("B")
        await person.sees("y send them")
        await person.press("y")
        await person.until(lambda: len(originals_of(large)) == 2)

    run_app(PhotolalaApp(os.fsencode(large.album), quiet), script, (140, 26))


def test_what_could_not_be_sent_is_told_with_its_reason_and_tried_again(starred: Device) -> None:
    photo = starred.album / "2023 Dolomites/IMG_0002.jpg"
    before = photo.stat()
    with photo.open("r+b") as file:  # a scan cannot tell: only who reads it can
        file.seek(-9, os.SEEK_END)
        file.write(b"x")
    os.utime(photo, ns=(before.st_atime_ns, before.st_mtime_ns))

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("B")
        await person.until(lambda: any("1 could not be uploaded. IMG_0002.jpg: " in t for t in person.told()))
        assert person.app._unfinished
        assert len(originals_of(starred)) == 1

    run_app(starred.app(), script)


def test_half_as_large_again_is_asked_for_again() -> None:
    def plan(photos: int, size: int = 0) -> Plan:
        return Plan(photos, size, 0, 0, "STANDARD", 0, 0)

    asked = consent.Consent()
    assert [asked.asks(plan(*of)) for of in ((200, 10**9), (201, 0), (1, 10**9 + 1))] == [False, True, True]
    asked.given(plan(1000))
    assert [asked.asks(plan(*of)) for of in ((1500, 0), (1501, 0), (1, 2 * 10**9))] == [False, True, True]
