"""What is heavy is loaded behind the first paint: an app over SSH must be there at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import draw_photo
from tests.terminal import Terminal
from tui.main import main

HEAVY = {"boto3", "botocore", "PIL", "sqlalchemy", "sqlmodel", "alembic", "moto", "werkzeug", "pydantic"}

LOADED = f"""
import json, sys
loaded = lambda: sorted({HEAVY!r} & sys.modules.keys())
"""

BUILD = """
import tui.main, tui.commands.command_line, tui.app
from pathlib import Path
from tui.config.settings import Settings
tui.app.PhotolalaApp(b"/", Settings(Path("/nowhere.sqlite"), "s3://bucket", "desk"))
print(json.dumps(loaded()))
"""

WATCH = """
import tui.main
from tui.terminal.early import EarlyTerminal
seen = {}

def watch(terminal, painted, written, then=lambda: None):
    write = terminal.write
    def watching(self, data):
        if written in data and painted not in seen:
            seen[painted] = loaded() + sorted({"textual"} & sys.modules.keys())
            with open(sys.argv[2], "w") as report:
                json.dump(seen, report)
            then()
        write(self, data)
    terminal.write = watching

def watch_app():
    from textual.drivers.linux_driver import LinuxDriver
    watch(LinuxDriver, "app", "quit")

watch(EarlyTerminal, "frame", "IMG_0001", watch_app)
tui.main.main([sys.argv[1]])
"""

AT_THE_END = """
import os, tui.main
leave = os._exit

def report(status):
    with open(sys.argv[2], "w") as report:
        json.dump(loaded(), report)
    leave(status)

os._exit = report
tui.main.main([sys.argv[1]])
"""


def loaded_by(program: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED + program, *arguments], capture_output=True, check=True, timeout=30
    )
    return json.loads(done.stdout)


def test_building_the_app_loads_nothing_heavy() -> None:
    assert loaded_by(BUILD) == []


@pytest.mark.parametrize("command", ["--help", "--version", "not/there"])
def test_what_needs_no_catalog_loads_nothing_heavy(command: str) -> None:
    program = f"""
import contextlib, io
from tui.main import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main([{command!r}])
print(json.dumps(loaded()))
"""
    assert loaded_by(program) == []


@pytest.mark.parametrize("command", ["photos", "backup", "verify", "restore", "doctor"])
def test_what_is_run_often_needs_no_orm_to_begin(command: str) -> None:
    loaded = loaded_by(f"import tui.commands.{command}; print(json.dumps(loaded()))")
    assert not {"sqlalchemy", "sqlmodel", "pydantic", "boto3"}.intersection(loaded)


def test_a_listing_loads_no_s3() -> None:
    program = """
from tui.main import main
main(["list"])
print(json.dumps([name for name in loaded() if name in ("boto3", "botocore", "moto")]))
"""
    assert loaded_by(program) == []


def test_the_first_paint_of_photos_waits_for_nothing_heavy(small_album: Path, tmp_path: Path) -> None:
    report = tmp_path / "loaded.json"
    folder = small_album / "2023 Dolomites"
    with Terminal([sys.executable, "-c", LOADED + WATCH, str(folder), str(report)]) as terminal:
        terminal.wait_for("IMG_0001")
        terminal.wait_for("5 photos")  # by then all is loaded
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert json.loads(report.read_text()) == {"frame": [], "app": ["textual"]}


def test_walking_scanning_and_starring_load_no_orm(
    small_album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "loaded.json"
    folder = small_album / "2023 Dolomites"
    catalog = str(tmp_path / "catalog.sqlite")
    monkeypatch.setenv("PHOTOLALA_CATALOG", catalog)
    assert main(["scan", str(folder)]) == 0
    (folder / "IMG_0001.jpg").rename(folder / "IMG_0000.jpg")
    draw_photo(folder / "new.jpg", 99)
    program = [sys.executable, "-c", LOADED + AT_THE_END, str(folder), str(report)]
    with Terminal(program, env={"PHOTOLALA_CATALOG": catalog}) as terminal:
        terminal.wait_for("6 photos")
        terminal.press("space")
        terminal.wait_for("★ 1")
        terminal.press("u")
        terminal.wait_for("★ 0")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert json.loads(report.read_text()) == ["PIL"]
