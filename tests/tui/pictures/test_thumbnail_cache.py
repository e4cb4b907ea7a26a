"""The cache on disk: bounded, and nobody hears of it when there is no place for it."""

import os
from pathlib import Path

import pytest

from tests.conftest import permissions_that_count
from tui.pictures.thumbnail_cache import ThumbnailCache, version_key

KEYS = [f"{number:032x}" for number in range(20)]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_written_is_read_by_the_next_one_too(tmp_path: Path) -> None:
    ThumbnailCache(tmp_path / "a" / "b").write(KEYS[1], b"jpeg")
    cache = ThumbnailCache(tmp_path / "a" / "b")
    assert cache.read(KEYS[1]) == b"jpeg"
    assert cache.read(KEYS[2]) is None
    cache.remove(KEYS[1])
    assert cache.read(KEYS[1]) is None
    assert files(tmp_path) == []


def test_the_usual_place_is_the_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ThumbnailCache().write(KEYS[1], b"jpeg")
    assert [path.name for path in files(tmp_path)] == [f"{KEYS[1]}.jpg"]


def test_the_oldest_go_when_it_is_full(tmp_path: Path) -> None:
    for number, key in enumerate(KEYS[:10]):
        ThumbnailCache(tmp_path).write(key, bytes(100))
        os.utime(tmp_path / key[:2] / f"{key}.jpg", (number, number))
    (tmp_path / "00" / ".half written").write_bytes(bytes(100))
    os.utime(tmp_path / "00" / ".half written", (0, 0))
    cache = ThumbnailCache(tmp_path, most_bytes=1000)
    cache.write(KEYS[10], bytes(100))  # with what a kill has left, 1200: down to 900
    assert [cache.read(key) is None for key in KEYS[:4]] == [True, True, False, False]
    assert cache.read(KEYS[10]) is not None
    cache.write(KEYS[11], bytes(100))
    assert cache.read(KEYS[2]) is not None  # exactly full is not too full
    assert sum(path.stat().st_size for path in files(tmp_path)) == 1000


def test_where_it_cannot_be_written_it_is_empty(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(0o500)
    (tmp_path / "a file").touch()
    with permissions_that_count():
        for folder in (locked, tmp_path / "a file", Path("/proc/none")):
            cache = ThumbnailCache(folder)
            cache.write(KEYS[1], b"jpeg")
            cache.remove(KEYS[1])
            assert cache.read(KEYS[1]) is None


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> int:
        path.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    cache = ThumbnailCache(tmp_path)
    cache.write(KEYS[1], b"jpeg")
    assert files(tmp_path) == []
    assert cache.read(KEYS[1]) is None


def test_another_version_of_a_file_has_another_key(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    keys = set()
    for data, time in ((b"1", 1), (b"2", 2), (b"22", 2)):
        path.write_bytes(data)
        os.utime(path, (time, time))
        keys.add(version_key(bytes(path)))
    assert len(keys) == 3
