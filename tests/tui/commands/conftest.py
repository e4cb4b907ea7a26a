"""Somebody at the command line: devices, each a catalog and an album, and what their commands have told."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import draw_album
from tests.tui.words.test_shown import hidden_in
from tui.demo.server import DemoServer
from tui.main import main

PROGRAM = [sys.executable, "-m", "tui.main"]
NOWHERE = "http://127.0.0.1:9"  # the discard port, where nothing listens

# DESIGN.md, section 5: what scripts may rely on
SYNC = {
    "outcome", "seq", "commit_id", "pulled_rows", "pushed_rows", "new_conflicts", "open_conflicts",
    "requests", "bytes_up", "bytes_down", "seconds", "error",
}  # fmt: skip
STATUS = {
    "photos", "files", "starred", "pending", "open_conflicts", "remote", "state", "seq", "last_success",
    "last_error", "backup",
}  # fmt: skip
BACKUP = {"queued", "uploading", "uploaded", "verified", "failed"}
LIST = {
    "md5", "filename", "paths", "size", "photodate", "modified", "width", "height", "starred",
    "backup_status", "error",
}  # fmt: skip
SCAN = {
    "files", "photos", "new", "changed", "unchanged", "missing", "failed", "bytes_read", "seconds",
}  # fmt: skip
CONFLICTS = {
    "id", "md5", "filename", "field", "base", "mine", "theirs", "winner", "mine_device", "theirs_device", "seq",
}  # fmt: skip


class Ran(NamedTuple):
    """What a command has left: its exit status and both its outputs."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def told(self) -> str:
        """The one sentence of a failure; there must be nothing else."""
        assert self.out == ""
        assert self.err.count("\n") == 1
        assert not hidden_in(self.err.removesuffix("\n"))
        assert self.err.startswith("photolala: ")
        return self.err


class Device:
    """A catalog and an album of its own on this machine."""

    def __init__(self, home: Path, run: Callable[..., Ran]) -> None:
        self.name = home.name
        self.catalog = home / "catalog.sqlite"
        self.album = draw_album(home / "album")
        self._run = run

    def __call__(self, *arguments: object) -> Ran:
        return self._run(self, *map(str, arguments))

    def md5(self, path: Path) -> str:
        (found,) = [row["md5"] for row in self("list", "--json").rows if os.fspath(path) in row["paths"]]
        return found

    @property
    def stars(self) -> set[str]:
        return {row["md5"] for row in self("list", "--starred", "--json").rows}

    def rename(self, path: str, name: str) -> None:
        (self.album / path).rename((self.album / path).with_name(name))
        assert self("scan", self.album).status == 0


@pytest.fixture
def device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], Device]:
    def run(device: Device, *arguments: str) -> Ran:
        monkeypatch.setenv("PHOTOLALA_CATALOG", str(device.catalog))
        monkeypatch.setenv("PHOTOLALA_DEVICE_NAME", device.name)
        capsys.readouterr()
        try:
            status = main(list(arguments))
        except SystemExit as end:  # argparse
            status = end.code
        return Ran(status, *capsys.readouterr())

    return lambda name: Device(tmp_path / name, run)


@pytest.fixture
def desk(device: Callable[[str], Device]) -> Device:
    """A device that has scanned its album."""
    desk = device("desk")
    assert desk("scan", desk.album).status == 0
    return desk


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket, served over HTTP and named to all devices."""
    with DemoServer() as server:
        server.create_bucket("bucket")
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PHOTOLALA_REMOTE", "s3://bucket/library")
        yield "s3://bucket/library"


@pytest.fixture
def conflict(remote: str, device: Callable[[str], Device]) -> tuple[Device, Device, Ran]:
    """Two devices that have renamed one photo differently; the second one's sync finds out."""
    desk, attic = device("desk"), device("attic")
    for each in (desk, attic):
        each("scan", each.album)
        assert each("sync").status == 0
    desk.rename("2024/Home/cat.jpg", "from the desk.jpg")
    attic.rename("2024/Home/cat.jpg", "from the attic.jpg")
    assert desk("sync").status == 0
    return desk, attic, attic("sync", "--json")


def program(*arguments: object, **environment: str) -> Ran:
    """Run the real program."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        env=dict(os.environ) | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
