"""What is only on the remote, from within the app: its thumbnail is fetched once, and F brings the original back."""

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.photo_files import thumbnails
from catalog.scan.scanner import Scan
from catalog.search.query import Order, Query
from tests.conftest import draw_photo
from tests.tui.conftest import Person, run_app, second_look
from tests.tui.panes.test_preview import looks_like, on_screen
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.work.backing_up import back_up
from tui.work.syncing import sync_once

ONLY_REMOTE = Query(only_remote=True, order=Order.NAME)
COLOUR = (37, 101, 0)  # of drawing 1


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A device without photos, of which the remote has three, all starred."""
    (tmp_path / "remote").mkdir()
    remote = f"file://{tmp_path}/remote"
    home = Settings(tmp_path / "home.sqlite", remote, "home", automatic=False)
    for number in (1, 2, 3):
        draw_photo(tmp_path / "album" / "trip" / f"IMG_{number}.jpg", number, size=(60, 40))
    with second_look(home.catalog) as catalog:
        Scan(catalog, os.fsencode(tmp_path / "album")).run()
        for entry in catalog.load_catalog(os.fsencode(tmp_path / "album" / "trip")):
            catalog.update_star_status(entry.md5, is_starred=True)
    assert back_up(home).uploaded == 3
    away = Settings(tmp_path / "away.sqlite", remote, "away", automatic=False)
    sync_once(away)
    (tmp_path / "here").mkdir()
    return away


def app_on(away: Settings) -> PhotolalaApp:
    return PhotolalaApp(os.fsencode(away.catalog.with_name("here")), away)


async def go_to_first(person: Person) -> None:
    await person.sees("No photos in this folder")
    person.app._list(ONLY_REMOTE)
    await person.press("2", "g")
    await person.sees("only on the remote: press F", person.preview)
    while b"IMG_1" not in (person.cursor or b""):
        await person.press("j")
        await person.pilot.pause(0.01)


def test_its_thumbnail_is_shown_and_f_fetches_the_original(away: Settings, tmp_path: Path) -> None:
    async def script(person: Person) -> None:
        await go_to_first(person)
        await person.until(lambda: looks_like(person, COLOUR))
        await person.press("enter")
        await person.sees("only on the remote: press F to fetch the original")
        await person.until(lambda: looks_like(person, COLOUR))
        await person.press("F")
        await person.until(lambda: any("Fetched to" in told for told in person.told()))
        await person.press("escape")
        await person.until(lambda: "2/2" in person.photos()[-1] or "1/2" in person.photos()[-1])

    run_app(app_on(away), script, size=(120, 30))
    assert [path.name for path in (tmp_path / "here").rglob("*.jpg")] == ["IMG_1.jpg"]
    fetched = next((tmp_path / "here").rglob("*.jpg"))
    assert fetched.read_bytes() == (tmp_path / "album" / "trip" / "IMG_1.jpg").read_bytes()


def test_a_thumbnail_is_there_without_the_remote_once_it_was_seen(away: Settings, tmp_path: Path) -> None:
    async def look(person: Person) -> None:
        await go_to_first(person)
        await person.until(lambda: looks_like(person, COLOUR))

    run_app(app_on(away), look, size=(120, 30))
    shutil.rmtree(tmp_path / "remote" / "thumbnails")
    run_app(app_on(away), look, size=(120, 30))


def break_thumbnails(remote: Path) -> None:
    for path in (remote / "thumbnails").rglob("*.jpg"):
        path.write_bytes(b"\xff\xd8\xff junk \x1b[2J")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda remote: shutil.rmtree(remote / "thumbnails"), "has no thumbnail"),
        (shutil.rmtree, "remote"),
        (break_thumbnails, "is no thumbnail"),
    ],
    ids=["none", "no remote", "damaged"],
)
def test_why_there_is_no_thumbnail_is_said(
    away: Settings, tmp_path: Path, harm: Callable[[Path], object], sentence: str
) -> None:
    harm(tmp_path / "remote")

    async def script(person: Person) -> None:
        await go_to_first(person)
        await person.until(lambda: sentence in " ".join(line.strip("│ ") for line in person.preview()))
        assert not on_screen(person)

    run_app(app_on(away), script, size=(120, 30))


def test_f_says_why_it_has_nothing_to_do(tmp_path: Path, settings: Settings) -> None:
    draw_photo(tmp_path / "album" / "a.jpg", 1)

    async def script(person: Person) -> None:
        await person.scanned(1)
        await person.press("F")
        await person.until(lambda: "The original of this photo is on this device." in person.told())

    run_app(PhotolalaApp(os.fsencode(tmp_path / "album"), settings), script)


def test_where_pictures_are_off_none_is_decoded(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "thumbnail", lambda *_: pytest.fail("decoded"))
    draw_photo(tmp_path / "album" / "a.jpg", 1)

    async def script(person: Person) -> None:
        await person.scanned(1)
        await person.sees("Pictures are off", person.preview)
        await person.press("v")
        await person.sees("┗.* a.jpg .*┛")
        await person.press("enter")
        await person.sees("Pictures are off(.|\n)*a.jpg +1/1")
        assert not on_screen(person)

    off = dataclasses.replace(settings, preview="off")
    run_app(PhotolalaApp(os.fsencode(tmp_path / "album"), off), script, size=(120, 30))
