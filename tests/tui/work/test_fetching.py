"""One photo's damaged thumbnail keeps no other from the screen; a remote that is away is not asked for each."""

import dataclasses
from pathlib import Path

import pytest

from sync.originals import fetch
from sync.stores.objectstore import DeniedError, RemoteError, UnclearError, UnreachableError
from sync.stores.original_store import thumbnail_key
from tests.conftest import draw_photo
from tui.config.settings import Settings
from tui.work.fetching import Fetching

DAMAGED, WHOLE = "a" * 32, "b" * 32


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    root = tmp_path / "remote"
    draw_photo(root / thumbnail_key(WHOLE), 1)
    damaged = root / thumbnail_key(DAMAGED)
    damaged.parent.mkdir(parents=True, exist_ok=True)
    damaged.write_bytes(b"no picture")
    return root


def test_a_damaged_thumbnail_keeps_no_other_one_away(remote: Path, settings: Settings) -> None:
    fetching = Fetching(dataclasses.replace(settings, remote=remote.as_uri()))
    with pytest.raises(ConnectionError, match="is no thumbnail"):
        fetching.thumbnail(DAMAGED)
    assert fetching.thumbnail(WHOLE) == (remote / thumbnail_key(WHOLE)).read_bytes()


@pytest.mark.parametrize("kind", [UnreachableError, DeniedError, UnclearError])
def test_a_remote_that_failed_is_not_asked_again_at_once(
    remote: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, kind: type[RemoteError]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise kind("The remote failed.")

    fetching = Fetching(dataclasses.replace(settings, remote=remote.as_uri()))
    with monkeypatch.context() as failing:
        failing.setattr(fetch, "fetch_thumbnail", fail)
        with pytest.raises(ConnectionError):
            fetching.thumbnail(WHOLE)
    with pytest.raises(ConnectionError, match="The remote failed"):
        fetching.thumbnail(WHOLE)
