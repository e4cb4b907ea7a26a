"""Desks with photos, and remotes of both kinds for them."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sync.stores.directory_originals import DirectoryOriginals
from sync.stores.s3_originals import S3Originals
from tests.sync.originals.desk import Desk
from tui.demo.server import DemoServer


@pytest.fixture
def desks(tmp_path, empty_catalog):
    """Make a desk by its name."""
    made = []

    def make(name):
        made.append(Desk(shutil.copy(empty_catalog, tmp_path / f"{name}.db"), tmp_path / name))
        return made[-1]

    yield make
    for one in made:
        one.catalog.close()


@pytest.fixture
def desk(desks):
    return desks("desk")


@pytest.fixture
def store(wire, remote):
    return S3Originals(remote)


@pytest.fixture(scope="module")
def mortal():
    """A process whose children back up and restore, and are killed; see `killed_backup`."""
    command = [sys.executable, "-m", "tests.sync.originals.killed_backup"]
    with subprocess.Popen(
        command,
        cwd=Path(__file__).parents[3],
        env=DemoServer().environment() | {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.fixture
def kill(mortal, desk):
    """Back up, or restore, in a process of its own, which is killed at a step; or by another, who is told of it."""

    def kill(store, step=None, nth=1, when="before", by=lambda process: None, **more):
        desk.catalog.close()
        order = {"catalog": str(desk.catalog.path), "url": store.url, "step": step, "nth": nth, "when": when}
        aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        mortal.stdin.write(json.dumps(order | {"environment": aws} | more) + "\n")
        mortal.stdin.flush()
        by(int(mortal.stdout.readline()))
        assert int(mortal.stdout.readline()) == signal.SIGKILL
        with contextlib.closing(sqlite3.connect(desk.catalog.path)) as connection:
            assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]

    return kill


@pytest.fixture(params=["s3", "folder"])
def either(request, tmp_path):
    """A remote of either kind."""
    if request.param == "s3":
        return request.getfixturevalue("store")
    return DirectoryOriginals(f"file://{tmp_path}/remote")
