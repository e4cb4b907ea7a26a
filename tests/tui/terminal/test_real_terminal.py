"""The app in a real pseudo-terminal, as a person over SSH has it."""

import re
import signal
import sys
from pathlib import Path

import pytest

from tests.conftest import wait_until
from tests.terminal import Terminal
from tests.tui.conftest import stars_in
from tests.tui.terminal.test_probe import KITTY


def opened(
    folder: Path, tmp_path: Path, program: tuple[str, ...] = ("-m", "tui.main"), **options: object
) -> Terminal:
    """The app on a folder."""
    environment = {"HOME": str(tmp_path), **options.pop("env", {})}  # type: ignore[dict-item]
    command = [sys.executable, *program, str(folder)]
    return Terminal(command, env=environment, **options)  # type: ignore[arg-type]


TELLS_ITS_MANNERS = """
import os, tui.main

def leave(status, leave=os._exit):
    from textual import constants as c
    print(c.TEXTUAL_ANIMATIONS, c.SMOOTH_SCROLL, c.MAX_FPS, c.ESCAPE_DELAY, flush=True)
    leave(status)

os._exit = leave
tui.main.main()
"""


@pytest.fixture
def folder(small_album: Path) -> Path:
    return small_album / "2023 Dolomites"


@pytest.mark.parametrize("delay", [0.15, 0.3, 2.0])
def test_late_answers_are_no_keys(folder: Path, tmp_path: Path, delay: float) -> None:
    # taken for keys, the answer to the question for Kitty's graphics would go to the last photo, and quit
    answers = {query: answer.replace("OK", "jjGq") for query, answer in KITTY.items()}
    with opened(folder, tmp_path, answers=answers, answer_delay=delay) as terminal:
        terminal.wait_for("5 photos")
        terminal.settle(quiet=0.5)
        assert "1/5" in terminal.text
        terminal.press("j")
        terminal.wait_for("2/5")
        terminal.press("q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize("all_colours", [True, False])
def test_over_ssh_a_terminal_shows_all_its_colours(folder: Path, tmp_path: Path, all_colours: bool) -> None:
    answers = {"[c": "\x1b[?62;22c", **({"P$qm": "\x1bP1$r0;48:2::1:2:3m\x1b\\"} if all_colours else {})}
    with opened(folder, tmp_path, answers=answers, env={"COLORTERM": ""}) as terminal:
        terminal.wait_for("5 photos")
        terminal.settle()
        painted = terminal.output.rpartition(b"Folders")[2]  # by the app, after the first frame
        assert (b"8;2;" in painted, b"8;5;" in painted) == (all_colours, not all_colours)


def test_a_terminal_that_only_prints_lines_is_told_so(folder: Path, tmp_path: Path) -> None:
    with opened(folder, tmp_path, env={"TERM": "dumb"}) as terminal:
        assert terminal.wait_exit() == 2
        assert terminal.text.startswith(
            "photolala: the app needs a terminal that does more than TERM=dumb says"
        )
        assert b"\x1b" not in terminal.output


@pytest.mark.parametrize(
    ("environment", "mouse"), [({}, True), ({"TMUX": "/tmp/tmux-0/default"}, True), ({"STY": "1.pts"}, False)]
)
def test_in_gnu_screen_there_is_no_mouse_as_it_would_keep_esc_back(
    folder: Path, tmp_path: Path, environment: dict[str, str], mouse: bool
) -> None:
    with opened(folder, tmp_path, env=environment) as terminal:
        terminal.wait_for("5 photos")
        assert (b"\x1b[?1000h" in terminal.output) is mouse


def test_escape_is_a_key_and_a_key_that_begins_with_it_is_another(folder: Path, tmp_path: Path) -> None:
    with opened(folder, tmp_path) as terminal:
        terminal.wait_for("5 photos")
        terminal.press("?")
        terminal.wait_for("In the photo list")
        terminal.press("esc")
        terminal.wait_gone("In the photo list")
        terminal.press("esc", "down")
        terminal.wait_for("2/5")
        terminal.press("down")
        terminal.wait_for("3/5")


def test_while_nobody_types_no_byte_is_sent_and_nothing_is_done(folder: Path, tmp_path: Path) -> None:
    with opened(folder, tmp_path) as terminal:
        terminal.wait_for("5 photos")

        def rests() -> bool:
            before, used = len(terminal.output), terminal.cpu_seconds
            terminal.settle(quiet=1.5)
            return len(terminal.output) == before and terminal.cpu_seconds - used <= 0.01

        # what a start leaves to be done takes a while; a clock or a poll would never end
        assert any(rests() for _ in range(8))


@pytest.mark.parametrize(
    ("environment", "manners"),
    [
        ({}, "full True 60 0.1"),
        ({"SSH_CONNECTION": "192.0.2.1 50022 192.0.2.2 22"}, "none False 30 0.15"),
        ({"SSH_CONNECTION": "192.0.2.1 50022 192.0.2.2 22", "ESCDELAY": "400"}, "none False 30 0.4"),
    ],
)
def test_over_ssh_textual_moves_less_and_waits_longer_for_what_follows_an_escape(
    folder: Path, tmp_path: Path, environment: dict[str, str], manners: str
) -> None:
    with opened(folder, tmp_path, ("-c", TELLS_ITS_MANNERS), env=environment) as terminal:
        terminal.wait_for("5 photos")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert manners in terminal.text


@pytest.mark.parametrize("signum", [signal.SIGHUP, signal.SIGTERM])
def test_an_app_that_is_ended_gives_the_terminal_back_and_keeps_the_stars(
    folder: Path, tmp_path: Path, signum: int
) -> None:
    catalog = tmp_path / "catalog.sqlite"
    with opened(folder, tmp_path, env={"PHOTOLALA_CATALOG": str(catalog)}) as terminal:
        terminal.wait_for("5 photos")
        terminal.press("s")
        terminal.wait_for(re.compile("[★☆] .*IMG_0001"))
        terminal.signal(signum)
        assert terminal.wait_exit() == 128 + signum
        assert not {1000, 1003, 1004, 1049, 2004} & terminal.screen.private_modes
        assert not terminal.screen.cursor.hidden
    assert stars_in(catalog) == {"IMG_0001.jpg"}


def test_a_stopped_app_gives_the_terminal_back_and_is_painted_anew(folder: Path, tmp_path: Path) -> None:
    with opened(folder, tmp_path) as terminal:
        terminal.wait_for("5 photos")
        terminal.signal(signal.SIGTSTP)
        terminal.wait_for(lambda t: 1049 not in t.screen.private_modes)
        wait_until(lambda: terminal.stopped)
        assert not terminal.screen.cursor.hidden
        terminal.resize(90, 20)
        terminal.signal(signal.SIGCONT)
        terminal.wait_for("IMG_0005")
        terminal.wait_for(lambda t: t.lines[-3].endswith("╯") and len(t.lines) == 20)
        terminal.press("j")
        terminal.wait_for("2/5")


def test_a_lost_terminal_ends_the_app(folder: Path, tmp_path: Path) -> None:
    with opened(folder, tmp_path) as terminal:
        terminal.wait_for("5 photos")
        pid = terminal.lose()
        wait_until(
            lambda: not Path(f"/proc/{pid}/stat").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text()
        )
