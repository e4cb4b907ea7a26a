"""`photolala demo`, as text and in a terminal."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal

STUCK = """
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from tui.main import program

ThreadPoolExecutor().submit(Event().wait)  # as one does for a disk that does not answer
program()
"""
BOUND = 8  # seconds; a server that is stopped would answer never
DEMO = [sys.executable, "-m", "tui.main", "demo"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One home for both, so that the photos are drawn once."""
    return str(tmp_path_factory.mktemp("home"))


def test_the_demo_tells_its_story_as_text(home):
    done = subprocess.run(
        [*DEMO, "--headless"], env={"HOME": home}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    story = done.stdout
    for told in (
        "desk   starred 10",
        "attic  starred 5",
        "1 new conflict",
        "conflict: filename",
        "the same 16 stars",
    ):
        assert told in story
    assert not done.stderr


def test_the_demo_opens_the_app_where_one_key_shows_the_story(home):
    with Terminal(DEMO, columns=120, rows=36, env={"HOME": home}) as terminal:
        terminal.wait_for("Press S", timeout=120)
        terminal.wait_for("★ 13")
        terminal.press("S")
        terminal.wait_for("≠ 1 conflict")
        terminal.wait_for("★ 16")
        terminal.press("j")
        terminal.wait_gone("Synced: ", timeout=30)  # what lay under the notification is painted again
        terminal.press("c")
        terminal.wait_for("first light.jpg")
        terminal.wait_for("✓ sunrise.jpg")
        terminal.press("m")
        terminal.wait_for("No open conflicts")
        terminal.press("esc", "S")
        terminal.wait_for("✓ synced")
        terminal.press("q")
        assert terminal.wait_exit() == 0


def test_q_in_the_midst_of_a_transfer_waits_for_no_server_and_no_thread(home):
    with Terminal(
        [sys.executable, "-c", STUCK, "demo"], columns=120, rows=36, env={"HOME": home}
    ) as terminal:
        terminal.wait_for("★ 13", timeout=120)
        terminal.press("S")
        terminal.wait_for("★ 16")
        terminal.press("B")
        terminal.wait_for("uploading: ")
        pid = terminal.pid
        (server,) = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        os.kill(server, signal.SIGSTOP)
        terminal.press("q")
        assert terminal.wait_exit(BOUND) == 0
    assert not Path(f"/proc/{server}").exists()
