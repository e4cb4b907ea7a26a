"""The app as a person uses it: every key, a sync with another device, and names meant to do harm."""

import os
import re
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.widgets import DataTable

from catalog import copies, schema
from catalog.conflicts import record_conflicts
from catalog.row import NewConflict
from catalog.scan import reading
from catalog.scan.chosen import scan_file
from catalog.scan.scanner import Scan
from tests.conftest import draw_hostile, draw_photo
from tests.tui.conftest import PATIENCE, Device, Gate, Person, device, run_app, second_look
from tests.tui.words.test_shown import hidden_in
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.panes.folder_tree import FolderTree
from tui.panes.photo_list import PhotoList
from tui.panes.preview import Preview
from tui.screens.conflicts import ConflictsScreen
from tui.screens.help import HelpScreen

WIDE, NARROW = (140, 26), (80, 24)
HOME = "2024/Home"


# ---- panes


def test_a_wide_terminal_shows_three_panes_and_1_2_3_and_tab_choose(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        for key, pane in [
            ("2", "list"), ("3", "preview"), ("1", "tree"), ("tab", "list"), ("tab", "preview"), ("tab", "tree"),
            ("shift+tab", "preview"), ("shift+tab", "list"), ("shift+tab", "tree"),
        ]:  # fmt: skip
            await person.press(key)
            assert person.focused == pane
            for shown in (FolderTree, PhotoList, Preview):
                assert person.app.query_one(shown).region.width > 10

    run_app(app, script, WIDE)


def test_a_narrow_terminal_shows_the_list_with_the_tree_or_on_3_with_the_preview(app: PhotolalaApp) -> None:
    def panes(person: Person) -> set[str]:
        ids = ("tree", "list", "preview")
        return {pane for pane in ids if person.app.query_one(f"#{pane}").region.width > 10}

    async def script(person: Person) -> None:
        await person.sees("Dolomites", person.tree)
        for key, seen in [
            ("2", "tree"),
            ("3", "preview"),
            ("tab", "tree"),
            ("shift+tab", "preview"),
            ("1", "tree"),
        ]:
            await person.press(key)
            await person.until(lambda seen=seen: panes(person) == {"list", seen}, (key, seen))
        await person.pilot.resize_terminal(*WIDE)
        await person.until(lambda: panes(person) == {"tree", "list", "preview"})
        await person.pilot.resize_terminal(*NARROW)
        await person.until(lambda: panes(person) == {"list", "tree"})

    run_app(app, script, NARROW)


def test_the_hint_line_shows_only_what_works_here(small_album: Path, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(5)
        await person.press("2")
        await person.sees("space star, move on")
        await person.press("1")
        await person.sees("l open")
        assert "space star" not in person.screen[-1]

    run_app(PhotolalaApp(os.fsencode(small_album / "2023 Dolomites"), settings), script)


def test_the_hint_line_tells_of_stars_where_there_are_photos_and_of_undo_after_a_star(
    tmp_path: Path, settings: Settings
) -> None:
    draw_photo(tmp_path / "roll" / "day" / "a.jpg", 1, size=(8, 8))
    draw_photo(tmp_path / "roll" / "b.jpg", 2, size=(8, 8))

    async def script(person: Person) -> None:
        await person.scanned(2)
        await person.sees("space star, move on")
        assert "u undo" not in person.screen[-1]
        await person.press("s")
        await person.sees("u undo")
        await person.press("u")
        await person.until(lambda: "u undo" not in person.screen[-1])

    run_app(PhotolalaApp(os.fsencode(tmp_path / "roll"), settings), script, (160, 26))

    async def script_below(person: Person) -> None:
        await person.sees(r"No photos here")
        await person.press("2")
        await person.sees("S sync|tab pane")
        assert "star" not in person.screen[-1]

    (tmp_path / "roll" / "b.jpg").unlink()
    run_app(PhotolalaApp(os.fsencode(tmp_path / "roll"), settings), script_below, (160, 26))


def test_a_folder_that_holds_only_folders_says_what_lies_below(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.sees(r"No photos here\. .*3 folders below: press", person.photos)
        await person.sees("13 photos in 3 folders below: press R", person.photos)  # once they are known
        await person.press("1", "j", "j")
        await person.sees(r"8 photos in 2 folders below", person.photos)

    run_app(app, script)


# ---- stars


def test_u_takes_stars_back_one_after_the_other_also_in_another_folder(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("1", "j")
        await person.sees("IMG_0001", person.photos)
        await person.press("2", "space", "space")
        await person.sees("★ IMG_0002", person.photos)
        await person.press("1", "G")
        await person.sees("broken", person.photos)
        await person.press("2", "s")
        await person.sees("★ broken", person.photos)
        assert desk.stars == {"IMG_0001.jpg", "IMG_0002.jpg", "broken.jpg"}
        await person.press("u")
        await person.sees("! broken", person.photos)
        await person.press("u")  # not in this folder: it says which
        await person.until(lambda: "IMG_0002.jpg is not starred again." in person.told())
        await person.until(lambda: desk.stars == {"IMG_0001.jpg"})
        await person.press("u")
        await person.until(lambda: not desk.stars)
        await person.press("u")
        await person.until(lambda: "There is no star to undo." in person.told())

    run_app(desk.app(), script)


def test_u_gives_back_a_star_that_was_taken_and_goes_there(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    desk.star("2023 Dolomites/IMG_0002.jpg")

    async def script(person: Person) -> None:
        await person.sees("★ IMG_0002", person.photos)
        await person.press("j", "space", "G")
        await person.until(lambda: not desk.stars)
        await person.press("u")
        await person.sees("★ IMG_0002", person.photos)
        assert desk.stars == {"IMG_0002.jpg"}
        assert person.cursor == b"IMG_0002.jpg"

    run_app(desk.app("2023 Dolomites"), script)


def test_u_undoes_the_last_key_even_if_the_disk_is_slower(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    go = threading.Event()

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("s")
        await person.sees("★ IMG_0001", person.photos)
        person.app._catalog.ask(lambda _: go.wait(PATIENCE), pytest.fail)
        await person.press("j", "s", "u")
        go.set()
        await person.until(lambda: not person.app._catalog._jobs.qsize())
        await person.until(lambda: "☆" not in "".join(person.photos()))
        await person.until(lambda: desk.stars == {"IMG_0001.jpg"})
        await person.sees("  IMG_0002", person.photos)

    run_app(desk.app("2023 Dolomites"), script)


def test_a_failed_star_leaves_earlier_ones_to_be_undone(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("s", "j")
        await person.sees("★ IMG_0001", person.photos)
        (desk.album / "2023 Dolomites" / "IMG_0002.jpg").unlink()
        await person.press("s")
        await person.until(person.told)
        await person.press("u")
        await person.until(lambda: not desk.stars)

    run_app(desk.app("2023 Dolomites"), script)


# ---- the scan


def test_a_scan_tells_how_far_it_is_and_at_its_end_what_is_wrong(
    app: PhotolalaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, real = threading.Event(), reading.read_facts

    def held(path: bytes, **options: Any) -> Any:
        if b"damaged" in path:
            go.wait(PATIENCE)
        return real(path, **options)

    monkeypatch.setattr(reading, "read_facts", held)

    async def script(person: Person) -> None:
        await person.sees(r"scanning: \d+ files", person.bar)
        go.set()
        await person.scanned(14)
        await person.sees("13 photos · ★ 0", person.bar)
        await person.sees(r"! 1 problem \(f w\)  13 photos", person.bar)
        assert not person.told()

    run_app(app, script)


def test_what_is_wrong_is_told_by_a_scan_that_reads_nothing_again(
    small_album: Path, settings: Settings
) -> None:
    with second_look(settings.catalog) as catalog:
        assert Scan(catalog, os.fsencode(small_album)).run().damaged == 1

    async def script(person: Person) -> None:
        await person.sees(r"! 1 problem \(f w\)  13 photos", person.bar)

    run_app(PhotolalaApp(os.fsencode(small_album), settings), script)


def test_r_finds_what_is_new_and_what_has_gone(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.sees("14 files|13 photos", person.bar)
        draw_photo(desk.album / HOME / "new.jpg", 77)
        (desk.album / HOME / "cat.jpg").unlink()
        await person.press("r")
        await person.sees("16×12.*(.|\n)*new.jpg.*16×12", person.photos)
        assert "cat.jpg" not in "".join(person.photos())

    run_app(desk.app(HOME), script)


def test_a_folder_that_is_suddenly_empty_is_taken_as_unmounted(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    desk.album.rename(tmp_path / "elsewhere")
    desk.album.mkdir()

    async def script(person: Person) -> None:
        await person.until(lambda: any("is the disk mounted?" in told for told in person.told()))
        await person.sees("13 photos", person.bar)

    run_app(desk.app(), script)


# ---- the sync


def test_s_without_a_remote_says_how_to_set_one(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("S")
        await person.until(lambda: any("PHOTOLALA_REMOTE" in told for told in person.told()))
        await person.sees("no remote: stars are kept on this device", person.bar)

    run_app(app, script)


def test_s_syncs_and_the_stars_of_another_device_arrive(desk: Device, attic: Device, gate: Gate) -> None:
    attic.star("2023 Dolomites/IMG_0003.jpg", "2024/05 Lisbon/IMG_0007.jpg")
    attic.sync()

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.sees("✓ synced <5 min ago", person.bar)
        await person.press("s")
        await person.sees("★ IMG_0001", person.photos)
        await person.sees("↑ 1 pending, last synced", person.bar)
        gate.methods = {"PUT"}
        await person.press("S")
        await person.sees("⇅ syncing: ", person.bar)
        await person.until(gate.waiting.is_set)
        assert "✓" not in person.bar()[0]
        gate.open.set()
        await person.sees("✓ synced <5 min ago", person.bar)
        await person.sees("★ IMG_0003", person.photos)
        await person.sees("★ 3", person.bar)
        assert person.told() == ["Synced: 2 photos changed here, 1 photo sent."]

    run_app(desk.app("2023 Dolomites"), script)
    attic.sync()
    assert attic.stars == desk.stars == {"IMG_0001.jpg", "IMG_0003.jpg", "IMG_0007.jpg"}


def test_a_star_given_during_a_sync_is_pending_after_it(desk: Device, gate: Gate) -> None:
    gate.methods = {"PUT"}

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("s")
        await person.sees("★ IMG_0001", person.photos)
        await person.press("S")
        await person.until(gate.waiting.is_set)
        await person.press("j", "s")
        await person.sees("★ IMG_0002", person.photos)
        gate.open.set()
        await person.sees("↑ 1 pending, last synced", person.bar)
        await person.press("S")
        await person.sees("✓ synced", person.bar)

    run_app(desk.app("2023 Dolomites"), script)


def test_only_one_sync_at_a_time_and_esc_cancels_it(desk: Device, gate: Gate) -> None:
    gate.methods = {"PUT"}

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("escape")  # nothing to cancel
        await person.press("s", "S")
        await person.until(gate.waiting.is_set)
        await person.press("S")
        await person.until(lambda: "A sync is under way; esc cancels it." in person.told())
        await person.press("escape")
        gate.open.set()
        await person.until(lambda: any("Cancelled" in told for told in person.told()))
        await person.until(lambda: "syncing" not in person.bar()[0])
        assert "✓" not in person.bar()[0]
        await person.press("S")
        await person.sees("✓ synced", person.bar)

    run_app(desk.app("2023 Dolomites"), script)


def test_a_remote_out_of_reach_is_told_and_the_star_waits(
    desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("s", "S")
        await person.sees(r"○ offline, 1 pending: 127\.0\.0\.1:9 cannot be reached", person.bar)
        await person.until(lambda: any("queued" in told for told in person.told()))
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        await person.press("S")
        await person.sees("✓ synced", person.bar)

    run_app(desk.app("2023 Dolomites"), script, WIDE)


def test_a_remote_that_cannot_be_used_is_told_in_a_sentence(
    desk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    desk.settings = replace(desk.settings, remote="s3://no-such-bucket/x")

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("S")
        await person.until(lambda: any("nobody" in told for told in person.told()))
        monkeypatch.delenv("AWS_PROFILE")
        await person.press("S")
        await person.sees("! error: There is no bucket no-such-bucket", person.bar)

    run_app(desk.app(), script, WIDE)


# ---- conflicts


@pytest.fixture
def conflict(desk: Device, attic: Device) -> Device:
    """A device that has renamed a photo which another one has renamed too, and has not synced since."""
    attic.rename(f"{HOME}/cat.jpg", "from the attic.jpg")
    attic.sync()
    desk.rename(f"{HOME}/cat.jpg", "from the desk.jpg")
    return desk


@pytest.mark.parametrize(("key", "name"), [("m", "from the desk.jpg"), ("t", "from the attic.jpg")])
def test_c_shows_conflicts_and_m_or_t_decides(conflict: Device, attic: Device, key: str, name: str) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("S")
        await person.sees(r"≠ 1 conflict \(c\)", person.bar)
        await person.press("c")
        await person.sees("from the attic.jpg.*cat.jpg.*from the desk.jpg.*✓ from the attic.jpg.*attic")
        await person.press("j", "k", key)
        await person.sees("No open conflicts")
        await person.press(key)  # nothing left to decide
        await person.sees("↑ 1 pending" if key == "m" else "✓ synced", person.bar)
        await person.press("escape")
        await person.until(lambda: not isinstance(person.app.screen, ConflictsScreen))
        await person.sees("↑ 1 pending" if key == "m" else "✓ synced", person.bar)
        await person.press("S")
        await person.sees("✓ synced", person.bar)

    run_app(conflict.app(), script, WIDE)
    attic.sync()
    for each in (conflict, attic):
        with second_look(each.settings.catalog) as catalog:
            assert name in {entry.filename for entry in catalog.entries()}


def test_what_is_decided_shows_in_the_list_at_once(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    with second_look(desk.settings.catalog) as catalog:
        md5 = scan_file(catalog, os.fsencode(desk.album / HOME / "cat.jpg"))
        with catalog.engine.begin() as connection:
            lost = NewConflict(md5, "starred", "0", "1", "0", "theirs")
            record_conflicts(connection, [lost], mine="desk", theirs="attic", seq=1, now=0)

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.sees("  cat.jpg", person.photos)
        await person.press("c")
        await person.sees("✓ no star")
        await person.press("m")
        await person.sees("No open conflicts")
        await person.press("escape")
        await person.sees("★ cat.jpg", person.photos)
        await person.sees("★ 1", person.bar)

    run_app(desk.app(HOME), script)


@pytest.mark.parametrize(
    ("size", "columns"),
    [
        (NARROW, r"photo +field +mine +theirs +changed by *│"),
        (WIDE, r"photo +field +was +mine +theirs +winner +changed by +at +│"),
    ],
)
def test_the_conflicts_fit_on_the_screen_and_the_line_below_tells_all_of_one(
    tmp_path: Path, size: tuple[int, int], columns: str
) -> None:
    desk = device(tmp_path, "desk")
    with second_look(desk.settings.catalog) as catalog, catalog.engine.begin() as connection:
        md5s = [entry.md5 for entry in catalog.entries() if entry.md5]
        found = [NewConflict(md5, "filename", "before.jpg", "long " * 9, "there.jpg", "mine") for md5 in md5s]
        record_conflicts(connection, found, mine="desk", theirs="a device in the attic", seq=1, now=0)

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("c")
        await person.sees(columns)
        await person.sees("filename was before.jpg; mine: ✓ long long")
        await person.sees(r"theirs: there\.jpg \(a device")
        table = person.app.screen.query_one(DataTable)
        assert table.row_count == len(md5s)
        assert table.max_scroll_x == 0
        other = NARROW if size == WIDE else WIDE
        await person.pilot.resize_terminal(*other)
        await person.until(lambda: len(table.columns) == (5 if other == NARROW else 8))
        await person.until(lambda: table.max_scroll_x == 0)
        await person.press("j", "m")
        await person.until(lambda: table.row_count == len(md5s) - 1)
        assert table.cursor_row == 1

    run_app(desk.app(), script, size)


def test_without_conflicts_c_says_so_and_closes_by_any_of_its_keys(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        for key in ("escape", "q", "c"):
            await person.press("c")
            await person.sees("No open conflicts")
            await person.press("j", "m", "t", key)
            await person.until(lambda: not isinstance(person.app.screen, ConflictsScreen))

    run_app(app, script)


def test_conflicts_show_whatever_a_remote_has_sent(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    desk.rename(f"{HOME}/cat.jpg", "\x1b]0;owned\x07[b].jpg")
    with second_look(desk.settings.catalog) as catalog:
        md5 = next(entry.md5 for entry in catalog.entries() if "owned\x07[b]" in entry.filename)
        assert md5 is not None
        evil = "\x1b[2J\u202e[/b]\u2028" * 9
        found = [
            NewConflict(md5, "filename", "", evil, "", "theirs"),
            NewConflict(md5, "folder", evil, evil, evil, "mine"),
            NewConflict(md5, "photodate", "", "9" * 18, "-" + "9" * 18, "theirs"),
            NewConflict(md5, "starred", "0", "1", "0", "mine"),
            NewConflict(md5, "deleted", "0", "0", "1", "mine"),
        ]
        with catalog.engine.begin() as connection:
            record_conflicts(connection, found, mine=evil, theirs=evil, seq=1, now=0)

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("c")
        for word in ("filename", "folder", "photodate", "star", "photo", "no star", "deleted"):
            await person.sees(word)
        assert not any(map(hidden_in, person.screen))
        await person.press("m", "m", "t", "t", "t")
        await person.sees("No open conflicts")

    run_app(desk.app(), script, WIDE)


# ---- help, palette, the end


def bound() -> dict[str, str]:
    """What each key with a description does, over all panes: description -> a key."""
    parts = [kind for kind in PhotolalaApp.__mro__ if kind.__module__.startswith("tui.")]
    places: tuple[Any, ...] = (*parts, PhotoList, FolderTree)
    return {
        binding.description: binding.key
        for place in places
        for binding in vars(place).get("BINDINGS", ())
        if isinstance(binding, Binding)
    }


def test_help_names_every_action_and_the_focused_pane_first(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        for pane, heading in (("1", "In the folder tree"), ("2", "In the photo list")):
            await person.press(pane, "question_mark")
            await person.sees(heading)
            text = "\n".join(person.screen)
            assert text.index(heading) == min(map(text.index, ("In the folder tree", "In the photo list")))
            for description in bound():
                assert description in text
            await person.press("j", "k", "escape")
            await person.until(lambda: not isinstance(person.app.screen, HelpScreen))
        for key, back in (("f1", "f1"), ("question_mark", "question_mark"), ("f1", "q")):
            await person.press(key)
            await person.sees("Everywhere")
            await person.press(back)
            await person.until(lambda: not isinstance(person.app.screen, HelpScreen))

    run_app(app, script, (100, 100))


def test_the_palette_holds_every_action_that_has_a_key(tmp_path: Path) -> None:
    app = device(tmp_path, "desk").app("2023 Dolomites")

    async def script(person: Person) -> None:
        await person.sees("IMG_0001", person.photos)
        commands = {command.title: command.help for command in app.get_system_commands(app.screen)}
        assert bound().keys() <= commands.keys()
        assert "space" in commands["Star or unstar, and move on"]

    run_app(app, script)


def test_the_palette_does_what_it_says(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")

    async def choose(person: Person, typed: str, words: str) -> None:
        await person.press("colon")
        await person.until(lambda: isinstance(person.app.screen, CommandPalette))
        await person.press(*typed)
        await person.sees(words)
        await person.press("enter")
        await person.until(lambda: not isinstance(person.app.screen, CommandPalette))

    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("2")
        await choose(person, "lastph", "Last photo")
        await person.until(lambda: person.cursor == b"IMG_0005.jpg")
        await choose(person, "undo", "Undo the last star")
        await person.until(lambda: "There is no star to undo." in person.told())
        await choose(person, "quit", "Quit")
        await person.until(lambda: person.app._exit)

    run_app(desk.app("2023 Dolomites"), script)


def test_q_writes_what_was_starred_before_it_leaves(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    go = threading.Event()

    async def script(person: Person) -> None:
        await person.scanned(14)
        person.app._catalog.ask(lambda _: go.wait(PATIENCE), pytest.fail)
        await person.press("space", "space")
        threading.Timer(0.1, go.set).start()
        await person.press("q")
        await person.until(lambda: person.app._exit)

    run_app(desk.app("2023 Dolomites"), script)
    assert desk.stars == {"IMG_0001.jpg", "IMG_0002.jpg"}


def test_a_greeting_is_said_and_is_no_markup(small_album: Path, settings: Settings) -> None:
    app = PhotolalaApp(os.fsencode(small_album), settings, greeting="[b]press S[/]")

    async def script(person: Person) -> None:
        await person.sees(r"\[b\]press S\[/\]")

    run_app(app, script)


# ---- names meant to do harm


def test_hostile_names_pass_through_every_part_of_the_screen(tmp_path: Path, settings: Settings) -> None:
    names = draw_hostile(tmp_path / "\x1b]0;owned\x07 [red]")
    root = os.fsencode(tmp_path / "\x1b]0;owned\x07 [red]")

    async def script(person: Person) -> None:
        await person.scanned(len(names))
        person.app.query_one(PhotoList).action_first()
        for name in names:
            assert person.cursor == name
            person.app._tell(f"{os.fsdecode(name)} [/b]", "error")
            person.app.action_star(move_on=True)
            await person.pilot.pause(0)
            assert not any(map(hidden_in, person.screen))
            person.app.clear_notifications()
        await person.sees(f"★ {len(names)} ", person.bar)
        await person.pilot.resize_terminal(*NARROW)
        for key in ("c", "escape", "question_mark", "escape", "3", "u", "u", "1", "S", "colon"):
            await person.press(key)
            assert not any(map(hidden_in, person.screen))

    run_app(PhotolalaApp(root, settings), script, WIDE)


def test_stars_go_to_the_very_files_they_were_given_to(tmp_path: Path, settings: Settings) -> None:
    names = draw_hostile(tmp_path / "hostile")
    chosen = names[::3]

    async def script(person: Person) -> None:
        await person.scanned(len(names))
        for name in chosen:
            person.app.photos.go_to(name)
            person.app.action_star(move_on=False)
        await person.until(lambda: len(re.findall("★ ", "\n".join(person.photos()))) == len(chosen))

    run_app(PhotolalaApp(os.fsencode(tmp_path / "hostile"), settings), script, (100, 60))
    with second_look(settings.catalog) as catalog:
        starred = {os.path.basename(path) for entry in catalog.starred_entries() for path in entry.paths}  # noqa: PTH119
        assert starred == set(chosen)


# ---- the catalog itself


def test_a_migration_is_told_while_it_takes_and_then_the_state(tmp_path: Path) -> None:
    desk = device(tmp_path, "desk")
    path = desk.settings.catalog
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER photo_unstarred")  # as before the last step
        for table in ("upload", "proof"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("ALTER TABLE remote DROP COLUMN uploads_listed_at")
        connection.execute("UPDATE alembic_version SET version_num = '0003'")

    async def script(person: Person) -> None:
        await person.sees("The catalog is brought to this version; a copy is kept", person.bar)
        held.__exit__(None, None, None)
        await person.sees("no remote: stars are kept on this device .* 13 photos", person.bar)

    held = schema._alone(path)
    held.__enter__()
    run_app(desk.app(), script)
    with second_look(path) as catalog:
        assert catalog.stats().photos == 13


def test_a_weekly_copy_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = device(tmp_path, "desk")
    week_ago = time.time() - 8 * 86400
    os.utime(copies.lock_of(desk.settings.catalog), (week_ago, week_ago))
    monkeypatch.setattr(copies.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))

    async def script(person: Person) -> None:
        await person.sees("! The weekly copy of .* was not made: the disk would be nearly full", person.bar)

    run_app(desk.app(), script, (240, 26))
