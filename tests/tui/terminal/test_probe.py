"""A terminal is asked once what it can draw; what it does not say is not assumed."""

import fcntl
import struct
import sys
import termios

import pytest

from tests.terminal import Terminal
from tui.terminal.probe import Graphics, graphics, is_to_be_asked

OK, NAME = "\x1b_Gi=31;OK\x1b\\", "\x1bP>|kitty(0.41.1)\x1b\\"
KITTY = {"_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA": OK, "[>q": NAME}
DA1, SIXEL, CELL, WINDOW = "\x1b[?64;1;2c", "\x1b[?62;4;22c", "\x1b[6;18;9t", "\x1b[4;480;800t"

PROGRAM = """
import sys, time
from tui.terminal.early import EarlyTerminal
terminal = EarlyTerminal()
terminal.ask(sys.argv[1])
time.sleep(float(sys.argv[2]))
found = terminal.graphics(sys.argv[1])
terminal.restore()
print("\\x1b[2J\\x1b[H", found.protocol, found.cell_width, found.cell_height, "typed", repr(terminal.hand_over()[1]))
"""


@pytest.mark.parametrize(
    ("preview", "answers", "found"),
    [
        ("auto", [], Graphics("halfblock")),
        ("auto", [DA1], Graphics("halfblock")),
        ("auto", [CELL, SIXEL], Graphics("sixel", 9, 18)),
        ("auto", [WINDOW, SIXEL], Graphics("sixel", 10, 20)),
        ("auto", [SIXEL], Graphics("halfblock")),  # nobody knows which cells it would cover
        ("auto", [OK, NAME, CELL, WINDOW, SIXEL], Graphics("kitty", 9, 18)),
        ("auto", [OK, "\x1bP>|ghostty 1.1.3\x1b\\", CELL, DA1], Graphics("kitty", 9, 18)),
        ("auto", [OK, "\x1bP>|kitty(0.26.5)\x1b\\", CELL, DA1], Graphics("halfblock", 9, 18)),
        ("auto", [OK, "\x1bP>|WezTerm 20240203\x1b\\", CELL, SIXEL], Graphics("sixel", 9, 18)),
        ("auto", [OK, CELL, DA1], Graphics("halfblock", 9, 18)),
        ("auto", ["\x1b_Gi=31;EINVAL:no\x1b\\", DA1], Graphics("halfblock")),
        ("kitty", [CELL, DA1], Graphics("kitty", 9, 18)),
        ("sixel", [OK, DA1], Graphics("sixel")),
        ("auto", ["\x1b[6;0;0t", "\x1b[4;99999;99999t", DA1], Graphics("halfblock")),
    ],
)
def test_what_answers_mean(preview: str, answers: list[str], found: Graphics) -> None:
    assert graphics(preview, answers, 80, 24) == found


def test_the_system_tells_how_large_a_cell_is_where_the_terminal_does_not() -> None:
    system = (8, 17)
    assert graphics("auto", [SIXEL], 160, 48, system=system) == Graphics("sixel", 8, 17, system_cell=system)
    assert graphics("auto", [CELL, SIXEL], 160, 48, system=system) == Graphics(
        "sixel", 9, 18, system_cell=system
    )


@pytest.mark.parametrize("colour", ["48:2::1:2:3", "48:2:1:2:3", "48;2;1;2;3"])
def test_a_colour_that_the_terminal_keeps_proves_them_all(colour: str) -> None:
    assert graphics("halfblock", [f"\x1bP1$r0;{colour}m\x1b\\", DA1], 80, 24).all_colours
    assert not graphics("halfblock", ["\x1bP1$r0;48;5;16m\x1b\\", DA1], 80, 24).all_colours
    assert not graphics("halfblock", ["\x1bP0$r\x1b\\", DA1], 80, 24).all_colours


@pytest.mark.parametrize(
    ("environment", "all_colours"),
    [
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"}, True),
        ({"TERM": "tmux-256color"}, True),  # at the other end of ssh
        ({"TERM": "screen-256color", "STY": "1.pts"}, False),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0", "STY": "1.pts"}, False),
    ],
)
def test_tmux_takes_all_colours_and_screen_does_not(environment: dict[str, str], all_colours: bool) -> None:
    assert graphics("auto", [], 80, 24, environment=environment).all_colours is all_colours


@pytest.mark.parametrize(
    ("preview", "environment", "asked"),
    [
        ("auto", {"TERM": "xterm-256color"}, True),
        ("sixel", {"TERM": "foot"}, True),
        ("halfblock", {"TERM": "xterm-kitty"}, True),  # SSH does not pass on that it has all colours
        ("halfblock", {"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, False),
        ("off", {"TERM": "xterm-kitty"}, False),
        ("auto", {"TERM": "tmux-256color"}, False),
        ("auto", {"TERM": "xterm-256color", "TMUX": "/tmp/tmux-0/default,1,0"}, False),
        ("auto", {"TERM": "xterm", "STY": "1.pts"}, False),
        ("auto", {"TERM": "dumb"}, False),
        ("auto", {}, False),
    ],
)  # fmt: skip
def test_who_is_asked(preview: str, environment: dict[str, str], asked: bool) -> None:
    assert is_to_be_asked(preview, environment) is asked


def probed(preview: str = "auto", busy: float = 0, **options: object) -> Terminal:
    return Terminal([sys.executable, "-c", PROGRAM, preview, str(busy)], **options)  # type: ignore[arg-type]


def test_keys_typed_while_the_terminal_answers_are_kept() -> None:
    with probed(busy=0.5, answers={**KITTY, "[16t": CELL}, answer_delay=0.1) as terminal:
        terminal.wait_for(lambda t: b"\x1b[c" in t.output)
        terminal.press("j", "space", "é")
        terminal.wait_for("kitty 9 18 typed 'j é'")


def test_the_size_of_the_window_in_pixels_comes_with_the_pty_as_over_ssh() -> None:
    with probed(busy=0.5, answers={"[c": SIXEL}, columns=80, rows=24) as terminal:
        terminal.wait_for(lambda t: b"\x1b[c" in t.output)
        fcntl.ioctl(terminal._child.child_fd, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 644, 412))
        terminal.wait_for("sixel 8 17 typed ''")


def test_who_answers_late_is_not_waited_for() -> None:
    with probed(answers=KITTY, answer_delay=60) as terminal:
        terminal.wait_for("halfblock 10 20 typed ''")


def test_nothing_is_asked_where_it_does_not_matter() -> None:
    with probed("halfblock", answers=KITTY) as terminal:
        terminal.wait_for("halfblock 10 20 typed ''")
        assert b"\x1b_G" not in terminal.output
