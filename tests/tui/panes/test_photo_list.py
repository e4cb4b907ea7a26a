"""The photo list: every key, the way of a star from ☆ to ★, and any name on any width."""

import os
import re
import threading
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events
from textual.geometry import Region

from catalog.reader import CatalogReader
from catalog.scan.chosen import scan_file
from catalog.search.query import Order, Query
from tests.conftest import HOSTILE_NAMES, draw_photo
from tests.tui.conftest import Host, Person, run_app, second_look, stars_in
from tests.tui.words.test_shown import hidden_in
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.messages import Listed
from tui.panes import photo_list
from tui.panes.photo_list import PhotoList
from tui.work.background import Background
from tui.work.listing import list_photos
from tui.work.photos import Photos
from tui.work.rows import Row
from tui.work.served import ServedFolders

ROLL = [b"IMG_%04d.jpg" % number for number in range(60)]
PAGE = 25  # lines of the list in a terminal of 30, less one


@pytest.fixture
def roll(tmp_path: Path, settings: Settings) -> PhotolalaApp:
    """The app on one folder of 60 photos."""
    for number, name in enumerate(ROLL):
        draw_photo(tmp_path / "roll" / name.decode(), number)
    return PhotolalaApp(os.fsencode(tmp_path / "roll"), settings)


def never_scan(app: PhotolalaApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_scan", lambda: None)


def row_of(person: Person, name: bytes) -> str:
    """What the list shows in the line of a photo, without the border."""
    (line,) = [line for line in person.photos() if line[3:].startswith(name.decode())]
    return line[1:-1]


def test_keys_move_the_cursor_and_it_stays_on_the_screen(
    roll: PhotolalaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_scan(roll, monkeypatch)

    async def script(person: Person) -> None:
        await person.sees("IMG_0000", person.photos)
        for keys, index in [
            ("k", 0), ("up", 0), ("j", 1), ("down", 2), ("j", 3), ("k", 2), ("up", 1), ("pagedown", 1 + PAGE),
            ("pagedown", 1 + 2 * PAGE), ("pagedown", 59), ("j", 59), ("pageup", 59 - PAGE), ("G", 59), ("g", 0),
            ("pageup", 0), ("end", 59), ("home", 0), ("G", 59), ("k", 58), ("home", 0), ("J", PAGE // 2),
            ("ctrl+d", PAGE // 2 * 2), ("ctrl+u", PAGE // 2), ("K", 0),
        ]:  # fmt: skip
            await person.press(keys)
            assert person.cursor == ROLL[index], keys
            assert row_of(person, ROLL[index])
            assert f"{index + 1}/60" in person.photos()[-1]

    run_app(roll, script)


def test_space_stars_and_moves_on_s_stars_and_stays(roll: PhotolalaApp, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(60)
        await person.press("space", "space", "j", "s")
        assert person.cursor == ROLL[3]
        await person.until(lambda: sum("★" in line for line in person.photos()) == 3)
        assert stars_in(settings.catalog) == {"IMG_0000.jpg", "IMG_0001.jpg", "IMG_0003.jpg"}
        await person.press("s", "g", "space")
        assert person.cursor == ROLL[1]
        await person.until(lambda: sum("★" in line for line in person.photos()) == 1)
        assert stars_in(settings.catalog) == {"IMG_0001.jpg"}

    run_app(roll, script)


def test_space_on_the_last_photo_stars_it_once(roll: PhotolalaApp, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(60)
        await person.press("G", "space")
        await person.sees("★", person.photos)
        assert person.cursor == ROLL[59]
        assert stars_in(settings.catalog) == {"IMG_0059.jpg"}

    run_app(roll, script)


def test_a_star_is_hollow_until_it_is_in_the_catalog(roll: PhotolalaApp, settings: Settings) -> None:
    go = threading.Event()

    async def script(person: Person) -> None:
        await person.scanned(60)
        roll._catalog.ask(lambda _: go.wait(10), pytest.fail)  # the catalog is busy
        await person.press("space")
        await person.sees("☆ IMG_0000", person.photos)
        assert "★" not in "\n".join(person.photos())
        assert stars_in(settings.catalog) == set()
        await person.press("g", "j", "j")  # keys still work
        assert person.cursor == ROLL[2]
        go.set()
        await person.until(lambda: row_of(person, ROLL[0]).startswith("★"))
        assert stars_in(settings.catalog) == {"IMG_0000.jpg"}, "★ is a promise"

    run_app(roll, script)


def test_keys_pressed_faster_than_the_disk_count_all_the_same(roll: PhotolalaApp, settings: Settings) -> None:
    go, done = threading.Event(), threading.Event()

    async def script(person: Person) -> None:
        await person.scanned(60)
        roll._catalog.ask(lambda _: go.wait(10), pytest.fail)
        await person.press("s", "s", "s", "j", "s", "s")  # on, off, on; on, off
        go.set()
        roll._catalog.ask(lambda _: done.set(), pytest.fail)
        await person.until(done.is_set)
        assert stars_in(settings.catalog) == {"IMG_0000.jpg"}
        await person.until(
            lambda: not any(roll.photos.row(index).waiting for index in range(len(roll.photos)))
        )
        assert [line[1:11] for line in person.photos() if "★" in line] == ["★ IMG_0000"]
        assert "☆" not in "\n".join(person.photos())

    run_app(roll, script)


def test_a_star_is_hollow_until_the_last_that_was_asked_for_is_in_the_catalog(
    roll: PhotolalaApp, settings: Settings
) -> None:
    gates = [threading.Event() for _ in range(4)]

    async def script(person: Person) -> None:
        await person.scanned(60)
        for number, gate in enumerate(gates):
            roll._catalog.ask(lambda _, gate=gate: gate.wait(10), pytest.fail)
            await person.press("s" if number < 3 else "u")  # on, off, on, and undone
        for gate, stars in zip(gates[:3], (1, 0, 1), strict=True):
            gate.set()
            await person.until(lambda stars=stars: len(stars_in(settings.catalog)) == stars)
            await person.pilot.pause()
            await person.sees("☆ IMG_0000", person.photos)
            assert "★" not in "\n".join(person.photos())
        gates[3].set()
        await person.sees("  IMG_0000", person.photos)
        assert not stars_in(settings.catalog)

    run_app(roll, script)


def test_keys_typed_before_the_list_is_there_act_on_it(
    roll: PhotolalaApp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    monkeypatch.setattr("tui.parts.folders.list_photos", lambda *asked: (go.wait(10), list_photos(*asked))[1])

    async def script(person: Person) -> None:
        await person.press("j", "space", "j", "s")
        assert person.cursor is None
        go.set()
        await person.until(lambda: person.cursor == ROLL[3])
        await person.until(lambda: stars_in(settings.catalog) == {"IMG_0001.jpg", "IMG_0003.jpg"})

    run_app(roll, script)


def test_keys_typed_while_another_folder_is_read_never_act_on_the_old_one(
    small_album: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates = {b"2023 Dolomites": threading.Event(), b"damaged": threading.Event()}

    def held(query: Query, served: ServedFolders, reader: CatalogReader) -> Listed:
        folder = query.folder or b""
        gates.get(os.path.basename(folder), threading.Event()).wait(0 if folder.endswith(b"album") else 10)  # noqa: PTH119
        return list_photos(query, served, reader)

    monkeypatch.setattr("tui.parts.folders.list_photos", held)

    async def script(person: Person) -> None:
        await person.scanned(14)
        gates[b"2023 Dolomites"].set()
        await person.press("1", "g", "j")
        await person.sees("IMG_0001", person.photos)
        await person.press("G")  # to the damaged one, whose disk is slow
        await person.until(lambda: person.app._folder.endswith(b"damaged"))
        await person.press("2", "j", "space")
        await person.sees("IMG_0001", person.photos)
        assert person.cursor == b"IMG_0001.jpg"
        await person.press("1", "k", "k", "2")  # back, before it came: those keys were not for this one
        await person.until(lambda: person.app._folder.endswith(b"Dolomites"))
        assert person.cursor == b"IMG_0001.jpg"
        await person.press("1", "G", "2", "space")
        gates[b"damaged"].set()
        await person.sees("★ broken", person.photos)
        assert stars_in(settings.catalog) == {"broken.jpg"}

    run_app(PhotolalaApp(os.fsencode(small_album), settings), script)


def test_a_click_while_another_folder_is_read_is_meant_for_what_it_hits(
    roll: PhotolalaApp, settings: Settings
) -> None:
    async def script(person: Person) -> None:
        await person.scanned(60)
        person.app.photos.expect(folder(b"/elsewhere"))
        await person.pilot.click(PhotoList, offset=(1, 3))
        await person.sees("★ IMG_0002", person.photos)
        assert stars_in(settings.catalog) == {"IMG_0002.jpg"}

    run_app(roll, script)


def test_the_cursor_of_a_list_without_the_keys_is_marked_by_a_sign(roll: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(60)
        await person.press("j")
        assert "›" not in "\n".join(person.photos())
        await person.press("1")
        await person.sees(" ›IMG_0001", person.photos)
        await person.press("3", "s")
        await person.sees("★›IMG_0001", person.photos)
        await person.press("2")
        await person.sees("★ IMG_0001", person.photos)

    run_app(roll, script, size=(140, 30))


def test_news_that_are_none_paint_nothing(roll: PhotolalaApp, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(person: Person) -> None:
        await person.scanned(60)
        await person.press("j")
        pane, painted = person.app.query_one(PhotoList), []
        await person.until(lambda: all(roll.photos.row(index).md5 for index in range(30)))
        roll._background.cancel("rows")
        with monkeypatch.context() as patch:
            patch.setattr(pane, "refresh", lambda *regions, **_: painted.extend(regions))
            roll.photos.learn([roll.photos.row(5)])
            roll.photos.show(roll.photos.query, list(ROLL))
            assert not painted
            roll.photos.learn([roll.photos.row(5)._replace(starred=True)])
            assert painted == [Region(0, 5, pane.size.width, 1)]

    run_app(roll, script)


def test_a_page_is_painted_once_all_is_known_of_it(
    roll: PhotolalaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    read = roll.photos._rows._read

    async def script(person: Person) -> None:
        await person.scanned(60)
        monkeypatch.setattr(roll.photos._rows, "_read", lambda *asked: go.wait(10) and read(*asked))
        monkeypatch.setattr(person.app.query_one(PhotoList)._drawing, "_seconds", 20)
        roll.photos._rows.forget()
        await person.press("pagedown", "pagedown")
        assert person.app.screen.held
        go.set()
        await person.until(lambda: not person.app.screen.held)
        assert re.search(r"IMG_0050.*16×12", row_of(person, b"IMG_0050"))

    run_app(roll, script)


def test_a_page_is_painted_after_a_moment_whatever_is_known_of_it(
    roll: PhotolalaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, holds = threading.Event(), []

    async def script(person: Person) -> None:
        await person.scanned(60)
        monkeypatch.setattr(roll.photos._rows, "_read", lambda *_: go.wait(20) and [])
        roll.photos._rows.forget()
        monkeypatch.setattr(photo_list, "hold_paint", lambda _, held: holds.append(held))
        await person.press("pagedown", "pagedown")
        await person.until(lambda: holds[-1:] == [False])
        assert holds[0]
        assert "×" not in row_of(person, b"IMG_0050")
        go.set()

    run_app(roll, script)


def test_a_photo_that_no_scan_has_come_to_can_be_starred(
    roll: PhotolalaApp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_scan(roll, monkeypatch)

    async def script(person: Person) -> None:
        await person.sees("IMG_0000", person.photos)
        await person.press("j", "space")
        await person.sees("★ IMG_0001", person.photos)
        assert stars_in(settings.catalog) == {"IMG_0001.jpg"}
        with second_look(settings.catalog) as catalog:
            assert catalog.stats().files == 1

    run_app(roll, script)


def test_a_star_that_cannot_be_written_is_taken_back_and_told(
    roll: PhotolalaApp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_scan(roll, monkeypatch)

    async def script(person: Person) -> None:
        await person.sees("IMG_0000", person.photos)
        (Path(os.fsdecode(roll._root)) / "IMG_0000.jpg").unlink()
        await person.press("s")
        await person.until(person.told)
        assert person.told() == ["IMG_0000.jpg was not changed: No such file or directory"]
        assert not set("☆★") & set(row_of(person, ROLL[0]))
        await person.press("u")
        await person.until(lambda: "There is no star to undo." in person.told())

    run_app(roll, script)


def test_two_files_of_one_photo_are_starred_together(roll: PhotolalaApp, tmp_path: Path) -> None:
    (tmp_path / "roll" / "IMG_0000 (copy).jpg").write_bytes((tmp_path / "roll" / "IMG_0000.jpg").read_bytes())

    async def script(person: Person) -> None:
        await person.scanned(61)
        await person.press("g", "s")
        await person.until(lambda: sum("★" in line for line in person.photos()) == 2)

    run_app(roll, script)


def test_a_damaged_photo_shows_a_mark_and_the_reason(small_album: Path, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.sees(r"! broken\.jpg +\S.*(cut off|ends|broken|truncated)", person.photos)
        line = person.app.query_one(PhotoList).render_line(0)
        colours = {segment.style.color for segment in line if segment.style and segment.text.strip()}
        assert len(colours) == 1  # the cursor is here, and no red would be seen on its blue
        await person.press("s")
        await person.sees(r"★ broken\.jpg +\S", person.photos)

    run_app(PhotolalaApp(os.fsencode(small_album / "damaged"), settings), script)


def test_an_empty_folder_says_which_key_comes_next(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "empty").mkdir()

    async def script(person: Person) -> None:
        await person.sees(r"No photos in this folder.*\(1\)", person.photos)
        await person.press("2", *"jkgGs", "space", "pagedown", "u")
        assert person.cursor is None

    run_app(PhotolalaApp(os.fsencode(tmp_path), settings, start=os.fsencode(tmp_path / "empty")), script)


def test_the_mouse_moves_the_cursor_and_stars(roll: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(60)
        await person.pilot.click(PhotoList, offset=(10, 5))
        assert person.cursor == ROLL[4]
        await person.pilot.click(PhotoList, offset=(1, 7))
        await person.sees("★ IMG_0006", person.photos)
        assert person.cursor == ROLL[6]
        await person.pilot._post_mouse_events([events.MouseScrollDown], PhotoList, button=0)
        assert person.cursor == ROLL[9]
        await person.pilot._post_mouse_events([events.MouseScrollUp], PhotoList, button=0)
        assert person.cursor == ROLL[6]

    run_app(roll, script)


def test_resizing_keeps_the_cursor_visible(roll: PhotolalaApp, monkeypatch: pytest.MonkeyPatch) -> None:
    never_scan(roll, monkeypatch)

    async def script(person: Person) -> None:
        await person.sees("IMG_0000", person.photos)
        for keys in (["G"], ["g", *"jjjjj"], ["pagedown"]):
            await person.press(*keys)
            for size in ((80, 24), (160, 48), (40, 10)):
                await person.pilot.resize_terminal(*size)
                assert person.cursor is not None
                await person.sees(person.cursor.decode(), person.photos)

    run_app(roll, script, size=(160, 48))


def test_a_folder_of_20000_photos_is_listed_and_its_ends_are_one_key_away(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = draw_photo(tmp_path / "many" / "00000.jpg", 1)
    for number in range(1, 20_000):
        os.link(one, tmp_path / "many" / f"{number:05}.jpg")

    async def script(person: Person) -> None:
        await person.sees("1/20000", person.photos)
        await person.press("G")
        await person.sees("★? *19999.jpg", person.photos)
        await person.press("g", "j")
        assert person.cursor == b"00001.jpg"

    app = PhotolalaApp(os.fsencode(tmp_path / "many"), settings)
    never_scan(app, monkeypatch)
    run_app(app, script)


def test_the_cursor_returns_to_where_it_was_in_a_folder(small_album: Path, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.sees("damaged", person.tree)
        await person.sees("No photos here", person.photos)  # so that the keys are the tree's
        await person.press("j")
        await person.sees("IMG_0001", person.photos)
        await person.press("2", "j", "j", "1", "G")
        await person.sees("broken", person.photos)
        assert person.cursor == b"broken.jpg"
        await person.press("g", "j")
        await person.sees("IMG_0001", person.photos)
        assert person.cursor == b"IMG_0003.jpg"

    run_app(PhotolalaApp(os.fsencode(small_album), settings), script)


def test_the_cursor_stays_on_its_photo_when_others_come_and_go(roll: PhotolalaApp, tmp_path: Path) -> None:
    async def script(person: Person) -> None:
        await person.scanned(60)
        await person.press("j", "j", "j")
        draw_photo(tmp_path / "roll" / "AAA.jpg", 70)
        (tmp_path / "roll" / "IMG_0001.jpg").unlink()
        roll._list_again()
        await person.sees("AAA.jpg", person.photos)
        assert person.cursor == ROLL[3]
        (tmp_path / "roll" / "IMG_0003.jpg").unlink()
        roll._list_again()
        await person.sees("/59", person.photos)
        assert person.cursor == ROLL[4]

    run_app(roll, script)


NAMES = [*(name + b".jpg" for name in HOSTILE_NAMES), "日本の写真".encode() * 9, "🏔🏔🏔".encode(), b"x" * 250]
MD5 = "0" * 32
KNOWN = [
    Row(b"", b"", None, None),
    Row(b"", b"", None, MD5, 123456, 1_600_000_000, 1_600_000_000, 4000, 3000, starred=True),
    Row(b"", b"", None, MD5, None, None, 10**17, error="\x1b[2J日本 [/b] " * 9),
    Row(b"", b"", None, None, 0, -(10**17), None, 0, 0, error="cannot be read: x"),
]


def folder(path: bytes) -> Query:
    return Query(folder=path, recursive=False, order=Order.NAME)


def alone(names: list[bytes]) -> tuple[Photos, PhotoList]:
    """A list without an app, of photos of which nothing is known."""
    photos = Photos(lambda *_: [], Background(), lambda _: None)
    photos.show(folder(b"/"), names)
    return photos, PhotoList(photos)


@pytest.mark.parametrize("width", [2, 3, 8, 11, 20, 35, 36, 45, 46, 61, 62, 100, 200])
def test_every_line_fills_the_width_exactly_whatever_it_shows(width: int) -> None:
    photos, pane = alone(NAMES)
    pane.styles.width, pane.styles.height, pane.styles.border = width, len(NAMES), ("none", "black")

    async def script(person: Person) -> None:
        await person.until(lambda: pane.size.width == width)
        for row in KNOWN:
            photos.learn(row._replace(key=name, name=name) for name in NAMES)
            await person.pilot.pause(0)
            for y in range(len(NAMES)):
                strip = pane.render_line(y)
                assert strip.cell_length == cell_len(strip.text) == width
                assert not hidden_in(strip.text)

    run_app(Host(pane), script, size=(200, 60))


def test_a_long_name_keeps_its_end_where_names_differ() -> None:
    _, pane = alone([b"holiday " * 20 + b"0042.jpg"])

    async def script(person: Person) -> None:
        await person.sees("holiday holi.*….*2.jpg", person.photos)

    run_app(Host(pane), script, size=(60, 5))


def test_names_that_look_alike_on_the_screen_are_told_apart_by_their_bytes(
    tmp_path: Path, settings: Settings
) -> None:
    names = [b"\\x1b.jpg", b"\x1b.jpg"]
    for number, name in enumerate(names):
        draw_photo(tmp_path / "alike" / os.fsdecode(name), number)

    async def script(person: Person) -> None:
        await person.scanned(2)
        assert sum(r"\x1b.jpg" in line for line in person.photos()) == 2
        await person.press("g", "s")
        await person.sees("★", person.photos)
        with second_look(settings.catalog) as catalog:
            (starred,) = catalog.starred_entries()
            assert starred.paths == (bytes(tmp_path / "alike") + b"/\x1b.jpg",)
            assert starred.md5 == scan_file(catalog, starred.paths[0])

    run_app(PhotolalaApp(os.fsencode(tmp_path / "alike"), settings), script)


def test_a_catalog_that_cannot_be_used_leaves_a_viewer_that_says_so(
    roll: PhotolalaApp, settings: Settings
) -> None:
    settings.catalog.write_bytes(b"garbage " * 1000)

    async def script(person: Person) -> None:
        await person.sees(r"! .*(The catalog|catalog\.sqlite)", person.bar)
        await person.press("j", "s")
        await person.until(lambda: any("was not changed" in told for told in person.told()))
        assert not set("☆★") & set("\n".join(person.photos()))
        await person.press("G")
        assert person.cursor == ROLL[59]

    run_app(roll, script)
