"""Ctrl-C ends each command within a second, by 130, even where nobody answers it."""

import signal
import socket
import subprocess
import sys

import pytest

from catalog.scan.chosen import scan_file
from tests.conftest import draw_photo, wait_until
from tests.terminal import Terminal
from tests.tui.commands.conftest import PROGRAM
from tests.tui.conftest import second_look
from tui.main import main

STARTS_THREADS = """
import threading
from tui.commands.stopping import asked, stoppable

def command():
    print("begun", flush=True)
    for _ in range(10_000):
        if asked.is_set():
            return 0
        thread = threading.Thread()
        thread.start()
        thread.join()
    return 1

while True:
    print(stoppable(command), flush=True)
"""


@pytest.fixture
def silent_server(monkeypatch):
    """One that accepts connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.settimeout(30)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "access-key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key")
        monkeypatch.setenv("PHOTOLALA_REMOTE", "s3://bucket/library")
        yield listener


@pytest.fixture
def starred(tmp_path, monkeypatch):
    """A catalog with a star."""
    path = tmp_path / "catalog.sqlite"
    with second_look(path) as catalog:
        md5 = scan_file(catalog, bytes(draw_photo(tmp_path / "photo.jpg", 1)))
        catalog.update_star_status(md5, is_starred=True)
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(path))
    return path


def start(*command):
    return subprocess.Popen([*command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "command", ["sync", "backup", "verify", "restore --to .", "import s3://bucket/catalogs/me"]
)
def test_what_waits_for_a_server_that_never_answers_is_left_behind(capsys, silent_server, starred, command):
    with start(*PROGRAM, *command.split()) as process:
        client, _ = silent_server.accept()
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=15)  # sooner than it gives the server up
        client.close()
    assert (*told, process.returncode) == ("", "photolala: stopped; what was done so far is saved.\n", 130)
    assert main(["status"]) == 0
    assert "1 starred" in capsys.readouterr().out


def test_a_bar_shows_how_far_a_scan_has_come_and_leaves_the_terminal_as_it_was(tmp_path):
    album = tmp_path / "album"
    draw_photo(album / "0.jpg", 0)
    for number in range(20):  # many minutes of reading
        with (album / f"large {number}.tif").open("wb") as large:
            large.truncate(1 << 34)
    with Terminal([*PROGRAM, "scan", str(album)], columns=80, rows=24) as terminal:
        terminal.wait_for(lambda terminal: "scanning" in terminal.text and "of 21" in terminal.text)
        assert "━" in terminal.text
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 130
        assert terminal.text.replace("^C", "").strip() == "photolala: stopped; what was done so far is saved."
        assert terminal.output.rstrip().endswith(b"saved.")
        assert terminal.output.rfind(b"\x1b[?25h") > terminal.output.rfind(b"\x1b[?25l"), (
            "the cursor is shown"
        )


def test_a_second_ctrl_c_does_not_wait(capsys, silent_server, starred):
    patient = "import sys, tui.commands.stopping, tui.main; tui.commands.stopping._PATIENCE = 3600; tui.main.main(sys.argv[1:])"
    with start(sys.executable, "-c", patient, "sync") as process:
        client, _ = silent_server.accept()

        def pressed_again():  # one that comes before the first is heard is lost
            process.send_signal(signal.SIGINT)
            return process.poll() is not None

        wait_until(pressed_again, 15)
        assert (process.returncode, process.stderr.read().count("stopped")) == (130, 1)
        client.close()
    assert main(["status"]) == 0
    assert "1 starred" in capsys.readouterr().out


def test_ctrl_c_is_heard_while_threads_start():
    # a thread that took the signal would not wake the main thread
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_THREADS], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        heard = []
        for _ in range(20):
            assert process.stdout.readline() == "begun\n"
            process.send_signal(signal.SIGINT)
            heard.append(process.stdout.readline())
        process.kill()
    assert heard == ["0\n"] * 20


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
        large.truncate(1 << 34)
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(tmp_path / "catalog.sqlite"))
    program = [sys.executable, "-c", IN_ITS_LAST_MOMENT.format(what=what), "scan", "-v", album]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as scan:
        assert scan.stderr is not None
        assert scan.stderr.readline()[8:].startswith(" scanning")
        scan.send_signal(signal.SIGINT)
        assert scan.wait(30) == 130
        assert scan.stderr.read() == "photolala: stopped; what was done so far is saved.\n"
