"""A folder whose photos are the Mac app's: shown from its own catalog, starred there, imported by a key."""

import dataclasses
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from catalog.photolala.exporting import export_folder
from catalog.provider import Service, ServiceChoice
from catalog.scan.scanner import Scan
from tests.conftest import draw_photo
from tests.tui.conftest import Person, run_app, second_look, stars_in
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.messages import ImportStep
from tui.work.served import ServedFolders


@pytest.fixture
def mac(tmp_path: Path) -> Path:
    """A folder of three photos with a Photolala catalog; one of them is starred there."""
    folder = tmp_path / "mac"
    for number in (1, 2, 3):
        draw_photo(folder / f"IMG_{number}.jpg", number)
    with second_look(tmp_path / "elsewhere.sqlite") as catalog:
        Scan(catalog, os.fsencode(folder)).run()
        second = next(
            entry for entry in catalog.load_catalog(os.fsencode(folder)) if entry.filename == "IMG_2.jpg"
        )
        catalog.update_star_status(second.md5, is_starred=True)
        export_folder(catalog, os.fsencode(folder))
    return folder


def stars_there(folder: Path) -> int:
    return len((folder / ".photolala" / "stars.csv").read_text().split())


def test_its_own_catalog_is_shown_and_starred_until_the_key_imports_it(mac: Path, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.sees("of Photolala, I imports", person.photos)
        await person.sees("★ IMG_2", person.photos)
        await person.scanned(3)
        await person.press("s")
        await person.sees("★ IMG_1", person.photos)
        await person.until(lambda: stars_there(mac) == 2)
        assert stars_in(settings.catalog) == set()

        await person.press("I")
        await person.until(person.told)
        assert "2 new stars" in person.told()[0]
        await person.until(lambda: not any("of Photolala" in line for line in person.photos()))
        await person.sees("★ IMG_2", person.photos)
        assert stars_in(settings.catalog) == {"IMG_1.jpg", "IMG_2.jpg"}

        await person.press("j", "j", "s")
        await person.sees("★ IMG_3", person.photos)
        await person.until(lambda: len(stars_in(settings.catalog)) == 3)
        assert stars_there(mac) == 2

    run_app(PhotolalaApp(os.fsencode(mac), settings), script)


def test_an_import_is_counted_and_a_cancel_undoes_all_of_it(mac: Path, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(3)
        halt, told = threading.Event(), []
        person.app._catalog.ask(lambda _: halt.wait(15), told.append)  # as if it were busy with stars
        await person.press("I")
        await person.sees("importing", person.bar)
        await person.press("I")
        await person.until(lambda: person.told() == ["An import is under way; esc cancels it."])
        await person.press("escape")
        await person.sees("cancelling the import", person.bar)
        halt.set()
        await person.until(lambda: "The import was cancelled: nothing was imported." in person.told())
        await person.sees("no remote", person.bar)
        assert stars_in(settings.catalog) == set()
        person.app.post_message(ImportStep(1500))  # one that comes late
        await person.press("I")
        await person.until(lambda: any("1 new star" in said for said in person.told()))

    run_app(PhotolalaApp(os.fsencode(mac), settings), script)


def test_the_end_of_the_app_cancels_an_import(mac: Path, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(3)
        person.app._catalog.ask(lambda _: person.app._background._ended.wait(15), lambda _: None)
        await person.press("I")
        await person.sees("importing", person.bar)

    run_app(PhotolalaApp(os.fsencode(mac), settings), script)
    assert stars_in(settings.catalog) == set()


def test_the_flag_gives_it_to_the_store_at_once(mac: Path, settings: Settings) -> None:
    chosen = dataclasses.replace(settings, service=ServiceChoice(Service.SQL))

    async def script(person: Person) -> None:
        await person.scanned(3)
        await person.sees("I imports news", person.photos)
        await person.press("s")
        await person.until(lambda: stars_in(chosen.catalog) == {"IMG_1.jpg"})
        assert stars_there(mac) == 1

    run_app(PhotolalaApp(os.fsencode(mac), chosen), script)


def test_a_photo_that_the_mac_app_has_not_seen_says_how_to_star_it(mac: Path, settings: Settings) -> None:
    draw_photo(mac / "IMG_0.jpg", 9)

    async def script(person: Person) -> None:
        await person.scanned(4)
        await person.press("s")
        await person.until(person.told)
        assert "Press I to import" in person.told()[0]
        assert stars_there(mac) == 1

    run_app(PhotolalaApp(os.fsencode(mac), settings), script)


def test_neither_the_key_nor_help_and_palette_look_at_the_disk_on_the_screens_thread(
    app: PhotolalaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serving(folders: ServedFolders, folder: bytes, look: Any = ServedFolders.serving) -> Any:
        assert threading.current_thread() is not threading.main_thread(), "a dead mount would hang it"
        return look(folders, folder)

    monkeypatch.setattr(ServedFolders, "serving", serving)

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("?")
        await person.sees("No Photolala catalog lies in this folder")
        await person.press("escape", "I")
        await person.until(lambda: person.told() == ["No Photolala catalog lies in this folder."])
        assert any("Import" in command.title for command in app.get_system_commands(app.screen))

    run_app(app, script, (100, 60))


def test_in_the_timeline_there_is_no_folder_to_import(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("t")
        await person.until(lambda: app._query.folder is None)
        await person.press("I")
        await person.until(lambda: person.told() == ["The timeline is no folder: t goes to the folders."])

    run_app(app, script)


def test_where_there_is_none_the_key_says_so(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("I")
        await person.until(person.told)
        assert person.told() == ["No Photolala catalog lies in this folder."]

    run_app(app, script)
