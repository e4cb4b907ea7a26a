"""Ctrl-C ends each command within a second, by 130, even where nobody answers it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import draw_photo, wait_until
from tests.terminal import Terminal
from tests.tui.commands.test_command_line import PROGRAM
from tui.main import main


def star(photo: Path, catalog: Path) -> None:
    os.environ["PHOTOLALA_CATALOG"] = str(catalog)
    assert main(["star", str(photo)]) == 0


def test_what_waits_for_a_server_that_never_answers_is_left_behind(tmp_path, monkeypatch, capsys):
    photo = draw_photo(tmp_path / "photo.jpg", 1)
    monkeypatch.setenv("PHOTOLALA_CATALOG", "set by star")
    commands = [["sync"], ["backup"], ["verify"], ["restore", "--to", str(tmp_path)],
                ["import", "s3://bucket/catalogs/me"]]  # fmt: skip
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        environment = dict(os.environ) | {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{listener.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "access-key",
            "AWS_SECRET_ACCESS_KEY": "secret-key",
            "PHOTOLALA_REMOTE": "s3://bucket/library",
        }
        running = []
        for number, command in enumerate(commands):
            star(photo, tmp_path / f"{number}.sqlite")
            running.append(
                subprocess.Popen(
                    [*PROGRAM, *command],
                    env=environment | {"PHOTOLALA_CATALOG": str(tmp_path / f"{number}.sqlite")},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        listener.settimeout(30)
        clients = [listener.accept() for _ in running]
        begun = time.monotonic()
        for process in running:
            process.send_signal(signal.SIGINT)
        ended = [(*process.communicate(timeout=20), process.returncode) for process in running]
        assert time.monotonic() - begun < 1.5
    for client, _ in clients:
        client.close()
    assert ended == [("", "photolala: stopped; what was done so far is saved.\n", 130)] * len(commands)
    capsys.readouterr()
    for number in range(len(commands)):
        os.environ["PHOTOLALA_CATALOG"] = str(tmp_path / f"{number}.sqlite")
        assert main(["status"]) == 0
        assert "1 starred" in capsys.readouterr().out


def test_a_bar_shows_how_far_a_scan_has_come_and_leaves_the_terminal_as_it_was(tmp_path):
    album = tmp_path / "album"
    draw_photo(album / "0.jpg", 0)
    for number in range(20):  # half a minute of reading
        with (album / f"large {number}.tif").open("wb") as large:
            large.truncate(1 << 30)
    with Terminal([*PROGRAM, "scan", str(album)], columns=80, rows=24) as terminal:
        terminal.wait_for(lambda terminal: "scanning" in terminal.text and "of 21" in terminal.text)
        assert "━" in terminal.text
        terminal.press("ctrl+c")
        assert terminal.wait_exit(5) == 130
        assert terminal.text.replace("^C", "").strip() == "photolala: stopped; what was done so far is saved."
        assert terminal.output.rstrip().endswith(b"saved.")
        assert terminal.output.rfind(b"\x1b[?25h") > terminal.output.rfind(b"\x1b[?25l"), (
            "the cursor is shown"
        )


def test_a_second_ctrl_c_does_not_wait(tmp_path, monkeypatch, small_album):
    album = tmp_path / "large"
    album.mkdir()
    with (album / "large.tif").open("wb") as large:
        large.truncate(8 << 30)
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(tmp_path / "catalog.sqlite"))
    with subprocess.Popen([*PROGRAM, "scan", "-v", album], stderr=subprocess.PIPE, text=True) as scan:
        assert scan.stderr is not None
        assert scan.stderr.readline()[8:].startswith(" scanning")
        scan.send_signal(signal.SIGINT)
        scan.send_signal(signal.SIGINT)
        assert scan.wait(5) == 130
    wait_until(lambda: main(["status"]) == 0)


IN_ITS_LAST_MOMENT = """
import os, signal, sys, tui.main
from tui.commands import stopping

class Late:
    def __del__(self, kill=os.kill, us=os.getpid(), number=signal.SIGINT):
        kill(us, number)

def say(said=stopping.say_stopped):
    said()
    os.kill(os.getpid(), signal.SIGINT)

{what}
sys.argv[0] = "photolala"
tui.main.program()
"""


@pytest.mark.parametrize("what", ["late = Late()", "stopping.say_stopped = say"])
def test_a_ctrl_c_in_the_last_moment_changes_no_more_than_the_first(what, tmp_path, monkeypatch):
    album = tmp_path / "large"
    album.mkdir()
    with (album / "large.tif").open("wb") as large:
        large.truncate(8 << 30)
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(tmp_path / "catalog.sqlite"))
    program = [sys.executable, "-c", IN_ITS_LAST_MOMENT.format(what=what), "scan", "-v", album]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as scan:
        assert scan.stderr is not None
        assert scan.stderr.readline()[8:].startswith(" scanning")
        scan.send_signal(signal.SIGINT)
        assert scan.wait(10) == 130
        assert scan.stderr.read() == "photolala: stopped; what was done so far is saved.\n"
