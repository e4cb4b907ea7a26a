"""A text from outside reaches eyes whole, and a terminal never."""

import os
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import HOSTILE_NAMES
from tui.words.shown import shown

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def hidden_in(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in HIDDEN}


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_nothing_hidden_is_left_of_a_hostile_name(name: bytes) -> None:
    for text in (name, os.fsdecode(name), name + b"\0"):
        assert not hidden_in(shown(text))
    assert shown(os.fsdecode(name)) == shown(name)  # typed or listed, it is one name


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\U0010ffff", "\r\n", "\x1b]0;x\x07"], ids=ascii)
def test_nothing_hidden_is_left_of_a_hostile_text(text: str) -> None:
    assert not hidden_in(shown(text))


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        (b"\x1b[31m", r"\x1b[31m"), ("\u202egpj".encode(), r"\u202egpj"), (b"a\xffb", r"a\xffb"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"), ("\U000e0041".encode(), r"\U000e0041"), (b"\0", r"\x00"),
        ("a\udcffb", r"a\xffb"), ("\ud83d", r"\ud83d"), ("\x85", r"\x85"), ("a\u2028b", r"a\u2028b"),
    ],
)  # fmt: skip
def test_what_is_hidden_is_told_by_its_number(name: str | bytes, escaped: str) -> None:
    assert shown(name) == escaped


@pytest.mark.parametrize(
    "text",
    ["", "IMG_0001.jpg", "Gruß aus Österreich", "A\u0308rger", "日本の写真", "🏔 🇵🇹 ❤\ufe0f", "wide\u3000blank",
     "no\u00a0break", "[b]bold[/b]", "Ω≈ç√ ½ №", "עברית", "ภาพ", "\\x1b is a name too"],
)  # fmt: skip
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert shown(text) == text
    assert shown(text.encode()) == text


@settings(deadline=None)
@given(st.one_of(st.binary(), st.text(), st.text(st.characters(categories=["C", "Z"]))))
def test_whatever_comes_nothing_hidden_is_left_and_the_rest_stays(text: str | bytes) -> None:
    result = shown(text)
    assert not hidden_in(result)
    assert shown(result) == result
    if isinstance(text, str):
        kept = "".join(c for c in text if unicodedata.category(c) not in HIDDEN)
        assert len(result) >= len(kept)
        remaining = iter(result)
        assert all(character in remaining for character in kept)  # in their order
