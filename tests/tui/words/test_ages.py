"""Ages and waits in words that hold for a while."""

import pytest

from tui.words.ages import ago, within

NOW = 1_500_000_000.0


@pytest.mark.parametrize(
    ("age", "words", "seconds"),
    [
        (-5, "<5 min ago", 300), (0, "<5 min ago", 300), (299, "<5 min ago", 1), (300, "5 min ago", 300),
        (899, "10 min ago", 1), (3599, "55 min ago", 1), (3600, "1 h ago", 3600), (86399, "23 h ago", 1),
        (86400, "1 day ago", 86400), (2 * 86400 + 7, "2 days ago", 86393), (30 * 86400 - 1, "29 days ago", 1),
    ],
)  # fmt: skip
def test_an_age_in_words_and_how_long_they_hold(age: int, words: str, seconds: int) -> None:
    assert ago(NOW - age, NOW) == (words, seconds)


def test_an_old_moment_is_a_date_for_good() -> None:
    words, seconds = ago(NOW - 30 * 86400, NOW)
    assert words.startswith("2017-06-1")
    assert seconds is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "5 s"), (3, "5 s"), (9.5, "10 s"), (19, "20 s"), (60, "60 s"), (61, "2 min"), (285, "5 min"),
        (3600, "60 min"), (3601, "2 h"), (86400, "24 h"),
    ],
)  # fmt: skip
def test_a_wait_in_words(seconds: float, words: str) -> None:
    assert within(seconds) == f"within {words}"
