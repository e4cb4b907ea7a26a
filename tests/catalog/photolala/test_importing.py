"""An import adds and fills, never takes; it is one transaction, checked, and done again it changes nothing."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.exchange import Exchange
from catalog.photolala.importing import IMPORTED, import_catalog, import_folder
from catalog.protocol import CatalogError
from catalog.row import PhotoRow
from catalog.store import SqlCatalog
from tests.catalog.conftest import pending, put_new, put_synced, raw, rows_of, scan
from tests.catalog.photolala.by_hand import by_shard, everything, lay, lay_bytes, lay_v4, line, md5
from tests.conftest import HOSTILE_NAMES, draw_hostile, draw_photo, permissions_that_count

LINES = [line("0a", "one.jpg"), line("a1", '"two, 2.jpg"') + ",APPLE", line("f3", "three.jpg")]


def stars(folder: Path, *of: str) -> None:
    (folder / ".photolala" / "stars.csv").write_text("".join(md5(one) + "\n" for one in sorted(of)))


def imported(catalog: SqlCatalog) -> list[tuple]:
    with catalog.reading() as connection:
        return [tuple(row)[:2] for row in connection.execute(select(IMPORTED))]


def dump(catalog: SqlCatalog) -> tuple:
    return rows_of(catalog), pending(catalog), imported(catalog)


def real_line(path: Path, **values: object) -> str:
    """Return the line of a photo that lies on disk."""
    import hashlib

    found = {"name": path.name, "size": path.stat().st_size} | values
    return f"{hashlib.md5(path.read_bytes()).hexdigest()},{found['name']},{found['size']},1600000000,1600000001,,"


def test_photos_and_stars_come_over_and_are_to_be_synced(catalog, tmp_path):
    folder = lay(tmp_path / "photos", LINES)
    stars(folder, "a1")
    before = everything(folder)
    report = import_folder(catalog, raw(folder))
    assert (report.read, report.imported, report.known, report.stars, report.problems) == (3, 3, 0, 1, [])
    assert rows_of(catalog)[md5("a1")] == PhotoRow(
        md5("a1"), "two, 2.jpg", "", 1000, 1600000000, 1600000001, 40, 30, "APPLE", starred=True
    )
    assert {entry.base for entry in pending(catalog).values()} == {None}
    assert len(pending(catalog)) == 3
    assert everything(folder) == before


def test_again_it_changes_nothing(catalog, tmp_path):
    folder = lay_v4(tmp_path / "photos", LINES)
    import_folder(catalog, raw(folder))
    before = dump(catalog)
    report = import_folder(catalog, raw(folder))
    assert (report.imported, report.known, report.changed, report.unchanged) == (0, 3, 0, True)
    assert dump(catalog) == before


def test_of_a_known_photo_only_what_is_empty_is_filled(catalog, tmp_path):
    put_synced(
        catalog,
        PhotoRow(md5("0a"), "mine.jpg", "2024", 7, None, 9, None, None, "", starred=True),
        PhotoRow(md5("a1"), md5("a1"), "", 1000, 1, 2, 3, 4, "MINE"),
        PhotoRow(md5("f3"), "full.jpg", "x", 1, 2, 3, 4, 5, "6"),
    )
    report = import_folder(catalog, raw(lay(tmp_path / "photos", LINES)))
    assert (report.imported, report.known, report.changed, report.stars) == (0, 3, 2, 0)
    assert rows_of(catalog) == {
        md5("0a"): PhotoRow(md5("0a"), "mine.jpg", "2024", 7, 1600000000, 9, 40, 30, "", starred=True),
        md5("a1"): PhotoRow(md5("a1"), "two, 2.jpg", "", 1000, 1, 2, 3, 4, "MINE"),
        md5("f3"): PhotoRow(md5("f3"), "full.jpg", "x", 1, 2, 3, 4, 5, "6"),
    }
    assert pending(catalog).keys() == {md5("0a"), md5("a1")}


def test_stars_are_united_once_for_each_content(catalog, tmp_path):
    folder = lay(tmp_path / "photos", LINES)
    stars(folder, "a1")
    put_new(catalog, PhotoRow(md5("0a"), "one.jpg", starred=True))
    import_folder(catalog, raw(folder))
    assert {row.md5 for row in catalog.starred_entries()} == {md5("0a"), md5("a1")}
    catalog.update_star_status(md5("a1"), is_starred=False)
    assert import_folder(catalog, raw(folder)).stars == 0  # what was unstarred here since stays so
    stars(folder, "a1", "f3")
    assert import_folder(catalog, raw(folder)).stars == 2


def test_a_star_without_a_row_is_given_to_a_known_photo_and_else_told(catalog, tmp_path):
    folder = lay(tmp_path / "photos", LINES)
    stars(folder, "77", "88")
    put_synced(catalog, PhotoRow(md5("77"), "elsewhere.jpg"))
    report = import_folder(catalog, raw(folder))
    assert (report.stars, [problem.shard for problem in report.problems]) == (1, ["stars"])
    assert rows_of(catalog)[md5("77")].starred


def test_a_deleted_photo_comes_back_only_by_a_star(catalog, tmp_path):
    folder = lay(tmp_path / "photos", LINES)
    stars(folder, "a1")
    gone = [PhotoRow(md5(of), "gone.jpg", deleted=True) for of in ("0a", "a1")]
    put_synced(catalog, *gone)
    import_folder(catalog, raw(folder))
    assert rows_of(catalog)[md5("0a")] == gone[0]
    assert rows_of(catalog)[md5("a1")] == gone[1]._replace(deleted=False, starred=True)


def test_a_file_beside_is_shown_at_once_and_read_by_the_next_scan(catalog, library):
    lay(
        library, [real_line(library / "b.jpg"), real_line(library / "a.jpg", size=99), line("0a", "gone.jpg")]
    )
    report = import_folder(catalog, raw(library))
    assert report.files == 1
    (entry,) = catalog.load_catalog(raw(library))
    assert (entry.filename, entry.paths) == ("b.jpg", (raw(library / "b.jpg"),))
    found = scan(catalog, library)
    assert (found.files, found.unchanged, found.new) == (4, 0, 1)
    assert len(catalog.load_catalog(raw(library))) == 2


def test_the_folder_is_told_relative_to_the_library(catalog, library):
    scan(catalog, library)
    lay(library / "2023" / "copies", [line("0a")])
    import_folder(catalog, raw(library / "2023" / "copies"))
    assert rows_of(catalog)[md5("0a")].folder == "2023/copies"


def test_damage_is_mended_by_the_files_beside(catalog, library):
    lay(library, [real_line(library / "b.jpg", name="jpg"), real_line(library / "a.jpg")])
    report = import_folder(catalog, raw(library))
    assert (report.mended, report.files) == (1, 2)
    assert {row.filename for row in rows_of(catalog).values()} == {"a.jpg", "b.jpg"}


def test_a_star_waits_for_no_file_that_an_import_looks_at(catalog, library, monkeypatch):
    """On a slow disk that takes longer than a writer waits."""
    put_new(catalog, PhotoRow("e" * 32, "e.jpg"))
    lay(library, [real_line(library / "b.jpg", name="jpg"), real_line(library / "a.jpg")])
    looked_at = []

    def look(path, *args, **kwargs):
        if str(library) in os.fsdecode(path):
            with closing(sqlite3.connect(catalog.path, timeout=0)) as other, other:
                other.execute("UPDATE photo SET starred = 1 WHERE md5 = ?", ("e" * 32,))
            looked_at.append(path)
        return stat(path, *args, **kwargs)

    stat = os.stat
    monkeypatch.setattr("catalog.photolala.beside.os.stat", look)
    assert import_folder(catalog, raw(library)).mended == 1
    assert {Path(os.fsdecode(path)).name for path in looked_at} >= {"a.jpg", "b.jpg"}


def test_hostile_names_come_over_as_they_are(catalog, tmp_path):
    names = draw_hostile(tmp_path / "photos")
    scan(catalog, tmp_path / "photos")
    from catalog.photolala.exporting import export_folder

    export_folder(catalog, raw(tmp_path / "photos"))
    other = SqlCatalog(tmp_path / "other.sqlite")
    report = import_folder(other, raw(tmp_path / "photos"))
    assert (report.imported, report.files, report.problems) == (len(names), len(names), [])
    assert [
        entry.paths[0].rpartition(b"/")[2] for entry in other.load_catalog(raw(tmp_path / "photos"))
    ] == names
    other.close()
    assert len(names) > len(HOSTILE_NAMES) / 2


def test_what_could_not_all_be_read_does_not_count_as_imported(catalog, tmp_path):
    folder = lay(tmp_path / "photos", LINES)
    shard = folder / ".photolala" / "a.csv"
    shard.chmod(0)
    with permissions_that_count():
        report = import_folder(catalog, raw(folder))
    assert (report.imported, report.complete, imported(catalog)) == (2, False, [])
    shard.chmod(0o600)
    assert import_folder(catalog, raw(folder)).imported == 1
    assert [row[0] for row in imported(catalog)] == [raw(folder)]


def test_another_source_is_remembered_by_its_address(catalog):
    class Bucket:
        address = b"s3://bucket/catalogs/me"

        def get(self, name: str, limit: int) -> bytes | None:
            return by_shard(LINES)[name[-1]] if name[:-1] == ".photolala#" else None

    assert import_catalog(catalog, Bucket()).imported == 3
    assert [row[0] for row in imported(catalog)] == [b"s3://bucket/catalogs/me"]


SPOILS = {
    "other content": "INSERT ON photo WHEN new.md5 LIKE 'f%' BEGIN UPDATE photo SET size = 1 WHERE md5 = new.md5;",
    "a row less": """INSERT ON pending WHEN new.md5 LIKE 'f%' BEGIN
        DELETE FROM pending WHERE md5 = new.md5; DELETE FROM photo WHERE md5 = new.md5;""",
    "a row more": """INSERT ON pending BEGIN INSERT OR IGNORE INTO photo
        (md5, filename, folder, applephotoid, starred, deleted, backup_status) VALUES ('00', '', '', '', 0, 0, '');""",
}


@pytest.mark.parametrize("name", SPOILS)
def test_what_does_not_check_out_is_undone(catalog, tmp_path, name):
    with catalog.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TRIGGER spoil AFTER {SPOILS[name]} END")
    before = dump(catalog)
    with pytest.raises(CatalogError, match="undone"):
        import_folder(catalog, raw(lay(tmp_path / "photos", LINES)))
    assert dump(catalog) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from catalog.photolala.importing import import_folder
from catalog.store import SqlCatalog

def kill(done):
    if done >= 1000:
        os.kill(os.getpid(), signal.SIGKILL)

import_folder(SqlCatalog(Path(sys.argv[1])), os.fsencode(sys.argv[2]), progress=kill)
"""


def test_killed_in_the_middle_it_has_not_happened(catalog, tmp_path):
    lines = [line(f"a{number:04x}") for number in range(2000)]
    folder = lay_bytes(tmp_path / "photos", {"a": "\n".join(lines).encode()})
    before = dump(catalog)
    done = subprocess.run([sys.executable, "-c", KILLED, catalog.path, folder], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert dump(catalog) == before
    assert import_folder(catalog, raw(folder)).imported == 2000


def test_imported_rows_can_be_synced(catalog, tmp_path):
    """What a shard of the remote would refuse never gets into the catalog."""
    from catalog.row import parse_line

    strange = ["x" * 1024, "\u202e\x1b", '"a ""b"""', "'", ""]
    lines = [line(f"a{n}", name) + "," + "y" * 250 * n for n, name in enumerate(strange)]
    import_folder(catalog, raw(lay(tmp_path / "photos", lines)))
    assert len(rows_of(catalog)) == 5
    for row in rows_of(catalog).values():
        assert parse_line(row.line()) == row
    assert len(Exchange(catalog).freeze("b" * 32, "s3://x/y")) == 1


def test_a_folder_with_nothing_to_import_says_so(catalog, tmp_path):
    draw_photo(tmp_path / "photos" / "a.jpg", 1)
    with pytest.raises(CatalogError, match="no Photolala catalog"):
        import_folder(catalog, raw(tmp_path / "photos"))
    shutil.rmtree(tmp_path / "photos")
    with pytest.raises(CatalogError, match="no Photolala catalog"):
        import_folder(catalog, os.fsencode(tmp_path / "photos"))
