"""A disk to which a name is the same in any case, such as a camera's card: a folder on it is one folder."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from catalog.scan.scanner import Scan
from catalog.store import SqlCatalog
from tests.catalog.conftest import raw
from tests.tui.commands.conftest import Device

CAT = "2024/home/CAT.JPG"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on such a disk: this machine's own, or an exFAT image, where that can be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if disk.with_name("DISK").exists():
        yield disk
        return
    image = tmp_path / "image"
    with image.open("wb") as made:
        made.truncate(64 << 20)
    with ExitStack() as put_away:
        try:
            _run("mkfs.exfat", image)
            device = _run("losetup", "--find", "--show", image).strip()
            put_away.callback(_run, "losetup", "--detach", device)
            _run("mount.exfat-fuse", device, disk)
            put_away.callback(_run, "umount", disk)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no disk here takes a name in any case")
        yield disk


def _run(*words: object) -> str:
    return subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True).stdout


@pytest.fixture
def album(desk: Device, disk: Path) -> Path:
    """An album on the disk, scanned in the case in which it was typed."""
    for name in ("2023 Dolomites", "2024"):
        shutil.copytree(desk.album / name, disk / "Photos" / name, ignore=shutil.ignore_patterns("*[[]*"))
    desk.catalog = desk.catalog.with_name("other.sqlite")
    assert desk("scan", disk / "photos", "--json").json["files"] == 12
    return disk / "Photos"


def test_what_was_scanned_is_known_in_any_case(desk: Device, album: Path, disk: Path) -> None:
    for folder in ("PHOTOS", "Photos", "photos/2024"):
        again = desk("scan", disk / folder, "--json").json
        assert (again["new"], again["changed"], again["missing"]) == (0, 0, 0)
    assert len(desk("list", disk / "pHOTOS" / "2024", "--json").rows) == 7
    assert desk("star", disk / "photos" / CAT).status == 0
    (starred,) = desk("list", "--starred", "--json").rows
    assert starred["paths"] == [str(album / "2024" / "Home" / "cat.jpg")]
    assert desk("status", "--json").json["files"] == 12


def test_what_was_scanned_in_two_cases_is_one(desk: Device, album: Path, disk: Path) -> None:
    twice = desk("list", "--duplicates", "--json").rows
    with closing(SqlCatalog(desk.catalog)) as catalog:
        Scan(catalog, raw(disk / "PHOTOS")).run()
    assert desk("status", "--json").json["files"] == 24
    assert desk("list", "--duplicates", "--json").rows == twice
    assert desk("scan", album, "--json").json["changed"] == 0
    assert desk("status", "--json").json["files"] == 12


def test_a_folder_whose_case_is_changed_is_still_one(desk: Device, album: Path, disk: Path) -> None:
    album.rename(disk / "aside").rename(disk / "photos")
    again = desk("scan", album, "--json").json
    assert (again["new"], again["changed"], again["missing"], again["files"]) == (0, 0, 0, 12)
    assert desk("status", "--json").json["files"] == 12
