"""The main job, as people do it: a real terminal, real photos, S3 over HTTP, a second device."""

import io
import json
import signal
import socket
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tests.conftest import REAL_PHOTOS, draw_album
from tests.terminal import Terminal
from tui.demo.server import DemoServer
from tui.main import main

PHOTOLALA = [sys.executable, "-m", "tui.main"]
BUCKET, REMOTE = "photos-of-two", "s3://photos-of-two/library"
ALTERNATE_SCREEN, MOUSE, PASTE = 1049, 1000, 2004


class Device:
    """A catalog of its own on this machine, for the app and for the command line."""

    def __init__(self, name: str, home: Path, environment: dict[str, str]):
        home.mkdir()
        (home / "config.toml").write_text("[sync]\nautomatic = false\n")  # each step by its key
        self.environment = environment | {
            "HOME": str(home),
            "PHOTOLALA_CATALOG": str(home / "catalog.sqlite"),
            "PHOTOLALA_CONFIG": str(home / "config.toml"),
            "PHOTOLALA_DEVICE_NAME": name,
            "PHOTOLALA_REMOTE": REMOTE,
        }

    def app(self, folder: Path) -> Terminal:
        return Terminal([*PHOTOLALA, str(folder)], columns=120, rows=30, env=self.environment)

    def run(self, *arguments: str, status: int = 0) -> list[dict]:
        """Run a command; in this process, as the start of another is not what is looked at."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name, value in self.environment.items():
                patch.setenv(name, value)
            assert main([*arguments, "--json"]) == status, err.getvalue()
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def stars(self) -> set[str]:
        return {photo["filename"] for photo in self.run("list", "--starred")}


@pytest.fixture
def album(tmp_path: Path) -> tuple[Path, str, list[str]]:
    """(folder, its first subfolder, the names of the photos in that)."""
    folder = REAL_PHOTOS if REAL_PHOTOS.is_dir() else draw_album(tmp_path / "album")
    first = min(path for path in folder.iterdir() if path.is_dir())
    return folder, first.name, sorted(path.name for path in first.iterdir())


@pytest.fixture
def server():
    with DemoServer() as server:
        server.create_bucket(BUCKET)
        yield server


def into_the_first_folder(terminal: Terminal, names: list[str]) -> None:
    terminal.wait_for("never synced")
    terminal.press("j", "enter")
    terminal.wait_for(names[0])


def test_a_star_given_by_key_arrives_on_the_other_device(tmp_path, album, server):
    folder, _, names = album
    desk = Device("desk", tmp_path / "desk", server.environment())
    attic = Device("attic", tmp_path / "attic", server.environment())

    with desk.app(folder) as terminal:
        into_the_first_folder(terminal, names)
        terminal.press("space", "space")
        terminal.wait_for("★ 2")
        terminal.press("u")
        terminal.wait_for("★ 1")
        terminal.press("S")
        terminal.wait_for("✓ synced")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert not {ALTERNATE_SCREEN, MOUSE, PASTE} & terminal.screen.private_modes

    (report,) = attic.run("sync")
    assert report["outcome"] == "pulled"
    assert attic.stars() == {names[0]}
    (status,) = attic.run("status")
    assert (status["state"], status["starred"], status["pending"]) == ("synced", 1, 0)

    (photo,) = attic.run("list", "--starred")
    attic.run("unstar", photo["md5"])
    attic.run("sync")
    with desk.app(folder) as terminal:
        terminal.wait_for("★ 1")
        terminal.press("S")
        terminal.wait_for("★ 0")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert desk.stars() == set()


def test_a_star_that_is_shown_survives_kill_9(tmp_path, album, server):
    folder, _, names = album
    desk = Device("desk", tmp_path / "desk", server.environment())
    with desk.app(folder) as terminal:
        into_the_first_folder(terminal, names)
        terminal.press("s")
        terminal.wait_for(f"★ {names[0]}"[:12])
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL
    assert desk.stars() == {names[0]}


def test_without_the_remote_all_is_queued_and_goes_later(tmp_path, album, server):
    folder, _, names = album
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, and nobody listens
        nowhere = {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{closed.getsockname()[1]}"}
        desk = Device("desk", tmp_path / "desk", server.environment() | nowhere)
        with desk.app(folder) as terminal:
            into_the_first_folder(terminal, names)
            terminal.press("space", "S")
            terminal.wait_for("○ offline")
            assert "✓" not in terminal.lines[-2]
            terminal.press("q")
            assert terminal.wait_exit() == 0
        (status,) = desk.run("status")
        assert (status["state"], status["starred"]) == ("offline", 1)
        assert desk.run("sync", status=4)[0]["outcome"] == "offline"
    desk.environment |= server.environment()
    assert desk.run("sync")[0]["outcome"] == "committed"
    assert desk.run("status")[0]["state"] == "synced"


def test_q_leaves_at_once_though_the_server_is_silent(tmp_path):
    asked, answer = threading.Event(), threading.Event()

    def silent(application):
        def respond(environ, start_response):
            if "/shards/" in environ["PATH_INFO"]:
                asked.set()
                answer.wait(60)
            return application(environ, start_response)

        return respond

    album = draw_album(tmp_path / "album")
    with DemoServer(silent) as server:
        server.create_bucket(BUCKET)
        desk = Device("desk", tmp_path / "desk", server.environment())
        with desk.app(album / "2024" / "Home") as terminal:
            terminal.wait_for("3 pending")
            terminal.press("g", "S")
            assert asked.wait(20)
            terminal.press("s")
            terminal.wait_for("★ 1")
            terminal.press("q")
            assert terminal.wait_exit() == 0
        answer.set()
        assert len(desk.stars()) == 1
        assert desk.run("sync")[0]["outcome"] == "committed"
        assert desk.run("status")[0]["state"] == "synced"


def test_a_terminal_never_sees_what_a_file_name_wants_it_to(tmp_path, server):
    album = draw_album(tmp_path / "album")
    desk = Device("desk", tmp_path / "desk", server.environment())
    with desk.app(album / "2024" / "Home") as terminal:
        terminal.wait_for("★ 0")
        terminal.press("g", "space")
        terminal.wait_for("★ 1")
        terminal.settle()
        assert "\\x1b]0;owned" in terminal.text
        assert b"\x1b]0;owned" not in terminal.output
        assert "\u202e".encode() not in terminal.output
        terminal.press("q")
        assert terminal.wait_exit() == 0


def test_a_fault_in_the_app_loses_no_star_and_gives_the_terminal_back(tmp_path, album):
    folder, _, names = album
    desk = Device("desk", tmp_path / "desk", {})
    faulty = """
import sys, tui.main, tui.panes.photo_list
tui.panes.photo_list.PhotoList.action_last = lambda _: 1 / 0
tui.main.main(sys.argv[1:])
"""
    command = [sys.executable, "-c", faulty, str(folder)]
    with Terminal(command, columns=120, rows=30, env=desk.environment) as terminal:
        into_the_first_folder(terminal, names)
        terminal.press("s")
        terminal.wait_for("★ 1")
        terminal.press("G")
        assert terminal.wait_exit() == 1
        assert "ZeroDivisionError" in terminal.text
        assert not {ALTERNATE_SCREEN, MOUSE, PASTE} & terminal.screen.private_modes
    assert desk.stars() == {names[0]}


def test_a_session_that_is_hung_up_gives_the_terminal_back(tmp_path, album, server):
    desk = Device("desk", tmp_path / "desk", server.environment())
    for number in (signal.SIGHUP, signal.SIGTERM):
        with desk.app(album[0]) as terminal:
            terminal.wait_for("photos · ★")
            terminal.signal(number)
            assert terminal.wait_exit() == 128 + number
            assert ALTERNATE_SCREEN not in terminal.screen.private_modes
