"""Desks with photos, and remotes of both kinds for them; what passes to and from the bucket can be watched."""

import shutil

import pytest

from sync.stores.directory_originals import DirectoryOriginals
from sync.stores.s3_originals import S3Originals
from tests.sync.originals.desk import Desk, Wire
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


@pytest.fixture(scope="module")
def wired_server(demo_server):
    wire = Wire()
    with DemoServer(wire) as server:
        yield server, wire


@pytest.fixture
def wire(wired_server, remote, monkeypatch):
    server, wire = wired_server
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    wire.forget()
    return wire


@pytest.fixture
def store(wire, remote):
    return S3Originals(remote)


@pytest.fixture(params=["s3", "folder"])
def either(request, tmp_path):
    """A remote of either kind."""
    if request.param == "s3":
        return request.getfixturevalue("store")
    return DirectoryOriginals(f"file://{tmp_path}/remote")
