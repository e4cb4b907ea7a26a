"""What stands on the terminal while the app is still loaded: drawn early, answering keys, given back."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tui.terminal.first_frame import FirstFrame, first_frame

SLOW = """
import os, sys, time
class Wait:
    def find_spec(self, name, *_):
        go = {"tui.app": "GO", "catalog.scan.scanner": "SCAN"}.get(name, "")
        while go in os.environ and not os.path.exists(os.environ[go]):
            time.sleep(0.01)
sys.meta_path.insert(0, Wait())
"""
PAINTED = b"\x1b[?2026h"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    for name in [*(b"%03d.jpg" % n for n in range(60)), b"0\x1b[2J\xff[b].JPG", b".hidden.jpg", b"notes.txt"]:
        Path(os.fsdecode(bytes(folder) + b"/" + name)).touch()
    return folder


def held(folder: Path, tmp_path: Path, columns: int = 80, rows: int = 24, **env: str) -> Terminal:
    """The app, whose import waits until the file `go` is there."""
    (tmp_path / "sitecustomize.py").write_text(SLOW)
    paths = f"{tmp_path}:{Path(__file__).parents[3]}"
    environment = {"HOME": str(tmp_path), "PYTHONPATH": paths, "GO": str(tmp_path / "go"), **env}
    command = [sys.executable, "-m", "tui.main", str(folder)]
    return Terminal(command, columns=columns, rows=rows, env=environment)


def cells_of(terminal: Terminal) -> list[list[object]]:
    """What the panes show, with their colours, as far as to where a photo's facts begin."""
    return [[terminal.screen.buffer[y][x] for x in range(52)] for y in range(terminal.screen.lines - 2)]


@pytest.mark.parametrize(
    ("columns", "rows", "colours"), [(80, 24, "truecolor"), (133, 36, "truecolor"), (80, 24, "")]
)
def test_the_frame_moves_as_the_app_will_and_every_key_is_the_apps(
    folder: Path, tmp_path: Path, columns: int, rows: int, colours: str
) -> None:
    scan = tmp_path / "scan"  # not before all is compared: what it finds out is in no early row
    with held(folder, tmp_path, columns, rows, COLORTERM=colours, SCAN=str(scan)) as terminal:
        terminal.wait_for("1/61")
        assert "0\\x1b[2J\\xff[b].JPG" in terminal.text
        assert "hidden" not in terminal.text
        terminal.press("j", "down", "pgdn", "G", "k", "pgup")
        place = f"{60 - (rows - 5)}/61"
        terminal.wait_for(place)
        assert PAINTED not in terminal.output
        early, coloured = terminal.lines[: rows - 2], cells_of(terminal)
        (tmp_path / "go").touch()
        terminal.wait_for("q quit")
        assert place in terminal.text
        names = slice(0, columns - columns * 38 // 100 if columns > 110 else columns)
        terminal.settle()
        assert [line[names] for line in terminal.lines[: rows - 2]] == [line[names] for line in early]
        assert cells_of(terminal) == coloured
        assert terminal.output.count(b"\x1b[?1049h") == 1
        assert b"Reading" not in terminal.output
        scan.touch()
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert not terminal.text.strip()


def test_a_key_writes_no_more_than_it_changes(folder: Path, tmp_path: Path) -> None:
    with held(folder, tmp_path) as terminal:
        terminal.wait_for("1/61")
        written = len(terminal.output)
        terminal.press("j")
        terminal.wait_for("2/61")
        assert len(terminal.output) - written < 400


def test_a_terminal_that_was_made_larger_meanwhile_is_painted_whole(folder: Path, tmp_path: Path) -> None:
    with held(folder, tmp_path) as terminal:
        terminal.wait_for("1/61")
        terminal.resize(60, 20)
        terminal.resize(80, 24)
        (tmp_path / "go").touch()
        terminal.wait_for("q quit")
        terminal.settle()
        assert terminal.lines[0].endswith("╮")
        assert terminal.lines[21].endswith("╯")


def test_another_key_stops_the_answering_and_is_kept(folder: Path, tmp_path: Path) -> None:
    with held(folder, tmp_path) as terminal:
        terminal.wait_for("1/61")
        terminal.press("j", "x", "j")
        terminal.settle()
        assert "2/61" in terminal.text
        (tmp_path / "go").touch()
        terminal.wait_for("1 marked")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_start_that_is_ended_gives_the_terminal_back(folder: Path, tmp_path: Path, signum: int) -> None:
    with held(folder, tmp_path) as terminal:
        terminal.wait_for("1/61")
        terminal.signal(signum)
        assert terminal.wait_exit() in {-signum, 130}
        assert 1049 not in terminal.screen.private_modes
        assert not terminal.screen.cursor.hidden


def test_without_colours_the_cursor_is_reversed(folder: Path, tmp_path: Path) -> None:
    with held(folder, tmp_path, NO_COLOR="1") as terminal:
        terminal.wait_for("1/61")
        assert b"38;2" not in terminal.output
        assert terminal.screen.buffer[1][30].reverse


@pytest.mark.parametrize(
    ("record", "drawn"),
    [
        ({"at": "007.jpg", "order": "name", "name": ""}, True),
        ({"at": "", "order": "date", "name": ""}, False),
        ({"at": "", "order": "name", "name": "x"}, False),
        ({"at": "", "order": "name", "name": "", "starred": True}, False),
    ],
)
def test_only_a_folder_that_was_looked_at_plainly_is_drawn(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: dict[str, object], drawn: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    views = tmp_path / "views"
    views.write_text(json.dumps([{"folder": str(folder), **record}]))
    frame = first_frame(bytes(folder), views, (80, 24), colours=False)
    assert isinstance(frame, FirstFrame) == drawn
    assert frame is None or " 9/61 " in frame.draw()


@pytest.mark.parametrize(("term", "size"), [("dumb", (80, 24)), ("xterm", (30, 24)), ("xterm", (80, 6))])
def test_a_terminal_that_is_too_small_or_dumb_has_none(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, term: str, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("TERM", term)
    assert first_frame(bytes(folder), tmp_path / "views", size, colours=True) is None
