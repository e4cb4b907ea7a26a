"""t: the timeline in the place of the folders, with what is only on the remote, on a device that has no photo yet."""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from catalog.changes import change_photo
from catalog.scan.scanner import Scan
from sync.events import Outcome
from tests.tui.conftest import Device, Person, device, run_app, second_look
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.panes.timeline import Timeline


def at(year: int, month: int, day: int) -> int:
    return int(time.mktime((year, month, day, 12, 0, 0, 0, 0, -1)))


def date(settings: Settings, **dates: int | None) -> None:
    """Give photos a date; all others have none."""
    with closing(sqlite3.connect(settings.catalog)) as connection:
        connection.execute("UPDATE photo SET photodate = NULL")
        for name, moment in dates.items():
            connection.execute("UPDATE photo SET photodate = ? WHERE filename = ?", (moment, f"{name}.jpg"))
        connection.commit()


def timeline(person: Person) -> list[str]:
    return person.part(person.app.query_one(Timeline))


def test_years_months_and_days_lead_to_their_photos_and_t_goes_back(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    date(
        desk.settings,
        IMG_0002=at(2023, 5, 1),
        IMG_0006=at(2024, 5, 1),
        IMG_0007=at(2024, 5, 1),
        cat=at(2024, 6, 2),
    )

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("j", "t")
        await person.sees(
            "All photos 13(.|\n)*▶ 2024 3(.|\n)*▶ 2023 1(.|\n)*Without a date 9", lambda: timeline(person)
        )
        await person.sees("All photos", person.photos)
        await person.until(lambda: len(person.app.photos) == 13)
        await person.press("j")
        await person.sees("Photos of 2024", person.photos)
        await person.press("l", "l")
        await person.sees("▶ 06 Jun 1(.|\n)*▶ 05 May 2", lambda: timeline(person))
        await person.press("j")
        await person.sees("Photos of 2024-05", person.photos)
        await person.press("l", "l")
        await person.sees("└ 01 2", lambda: timeline(person))
        await person.press("enter")
        await person.sees("Photos of 2024-05-01", person.photos)
        assert person.focused == "list"
        await person.press("space")
        await person.sees("★ IMG_000[67]", person.photos)
        await person.until(lambda: len(desk.stars) == 1)
        await person.press("h", "G")
        await person.sees("Photos without a date", person.photos)
        await person.until(lambda: len(person.app.photos) == 9)
        await person.press("t")
        await person.sees("IMG_0001", person.photos)
        assert person.cursor == b"IMG_0002.jpg"  # where it was
        assert person.focused == "tree"

    run_app(desk.app("2023 Dolomites"), script)


def test_what_is_known_later_is_counted_anew(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    date(desk.settings, IMG_0002=at(2023, 5, 1))

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("t")
        await person.sees("2023 1", lambda: timeline(person))
        date(desk.settings, IMG_0003=at(2022, 5, 1), IMG_0004=at(2024, 5, 1))
        person.app._catalog_changed(photos=True)
        await person.sees("▶ 2024 1(.|\n)*▶ 2022 1(.|\n)*Without a date 11", lambda: timeline(person))
        assert "2023" not in "".join(timeline(person))

    run_app(desk.app(), script)


def test_a_fresh_device_is_told_of_the_timeline_and_browses_what_is_only_in_s3(
    tmp_path: Path, desk: Device, remote: str
) -> None:
    with second_look(desk.settings.catalog) as catalog, catalog.connections.writing() as connection:
        (cat,) = (entry for entry in catalog.entries() if entry.filename == "cat.jpg")
        assert change_photo(connection, cat.md5 or "", uploaded=1700000000)
    assert desk.sync() is Outcome.COMMITTED
    fresh = Device(
        Settings(tmp_path / "fresh" / "catalog.sqlite", remote, "fresh", automatic=False), tmp_path / "none"
    )
    fresh.album.mkdir()
    fresh.sync()

    async def script(person: Person) -> None:
        await person.sees(r"No photos in this folder(.|\n)*press t: .*13 photos", lambda: unwrapped(person))
        await person.press("t", "2")
        await person.sees("cat.jpg +S3 .*✓", person.photos)
        await person.sees("IMG_0001.jpg.*-- ", person.photos)
        await person.press("f", "r")
        await person.sees("only on the remote · 1 of 13", person.photos)
        await person.press("s")  # a star needs no file
        await person.sees("★ cat.jpg", person.photos)
        await person.until(lambda: fresh.stars == {"cat.jpg"})

    run_app(PhotolalaApp(os.fsencode(fresh.album), fresh.settings), script, (120, 30))


def unwrapped(person: Person) -> list[str]:
    return [" ".join(line.strip("│ ") for line in person.photos())]


def test_a_photo_with_a_copy_on_a_disk_that_is_away_is_shown_from_the_folder_that_is_walked(
    tmp_path: Path,
) -> None:
    desk, disk = device(tmp_path, "desk"), tmp_path / "a disk"
    desk.scan()
    shutil.copytree(desk.album, disk)
    with second_look(desk.settings.catalog) as catalog:
        Scan(catalog, os.fsencode(disk)).run()
    disk.rename(tmp_path / "away")

    async def script(person: Person) -> None:
        await person.scanned(28)
        await person.press("t")
        await person.until(lambda: len(person.app.photos) == 13)
        await person.until(lambda: person.app.photos.current.known)
        await person.sees("▀|▄|█", person.preview)
        assert person.app.photos.current.path.startswith(os.fsencode(desk.album))

    run_app(desk.app(), script, size=(140, 40))
