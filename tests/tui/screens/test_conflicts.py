"""Conflicts as a person decides them: one, all alike, taken back, and looked up again."""

import os
from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import DataTable

from catalog.conflicts import record_conflicts
from catalog.row import NewConflict
from catalog.scan.chosen import scan_file
from tests.tui.conftest import Device, Person, device, run_app, second_look
from tui.pictures.picture import Picture
from tui.screens.conflicts import ConflictsScreen
from tui.screens.question import QuestionScreen

ALBUM = "2023 Dolomites"


@pytest.fixture
def desk(tmp_path: Path) -> Device:
    """A device on which the attic has taken three stars away, and given two names."""
    desk = device(tmp_path, "desk")
    desk.star(f"{ALBUM}/IMG_0005.jpg")
    with second_look(desk.settings.catalog) as catalog, catalog.engine.begin() as connection:
        md5s = [scan_file(catalog, os.fsencode(desk.album / ALBUM / f"IMG_000{n}.jpg")) for n in range(1, 6)]
        found = [
            *(NewConflict(md5, "starred", "0", "1", "0", "theirs") for md5 in md5s[:3]),
            NewConflict(md5s[3], "filename", "was.jpg", "mine.jpg", "theirs.jpg", "theirs"),
            NewConflict(md5s[4], "starred", "1", "1", "0", "mine"),
        ]
        record_conflicts(connection, found, mine="desk", theirs="attic", seq=1, now=0)
    return desk


def stars(desk: Device) -> list[int]:
    return sorted(int(name[4:8]) for name in desk.stars)


def rows(person: Person) -> int:
    return person.app.screen.query_one(DataTable).row_count


def test_where_there_are_none_nothing_is_told_to_hold(tmp_path: Path) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("c")
        await person.sees("No open conflicts(.|\n)*H history   esc back")
        assert "✓ holds now" not in "\n".join(person.screen)
        await person.press(*"jkgGHkgmtA")
        await person.sees("No conflicts(.|\n)*H open ones only   esc back")

    run_app(device(tmp_path, "desk").app(), script)


def test_all_alike_are_decided_by_one_answer_and_taken_back_by_one_key(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("c")
        await person.until(lambda: rows(person) == 5)
        await person.press("A")
        await person.sees(r"4 open conflicts: the star, desk against attic: ★ here, no star")
        await person.press("enter", "n")
        await person.until(lambda: isinstance(person.app.screen, ConflictsScreen))
        assert "u undo" not in "\n".join(person.screen)
        await person.press("A")
        await person.until(lambda: isinstance(person.app.screen, QuestionScreen))
        await person.press("m")
        await person.until(lambda: stars(desk) == [1, 2, 3, 5])
        await person.until(lambda: rows(person) == 1)
        await person.sees("u undo")
        assert "A all like this" not in "\n".join(person.screen)
        await person.press("escape")
        await person.sees("no remote.*★ 4", person.bar)
        await person.press("c")  # also after it was left
        await person.until(lambda: rows(person) == 1)
        await person.press("u")
        await person.until(lambda: rows(person) == 5)
        await person.until(lambda: stars(desk) == [5])

    run_app(desk.app(ALBUM), script, (100, 30))


def test_keys_that_come_together_decide_one_conflict_each(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        for key in "cmmm":
            person.app.post_message(Key(key, key))
        await person.until(lambda: stars(desk) == [1, 2, 3, 5])
        await person.until(lambda: rows(person) == 2)

    run_app(desk.app(ALBUM), script, (100, 30))


def test_theirs_takes_the_star_that_mine_had_kept_and_stays_in_the_history(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("c")
        await person.until(lambda: rows(person) == 5)
        picture = person.app.screen.query_one(Picture)
        await person.sees("[▀▄█]", lambda: person.part(picture))
        await person.press("G", "t")
        await person.until(lambda: stars(desk) == [])
        await person.until(lambda: rows(person) == 4)
        await person.press("H")
        await person.until(lambda: rows(person) == 5)  # the newest first
        await person.sees("star was ★; mine: ★; theirs: ✓ no star .*Decided: theirs, by you")
        await person.press("m")
        await person.until(lambda: any("is decided" in told for told in person.told()))
        await person.press("H")
        await person.until(lambda: rows(person) == 4)

    run_app(desk.app(ALBUM), script, (140, 30))


def test_who_leaves_at_once_is_heard_all_the_same(desk: Device) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.sees("c 5 conflicts", lambda: person.screen[-1:])
        await person.press("c")
        await person.until(lambda: rows(person) == 5)
        await person.press("m", "escape")
        await person.sees("c 4 conflicts", lambda: person.screen[-1:])
        await person.sees("★ IMG_0001", person.photos)
        await person.press("c", "u")
        await person.until(lambda: stars(desk) == [5])

    run_app(desk.app(ALBUM), script, (130, 24))
