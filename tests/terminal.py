"""A real terminal for tests and screenshots: a program in a pty, and the screen that it paints."""

from __future__ import annotations

import codecs
import contextlib
import copy
import os
import re
import signal
import tempfile
import unicodedata
import warnings
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import pexpect
import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Sight: TypeAlias = "str | re.Pattern[str] | Callable[[Terminal], bool]"

INHERITED = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ")
ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
CURSOR_KEYS = {"up": "A", "down": "B", "right": "C", "left": "D", "end": "F", "home": "H"}
MODIFIERS = {"shift": 2, "alt": 3, "ctrl": 5}
KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
    "insert": "\x1b[2~", "delete": "\x1b[3~", "pgup": "\x1b[5~", "pgdn": "\x1b[6~",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
    "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~", "f11": "\x1b[23~", "f12": "\x1b[24~",
}  # fmt: skip
ESC_PAUSE = 0.15  # seconds; programs wait 0.1 to tell the key from the start of a sequence
CURSOR_KEY_MODE, SYNC_MODE = 1, 2026
KNOWN_MODES = {CURSOR_KEY_MODE, 7, 25, 1000, 1002, 1003, 1004, 1006, 1049, 2004, SYNC_MODE}
ANSWERS = {
    "[c": "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c",
    "[>q": "\x1bP>|XTerm(390)\x1b\\",
    "]11;?": "\x1b]11;rgb:0000/0000/0000\x1b\\",
}
TOKEN = re.compile(
    r"(?P<text>(?:[^\x1b]+|\x1b[^][P^_X\x1b])+)"
    r"|\x1b(?P<csi>\[(?P<prefix>[<=>?]?)(?P<numbers>[\d;:]*)(?P<final>[ -/]*[@-~]))"
    r"|\x1b(?P<string>[]P^_X][^\x07\x1b]*)(?:\x07|\x1b\\|(?=\x1b))"
)
UNFINISHED = re.compile(r"\x1b(?:\[[ -?]*|[]P^_X][^\x07\x1b]*\x1b?)?\Z")


def key_bytes(name: str, *, application: bool) -> bytes:
    """Give what xterm sends for a key; its cursor keys have two modes."""
    modifier, _, base = name.rpartition("+")
    if name in CURSOR_KEYS:
        return f"\x1b{'O' if application else '['}{CURSOR_KEYS[name]}".encode()
    if name in KEYS or len(name) == 1:
        return KEYS.get(name, name).encode()
    if base in CURSOR_KEYS and modifier in MODIFIERS:
        return f"\x1b[1;{MODIFIERS[modifier]}{CURSOR_KEYS[base]}".encode()
    if modifier == "ctrl" and len(base) == 1:
        return bytes([ord(base.upper()) & 0x1F])
    raise ValueError(f"no key is called {name!r}")


class Screen(pyte.Screen):
    """pyte's screen, with what it lacks of an xterm's."""

    def __init__(
        self, columns: int, rows: int, answer: Callable[[str], None], answers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(columns, rows)
        self.answers = {**ANSWERS, **answers}
        self.write_process_input = answer  # type: ignore[method-assign, assignment]
        self.main: tuple[Any, pyte.screens.Cursor] | None = None  # while the alternate screen is shown
        self.last, self.rest = " ", ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.stream = pyte.Stream(self)
        self.stream.use_utf8 = False  # else it ignores the line-drawing character set

    @property
    def private_modes(self) -> set[int]:
        """The DEC private modes that are set, such as 1049 for the alternate screen."""
        return {mode >> 5 for mode in self.mode if mode >= 1 << 5}

    def feed(self, data: bytes) -> None:
        """Take in output as it comes, cut anywhere."""
        text = self.rest + self.decoder.decode(data)
        end = cut.start() if (cut := UNFINISHED.search(text)) else len(text)
        for token in TOKEN.finditer(text, 0, end):
            if token["text"]:
                self.stream.feed(token["text"])
            else:
                self.obey(token)
        self.rest = text[end:]

    def obey(self, control: re.Match[str]) -> None:
        """Obey, answer or pass over one control sequence or string, as xterm does."""
        sequence, command = control["csi"] or control["string"], f"{control['prefix']}{control['final']}"
        numbers = re.sub(r"\b4:[1-5]", "4", control["numbers"] or "").replace("::", ":").replace(":", ";")
        values = [int(number or 0) for number in numbers.split(";")]
        if sequence in self.answers:
            self.write_process_input(self.answers[sequence])
        elif sequence.startswith(("]0;", "]2;")):
            self.set_title(sequence[3:])
        elif command == "?$p":
            state = 0 if values[0] not in KNOWN_MODES else 1 if values[0] in self.private_modes else 2
            self.write_process_input(f"\x1b[?{values[0]};{state}$y")
        elif command in {"?h", "?l"}:
            self.switch(values, on=command == "?h")
        elif sequence in {"[s", "[u"}:
            (self.save_cursor if sequence == "[s" else self.restore_cursor)()
        elif command in {"S", "T"}:
            self.scroll(values[0], up=command == "S")
        elif command == "b":
            self.draw(self.last * max(1, values[0]))
        elif len(command) == 1 or command in {"?J", "?K"}:
            # pyte raises where arguments make no sense
            with contextlib.suppress(AssertionError, TypeError, UnboundLocalError):
                self.stream.feed(f"\x1b[{numbers}{command[-1]}")
            if command == "r":
                self.cursor_position()  # which pyte forgets where margins are lifted

    def switch(self, modes: Sequence[int], *, on: bool) -> None:
        """Set or reset DEC private modes; the alternate screen is among them."""
        alternate = not {47, 1047, 1049}.isdisjoint(modes)
        if alternate and on and self.main is None:
            self.main = self.buffer, copy.copy(self.cursor)
            self.buffer = copy.copy(self.buffer)
            self.buffer.clear()
        elif alternate and not on and self.main is not None:
            (self.buffer, self.cursor), self.main = self.main, None
        # xterm goes to 132 columns only where it has been told that it may
        (self.set_mode if on else self.reset_mode)(*set(modes) - {3}, private=True)

    def draw(self, data: str) -> None:
        """Draw text, where pyte would stop at a joiner, and leave halves of wide characters."""
        if not data.isascii():
            data = "".join(c for c in data if pyte.screens.wcwidth(c) > 0 or unicodedata.combining(c))
        x, line = self.cursor.x, self.buffer[self.cursor.y]
        if not line[x].data:
            line[x - 1] = line[x - 1]._replace(data=" ")
        super().draw(data)
        x, line = self.cursor.x, self.buffer[self.cursor.y]
        if not line[x].data:
            line[x] = line[x]._replace(data=" ")
        self.last = data[-1:] or self.last

    def scroll(self, count: int, *, up: bool) -> None:
        """SU and SD: move the lines between the margins, but not the cursor."""
        top, bottom = self.margins or (0, self.lines - 1)
        y, self.cursor.y = self.cursor.y, bottom if up else top
        for _ in range(min(max(1, count), self.lines)):
            (self.index if up else self.reverse_index)()
        self.cursor.y = y


class Terminal:
    """A program in a pty of its own, seen as an xterm would show it.

    It inherits little more than PATH, and gets an empty home unless `env` names one. With an
    `answer_delay`, in seconds, the terminal answers its queries late, as over a slow link; `answers` are those
    that it has besides, by the query without its ESC.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 100,
        rows: int = 30,
        env: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        answer_delay: float = 0.0,
        answers: Mapping[str, str] = {},
    ) -> None:
        self._answers: list[tuple[float, str]] = []  # each with the time when it is due
        self.screen = Screen(
            columns, rows, lambda text: self._answers.append((answer_delay + monotonic(), text)), answers
        )
        self._output, self._ended = bytearray(), False
        self._home = tempfile.TemporaryDirectory(prefix="photolala-home-", ignore_cleanup_errors=True)
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment = {**inherited, **ENVIRONMENT, "HOME": self._home.name, **(env or {})}
        with warnings.catch_warnings():
            # Python 3.12 warns of any fork beside threads; this child only sets its terminal up
            warnings.simplefilter("ignore", DeprecationWarning)
            # by `env`, as pexpect would split a command that has no arguments into words
            self._child = pexpect.spawn(
                "env",
                [*argv],
                env=environment,
                cwd=cwd,
                dimensions=(rows, columns),
                # heard on any terminal; but a job in the background, as these tests may be, has it ignored
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        self._child.delaybeforesend = None
        self._child.ptyproc.delayafterclose = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._child.close()
        self._home.cleanup()

    @property
    def lines(self) -> list[str]:
        """The screen's lines, without the blanks at their ends."""
        rows = (self.screen.buffer[y] for y in range(self.screen.lines))
        return ["".join(row[x].data for x in range(self.screen.columns)).rstrip() for row in rows]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def output(self) -> bytes:
        """Every byte that the program wrote, as far as it was read."""
        return bytes(self._output)

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        return bool(self._child.isalive())

    @property
    def pid(self) -> int:
        """The program's process id."""
        return int(self._child.pid)

    @property
    def cpu_seconds(self) -> float:
        """The processor time that the program has used so far, all its threads together."""
        stat = Path(f"/proc/{self._child.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def press(self, *keys: str) -> None:
        """Press keys: "j", "S", "enter", "pgdn", "f1", "ctrl+c", "alt+x", "shift+up"."""
        for name in keys:
            key = self._bytes_of(name)
            self._child.send(key)
            pause = monotonic() + ESC_PAUSE
            while key == b"\x1b" and not self._ended and monotonic() < pause:
                self._read(pause - monotonic())

    def press_together(self, *keys: str) -> None:
        """Press keys that arrive at one time, as over a slow link from who types fast."""
        self._child.send(b"".join(map(self._bytes_of, keys)))

    def _bytes_of(self, name: str) -> bytes:
        return key_bytes(name, application=CURSOR_KEY_MODE in self.screen.private_modes)

    def wait_for(self, text: Sight, timeout: float = 20) -> None:
        """Read until the screen shows `text`; if it does not in time, raise AssertionError with the screen."""
        self._wait(lambda: self._shows(text), timeout, f"the screen to show {text!r}")

    def wait_gone(self, text: Sight, timeout: float = 20) -> None:
        """Read until the screen no longer shows `text`."""
        self._wait(lambda: not self._shows(text), timeout, f"the screen to lose {text!r}")

    def settle(self, quiet: float = 0.25, timeout: float = 10) -> None:
        """Read until the program has written nothing for `quiet` seconds."""
        deadline = monotonic() + timeout
        while (bool(self._answers) | self._read(quiet)) and not self._ended:
            if monotonic() > deadline:
                self._fail(timeout, "the program to fall silent")

    def wait_exit(self, timeout: float = 20) -> int:
        """Read until the program has ended, and give its exit status: -9 after signal 9."""
        deadline = monotonic() + timeout
        while self.alive:
            if monotonic() > deadline:
                self._fail(timeout, "the program to end")
            if not self._read(0.05) and self._ended:
                sleep(0.01)  # it has let go of the terminal, and is about to end
        self.settle(0)
        return -self._child.signalstatus if self._child.exitstatus is None else self._child.exitstatus

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self.screen.resize(rows, columns)
        self._child.setwinsize(rows, columns)

    def signal(self, signum: int) -> None:
        """Send the program a signal."""
        os.kill(self._child.pid, signum)

    @property
    def stopped(self) -> bool:
        """Whether the program is stopped, as a shell waits for before it takes the terminal back (Linux)."""
        stat = Path(f"/proc/{self._child.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"

    def lose(self) -> int:
        """Close the terminal under the program, as a lost connection does; returns the program's process id."""
        elsewhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(elsewhere, self._child.child_fd)
        os.close(elsewhere)
        return int(self._child.pid)

    def kill(self) -> None:
        """End the program and its children as `kill -9` does, and wait until it is gone."""
        if self.alive:
            os.killpg(self._child.pid, signal.SIGKILL)
            self.wait_exit()

    def _shows(self, text: Sight) -> bool:
        if callable(text):
            return text(self)
        return bool(re.search(re.escape(text) if isinstance(text, str) else text, self.text))

    def _wait(self, met: Callable[[], bool], timeout: float, wanted: str) -> None:
        deadline = monotonic() + timeout
        # xterm shows nothing of a synchronized update before its end
        while (SYNC_MODE in self.screen.private_modes and not self._ended) or not met():
            if self._ended or monotonic() >= deadline:
                self._fail(timeout, wanted)
            self._read(deadline - monotonic())

    def _read(self, timeout: float) -> bool:
        """Take in what the program writes, waiting `timeout` seconds at most; False if it was nothing."""
        if self._answers:
            timeout = min(timeout, self._answers[0][0] - monotonic())
        try:
            data = self._child.read_nonblocking(1 << 16, max(0.0, timeout))
        except (pexpect.TIMEOUT, pexpect.EOF) as nothing:
            data, self._ended = b"", isinstance(nothing, pexpect.EOF)
        self._output += data
        self.screen.feed(data)
        while self._answers and self._answers[0][0] <= monotonic():
            with contextlib.suppress(OSError):  # the program may be gone
                self._child.send(self._answers.pop(0)[1])
        return bool(data)

    def _fail(self, timeout: float, wanted: str) -> None:
        edge, state = "─" * self.screen.columns, "still runs" if self.alive else "has ended"
        shown = "\n".join(f"│{line:{self.screen.columns}}│" for line in self.lines)
        message = f"waited {timeout:g} s at most for {wanted}; the program {state}"
        raise AssertionError(f"{message}\n┌{edge}┐\n{shown}\n└{edge}┘\nlast output: {self.output[-200:]!r}")
