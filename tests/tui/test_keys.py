"""Help, hint line and palette tell the keys in force, and `[keymap]` puts others on any action."""

import dataclasses
import os
import re
from pathlib import Path

import pytest

from tests.tui.conftest import Person, run_app
from tui.app import PhotolalaApp
from tui.config import keymap
from tui.config.settings import Settings, load_settings
from tui.keys import _EVERYWHERE_IN_ORDER, all_declared, declared
from tui.screens.help import HelpScreen
from tui.screens.question import QuestionScreen

TALL = (100, 75)


def with_keys(album: Path, settings: Settings, **keys: str) -> PhotolalaApp:
    return PhotolalaApp(os.fsencode(album), dataclasses.replace(settings, keymap=keys))


def palette(person: Person) -> dict[str, str]:
    return {command.title: command.help for command in person.app.get_system_commands(person.app.screen)}


def test_every_action_that_is_told_has_an_id_and_can_be_rebound() -> None:
    nameless = {
        f"{place}: {binding.description}"
        for place, bindings in all_declared(PhotolalaApp).items()
        for binding in bindings
        if binding.description and not binding.id
    }
    assert not nameless


def test_an_id_is_one_action_in_each_place() -> None:
    for place, bindings in all_declared(PhotolalaApp).items():
        actions: dict[str, set[str]] = {}
        for binding in bindings:
            actions.setdefault(str(binding.id), set()).add(binding.action)
        twice = {one: found for one, found in actions.items() if len(found) > 1}
        assert not twice, place


def test_other_keys_act_and_are_told_everywhere(small_album: Path, settings: Settings) -> None:
    app = with_keys(small_album / "2023 Dolomites", settings, star_next="F5, %", help="W")

    async def script(person: Person) -> None:
        await person.scanned(5)
        await person.sees(r"F5 star, move on .* W help")
        await person.press("f5", "percent_sign", "space")
        await person.until(lambda: person.cursor == b"IMG_0003.jpg")
        assert palette(person)["Star or unstar, and move on"] == "key: F5 %"
        await person.press("question_mark")
        assert not isinstance(person.app.screen, HelpScreen)
        await person.press("W")
        await person.sees(r"F5 % +Star or unstar, and move on")
        assert not person.told()

    run_app(app, script, TALL)


def test_a_menu_and_a_question_name_the_keys_that_leave_them(small_album: Path, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.scanned(5)
        await person.press("f")
        await person.sees("F5 back")
        await person.press("f5")
        person.app.push_screen(QuestionScreen("Sure?", "All of it?", "", {"y": "go on"}))
        await person.sees("y go on   F5 leave it")
        await person.press("n", "f5")
        await person.until(lambda: not person.app.screen.is_modal)

    run_app(with_keys(small_album / "2023 Dolomites", settings, back="F5"), script)


def test_the_foot_of_each_screen_names_the_keys_in_force(
    small_album: Path, settings: Settings, tmp_path: Path
) -> None:
    keys = {
        "back": "F5", "ask_remote": "F6", "sync": "F7", "backup": "F8", "unset": "F9", "test": "F10",
        "show_decided": "F11", "down": "n", "up": "p", "section_1": "a", "section_2": "b",
    }  # fmt: skip
    config = tmp_path / "config.toml"
    remote = (tmp_path / "nas").as_uri()
    lines = [f'{action} = "{key}"' for action, key in keys.items()]
    config.write_text("\n".join([f'remote = "{remote}"', "[sync]", "automatic = false", "[keymap]", *lines]))
    found = load_settings({"PHOTOLALA_CONFIG": str(config), "PHOTOLALA_CATALOG": str(settings.catalog)})

    async def script(person: Person) -> None:
        await person.scanned(5)
        for typed, told in {
            "c": ["F11 history   F5 back"],
            "D": ["F5 back"],
            "y": ["a syncs   b history", "F7 syncs now.", "F7 sync now   F5 back"],
            "question_mark": ["n p: scroll · F5: back"],
            "comma": ["enter change   F9 default   F10 test the connection   F7 sync now   F5 back"],
        }.items():
            await person.press(typed)
            for words in told:
                await person.sees(words)
            if typed == "y":
                await person.press("b")
                await person.sees("Press F6 to ask the remote(.|\n)*F6 ask the remote   F5 back")
            if typed == "comma":
                await person.press("f10")
                await person.sees("F5: back")
                await person.press("f5")
            await person.press("f5")
            await person.until(lambda: not person.app.screen.is_modal)

    run_app(PhotolalaApp(os.fsencode(small_album / "2023 Dolomites"), found), script)


def test_sentences_name_the_keys_in_force(small_album: Path, settings: Settings) -> None:
    keys = {"preferences": "F5", "mark": "F6", "range": "F7", "undo": "F8", "timeline": "F9", "filters": "F10",
            "cancel": "F11", "below": "b", "rescan": "e", "conflicts": "n"}  # fmt: skip
    app = with_keys(small_album, settings, **keys)

    async def script(person: Person) -> None:
        async def told(key: str, sentence: str) -> None:
            await person.press(key)
            await person.until(lambda: any(sentence in one for one in person.told()), sentence)

        await person.scanned(14)
        await person.sees("press b to list all", person.photos)
        await person.sees(r"1 problem \(F10 w\)", person.bar)
        await told("S", "set one in the preferences (F5)")
        await told("ctrl+c", "F11 cancels")
        await person.press("b", "2")
        await person.sees("IMG_0001", person.photos)
        await told("asterisk", "F6 marks one, F7 a range")
        await person.press("f6", "f6")
        await told("asterisk", "F8 undoes it")
        await person.press("f10", "c")
        await person.sees("F11 takes the filter", person.photos)
        await person.press("f9")
        await told("b", "F9 goes to the folders")

    run_app(app, script, (120, 30))


def test_what_is_wrong_with_a_keymap_is_told_in_one_sentence_and_the_rest_holds(
    small_album: Path, settings: Settings
) -> None:
    app = with_keys(small_album, settings, strar="x", undo="q", redo="nokey", rescan="F6")

    async def script(person: Person) -> None:
        await person.until(lambda: len(person.told()) == 1)
        (told,) = person.told()
        for words in ("no action strar, did you mean star?", "q is both undo and quit", "nokey is no key"):
            assert words in told
        assert palette(person)["Scan again"] == "key: F6"

    run_app(app, script)


def test_swapped_keys_are_no_clash(small_album: Path, settings: Settings) -> None:
    app = with_keys(small_album / "2023 Dolomites", settings, down="k", up="j")

    async def script(person: Person) -> None:
        await person.scanned(5)
        await person.press("k", "k", "j")
        await person.until(lambda: person.cursor == b"IMG_0002.jpg")
        assert not person.told()

    run_app(app, script)


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("s", ["s"]), ("S, F5", ["S", "f5"]), ("?,esc", ["question_mark", "escape"]), ("PgDn", ["pagedown"]),
        ("shift-tab", ["shift+tab"]), ("comma, *", ["comma", "asterisk"]), ("space", ["space"]), ("é", ["é"]),
    ],
)  # fmt: skip
def test_keys_are_read_as_people_write_them(typed: str, keys: list[str]) -> None:
    assert keymap.keys_of(typed) == keys


@pytest.mark.parametrize(
    ("typed", "wrong"), [("", ""), ("spcae", "spcae"), ("s,", ""), ("hyper+nothing", "hyper.nothing")]
)
def test_what_is_no_key_is_refused(typed: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}$"):
        keymap.keys_of(typed)


def test_a_screen_that_lies_over_has_its_own_help_and_palette(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("c", "question_mark")
        await person.sees("In conflicts")
        assert "Use mine" in "\n".join(person.screen)
        assert "Scan again" not in "\n".join(person.screen)
        await person.press("question_mark")
        await person.until(lambda: not isinstance(person.app.screen, HelpScreen))
        commands = palette(person)
        assert "Use mine" in commands
        assert "Scan again" not in commands

    run_app(app, script, TALL)


def test_the_help_begins_with_what_a_new_user_needs(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("2", "question_mark")
        await person.sees("Next photo")
        page = "\n".join(person.screen)
        needed = ["Next photo", "Star or unstar", "Filter by", "Undo", "Sync now", "Back up", "Quit", "fg"]
        assert sorted(needed, key=page.index) == needed

    run_app(app, script, TALL)


def test_the_help_forgets_the_place_of_no_action() -> None:
    bound = {binding.id for binding in declared(PhotolalaApp) if binding.description}
    assert bound == set(_EVERYWHERE_IN_ORDER)


def test_what_cannot_be_done_says_why(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        for key, why in (
            ("S", "There is no remote"),
            ("B", "There is no remote"),
            ("I", "No Photolala catalog"),
        ):
            await person.press(key)
            await person.until(lambda why=why: any(why in told for told in person.told()))
            person.app.clear_notifications()
        assert "There is no remote" in palette(person)["Sync now"]
        await person.press("question_mark")
        await person.sees("No Photolala catalog lies in this folder")

    run_app(app, script, TALL)


@pytest.mark.parametrize("key", ["space", "s", "x", "V", "*", "enter", "u"])
def test_where_there_is_no_photo_each_key_for_one_says_so(
    key: str, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "empty").mkdir()

    async def script(person: Person) -> None:
        await person.sees("No photos in this folder, and none below: `photolala", person.photos)
        assert "full view" not in person.screen[-1]
        await person.press("2", key)
        await person.until(person.told)
        assert re.match("There is no (photo here|star to undo)|No photo is marked", person.told()[0])

    run_app(PhotolalaApp(os.fsencode(tmp_path / "empty"), settings), script)


def test_ctrl_c_says_which_key_quits(small_album: Path, settings: Settings) -> None:
    async def script(person: Person) -> None:
        await person.sees("Dolomites", person.tree)
        await person.press("ctrl+c")
        await person.until(lambda: person.told() == ["F10 quits, esc cancels what is under way."])

    run_app(with_keys(small_album, settings, quit="F10"), script)


def test_the_help_is_walked_by_pages_and_its_sentences_stay_below_what_they_are_about(
    app: PhotolalaApp,
) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("2", "question_mark")
        await person.sees("Next photo")
        await person.press("pagedown", "j")
        await person.sees(r"│ {21}There is no remote: set one in the preferences  ")
        await person.sees(r"│ {21}\(,\) or by PHOTOLALA_REMOTE")
        assert not any("Next photo" in line for line in person.screen)
        await person.press("pageup")
        await person.sees("Next photo")

    run_app(app, script, (80, 24))


def test_a_long_line_of_the_help_goes_on_below_its_words(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("t", "j", "enter", "enter", "question_mark")
        await person.sees(r"z +Zoom in; .*\n.*│ {19}too")

    run_app(app, script, TALL)


def test_a_key_of_another_pane_says_where_it_works(app: PhotolalaApp) -> None:
    async def script(person: Person) -> None:
        await person.scanned(14)
        await person.press("1", "s")
        await person.until(person.told)
        await person.press("s", "s")  # the same is said once
        assert person.told() == ["s works in the photo list (Star or unstar): 2 goes there."]
        await person.press("1", "z")
        assert len(person.told()) == 1

    run_app(app, script)
