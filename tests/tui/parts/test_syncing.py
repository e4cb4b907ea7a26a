"""The app syncs by itself: soon after a change, now and then, and when the network is back; quietly."""

import os
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from sync.events import Outcome, Reason
from sync.lock import sync_lock
from sync.stores import s3
from tests.conftest import draw_photo, wait_until
from tests.terminal import Terminal
from tests.tui.conftest import PATIENCE, Device, Gate, Person, device, run_app, second_look
from tui.messages import SyncEnded, SyncProgress
from tui.panes.photo_list import PhotoList
from tui.screens.question import QuestionScreen
from tui.work import sync_timer
from tui.work.jobs import Syncs

WIDE = (140, 26)
FOLDER = "2023 Dolomites"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds are short."""
    monkeypatch.setattr(sync_timer, "_REST", 0.05)
    monkeypatch.setattr(sync_timer, "_FIRST_RETRY", 0.1)


@pytest.fixture
def desk(desk: Device, hasty: None) -> Device:
    """The device in front of us, which syncs by itself."""
    desk.settings = replace(desk.settings, automatic=True)
    return desk


def synced(person: Person) -> Callable[[], bool]:
    """Tell whether all is synced, and no sync runs."""
    return lambda: person.app._sync is None and "✓ synced" in person.bar()[0]


# ---- quiet where all is well


def test_the_app_fetches_what_others_have_starred_and_sends_what_is_starred_here(
    desk: Device, attic: Device
) -> None:
    attic.star(f"{FOLDER}/IMG_0003.jpg")
    attic.sync()

    async def script(person: Person) -> None:
        await person.sees("★ IMG_0003", person.photos)
        await person.press("s")
        await person.until(lambda: (attic.sync(), attic.stars == {"IMG_0001.jpg", "IMG_0003.jpg"})[1])
        await person.until(synced(person))
        await person.sees("synced <5 min ago  next within 5 min", person.bar)
        assert not person.told()

    run_app(desk.app(FOLDER), script)


def test_neither_cursor_nor_scroll_position_move_when_stars_arrive(desk: Device, attic: Device) -> None:
    for number in range(100, 160):
        draw_photo(desk.album / FOLDER / f"IMG_{number}.jpg", number)
    attic.settings = replace(attic.settings, automatic=False)
    attic.album = desk.album
    attic.scan()
    attic.sync()

    async def script(person: Person) -> None:
        await person.until(synced(person))
        await person.press("G", *"kkkk")
        photos = person.app.query_one(PhotoList)
        where = person.app.photos.cursor, photos._top
        assert photos._top > 0
        attic.star(f"{FOLDER}/IMG_158.jpg", f"{FOLDER}/IMG_0001.jpg")
        attic.sync()
        person.app._sync_soon()
        await person.sees("★ IMG_158", person.photos)
        assert (person.app.photos.cursor, photos._top) == where

    run_app(desk.app(FOLDER), script)


def test_a_conflict_is_told_once(desk: Device, attic: Device) -> None:
    attic.rename(f"{FOLDER}/IMG_0001.jpg", "from the attic.jpg")
    attic.sync()
    desk.rename(f"{FOLDER}/IMG_0001.jpg", "from the desk.jpg")

    async def script(person: Person) -> None:
        await person.sees(r"≠ 1 conflict \(c\)", person.bar)
        await person.until(lambda: person.told() == ["1 new conflict: press c to decide."])
        await person.press("c")
        await person.sees("from the attic.jpg")
        await person.press("m", "escape")
        await person.until(synced(person))  # the decision has gone up by itself
        assert len(person.told()) <= 1

    run_app(desk.app(FOLDER), script)
    attic.sync()
    with second_look(attic.settings.catalog) as catalog:
        assert "from the desk.jpg" in {entry.filename for entry in catalog.entries()}


def test_turned_off_it_waits_for_the_key(desk: Device, attic: Device) -> None:
    desk.settings = replace(desk.settings, automatic=False)

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("s")
        await person.sees("1 pending", person.bar)
        assert person.app._alarm is None
        assert "next" not in person.bar()[0]
        await person.press("S")
        await person.sees("✓ synced", person.bar)
        assert person.app._alarm is None

    run_app(desk.app(FOLDER), script)


def test_without_a_remote_there_is_no_timer(tmp_path: Path, hasty: None) -> None:
    lone = device(tmp_path, "lone")
    lone.settings = replace(lone.settings, automatic=True)

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("s")
        await person.sees("★ IMG_0001", person.photos)
        assert person.app._alarm is None
        assert "next" not in person.bar()[0]

    run_app(lone.app(FOLDER), script)


# ---- when it does not go well


def test_out_of_reach_is_told_once_and_tried_again_until_it_works(
    desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOBODY)
    desk.star(f"{FOLDER}/IMG_0001.jpg")

    async def script(person: Person) -> None:
        await person.until(lambda: person.app._sync_timer.failures >= 3)
        assert [told for told in person.told() if "cannot be reached" in told] == person.told()
        assert len(person.told()) == 1
        await person.sees("○ offline, 1 pending: 127.0.0.1:9 cannot be reached", person.bar)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        await person.until(synced(person))
        assert len(person.told()) <= 1

    run_app(desk.app(FOLDER), script, WIDE)


def test_s_does_not_wait_for_the_next_try(desk: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"]
    monkeypatch.setattr(sync_timer, "_FIRST_RETRY", 300)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOBODY)

    async def script(person: Person) -> None:
        await person.sees("○ offline", person.bar)
        await person.until(lambda: person.app._sync is None)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        await person.press("S")
        await person.until(synced(person))
        await person.sees("next within 5 min", person.bar)

    run_app(desk.app(FOLDER), script, WIDE)


def test_what_is_refused_waits_for_a_person(desk: Device, attic: Device) -> None:
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
    where = {"Bucket": "bucket", "Key": "library/catalog_manifest.json"}
    manifest = client.get_object(**where)["Body"].read()
    client.delete_object(**where)

    async def script(person: Person) -> None:
        await person.sees("! error: The manifest has vanished", person.bar)
        await person.until(lambda: len(person.told()) == 1)
        await person.press("s")
        await person.sees("★ IMG_0001", person.photos)
        await person.until(lambda: person.app._sync is None)
        assert person.app._alarm is None
        await person.press("S")  # still so
        await person.until(lambda: person.app._sync is None)
        assert person.app._alarm is None
        client.put_object(**where, Body=manifest)
        await person.press("S")
        await person.until(synced(person))
        assert person.app._alarm is not None

    run_app(desk.app(FOLDER), script)


def test_another_process_at_it_is_left_alone(desk: Device) -> None:
    async def script(person: Person) -> None:
        with sync_lock(desk.settings.catalog):
            await person.until(lambda: (person.app._sync_timer.wait or 0) > 60)
            assert person.app._sync_timer.failures == 0
            assert not person.told()
            await person.press("S")
            await person.until(lambda: person.told() == ["Another sync of this catalog is under way."])
        assert "error" not in person.bar()[0]

    run_app(desk.app(FOLDER), script)


# ---- by key, while one runs by itself


def test_s_during_a_quiet_sync_shows_it_and_syncs_again(desk: Device, gate: Gate) -> None:
    gate.methods = {"GET"}

    async def script(person: Person) -> None:
        await person.until(gate.waiting.is_set)
        await person.press("escape")  # nobody sees a sync: there is nothing to cancel
        assert "⇅" not in person.bar()[0]
        assert not person.told()
        await person.scanned(14)
        await person.press("s")
        await person.sees("★ IMG_0001", person.photos)
        await person.press("S")
        await person.sees("⇅ syncing", person.bar)
        await person.press("S")
        await person.until(lambda: "A sync is under way; esc cancels it." in person.told())
        gate.open.set()
        await person.until(lambda: any(told.startswith(("Synced", "Nothing")) for told in person.told()))
        await person.until(synced(person))

    run_app(desk.app(FOLDER), script)


def test_a_sync_sends_the_star_that_was_given_before_it_was_asked_for(desk: Device) -> None:
    desk.settings = replace(desk.settings, automatic=False)

    async def script(person: Person) -> None:
        await person.scanned(14)
        go = threading.Event()
        person.app._catalog.ask(lambda _: go.wait(PATIENCE), pytest.fail)  # a disk that is busy
        await person.press("space", "S")
        await person.sees("looking at the remote", person.bar)
        go.set()
        await person.until(person.told)
        assert person.told() == ["Synced: 1 photo sent."]

    run_app(desk.app(FOLDER), script)


def test_a_cancelled_sync_is_no_error(desk: Device, gate: Gate) -> None:
    desk.settings = replace(desk.settings, automatic=False)
    gate.methods = {"PUT"}

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("s")
        await person.sees("★ IMG_0001", person.photos)
        await person.press("S")
        await person.until(gate.waiting.is_set)
        await person.press("escape")
        gate.open.set()
        await person.until(lambda: any(told.startswith("Cancelled: ") for told in person.told()))
        await person.sees("↑ 1 pending, last synced <5 min ago", person.bar)
        assert {notification.severity for notification in person.app._notifications} == {"information"}

    run_app(desk.app(FOLDER), script)


# ---- the brake


@pytest.fixture
def emptied(desk: Device, attic: Device) -> Device:
    """The desk, whose remote has lost most of the stars by another device's hand."""
    names = [f"{FOLDER}/roll_{number}.jpg" for number in range(30)]
    for number, name in enumerate(names):
        draw_photo(desk.album / name, 200 + number)
        draw_photo(attic.album / name, 200 + number)
    desk.star(*names)
    desk.sync()
    attic.scan()
    attic.sync()
    attic.star(*names, is_starred=False)
    attic.settings = replace(attic.settings, automatic=False)
    with second_look(attic.settings.catalog) as catalog:
        assert catalog.stats().starred == 0
    attic.sync(Reason.REMOVALS)
    return desk


def test_a_sync_that_would_take_much_away_asks_whoever_pressed_the_key(emptied: Device) -> None:
    async def script(person: Person) -> None:
        await person.until(lambda: any("take away 30 of 30 stars here" in told for told in person.told()))
        assert all("photolala sync" not in told for told in person.told())
        assert person.app._alarm is None
        assert not isinstance(person.app.screen, QuestionScreen), "nobody asked: nobody is interrupted"
        for key in ("n", "escape", "q"):
            await person.press("S")
            await person.until(lambda: isinstance(person.app.screen, QuestionScreen))
            await person.sees("This sync would take away 30 of 30 stars here")
            await person.sees("n or esc leave it")
            await person.press("enter", key)
            await person.until(lambda: not isinstance(person.app.screen, QuestionScreen))
        await person.sees("★ 30", person.bar)
        await person.press("S")
        await person.sees("y go on")
        await person.press("y")
        await person.sees("★ 0", person.bar)
        await person.until(synced(person))
        assert person.app._alarm is not None

    run_app(emptied.app(FOLDER), script, (80, 24))


def test_a_question_waits_for_who_is_typing(emptied: Device, gate: Gate) -> None:
    async def script(person: Person) -> None:
        await person.until(lambda: any("take away 30 of 30 stars here" in told for told in person.told()))
        gate.methods.add("GET")
        await person.press("S")
        await person.until(gate.waiting.is_set)
        person.app.clear_notifications()
        await person.press("slash", "a")
        gate.open.set()
        await person.until(lambda: any("Press S to decide" in told for told in person.told()))
        await person.press("y")
        await person.sees('"ay"', person.photos)
        await person.sees("★ 30", person.bar)

    run_app(emptied.app(FOLDER), script, (80, 24))


def test_an_address_at_which_nothing_is_asks_whoever_pressed_the_key(desk: Device) -> None:
    desk.settings = replace(desk.settings, remote="s3://bucket/libary")

    async def script(person: Person) -> None:
        for key in ("n", "y"):
            await person.press("S")
            await person.until(lambda: isinstance(person.app.screen, QuestionScreen))
            await person.sees("s3://bucket/libary holds no catalog, and this one")
            await person.sees("n or esc leave it")
            assert "accept-address" not in "\n".join(person.screen)
            await person.press(key)
            await person.until(lambda: not isinstance(person.app.screen, QuestionScreen))
        await person.until(synced(person))

    run_app(desk.app(FOLDER), script, (80, 24))


# ---- the store between syncs


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The S3 clients made from now on."""
    made: list[object] = []
    real = s3.client_of
    monkeypatch.setattr(s3, "client_of", lambda *args: made.append(real(*args)) or made[-1])
    return made


def test_one_client_serves_all_syncs_that_go_well_and_each_counts_its_own_requests(
    desk: Device, clients: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[object] = []
    syncs = Syncs(desk.settings, posted.append)

    def run() -> SyncEnded:
        syncs.run()
        return next(message for message in reversed(posted) if isinstance(message, SyncEnded))

    desk.star(f"{FOLDER}/IMG_0001.jpg")
    assert run().report.outcome is Outcome.COMMITTED
    assert [run().report.requests for _ in range(3)] == [{"GET": 1}] * 3
    assert run().report.bytes_up == 0
    assert len(clients) == 1
    assert any(message.rate > 0 for message in posted if isinstance(message, SyncProgress))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    monkeypatch.setattr(desk, "settings", replace(desk.settings, remote="s3://gone/library"))
    syncs.settings, syncs._store = desk.settings, None
    assert run().report.outcome is Outcome.FAILED
    assert run().report.outcome is Outcome.FAILED
    assert len(clients) == 3, "after a failure all is looked up again"


# ---- idle


@pytest.fixture
def requests(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Counts what the server is asked for."""
    count = 0
    before = gate.before

    def counting(application):
        answer = before(application)

        def one_more(environ, start):
            nonlocal count
            count += 1
            return answer(environ, start)

        return one_more

    monkeypatch.setattr(gate, "before", counting)
    return lambda: count


HASTY = """
import sys
from tui.work import sync_timer
sync_timer._SHORTEST = sync_timer._LONGEST = 0.002  # of a minute
from tui.main import main
main(sys.argv[1:])
"""


def test_an_idle_app_that_syncs_by_itself_sends_no_byte(
    requests: Callable[[], int], desk: Device, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[sync]\nevery_minutes = 1\n")
    environment = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")} | {
        "PHOTOLALA_CONFIG": str(config),
        "PHOTOLALA_CATALOG": str(desk.settings.catalog),
        "PHOTOLALA_REMOTE": str(desk.settings.remote),
        "PHOTOLALA_DEVICE_NAME": "desk",
    }
    command = [sys.executable, "-c", HASTY, str(desk.album / FOLDER)]
    with Terminal(command, columns=120, env=environment) as terminal:
        terminal.wait_for(re.compile(r"✓ synced <5 min ago  next within 5 s"))
        before = requests()
        wait_until(lambda: requests() > before)
        terminal.settle()
        written, before = len(terminal.output), requests()
        wait_until(lambda: requests() >= before + 5)
        terminal.settle(0.05)
        assert len(terminal.output) == written
        terminal.press("q")
        assert terminal.wait_exit() == 0
