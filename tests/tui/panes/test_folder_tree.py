"""The folder tree: every key, and every way in which a folder can refuse to be read."""

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import HOSTILE_NAMES, draw_photo, permissions_that_count
from tests.tui.conftest import Person, run_app
from tests.tui.words.test_shown import hidden_in
from tui.app import PhotolalaApp
from tui.config.settings import Settings
from tui.panes.folder_tree import FolderTree
from tui.work.folders import read_subfolders


@pytest.fixture
def nested(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> PhotolalaApp:
    """The app on folders in folders, a photo at the end of each way; it does not scan."""
    for path in ("a/deep/deeper", "b", "c/deep"):
        draw_photo(tmp_path / "nested" / path / f"{path.replace('/', ' ')}.jpg", 1)
    return app_on(tmp_path / "nested", settings, monkeypatch)


def app_on(folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> PhotolalaApp:
    app = PhotolalaApp(os.fsencode(folder), settings)
    monkeypatch.setattr(app, "_scan", lambda: None)
    return app


def here(person: Person) -> str:
    """The folder under the tree's cursor, by its way from the root."""
    tree = person.app.query_one(FolderTree)
    return os.fsdecode(tree.cursor_node.data).removeprefix(os.fsdecode(tree.root.data)).strip("/")


def names(person: Person) -> list[str]:
    return [line.strip("│├└▶▼ ") for line in person.tree()[1:-1] if line.strip("│ ")]


def test_keys_walk_open_and_shut_folders(nested: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.sees("c", person.tree)
        await person.press("1")
        for key, folder in [
            ("k", ""), ("j", "a"), ("down", "b"), ("j", "c"), ("j", "c"), ("k", "b"), ("up", "a"), ("G", "c"),
            ("g", ""), ("j", "a"), ("l", "a"), ("j", "a/deep"), ("right", "a/deep"), ("j", "a/deep/deeper"),
            ("h", "a/deep"), ("left", "a/deep"), ("h", "a"), ("h", "a"), ("h", ""), ("h", ""),
        ]:  # fmt: skip
            await person.press(key)
            await person.until(lambda folder=folder: here(person) == folder, (key, folder))
            if key in ("l", "right"):
                await person.until(lambda folder=folder: len(names(person)) == (5 if folder == "a" else 6))
        assert names(person) == ["nested", "a", "b", "c"]

    run_app(nested, script)


def test_l_opens_a_folder_then_goes_into_it_and_at_the_end_to_its_photos(nested: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.sees("c", person.tree)
        await person.press("1", "g")
        for key, folder, lines in [
            ("l", "a", 4), ("l", "a", 5), ("right", "a/deep", 5), ("l", "a/deep", 6), ("l", "a/deep/deeper", 6),
        ]:  # fmt: skip
            await person.press(key)
            await person.until(
                lambda f=folder, n=lines: (here(person), len(names(person))) == (f, n), (key, folder)
            )
            assert person.focused == "tree"
        await person.press("l")
        await person.until(lambda: person.focused == "list")
        await person.until(lambda: person.cursor == b"a deep deeper.jpg")

    run_app(nested, script)


def test_the_list_follows_the_cursor_and_l_or_enter_goes_to_it(nested: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.sees("c", person.tree)
        await person.press("1", "j", "j")
        await person.sees("b.jpg", person.photos)
        assert person.focused == "tree"
        await person.press("l")  # nothing to open
        await person.until(lambda: person.focused == "list")
        await person.press("1", "j", "enter")
        await person.sees("deep", person.tree)
        await person.until(lambda: person.focused == "list")
        assert person.cursor is None
        await person.sees(r"No photos here\. 1 folder below: press 1, then l\.", person.photos)

    run_app(nested, script)


def test_a_folder_without_photos_at_the_start_gives_the_keys_to_the_tree(nested: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.until(lambda: person.focused == "tree")

    run_app(nested, script)


def test_the_app_can_begin_in_a_folder_below(
    tmp_path: Path, nested: PhotolalaApp, settings: Settings
) -> None:
    app = PhotolalaApp(nested._root, settings, start=nested._root + b"/a/deep/deeper")

    async def script(person: Person) -> None:
        await person.sees("deeper.jpg", person.photos)
        await person.until(lambda: here(person) == "a/deep/deeper")
        assert names(person) == ["nested", "a", "deep", "deeper", "b", "c"]

    run_app(app, script)


def test_only_a_folder_with_folders_has_an_arrow(nested: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.sees("▶ c", person.tree)
        await person.sees("[├└] b", person.tree)
        await person.press("1", "j", "j", "enter")  # nothing in it
        await person.until(lambda: person.focused == "list")
        await person.sees("[├└] b", person.tree)

    run_app(nested, script)


def test_a_root_without_folders_has_no_arrow(nested: PhotolalaApp, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.sees(r"(?m)^│b +│", person.tree)

    run_app(PhotolalaApp(nested._root + b"/b", settings), script)


def test_r_finds_new_folders_and_drops_those_that_have_gone(nested: PhotolalaApp, tmp_path: Path) -> None:
    async def script(person: Person) -> None:
        await person.sees("▶ a", person.tree)
        await person.press("1", "j", "l")
        await person.sees("deep", person.tree)
        for new in ("aa", "d", "a/new"):
            (tmp_path / "nested" / new).mkdir()
        (tmp_path / "nested" / "b" / "new").mkdir()
        shutil.rmtree(tmp_path / "nested" / "c")
        await person.press("r")
        await person.until(lambda: names(person) == ["nested", "a", "deep", "new", "aa", "b", "d"])
        await person.sees("▶ b", person.tree)
        assert here(person) == "a"
        shutil.rmtree(tmp_path / "nested" / "a")
        await person.press("r")
        await person.until(lambda: names(person) == ["nested", "aa", "b", "d"])
        await person.press("j", "k", "l", "h")

    run_app(nested, script)


def test_hidden_folders_and_links_are_left_out_and_files_are_no_folders(
    nested: PhotolalaApp, tmp_path: Path
) -> None:
    root = tmp_path / "nested"
    (root / ".hidden").mkdir()
    (root / "link").symlink_to(root, target_is_directory=True)
    (root / "file").touch()

    async def script(person: Person) -> None:
        await person.sees("c", person.tree)
        assert names(person) == ["nested", "a", "b", "c"]

    run_app(nested, script)


def test_a_folder_that_may_not_be_read_shows_so(nested: PhotolalaApp, tmp_path: Path) -> None:
    locked = tmp_path / "nested" / "b"
    locked.chmod(0)

    async def script(person: Person) -> None:
        await person.sees("c", person.tree)
        await person.press("1", "j", "j")
        await person.sees("cannot be read: Permission denied", person.photos)
        await person.press("l")
        await person.sees("⊘ b not readable", person.tree)

    with permissions_that_count():
        run_app(nested, script)
    locked.chmod(0o755)


def test_a_root_that_may_not_be_read_shows_so(nested: PhotolalaApp, tmp_path: Path) -> None:
    (tmp_path / "nested").chmod(0)

    async def script(person: Person) -> None:
        await person.sees("⊘ nested not readable", person.tree)
        await person.sees("cannot be read: Permission denied", person.photos)

    with permissions_that_count():
        run_app(nested, script)
    (tmp_path / "nested").chmod(0o755)


def test_a_folder_that_has_gone_shows_so(nested: PhotolalaApp, tmp_path: Path) -> None:
    async def script(person: Person) -> None:
        await person.sees("c", person.tree)
        shutil.rmtree(tmp_path / "nested" / "a")
        await person.press("1", "j")
        await person.sees("cannot be read: No such file", person.photos)
        await person.press("l")
        await person.sees("⊘ a not readable", person.tree)

    run_app(nested, script)


def test_hostile_folders_are_shown_harmless_and_can_be_entered(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [name for name in HOSTILE_NAMES if b"/" not in name]
    for number, name in enumerate(made):
        draw_photo(tmp_path / "hostile" / os.fsdecode(name) / f"{number}.jpg", number)

    async def script(person: Person) -> None:
        await person.until(lambda: len(names(person)) == 1 + len(made))
        await person.press("1")
        tree = person.app.query_one(FolderTree)
        for name in sorted(made):
            tree.action_cursor_down()
            await person.until(lambda name=name: tree.cursor_node.data.endswith(b"/" + name))
            assert not any(map(hidden_in, person.screen))
        await person.press("enter")
        await person.sees(r"\d+\.jpg", person.photos)

    run_app(app_on(tmp_path / "hostile", settings, monkeypatch), script, size=(120, 60))


def test_a_root_under_a_hostile_name_is_shown_harmless(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "\x1b]0;owned\x07[b]"
    draw_photo(root / "a.jpg", 1)

    async def script(person: Person) -> None:
        await person.sees(r"\\x1b\]0;owned\\x07\[b\]", person.tree)

    run_app(app_on(root, settings, monkeypatch), script)


def test_the_root_of_the_file_system_has_a_name() -> None:
    assert str(FolderTree(b"/").root.label) == "/"
    assert (b"usr", True) in read_subfolders(b"/").subfolders


def test_what_is_read_of_a_folder_unknown_by_now_is_left_alone(nested: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.sees("c", person.tree)
        person.app.query_one(FolderTree).fill(b"/not/here", [(b"x", False)], None)
        assert names(person) == ["nested", "a", "b", "c"]

    run_app(nested, script)
