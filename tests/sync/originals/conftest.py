"""Desks with photos, and remotes of both kinds for them."""

import json
import os
import shutil
import signal

import pytest

from sync.stores.directory_originals import DirectoryOriginals
from sync.stores.s3_originals import S3Originals
from tests.sync.mortal import is_sound
from tests.sync.mortal import mortal as start_mortal
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


@pytest.fixture
def kept(desk, store):
    """A desk with six originals on a remote."""
    for number in range(6):
        desk.write(f"{number}.jpg", 100 + number)
    assert desk.back_up(store).uploaded == 6
    return desk


@pytest.fixture(scope="module")
def mortal():
    """A process whose children back up and restore, and are killed; see `killed_backup`."""
    environment = DemoServer().environment() | {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}
    with start_mortal("tests.sync.originals.killed_backup", environment) as process:
        yield process


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
        assert is_sound(desk.catalog.path)

    return kill


@pytest.fixture(params=["s3", "folder"])
def either(request, tmp_path):
    """A remote of either kind."""
    if request.param == "s3":
        return request.getfixturevalue("store")
    return DirectoryOriginals(f"file://{tmp_path}/remote")
