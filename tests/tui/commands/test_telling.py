"""How sentences are printed: whole for a pipe, and on a terminal so that no line ends within a word."""

import io

import pytest

from tui.commands.telling import complain, say


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_lines_end_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    path = "/a/very/long/path/of-one-word/that-is-left-whole.jpg"
    terminal = Terminal()
    say(f"Nothing to remove, as no original is older than a month. {path} is kept.", stream=terminal)
    lines = terminal.getvalue().splitlines()
    assert lines == ["Nothing to remove, as no original is", "older than a month.", path, "is kept."]


def test_in_a_pipe_a_sentence_stays_on_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    say("word " * 20)
    complain("it rained\x1b[31m " * 9)
    told = capsys.readouterr()
    assert (told.out.count("\n"), told.err.count("\n"), "\x1b" in told.err) == (1, 1, False)
