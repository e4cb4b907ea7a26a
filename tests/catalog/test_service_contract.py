"""What every `CatalogService` promises: the same tests over the store and over Photolala's own catalogs."""

import hashlib
import itertools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from catalog.photolala.service import CsvCatalog
from catalog.protocol import BackupStatus, CatalogService, PhotoNotFoundError
from catalog.store import SqlCatalog
from tests.catalog.conftest import raw, scan
from tests.catalog.photolala.by_hand import lay
from tests.conftest import draw_hostile, draw_photo


class World(NamedTuple):
    """A folder of photos with its catalog: `learn` lets that know what lies there now."""

    folder: Path
    open: Callable[[], CatalogService]
    learn: Callable[[], object]

    def md5(self, name: str) -> str:
        return hashlib.md5((self.folder / name).read_bytes()).hexdigest()


def row(path: Path) -> str:
    """Return the line of a photo that lies on disk, as the Mac app writes it."""
    found, name = path.stat(), os.fsencode(path.name).decode("utf-8", "backslashreplace")
    if set(name) & set(',"'):
        name = '"' + name.replace('"', '""') + '"'
    for sign, shown in LINE_ENDS.items():
        name = name.replace(sign, shown)
    md5 = hashlib.md5(path.read_bytes()).hexdigest()
    return f"{md5},{name},{found.st_size},{int(found.st_mtime)},{int(found.st_mtime)},16,12,"


LINE_ENDS = {"\n": r"\x0a", "\r": r"\x0d", "\x85": r"\x85", "\u2028": r"\u2028", "\u2029": r"\u2029"}


@pytest.fixture(params=["sql", "csv"])
def world(request, tmp_path: Path, empty_catalog: Path) -> Iterator[World]:
    folder = tmp_path / "photos"
    draw_photo(folder / "b.jpg", 1)
    draw_photo(folder / "a, 1.jpg", 2)
    draw_photo(folder / "c.jpg", 3)
    draw_photo(folder / "below" / "d.jpg", 4)
    opened: list[SqlCatalog] = []

    def sql() -> CatalogService:
        opened.append(SqlCatalog(tmp_path / "catalog.sqlite"))
        return opened[-1]

    def learn() -> None:
        if request.param == "sql":
            scan(opened[0], folder)
        else:
            lay(folder, [row(path) for path in folder.iterdir() if path.is_file()])

    if request.param == "sql":
        (tmp_path / "catalog.sqlite").write_bytes(empty_catalog.read_bytes())
        sql()
        learn()
        yield World(folder, sql, learn)
        for catalog in opened:
            catalog.close()
    else:
        learn()
        yield World(folder, lambda: CsvCatalog(raw(folder)), learn)


@pytest.fixture
def service(world: World) -> CatalogService:
    return world.open()


def test_a_directory_has_its_photos_by_name(world, service):
    entries = service.load_catalog(raw(world.folder))
    assert [entry.filename for entry in entries] == ["a, 1.jpg", "b.jpg", "c.jpg"]
    for entry in entries:
        path = world.folder / entry.filename
        found = path.stat()
        assert entry.paths == (raw(path),)
        assert (entry.md5, entry.size, entry.modified) == (
            world.md5(entry.filename),
            found.st_size,
            int(found.st_mtime),
        )
        assert (entry.photodate, entry.width, entry.height) == (int(found.st_mtime), 16, 12)
        assert (entry.starred, entry.backup_status, entry.error) == (False, BackupStatus.NONE, None)


@pytest.mark.parametrize("other", ["..", "elsewhere", "photo"])
def test_another_directory_has_none(world, service, other):
    assert list(service.load_catalog(os.path.normpath(raw(world.folder / other)))) == []


def test_a_photo_is_found_by_its_md5(world, service):
    entry = service.find_entry(world.md5("b.jpg"))
    assert entry == service.load_catalog(raw(world.folder))[1]


@pytest.mark.parametrize("md5", ["", "0" * 32, "0" * 31, "x" * 32, "../../etc/passwd", "\0", "0" * 32 + "\n"])
def test_an_unknown_md5_is_none(service, md5):
    assert service.find_entry(md5) is None
    with pytest.raises(PhotoNotFoundError):
        service.update_star_status(md5, is_starred=True)
    with pytest.raises(PhotoNotFoundError):
        service.update_backup_status(md5, BackupStatus.QUEUED)
    assert service.stats().starred == 0


def test_a_star_is_given_and_taken(world, service):
    md5 = world.md5("b.jpg")
    assert service.update_star_status(md5, is_starred=True)
    assert not service.update_star_status(md5, is_starred=True)
    assert service.find_entry(md5).starred
    assert [entry.starred for entry in service.load_catalog(raw(world.folder))] == [False, True, False]
    assert [entry.md5 for entry in service.starred_entries()] == [md5]
    assert service.update_star_status(md5, is_starred=False)
    assert not service.update_star_status(md5, is_starred=False)
    assert list(service.starred_entries()) == []
    assert not service.find_entry(md5).starred


def test_a_star_is_there_for_whoever_opens_the_catalog_next(world, service):
    service.update_star_status(world.md5("b.jpg"), is_starred=True)
    assert world.open().find_entry(world.md5("b.jpg")).starred
    world.open().update_star_status(world.md5("b.jpg"), is_starred=False)
    assert not service.find_entry(world.md5("b.jpg")).starred


def test_stars_are_listed_by_md5(world, service):
    md5s = [world.md5(name) for name in ("a, 1.jpg", "b.jpg", "c.jpg")]
    for md5 in md5s:
        service.update_star_status(md5, is_starred=True)
    entries = service.starred_entries()
    assert [entry.md5 for entry in entries] == sorted(md5s)
    assert list(entries) == [service.find_entry(md5) for md5 in sorted(md5s)]


@pytest.mark.parametrize("status", BackupStatus)
def test_how_far_a_backup_has_come_is_kept(world, service, status):
    md5 = world.md5("b.jpg")
    service.update_backup_status(md5, BackupStatus.FAILED)
    service.update_backup_status(md5, status)
    again = world.open()
    assert again.find_entry(md5).backup_status is status
    assert [entry.backup_status for entry in again.load_catalog(raw(world.folder))][1] is status
    assert not again.find_entry(md5).starred
    assert again.stats().backup == dict.fromkeys(BackupStatus, 0) | (
        {BackupStatus.NONE: again.stats().photos}
        if status is BackupStatus.NONE
        else {BackupStatus.NONE: again.stats().photos - 1, status: 1}
    )


def test_everything_is_counted(world, service):
    service.update_star_status(world.md5("c.jpg"), is_starred=True)
    stats = service.stats()
    below = stats.photos - 3  # the store knows of all folders, a Photolala catalog of its own
    assert below in (0, 1)
    assert (stats.files, stats.starred, stats.open_conflicts) == (3 + below, 1, 0)


def test_a_photo_whose_file_is_gone_is_known_but_not_shown(world, service):
    md5 = world.md5("b.jpg")
    service.update_star_status(md5, is_starred=True)
    before = service.stats()
    (world.folder / "b.jpg").rename(world.folder.parent / "b.jpg")
    if isinstance(service, SqlCatalog):
        world.learn()
    assert [entry.filename for entry in service.load_catalog(raw(world.folder))] == ["a, 1.jpg", "c.jpg"]
    entry = service.find_entry(md5)
    assert (entry.filename, entry.paths, entry.starred) == ("b.jpg", (), True)
    assert [entry.md5 for entry in service.starred_entries()] == [md5]
    after = service.stats()
    assert (after.photos, after.files, after.starred) == (before.photos, before.files - 1, 1)


def test_hostile_names_are_shown_and_found(world):
    for name in ("a, 1.jpg", "b.jpg", "c.jpg"):
        (world.folder / name).unlink()
    names = [name for name in draw_hostile(world.folder) if name.endswith(b".jpg")]
    world.learn()
    service = world.open()
    entries = service.load_catalog(raw(world.folder))
    assert [entry.paths for entry in entries] == [(raw(world.folder) + b"/" + name,) for name in names]
    for entry in entries:
        assert service.find_entry(entry.md5).paths
        assert service.update_star_status(entry.md5, is_starred=True)
    assert len(service.starred_entries()) == len(names)


def test_threads_lose_none_of_each_others_stars(world, service):
    md5s = [world.md5(name) for name in ("a, 1.jpg", "b.jpg", "c.jpg")]
    services = [service, world.open()]
    orders = list(itertools.product(md5s, services)) * 5

    def toggle(order: tuple[str, CatalogService]) -> None:
        md5, through = order
        through.update_star_status(md5, is_starred=True)
        assert through.find_entry(md5).starred

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(toggle, orders))
    assert len(service.starred_entries()) == 3
