"""However the app ends in mid-transfer, it ends soon, gives the terminal back and loses nothing."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import wait_until
from tests.terminal import Terminal
from tests.tui.conftest import Device, Gate
from tui.main import main

FOLDER = "2023 Dolomites"
PHOTO = "IMG_0001.jpg"
BOUND = 8  # seconds; the server holds a request for longer

ENDINGS: dict[str, tuple[Callable[[Terminal], object], int]] = {
    "q": (lambda terminal: terminal.press("q"), 0),
    "SIGTERM": (lambda terminal: terminal.signal(signal.SIGTERM), 128 + signal.SIGTERM),
    "SIGHUP": (lambda terminal: terminal.signal(signal.SIGHUP), 128 + signal.SIGHUP),
    "a lost terminal": (lambda terminal: terminal.lose(), 128 + signal.SIGHUP),
}
ENDLESSLY = """
import sys
from tui.main import main
from tui.work import leaving

leaving.LAST_SECONDS = 60
sys.exit(main())
"""


def opened(desk: Device, tmp_path: Path, program: tuple[str, ...] = ("-m", "tui.main")) -> Terminal:
    """The app on the desk's photos."""
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_") or name == "no_proxy"}
    environment = {"HOME": str(tmp_path), "PHOTOLALA_CATALOG": str(desk.settings.catalog), **aws}
    environment["PHOTOLALA_REMOTE"] = desk.settings.remote or ""
    return Terminal([sys.executable, *program, str(desk.album / FOLDER)], env=environment)


def in_mid_transfer(terminal: Terminal, transfer: str, gate: Gate) -> None:
    """Star a photo, and start what sends it; the server holds its first PUT."""
    terminal.wait_for("✓ synced")
    terminal.press("s")
    terminal.wait_for("★ 1")
    if transfer == "B":
        terminal.press("S")
        terminal.wait_for("✓ synced")
    gate.methods.add("PUT")
    terminal.press(transfer)
    wait_until(gate.waiting.is_set)


@pytest.mark.parametrize(
    ("ending", "transfer"), [("q", "B"), ("SIGTERM", "S"), ("SIGHUP", "B"), ("a lost terminal", "S")]
)
def test_a_server_that_does_not_answer_holds_up_no_end(
    ending: str,
    transfer: str,
    desk: Device,
    attic: Device,
    gate: Gate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end, status = ENDINGS[ending]
    with opened(desk, tmp_path) as terminal:
        in_mid_transfer(terminal, transfer, gate)
        end(terminal)
        assert terminal.wait_exit(BOUND) == status
        assert not gate.open.is_set()
        if ending != "a lost terminal":
            assert not {1000, 1003, 1004, 1049, 2004} & terminal.screen.private_modes
            assert not terminal.screen.cursor.hidden
    gate.open.set()
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(desk.settings.catalog))
    monkeypatch.setenv("PHOTOLALA_REMOTE", desk.settings.remote or "")
    assert main(["sync"]) == 0
    assert main(["backup"]) == 0
    assert main(["verify", "--deep"]) == 0
    assert desk.stars == {PHOTO}
    attic.sync()
    assert attic.stars == {PHOTO}


@pytest.mark.parametrize("transfer", ["S", "B"])
def test_a_transfer_ends_between_two_objects_while_there_is_time(
    transfer: str, desk: Device, gate: Gate, tmp_path: Path
) -> None:
    with opened(desk, tmp_path, ("-c", ENDLESSLY)) as terminal:
        in_mid_transfer(terminal, transfer, gate)
        terminal.press("q")
        terminal.wait_for(lambda t: 1049 not in t.screen.private_modes)
        gate.open.set()
        assert terminal.wait_exit() == 0
    (log,) = tmp_path.rglob("photolala.log")
    *_, last, end = log.read_text().splitlines()
    assert end.endswith("the app ended with 0")
    assert {"S": "Cancelled: whatever was not committed is queued.", "B": " backup "}[transfer] in last
