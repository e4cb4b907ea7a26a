"""Any style turns into any other, by sequences that are never longer than to begin anew."""

import pyte
from hypothesis import given
from hypothesis import strategies as st

from tui.terminal.sgr import change

COLOURS = st.sampled_from(["3{}", "9{}"]).flatmap(lambda form: st.integers(0, 7).map(form.format))
PALETTE = st.integers(0, 255).map("38;5;{}".format)
TRUE = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: "38;2;{};{};{}".format(*rgb))
FOREGROUND = st.one_of(st.just(""), COLOURS, PALETTE, TRUE)
BACKGROUND = FOREGROUND.map(lambda code: {"3": "4", "9": "10", "": ""}[code[:1]] + code[1:])
ATTRIBUTES = st.lists(st.sampled_from(["1", "3", "4", "5", "7", "9"]), unique=True)  # those that pyte knows
STYLES = st.builds(
    lambda attributes, front, back: ";".join(filter(None, [*attributes, front, back])),
    ATTRIBUTES, FOREGROUND, BACKGROUND,
)  # fmt: skip


def seen(sequence: str) -> object:
    screen = pyte.Screen(4, 1)
    pyte.Stream(screen).feed(sequence + "x")
    return screen.buffer[0][0]


@given(STYLES, STYLES)
def test_one_style_turns_into_another(before: str, after: str) -> None:
    sequence = change(before, after)
    assert seen(f"\x1b[{before}m{sequence}") == seen(f"\x1b[{after}m")
    assert len(sequence) <= len(f"\x1b[0;{after}m")


def test_only_what_differs_is_said() -> None:
    blue, red = "1;38;2;9;9;9;48;2;0;0;255", "1;38;2;9;9;9;48;2;255;0;0"
    assert change(blue, blue) == ""
    assert change(blue, red) == "\x1b[48;2;255;0;0m"
    assert change("1;2;38;2;100;100;100", "2;38;2;100;100;100") == "\x1b[22;2m"  # both weights end together
    assert change("1;38;2;100;100;100", "1") == "\x1b[39m"
    assert change(red, "") == "\x1b[m"
    assert change("1;53", "4;53") == "\x1b[0;4;53m"  # what is not known here is begun anew
