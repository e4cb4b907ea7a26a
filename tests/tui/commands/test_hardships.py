"""No traceback, whatever is typed, closed or full."""

import os
import resource
import subprocess
import threading
from pathlib import Path

import pytest

from catalog.patience import patiently
from tests.tui.commands.conftest import PROGRAM, Device
from tui.commands.command_line import run
from tui.commands.parser import command_names
from tui.commands.usage import parser

NASTY = ["\udcff\udcfe", "", "a\nb\x1b[2J", "9" * 5000, "s3://\udcff", "../" * 5000]


def ended(*arguments: str) -> int:
    """The exit status of the command line, and no exception but those that end it."""
    try:
        return run(arguments)
    except SystemExit as end:
        return int(str(end.code))


OPTIONS = {
    "list": ["--name", "--since", "--camera", "--limit", "--sort"], "history": ["--limit"], "rollback": ["--to"],
    "verify": ["--budget"], "restore": ["--to", "--folder"], "prune": ["--count"], "serve-demo-s3": ["--port"],
}  # fmt: skip


def test_what_is_typed_wrong_is_told_and_nothing_else(desk: Device, capsys, monkeypatch) -> None:
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(desk.catalog))
    names = {*command_names(parser())} - {"demo", "scan", "status", "sync", "backup"}
    for nasty in NASTY:
        assert ended(nasty) in (1, 2)
        for name in names:
            assert ended(name, nasty, *([nasty, nasty] if name == "serve-demo-s3" else [])) in (0, 1, 2)
            for option in OPTIONS.get(name, []):
                assert nasty == "--" or ended(name, f"{option}={nasty}") in (0, 1, 2)
    out, err = capsys.readouterr()
    for trace in ("Traceback", "Error:", "\x1b"):
        assert trace not in out + err


def test_streams_that_are_closed_or_full_get_no_traceback(desk: Device) -> None:
    cases = [
        ("list >&-", 0), ("--help >&-", 0), ("list 2>&-", 0), ("sync 2>&-", 2), ("list >&- 2>&- <&-", 0),
        ("list >/dev/full", 1), ("status --json >/dev/full", 1), ("nonsense 2>/dev/full", 1),
    ]  # fmt: skip
    running = [
        subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$@" {typed}', "sh", *PROGRAM],
            env=dict(os.environ) | {"PHOTOLALA_CATALOG": str(desk.catalog)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for typed, _ in cases
    ]
    for (typed, status), process in zip(cases, running, strict=True):
        _, err = process.communicate(timeout=60)
        assert (typed, process.returncode) == (typed, status)
        assert err.count("\n") <= 1, err
    assert len(desk("list", "--json").rows) == 13


def test_a_full_disk_is_told_and_the_catalog_stays_whole(desk: Device, monkeypatch) -> None:
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(desk.catalog))
    full = 30_000  # bytes of any file: less than SQLite needs
    done = subprocess.run(
        [*PROGRAM, "star", *map(str, desk.album.rglob("IMG*.jpg"))],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (full, full)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert str(desk.catalog) in done.stderr
    assert desk("list", "--starred", "--json").rows == []
    assert desk("star", desk.album / "2024/Home/cat.jpg").status == 0


@pytest.mark.parametrize(
    "typed",
    [["scan", "."], ["list", "."], ["star", "x"], ["export", "x"], ["restore", "--to", "."], ["."]],
    ids=" ".join,
)
def test_a_folder_that_was_removed_while_a_shell_was_in_it_is_told(
    desk: Device, tmp_path: Path, monkeypatch, typed: list[str]
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here").rmdir()
    monkeypatch.setenv("PHOTOLALA_REMOTE", f"file://{tmp_path}/remote")
    ran = desk(*typed)
    assert ran.status == 1
    assert "the folder that you are in was removed. Change to another one" in ran.told


@pytest.mark.parametrize(
    "typed", [["star"], ["import"], ["export"], []], ids=lambda typed: "".join(typed) or "the app"
)
def test_a_mount_that_does_not_answer_is_told(desk: Device, monkeypatch, typed: list[str]) -> None:
    hung = threading.Event()
    for name in ("lexists", "isdir", "isfile"):
        monkeypatch.setattr(
            f"os.path.{name}", lambda path: os.fsencode(path) == b"/dead/mount" and hung.wait()
        )
    monkeypatch.setitem(patiently.__kwdefaults__, "patience", 0.2)
    ran = desk(*typed, "/dead/mount")
    hung.set()
    assert ran.status == 1
    assert ran.told == "photolala: No answer for 0.2 s: /dead/mount\n"
