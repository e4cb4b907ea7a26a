"""The terminal that other tests look through shows what an xterm would show."""

import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.terminal import Terminal, key_bytes

PAINT = r"""
import sys, termios, tty
tty.setraw(0)
out = lambda text: (sys.stdout.write(text), sys.stdout.flush())
out({start!r})
while (key := sys.stdin.read(1)) != "q":
    out(repr(key))
sys.exit(7)
"""

APP = """
from textual.app import App
from textual.widgets import Input, Label

class Small(App):
    CSS = "Label { background: #123456; color: #fedcba; }"
    BINDINGS = [("f5", "exit(4)", "Leave")]

    def compose(self):
        yield Input(placeholder="type here")
        yield Label("nothing yet")

    def on_input_changed(self, event):
        self.query_one(Label).update(f"you typed {event.value!r} at {self.size.width}x{self.size.height}")

    def on_resize(self, event):
        self.query_one(Label).update(f"now {event.size.width}x{event.size.height}")

    def action_exit(self, code):
        self.exit(return_code=code)

    def key_escape(self):
        self.query_one(Label).update("escaped")

app = Small()
app.run()
raise SystemExit(app.return_code)
"""


def paint(start: str, answer_delay: float = 0) -> Terminal:
    """A program that writes `start`, then the keys it gets, and ends with status 7 on q."""
    program = [sys.executable, "-c", PAINT.format(start=start)]
    return Terminal(program, columns=30, rows=6, answer_delay=answer_delay)


@pytest.fixture
def app(tmp_path: Path) -> list[str]:
    """The command of a small Textual app."""
    path = tmp_path / "app.py"
    path.write_text(APP)
    return [sys.executable, str(path)]


def test_a_program_paints_reads_keys_and_ends() -> None:
    with paint("\x1b[2J\x1b[Hhello") as terminal:
        terminal.wait_for("hello")
        terminal.press("j", "space", "up", "S")
        terminal.wait_for(re.compile(r"hello'j'' '.*'A''S'"))
        assert terminal.alive
        terminal.press("q")
        assert terminal.wait_exit() == 7
        assert not terminal.alive
        assert terminal.output.startswith(b"\x1b[2J\x1b[Hhello'j'")


@pytest.mark.parametrize(
    ("start", "lines"),
    [
        # the lines between the margins move up, down, and the others stay
        ("\x1b[Ha\r\nb\r\nc\r\nd\r\ne\r\nf\x1b[2;5r\x1b[2S\x1b[rZ", ["Z", "d", "e", "", "", "f"]),
        ("\x1b[Ha\r\nb\r\nc\r\nd\r\ne\r\nf\x1b[2;5r\x1b[3T\x1b[rZ", ["Z", "", "", "", "b", "f"]),
        ("\x1b[Ha\x1b[99S\x1b[3;1Hz", ["", "", "z", "", "", ""]),
        # repeated characters; a kitty keyboard; a cursor kept aside
        ("\x1b[H=\x1b[4b!", ["=====!", "", "", "", "", ""]),
        ("\x1b[Ha\x1b[>31u\x1b[<u\x1b[?ub\x1b[>4;2mc", ["abc", "", "", "", "", ""]),
        ("\x1b[H\x1b[sabc\x1b[uA", ["Abc", "", "", "", "", ""]),
        # the alternate screen comes and goes
        ("\x1b[Hmain\x1b[?1049h\x1b[2J\x1b[Hother", ["other", "", "", "", "", ""]),
        ("\x1b[Hmain\x1b[?1049h\x1b[2J\x1b[Hother\x1b[?1049l!", ["main!", "", "", "", "", ""]),
        # strings that a terminal swallows; line drawing; wide characters, whole, joined and torn
        (
            "\x1b[H\x1b]0;title\x07\x1bP+q544e\x1b\\\x1b_Gi=1;AAAA\x1b\\x\x1b]8;;http://a\x1b\\y",
            ["xy"] + [""] * 5,
        ),
        ("\x1b[H\x1b(0lqk\x1b(B lqk", ["┌─┐ lqk", "", "", "", "", ""]),
        ("\x1b[H日本\u2764\ufe0f!\r\n日本\x1b[2;2H-", ["日本❤!", " -本", "", "", "", ""]),
        ("\x1b[H日本\x1b[1;1H-", ["- 本", "", "", "", "", ""]),
    ],
)
def test_sequences_do_as_in_xterm(start: str, lines: list[str]) -> None:
    with paint(start + "\x1b[?25l") as terminal:
        terminal.wait_for(lambda t: t.screen.cursor.hidden)
        assert terminal.lines == lines
        assert terminal.text == "\n".join(lines)


def test_output_may_be_cut_anywhere() -> None:
    with paint("") as terminal:
        for byte in "\x1b[2J\x1b[H\x1b]0;t\x1b\\é日\x1b[>1u\x1b[1;38:2::1:2:3;4:3mx".encode():
            terminal.screen.feed(bytes([byte]))
        assert terminal.lines[0] == "é日x"
        cell = terminal.screen.buffer[0][3]
        assert (cell.fg, cell.bold, cell.underscore, cell.italics) == ("010203", True, True, False)
        assert terminal.screen.title == "t"


def test_queries_are_answered_and_late_over_a_slow_link() -> None:
    for delay in (0.0, 0.3):
        begin = time.monotonic()
        with paint("\x1b[2J\x1b[H\x1b[c\x1b[6n\x1b[?2026$p\x1b[?2048$p", delay) as terminal:
            terminal.wait_for(lambda t: b"'2''0''4''8'';''0''$''y'" in t.output)
            assert time.monotonic() - begin >= delay
            answers = terminal.output.replace(b"'", b"")
            assert b"\\x1b[?64;1;2" in answers
            assert b"\\x1b[1;1R\\x1b[?2026;2$y\\x1b[?2048;0$y" in answers


def test_a_synchronized_update_is_seen_whole() -> None:
    with paint("\x1b[2J\x1b[H\x1b[?2026hhalf") as terminal:
        with pytest.raises(AssertionError, match="half"):
            terminal.wait_for("half", timeout=0.5)
        terminal.screen.feed(b"\x1b[?2026l")
        terminal.wait_for("half")


def test_a_program_that_does_not_paint_fails_with_the_screen() -> None:
    with paint("nobody expects this") as terminal:
        with pytest.raises(AssertionError, match=r"(?s)0\.5 s .*'rows'.*still runs.*│nobody expects this +│"):
            terminal.wait_for("rows", timeout=0.5)
        with pytest.raises(AssertionError, match="to lose 'nobody'"):
            terminal.wait_gone("nobody", timeout=0.1)
        with pytest.raises(AssertionError, match="to end"):
            terminal.wait_exit(timeout=0.1)


def test_waiting_stops_when_the_program_has_ended() -> None:
    with Terminal(["sh", "-c", "echo gone; exit 3"]) as terminal:
        with pytest.raises(AssertionError, match=r"(?s)has ended.*gone"):
            terminal.wait_for("never")
        assert terminal.wait_exit() == 3


def test_a_killed_program_says_by_which_signal() -> None:
    with paint("up") as terminal:
        terminal.wait_for("up")
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit() == -signal.SIGTERM
    with paint("up") as terminal:
        terminal.wait_for("up")
        terminal.kill()
        assert terminal.wait_exit() == -signal.SIGKILL


def test_the_environment_is_clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SSH_CONNECTION", "AWS_PROFILE", "PHOTOLALA_REMOTE", "XDG_CONFIG_HOME", "TERM"):
        monkeypatch.setenv(name, "leaked")
    with Terminal(["sh", "-c", "env; pwd"], env={"MINE": "here"}, cwd=tmp_path, columns=200) as terminal:
        assert terminal.wait_exit() == 0
        assert "leaked" not in terminal.text
        assert {"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "MINE=here"} < set(
            terminal.lines
        )
        assert str(tmp_path) in terminal.lines
        assert f"HOME={Path.home()}" not in terminal.lines


@pytest.mark.parametrize(
    ("name", "sent"),
    [("j", b"j"), ("S", b"S"), ("é", "é".encode()), ("enter", b"\r"), ("up", b"\x1b[A"), ("pgdn", b"\x1b[6~"),
     ("f1", b"\x1bOP"), ("shift+tab", b"\x1b[Z"), ("shift+up", b"\x1b[1;2A"), ("ctrl+c", b"\x03"), ("+", b"+")],
)  # fmt: skip
def test_keys(name: str, sent: bytes) -> None:
    assert key_bytes(name, application=False) == sent
    assert key_bytes("up", application=True) == b"\x1bOA"
    with pytest.raises(ValueError, match="no key is called 'hyper'"):
        key_bytes("hyper", application=False)


def test_a_textual_app_starts_follows_a_resize_and_gives_the_terminal_back(app: list[str]) -> None:
    with Terminal(app, columns=60, rows=12) as terminal:
        terminal.wait_for("now 60x12")
        terminal.settle()
        assert 1049 in terminal.screen.private_modes
        terminal.press("h", "i")
        terminal.wait_for("you typed 'hi' at 60x12")
        row = next(y for y, line in enumerate(terminal.lines) if "you typed" in line)
        cell = terminal.screen.buffer[row][0]
        assert (cell.data, cell.fg, cell.bg) == ("y", "fedcba", "123456")
        terminal.press("esc")
        terminal.wait_for("escaped")
        terminal.resize(44, 9)
        terminal.wait_for("now 44x9")
        assert len(terminal.lines) == 9
        terminal.press("f5")
        assert terminal.wait_exit() == 4
        assert not {1000, 1003, 1004, 1006, 1049, 2004} & terminal.screen.private_modes
        assert not terminal.screen.cursor.hidden
