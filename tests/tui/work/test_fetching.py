"""One photo's damaged thumbnail keeps no other from the screen; a remote that is away is not asked for each."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync.stores.original_store import thumbnail_key
from tests.conftest import draw_photo
from tests.sync.wire import Wire
from tui.config.settings import Settings
from tui.demo.server import DemoServer
from tui.work import fetching
from tui.work.fetching import Fetching

DAMAGED, LARGE, WHOLE = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A remote in a folder, with a sound thumbnail and others."""
    root = tmp_path / "remote"
    draw_photo(root / thumbnail_key(WHOLE), 1)
    for md5, data in ((DAMAGED, b"no picture"), (LARGE, bytes(1 << 20))):
        path = root / thumbnail_key(md5)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


@pytest.mark.parametrize(("md5", "why"), [(DAMAGED, "is no thumbnail"), (LARGE, "not read")])
def test_a_damaged_thumbnail_keeps_no_other_one_away(
    folder: Path, settings: Settings, md5: str, why: str
) -> None:
    fetching = Fetching(dataclasses.replace(settings, remote=folder.as_uri()))
    with pytest.raises(ConnectionError, match=why):
        fetching.thumbnail(md5)
    assert fetching.thumbnail(WHOLE) == (folder / thumbnail_key(WHOLE)).read_bytes()


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """What passes to and from a bucket over HTTP."""
    wire = Wire()
    with DemoServer(wire) as server:
        server.create_bucket("bucket")
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield wire


def away(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")


def refusing(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.hook = lambda request: 403


def failing(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.hook = lambda request: 500


def of_no_region(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "no region")


def of_no_such_profile(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")


Fault = Callable[[Wire, pytest.MonkeyPatch], None]
FAULTS = {
    away: "cannot be reached",
    refusing: "refuses access",
    failing: "answered 500",
    of_no_region: "AWS settings cannot be used",
    of_no_such_profile: "AWS settings cannot be used",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_remote_that_failed_is_asked_again_only_after_a_while(
    wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    there = Fetching(dataclasses.replace(settings, remote="s3://bucket/library"))
    monkeypatch.setattr(fetching, "_DOWN_SECONDS", 600.0)
    with monkeypatch.context() as broken:
        fault(wire, broken)
        with pytest.raises(ConnectionError, match=FAULTS[fault]):
            there.thumbnail(WHOLE)
    wire.forget()  # all is well again
    with pytest.raises(ConnectionError, match=FAULTS[fault]):
        there.thumbnail(WHOLE)
    assert wire.requests == []


@pytest.mark.parametrize("fault", [away, refusing, of_no_region])
def test_after_that_it_is_there_again_with_what_is_set_by_then(
    wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    there = Fetching(dataclasses.replace(settings, remote="s3://bucket/library"))
    monkeypatch.setattr(fetching, "_DOWN_SECONDS", 0.0)
    with monkeypatch.context() as broken:
        fault(wire, broken)
        with pytest.raises(ConnectionError):
            there.thumbnail(WHOLE)
    wire.forget()
    assert there.thumbnail(WHOLE) is None
    assert len(wire.requests) == 1
