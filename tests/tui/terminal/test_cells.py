"""The bytes that are written make the terminal show what is wanted, and are few."""

import re
from hashlib import sha1
from unicodedata import normalize

from tests.terminal import Screen
from tui.terminal.cells import Cells, Fragment, Move

WIDTH, HEIGHT = 40, 10


def looks(cells: Cells) -> list[str]:
    return ["".join(text or "" for text in row.texts) for row in cells.rows]


class Shown:
    """A terminal, and what is known of it."""

    def __init__(self) -> None:
        self.screen = Screen(WIDTH, HEIGHT, lambda _: None)
        self.cells = Cells(WIDTH, HEIGHT)
        self.paint(*(Fragment(y, 0, [(" " * WIDTH, "")]) for y in range(HEIGHT)))

    def paint(self, *fragments: Fragment, move: Move | None = None) -> str:
        out = self.cells.paint(fragments, move)
        self.screen.feed(out.encode())
        lines = ["".join(self.screen.buffer[y][x].data for x in range(WIDTH)) for y in range(HEIGHT)]
        assert lines == [normalize("NFC", line) for line in looks(self.cells)]
        return out


def listed(first: int, lines: int, y: int = 0) -> list[Fragment]:
    return [
        Fragment(y + i, 0, [(f"{sha1(bytes([first + i])).hexdigest()[: first + i + 20]:<{WIDTH}}", "")])
        for i in range(lines)
    ]


def test_what_is_shown_already_costs_nothing() -> None:
    shown = Shown()
    assert shown.paint(*listed(0, HEIGHT))
    assert shown.paint(*listed(0, HEIGHT)) == ""


def test_only_cells_that_differ_are_written() -> None:
    shown = Shown()
    shown.paint(Fragment(2, 0, [("IMG_0001.jpg", "1")]), Fragment(3, 0, [("IMG_0002.jpg", "1")]))
    out = shown.paint(Fragment(2, 0, [("IMG_0003.jpg", "1")]), Fragment(3, 0, [("IMG_0004.jpg", "1")]))
    assert out == "\x1b[3;8H\x1b[1m3\x1b[B\b4\x1b[m"


def test_a_style_alone_is_a_difference() -> None:
    shown = Shown()
    shown.paint(Fragment(0, 0, [("name", "")]))
    assert shown.paint(Fragment(0, 0, [("name", "7")])) == "\x1b[1H\x1b[7mname\x1b[m"


def test_blanks_at_the_end_of_a_line_are_erased() -> None:
    shown = Shown()
    shown.paint(Fragment(0, 0, [("a long name that ends here", "")]))
    assert shown.paint(Fragment(0, 0, [("short" + " " * 35, "")])) == "\x1b[1Hshort\x1b[K"


def test_lines_that_move_are_moved_by_the_terminal() -> None:
    shown = Shown()
    shown.paint(*listed(0, 8, y=1))
    for first, by in ((1, 1), (4, 3), (2, -2)):
        out = shown.paint(*listed(first, 8, y=1), move=Move(1, 9, by))
        assert "\x1b[2;9r" in out
        assert len(out) < 40 + 30 * abs(by)


def test_a_hint_that_is_wrong_is_not_followed() -> None:
    shown = Shown()
    shown.paint(*listed(0, HEIGHT))
    for by in (1, -3, 99, 0):
        assert shown.paint(*listed(0, HEIGHT), move=Move(0, HEIGHT, by)) == ""
    assert "r" not in shown.paint(Fragment(0, 0, [("x", "")]), move=Move(0, HEIGHT, 2))


def test_what_stands_beside_a_list_stays() -> None:
    shown = Shown()
    shown.paint(*(Fragment(y, 30, [(f"side {y**4:<5}", "7")]) for y in range(HEIGHT)))
    for first in range(9):
        names = (Fragment(y, 0, [(f"photo {(first + y) ** 5:<20}", "")]) for y in range(HEIGHT))
        shown.paint(*names, move=Move(0, HEIGHT, 1))


def test_wide_and_joined_characters_are_whole() -> None:
    shown = Shown()
    shown.paint(Fragment(0, 0, [("日本語 cafe\u0301", "")]))
    assert shown.paint(Fragment(0, 0, [("日本語 cafe\u0301", "")])) == ""
    assert shown.paint(Fragment(0, 0, [("日木語 cafe\u0301!", "")])) == "\x1b[1;3H木\x1b[7C!"
    assert shown.paint(Fragment(0, 0, [("x日木語afe\u0301", "")]))
    out = shown.paint(Fragment(0, 0, [("e\u0301e\u0301e\u0301", "")]))
    assert re.findall(r"\x1b\[1;?\d*H", out)  # where the next one goes is said, for terminals that differ


def test_the_half_of_a_wide_character_that_is_left_is_not_relied_on() -> None:
    for x in (2, 3):
        shown = Shown()
        shown.paint(Fragment(0, 0, [("a 日 b", "")]))
        shown.cells.paint([Fragment(0, x, [("-", "")])])
        assert shown.cells.rows[0].texts[5 - x] is None
        out = shown.cells.paint([Fragment(0, 0, [("a -- b", "")])])
        assert "-" in out


def test_what_was_drawn_over_is_written_again_and_never_moved() -> None:
    shown = Shown()
    shown.paint(*listed(0, HEIGHT))
    shown.cells.forget(5, 2, 3, 99)
    assert "r" not in shown.cells.paint(listed(1, HEIGHT), Move(0, HEIGHT, 1))
    shown.cells.forget(5, 2, 3, 2)
    assert shown.cells.paint(listed(1, HEIGHT)) == "\x1b[3;6H26a\x1b[4;6Hcf1"
