"""The CSV service beyond the contract: what it leaves alone, what damage it bears, who may write at once."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from catalog.photolala import folder as folder_module
from catalog.photolala.folder import replace_file, writing
from catalog.photolala.service import CsvCatalog
from catalog.protocol import BackupStatus, CatalogError
from tests.catalog.conftest import raw, start_python
from tests.catalog.photolala.by_hand import everything, lay, lay_bytes, lay_v4, line, md5
from tests.conftest import permissions_that_count

LINES = [line("0a", "one.jpg"), line("a1", "two.jpg"), line("a2", "three.jpg"), line("f3", "four.jpg")]
A1 = md5("a1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lay(tmp_path / "photos", LINES)


@pytest.fixture
def service(folder: Path) -> CsvCatalog:
    return CsvCatalog(raw(folder))


def test_only_the_stars_are_ever_written(folder, service):
    before = everything(folder)
    service.update_star_status(A1, is_starred=True)
    service.update_star_status(md5("0a"), is_starred=True)
    service.update_backup_status(A1, BackupStatus.QUEUED)
    after = everything(folder)
    assert after.pop(".photolala/stars.csv") == f"{md5('0a')}\n{A1}\n".encode()
    assert after.pop(".photolala/backup.csv") == f"{A1},queued\n".encode()
    assert after.pop(".photolala/stars.csv.lock") == b""
    assert after == before


def test_a_catalog_of_version_4_keeps_its_stars_beside_its_shards(tmp_path):
    folder = lay_v4(tmp_path / "photos", LINES)
    before = everything(folder)
    service = CsvCatalog(raw(folder))
    service.update_star_status(A1, is_starred=True)
    after = everything(folder)
    assert after.pop(".photolala#stars") == f"{A1}\n".encode()
    assert after.pop(".photolala#stars.lock") == b""
    assert after == before


def test_stars_outlive_the_mac_apps_move_from_version_4_to_5(tmp_path):
    folder = lay_v4(tmp_path / "photos", LINES)
    service = CsvCatalog(raw(folder))
    for of in ("0a", "a1"):
        service.update_star_status(md5(of), is_starred=True)
    (folder / ".photolala").unlink()
    lay(folder, LINES)
    assert [entry.md5 for entry in service.starred_entries()] == [md5("0a"), A1]
    service.update_star_status(A1, is_starred=False)
    assert [entry.md5 for entry in service.starred_entries()] == [md5("0a")]


def test_what_stands_in_the_stars_and_is_none_is_kept(folder, service):
    (folder / ".photolala" / "stars.csv").write_bytes(
        f"{A1.upper()}\r\nnote\xff\n{md5('77')}".encode("latin-1")
    )
    assert [entry.md5 for entry in service.starred_entries()] == [A1]
    service.update_star_status(md5("0a"), is_starred=True)
    stars = (folder / ".photolala" / "stars.csv").read_bytes()
    assert stars == f"{md5('0a')}\n{md5('77')}\n{A1}\nnote\xff\n".encode("latin-1")


def test_stars_that_cannot_be_read_are_not_written_over(folder, service):
    stars = folder / ".photolala" / "stars.csv"
    stars.write_text(A1)
    stars.chmod(0)
    with permissions_that_count(), pytest.raises(CatalogError, match=r"stars\.csv cannot be read"):
        service.update_star_status(md5("0a"), is_starred=True)
    assert stars.read_text() == A1


def test_a_folder_that_cannot_be_written_says_so(folder, service):
    (folder / ".photolala").chmod(0o500)
    with permissions_that_count():
        with pytest.raises(CatalogError, match="cannot be written"):
            service.update_star_status(A1, is_starred=True)
        assert service.find_entry(A1).filename == "two.jpg"


def test_an_unreadable_shard_is_not_taken_for_an_empty_one(folder, service):
    (folder / ".photolala" / "a.csv").chmod(0)
    with permissions_that_count():
        for ask in (service.stats, service.starred_entries, lambda: service.find_entry(A1)):
            with pytest.raises(CatalogError, match=r"a\.csv cannot be read"):
                ask()


def test_a_folder_that_has_no_catalog_any_more_says_so(folder, service):
    shutil.rmtree(folder)
    with pytest.raises(CatalogError, match="no Photolala catalog"):
        service.load_catalog(raw(folder))


def test_damaged_rows_are_found_all_the_same(tmp_path):
    folder = tmp_path / "photos"
    lay_bytes(
        folder,
        {
            "a": "\n".join([
                line("a1", "wo.jpg", 3), line("A2".lower(), "x\ny.jpg"), line("b1", "stray.jpg"), "rubbish",
                line("a3").replace("a3", "A3", 1), line("a1", "again.jpg"),
            ]).encode().replace(b"\n", b"\r\n"),
        },
    )  # fmt: skip
    (folder / "two.jpg").write_bytes(b"123")
    service = CsvCatalog(raw(folder))
    for of in ("a1", "a2", "a3", "b1"):
        assert service.find_entry(md5(of)).md5 == md5(of)
        assert service.update_star_status(md5(of), is_starred=True)
    assert [entry.md5 for entry in service.starred_entries()] == [md5(of) for of in ("a1", "a2", "a3", "b1")]
    assert service.find_entry(A1).paths == (raw(folder / "two.jpg"),)
    assert [entry.filename for entry in service.load_catalog(raw(folder))] == ["two.jpg"]
    assert service.stats()._replace(backup={}) == (4, 1, 4, 0, 0, {})


def test_a_name_does_not_lead_out_of_the_folder(tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"x")
    folder = lay(
        tmp_path / "photos", [line("a1", "../secret.jpg", 1), line("a2", "", 1), line("a3", "..", 1)]
    )
    service = CsvCatalog(raw(folder))
    assert [service.find_entry(md5(of)).paths for of in ("a1", "a2", "a3")] == [(), (), ()]
    assert list(service.load_catalog(raw(folder))) == []


STARRING = """
import os, sys
from catalog.photolala.service import CsvCatalog
service = CsvCatalog(os.fsencode(sys.argv[1]))
print(flush=True)
sys.stdin.readline()
for md5 in sys.argv[2:]:
    service.update_star_status(md5, True)
"""


def test_processes_lose_none_of_each_others_stars(tmp_path):
    lines = [line(f"{n:02x}", f"{n}.jpg") for n in range(60)]
    folder = lay(tmp_path / "photos", lines)
    md5s = [one[:32] for one in lines]
    started = [start_python(STARRING, folder, *md5s[begin::3]) for begin in range(3)]
    for process in started:
        process.stdout.readline()
    for process in started:
        process.communicate("\n", timeout=60)
        assert process.returncode == 0
    assert [entry.md5 for entry in CsvCatalog(raw(folder)).starred_entries()] == sorted(md5s)


HOLDING = """
import os, sys
from catalog.photolala.folder import writing
with writing(os.fsencode(sys.argv[1])):
    print(flush=True)
    sys.stdin.readline()
"""


def test_one_that_writes_for_ever_is_not_waited_for_and_a_dead_one_holds_nothing(
    folder, service, monkeypatch
):
    monkeypatch.setattr(folder_module, "_PATIENCE", 0.05)
    with start_python(HOLDING, folder / ".photolala" / "stars.csv.lock") as process:
        process.stdout.readline()
        with pytest.raises(CatalogError, match="another program"):
            service.update_star_status(A1, is_starred=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert service.update_star_status(A1, is_starred=True)


def test_a_write_that_fails_leaves_what_was(folder, service, monkeypatch):
    service.update_star_status(A1, is_starred=True)
    before = everything(folder)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CatalogError, match="No space left"):
        service.update_star_status(md5("0a"), is_starred=True)
    monkeypatch.undo()
    (folder / ".photolala" / "stars.csv~").unlink()
    assert everything(folder) == before
    assert service.update_star_status(md5("0a"), is_starred=True)


def test_a_replaced_file_stays_as_shared_as_it_was(tmp_path):
    path = tmp_path / "stars.csv"
    path.write_bytes(b"old")
    path.chmod(0o664)
    with writing(raw(tmp_path / "lock")):
        replace_file(raw(path), b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o664)


def test_a_link_laid_where_we_write_is_not_followed(folder, service, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (folder / ".photolala" / "stars.csv~").symlink_to(mine)
    (folder / ".photolala" / "stars.csv").symlink_to(mine)
    service.update_star_status(A1, is_starred=True)
    assert mine.read_text() == "mine"
