"""Which service has a directory: the flag for all or for one, and whether its catalog was imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.photolala.exporting import export_folder
from catalog.photolala.importing import import_folder
from catalog.photolala.service import CsvCatalog
from catalog.provider import DirectoryPhotoProvider, Service, ServiceChoice
from catalog.store import SqlCatalog
from tests.catalog.conftest import md5_at, raw, scan
from tests.catalog.photolala.by_hand import lay, lay_v4, line
from tests.conftest import draw_photo

AUTO, SQL, CSV = Service


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    lay(tmp_path / "mac", [line("a1")])
    lay_v4(tmp_path / "old", [line("a1")])
    (tmp_path / "plain").mkdir()
    (tmp_path / "empty" / ".photolala").mkdir(parents=True)
    return tmp_path


def provider(catalog: SqlCatalog, **choice: object) -> DirectoryPhotoProvider:
    return DirectoryPhotoProvider(catalog.path, ServiceChoice(**choice), lambda: catalog)


def served(catalog: SqlCatalog, folders: Path, **choice: object) -> str:
    asked = provider(catalog, **choice)
    return " ".join(asked.serving(raw(folders / name)).service for name in ("mac", "old", "plain", "empty"))


def test_the_flag_for_all_directories(catalog, folders):
    assert served(catalog, folders) == "csv csv sql sql"
    assert served(catalog, folders, service=SQL) == "sql sql sql sql"
    assert served(catalog, folders, service=CSV) == "csv csv sql sql"
    import_folder(catalog, raw(folders / "mac"))
    assert served(catalog, folders) == "sql csv sql sql"
    assert served(catalog, folders, service=CSV) == "csv csv sql sql"


def test_the_flag_for_one_directory_and_all_below_it(catalog, folders):
    here = raw(folders)
    assert served(catalog, folders, sql_folders=(here + b"/mac",)) == "sql csv sql sql"
    assert served(catalog, folders, sql_folders=(here + b"/ma",)) == "csv csv sql sql"
    assert served(catalog, folders, service=SQL, csv_folders=(here + b"/",)) == "csv csv sql sql"
    assert served(catalog, folders, csv_folders=(here,), sql_folders=(here + b"/old/",)) == "csv sql sql sql"
    assert served(catalog, folders, sql_folders=(b"/",), csv_folders=(here + b"/mac",)) == "csv sql sql sql"


def test_a_directory_may_be_chosen_by_way_of_a_link(catalog, folders, tmp_path):
    (tmp_path / "link").symlink_to(folders / "mac")
    link = raw(tmp_path / "link")
    assert served(catalog, folders, service=SQL, csv_folders=(link,)) == "csv sql sql sql"
    assert served(catalog, folders, csv_folders=(link,), sql_folders=(link,)) == "sql csv sql sql"


def test_the_import_is_offered_until_it_was_made_and_when_there_is_more(catalog, folders):
    asked = provider(catalog)
    mac = raw(folders / "mac")
    assert asked.serving(mac).offer_import
    assert not asked.serving(raw(folders / "plain")).offer_import
    import_folder(catalog, mac)
    later = (folders / "mac" / ".photolala" / "manifest.plist").stat().st_mtime + 100
    with catalog.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE imported SET imported_at = ?", (int(later),))
    assert not asked.serving(mac).offer_import
    os.utime(mac + b"/.photolala/manifest.plist", (later + 100, later + 100))
    serving = asked.serving(mac)
    assert (serving.service, serving.offer_import) == (SQL, True)
    assert "changed" in serving.reason


def test_the_service_is_the_one_that_was_named(catalog, folders):
    asked = provider(catalog)
    assert isinstance(asked.service(raw(folders / "mac")), CsvCatalog)
    assert asked.service(raw(folders / "plain")) is catalog
    draw_photo(folders / "plain" / "a.jpg", 1)
    scan(catalog, folders / "plain")
    assert [entry.filename for entry in asked.photos(raw(folders / "plain"))] == ["a.jpg"]


def test_there_and_back_again(catalog, folders):
    """Imported, starred in the store, exported, and the CSV service shows the same."""
    mac = folders / "mac"
    photo = draw_photo(mac / "IMG_2.jpg", 2)
    scan(catalog, mac)
    import_folder(catalog, raw(mac))
    md5 = md5_at(catalog, raw(photo))
    catalog.update_star_status(md5, is_starred=True)
    export_folder(catalog, raw(mac))
    back = provider(catalog, service=CSV)
    assert [(entry.md5, entry.starred) for entry in back.photos(raw(mac))] == [(md5, True)]
    assert provider(catalog).serving(raw(mac)).service is SQL


def test_a_catalog_that_is_not_there_has_imported_nothing(folders, tmp_path):
    asked = DirectoryPhotoProvider(tmp_path / "none.sqlite", ServiceChoice(), lambda: pytest.fail("opened"))
    assert asked.serving(raw(folders / "mac")).service is CSV
    assert not (tmp_path / "none.sqlite").exists()


def test_asking_loads_no_orm():
    program = (
        "import sys, catalog.provider; sys.exit(bool({'sqlalchemy', 'sqlmodel', 'PIL'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode == 0
