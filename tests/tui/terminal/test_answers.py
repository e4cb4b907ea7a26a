"""What a terminal answers is never taken for keys, however it is cut; and every key comes through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.terminal.answers import Answers

ANSWERS = [
    "\x1b_Gi=31;OK\x1b\\", "\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\", "\x1bP>|kitty(0.40)\x1b\\", "\x1bP1$r0m\x1b\\",
    "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1b]11;rgb:0000/0000/0000\x07", "\x1b[?64;1;2;4c", "\x1b[>41;390;0c",
    "\x1b[6;20;10t", "\x1b[4;960;1600t", "\x1b[?2;0;1000S",
]  # fmt: skip
KEYS = ["j", "G", "é", "日", "\r", " ", "\x1b[A", "\x1bOP", "\x1b[1;5C", "\x1b[<0;3;4M", "\x1b[I", "\x1b[99;5u",
        "\x1b[?2026;2$y", "\x1b[48;24;80;480;800t", "\x1b[200~", "\x1b[5~", "\x1bj"]  # fmt: skip


@given(st.data(), st.lists(st.sampled_from(ANSWERS + KEYS), max_size=8))
def test_answers_are_taken_out_of_what_is_typed(data: st.DataObject, pieces: list[str]) -> None:
    raw = "".join(pieces).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=5)))
    answers = Answers()
    typed = [answers.feed(raw[a:b]) for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert "".join(typed) == "".join(piece for piece in pieces if piece in KEYS)
    assert answers.got == [piece for piece in pieces if piece in ANSWERS]
    assert not answers.waits


@pytest.mark.parametrize("key", ["\x1b", "\x1bP", "\x1b_", "\x1b]", "\x1b["])
def test_a_key_that_an_answer_could_begin_with_is_one_if_nothing_follows(key: str) -> None:
    answers = Answers()
    assert answers.feed(b"j" + key.encode()) == "j"
    assert answers.waits
    assert answers.release() == key
    assert not answers.waits


def test_an_answer_that_comes_in_two_is_none_the_less() -> None:
    answers = Answers()
    assert answers.feed(b"\x1b_Gi=31;") == ""
    assert answers.release() == ""
    assert answers.feed(b"OK\x1b\\k") == "k"
    assert answers.got == ["\x1b_Gi=31;OK\x1b\\"]


def test_what_never_ends_is_no_answer() -> None:
    assert len(Answers().feed(b"\x1b_G" + b"x" * 5000)) == 5003
