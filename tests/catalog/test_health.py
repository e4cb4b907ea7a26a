"""What the doctor finds in a catalog's file and the folders that were scanned."""

import os
import shutil
import sqlite3
import time
from contextlib import closing

import pytest

from catalog.checkup import Status, run_checks
from catalog.copies import back_up
from catalog.health import CatalogChecks
from catalog.scan.scanner import Scan
from catalog.store import SqlCatalog
from tests.conftest import draw_photo


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty catalog and its lock, to be copied."""
    home = tmp_path_factory.mktemp("empty")
    SqlCatalog(home / "catalog.sqlite").close()
    return home


@pytest.fixture
def home(empty, tmp_path):
    """A catalog with two photos of one folder."""
    home = shutil.copytree(empty, tmp_path / "home")
    for number in (1, 2):
        draw_photo(home / "album" / "2024" / f"{number}.jpg", number)
    catalog = SqlCatalog(home / "catalog.sqlite")
    Scan(catalog, os.fsencode(home / "album")).run()
    catalog.close()
    return home


def examined(home):
    return {result.name: result for result in run_checks(CatalogChecks(home / "catalog.sqlite").checks())}


def wrong(found):
    return {name for name, result in found.items() if result.status is Status.FAILED}


def test_all_is_well_and_nothing_is_changed(home):
    before = (home / "catalog.sqlite").read_bytes()
    found = examined(home)
    assert {result.status for result in found.values()} == {Status.OK}
    assert found["catalog"].found.endswith("photos: 2.")
    assert found["folder"].found == f"{home}/album is there, and can be read."
    assert (home / "catalog.sqlite").read_bytes() == before


def test_a_catalog_that_is_not_there_is_not_made(tmp_path):
    found = examined(tmp_path / "new")
    assert wrong(found) == set()
    assert "no catalog yet" in found["catalog"].found
    assert not (tmp_path / "new").exists()


def test_a_catalog_that_others_may_read(home):
    (home / "catalog.sqlite").chmod(0o644)
    found = examined(home)
    assert found["file mode"].status is Status.WARNING
    assert "0644" in found["file mode"].found
    assert "chmod 600" in found["file mode"].advice


def test_a_catalog_that_is_damaged_is_told_and_left_as_it_is(home):
    path = home / "catalog.sqlite"
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 12] = b"\xa5" * 4096 * 9
    path.write_bytes(data)
    found = examined(home)
    assert wrong(found) & {"catalog", "quick check"}
    assert "Start photolala" in next(found[name] for name in wrong(found)).advice
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("content", "says"), [(b"no catalog " * 400, "is no catalog"), (b"", "is no catalog")]
)
def test_a_file_that_is_no_catalog(home, content, says):
    (home / "catalog.sqlite").write_bytes(content)
    found = examined(home)
    assert wrong(found) == {"catalog"}
    assert says in found["catalog"].found


@pytest.mark.parametrize(
    ("version", "status", "says"),
    [("0009", Status.FAILED, "by a newer photolala"), ("0002", Status.OK, "the next start brings it to")],
)
def test_the_schema_of_another_version(home, version, status, says):
    with closing(sqlite3.connect(home / "catalog.sqlite")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    found = examined(home)
    assert found["catalog"].status is status
    assert says in found["catalog"].found


def test_folders_that_are_gone_or_empty(home):
    (home / "album").rename(home / "elsewhere")
    gone = examined(home)["folder"]
    (home / "album").mkdir()
    empty = examined(home)["folder"]
    assert (gone.status, empty.status) == ("failed", "failed")
    assert "No such file or directory" in gone.found
    assert empty.found.endswith("album is empty, and photos were there.")
    assert "Mount" in gone.advice


def test_copies_are_told_and_asked_for(home):
    path, lock = home / "catalog.sqlite", home / "catalog.sqlite.open-lock"
    long_ago = time.time() - 30 * 86400
    os.utime(lock, (long_ago, long_ago))
    assert examined(home)["copies"].status is Status.WARNING
    back_up(path, "weekly")
    found = examined(home)["copies"]
    assert found.status is Status.OK
    assert found.found.startswith("Copies beside it: 1")


def test_a_catalog_on_a_network_disk_is_for_one_machine(home, monkeypatch):
    monkeypatch.setattr("catalog.health.network_disk", lambda _: "nfs4")
    found = examined(home)["disk"]
    assert found.status is Status.WARNING
    assert "(nfs4): two machines" in found.found


def test_a_folder_that_was_renamed_is_missed_by_nobody(home):
    (home / "album").rename(home / "photos")
    with closing(SqlCatalog(home / "catalog.sqlite")) as catalog:
        Scan(catalog, os.fsencode(home / "photos")).run()
    found = [
        result
        for result in run_checks(CatalogChecks(home / "catalog.sqlite").checks())
        if result.name == "folder"
    ]
    assert [result.status for result in found] == [Status.SKIPPED, Status.OK]
    assert found[0].found == f"{home}/album is not there any more, nor is a photo known to be in it."


def test_an_empty_folder_beside_one_with_photos_was_never_full(home):
    (home / "alb").mkdir()
    (home / "album").rename(home / "alb-2024")
    with closing(SqlCatalog(home / "catalog.sqlite")) as catalog:
        for name in ("alb-2024", "alb"):
            Scan(catalog, os.fsencode(home / name)).run()
    assert wrong(examined(home)) == set()
