"""An export reads back equal, never loses a row that stands there, and is whole at every instruction."""

import hashlib
import json
import plistlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.photolala.exporting import export_folder
from catalog.photolala.importing import import_folder
from catalog.photolala.read import read_catalog
from catalog.photolala.rows import CsvRow, parse_line
from catalog.photolala.source import FolderSource
from catalog.protocol import CatalogError
from catalog.store import SqlCatalog
from tests.catalog.conftest import raw, scan, start_python
from tests.catalog.photolala.by_hand import (
    BORN,
    HEX,
    UUID,
    by_shard,
    everything,
    lay,
    lay_bytes,
    lay_v4,
    line,
    manifest,
    md5,
)  # fmt: skip
from tests.conftest import draw_photo, permissions_that_count


@pytest.fixture
def folder(catalog, library) -> Path:
    """Two photos that are known, one of them starred, with three more in folders below."""
    scan(catalog, library)
    catalog.update_star_status(digest(library / "b.jpg"), is_starred=True)
    return library


def digest(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


def content(folder: Path) -> dict[str, CsvRow]:
    found = read_catalog(FolderSource(raw(folder)))
    rows = {row.md5: row for _, rows in found.parts() for row in rows}
    assert found.report.problems == []
    return rows


def files(folder: Path) -> dict[str, bytes]:
    return {
        name: data for name, data in everything(folder / ".photolala").items() if name != "stars.csv.lock"
    }


def test_the_bytes_are_those_of_the_mac_app(catalog, folder):
    report = export_folder(catalog, raw(folder))
    assert (report.photos, report.stars, report.kept, report.below, report.written) == (2, 1, 0, 2, True)
    written = files(folder)
    assert sorted(written) == sorted([*(f"{x}.csv" for x in HEX), "manifest.plist", "stars.csv"])
    lines = {}
    for name in ("a.jpg", "b.jpg"):
        of, found = digest(folder / name), (folder / name).stat()
        lines[of] = f"{of},{name},{found.st_size},{int(found.st_mtime)},{int(found.st_mtime)},16,12,"
    shards = by_shard(sorted(lines.values()))
    assert {x: written[f"{x}.csv"] for x in HEX} == shards
    assert written["stars.csv"] == digest(folder / "b.jpg").encode() + b"\n"
    assert written["manifest.plist"].startswith(b"bplist00")
    told = plistlib.loads(written["manifest.plist"])
    assert told | {"created": 0, "modified": 0, "directory-uuid": 0} == manifest(
        shards, created=0, modified=0, photoCount=2
    ) | {"directory-uuid": 0}
    assert len(told["directory-uuid"]) == 36


def test_export_import_export_is_the_same(catalog, folder, tmp_path):
    draw_photo(folder / 'a, "b".jpg', 7)
    scan(catalog, folder)
    export_folder(catalog, raw(folder))
    first = files(folder)
    other = SqlCatalog(tmp_path / "other.sqlite")
    import_folder(other, raw(folder))
    assert not export_folder(other, raw(folder)).written
    shutil.move(folder / ".photolala", tmp_path / "first")
    export_folder(other, raw(folder))
    assert {**files(folder), "manifest.plist": b""} == {**first, "manifest.plist": b""}
    other.close()


def test_again_it_writes_nothing_and_then_only_what_changed(catalog, folder):
    export_folder(catalog, raw(folder))
    before = files(folder)
    assert not export_folder(catalog, raw(folder)).written
    assert files(folder) == before
    draw_photo(folder / "new.jpg", 9)
    scan(catalog, folder)
    assert export_folder(catalog, raw(folder)).written
    x = digest(folder / "new.jpg")[0]
    changed = {name for name, data in files(folder).items() if data != before[name]}
    assert changed == {f"{x}.csv", "manifest.plist"}


def test_what_stands_there_is_kept(catalog, folder):
    b = digest(folder / "b.jpg")
    lay(folder, [line("0a", "unknown.jpg") + ",A", line(b, "b.jpg", 5) + ",APPLE", line("0a", "twice.jpg")])
    (folder / ".photolala" / "stars.csv").write_text(f"{md5('0a')}\n")
    report = export_folder(catalog, raw(folder))
    assert (report.photos, report.kept, report.stars) == (3, 1, 2)
    stands = [parse_line(one) for x in HEX for one in (files(folder)[f"{x}.csv"]).decode().split("\n") if one]
    assert [(row.filename, row.applephotoid) for row in stands if row.md5 == md5("0a")] == [
        ("unknown.jpg", "A"), ("twice.jpg", ""),
    ]  # fmt: skip
    (mine,) = [row for row in stands if row.md5 == b]
    assert (mine.size, mine.applephotoid) == ((folder / "b.jpg").stat().st_size, "APPLE")
    told = plistlib.loads(files(folder)["manifest.plist"])
    assert (told["created"], told["directory-uuid"], told["photoCount"]) == (BORN, UUID, 3)
    assert told["modified"] > BORN


def test_a_file_that_was_renamed_has_its_new_name(catalog, folder):
    export_folder(catalog, raw(folder))
    (folder / "b.jpg").rename(folder / "c.jpg")
    scan(catalog, folder)
    export_folder(catalog, raw(folder))
    assert {row.filename for row in content(folder).values()} == {"a.jpg", "c.jpg"}


def test_a_star_that_was_taken_here_goes_only_if_it_came_from_there(catalog, folder):
    a = digest(folder / "a.jpg")
    lay(folder, [line(a, "a.jpg")])
    (folder / ".photolala" / "stars.csv").write_text(a)
    assert export_folder(catalog, raw(folder)).stars == 2
    import_folder(catalog, raw(folder))
    catalog.update_star_status(a, is_starred=False)
    assert export_folder(catalog, raw(folder)).stars == 1


def nothing(folder: Path) -> None:
    shutil.rmtree(folder / ".photolala", ignore_errors=True)


REFUSED = {
    "version 4": (lambda folder: lay_v4(folder, [line("a1")]), "version 4"),
    "a newer version": (lambda folder: lay(folder, [line("a1")], version="6.0"), "6.0"),
    "rows that cannot be read": (lambda folder: lay_bytes(folder, {"a": b"rubbish"}), "cannot be read"),
    "no catalog at all": (lambda folder: (folder / ".photolala" / "x").mkdir(parents=True), "no catalog"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_be_written_over_is_left_as_it_is(catalog, folder, name):
    lay_it, why = REFUSED[name]
    lay_it(folder)
    before = everything(folder)
    with pytest.raises(CatalogError, match=why):
        export_folder(catalog, raw(folder))
    after = everything(folder)
    after.pop(".photolala/stars.csv.lock", None)
    assert after == before


def test_a_folder_without_known_photos_or_rights_is_told(catalog, folder):
    with pytest.raises(CatalogError, match="scan"):
        export_folder(catalog, raw(folder.parent))
    folder.chmod(0o500)
    with permissions_that_count(), pytest.raises(CatalogError, match="cannot be written"):
        export_folder(catalog, raw(folder))
    assert not (folder / ".photolala").exists()


def test_an_unreadable_shard_is_not_taken_for_an_empty_one(catalog, folder):
    lay(folder, [line("a1")])
    (folder / ".photolala" / "a.csv").chmod(0)
    with permissions_that_count(), pytest.raises(CatalogError, match=r"a\.csv cannot be read"):
        export_folder(catalog, raw(folder))


# Forks for each order, so that no step costs the start of a Python.
KILLED = """
import json, os, signal, sys
from catalog.photolala.manifest import parse_manifest
from catalog.photolala.marks import Marks
from catalog.photolala.write import write_catalog

def order(folder, shards, stars, step):
    count = 0
    def killing(real):
        def call(*arguments, **named):
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)
        return call
    for name in ("open", "fsync", "rename"):
        setattr(os, name, killing(getattr(os, name)))
    before = parse_manifest(open(folder + "/manifest.plist", "rb").read())
    changed = [x for x in shards if open(f"{folder}/{x}.csv", "rb").read() != shards[x].encode()]
    write_catalog(os.fsencode(folder), {x: text.encode() for x, text in shards.items()}, Marks(stars.encode()),
                  photos=sum(len(text.splitlines()) for text in shards.values()), before=before, changed=changed)
    os._exit(0)

for ordered in sys.stdin:
    child = os.fork()
    if child == 0:
        order(*json.loads(ordered))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_killed_anywhere_the_old_or_the_new_rows_are_all_there(tmp_path):
    old = [line("a1", "one.jpg"), line("b1", "two.jpg")]
    new = [line("a1", "one.jpg", 7), line("b1", "two.jpg"), line("b2", "three.jpg"), line("c1", "four.jpg")]
    shards = {x: data.decode() for x, data in by_shard(new).items()}
    with start_python(KILLED) as process:
        for step in range(1, 200):
            folder = lay(tmp_path / str(step), old)
            (folder / ".photolala" / "stars.csv").write_text(md5("a1") + "\n")
            place = str(folder / ".photolala")
            process.stdin.write(json.dumps([place, shards, md5("b1"), step]) + "\n")
            process.stdin.flush()
            status = int(process.stdout.readline())
            left = everything(folder)
            told = plistlib.loads(left[".photolala/manifest.plist"])
            for x in HEX:
                data = left[f".photolala/{x}.csv"]
                assert data in (by_shard(old)[x], by_shard(new)[x])
                assert (
                    told["shardChecksums"].get(x, hashlib.sha256(data).hexdigest())
                    == hashlib.sha256(data).hexdigest()
                )
            assert left[".photolala/stars.csv"].decode() in (md5("a1") + "\n", md5("b1") + "\n")
            if status == 0:
                break
            assert status == -signal.SIGKILL
            process.stdin.write(json.dumps([place, shards, md5("b1"), 0]) + "\n")  # and again, in peace
            process.stdin.flush()
            assert int(process.stdout.readline()) == 0
            assert {row.md5 for row in content(folder).values()} == {
                md5(of) for of in ("a1", "b1", "b2", "c1")
            }
            assert not list((folder / ".photolala").glob("*~"))
        process.stdin.close()
    assert step > 15
    assert told["shardChecksums"] == manifest(by_shard(new))["shardChecksums"]


KILLED_FIRST = """
import os, signal, sys
from pathlib import Path
from catalog.photolala import exporting
from catalog.store import SqlCatalog
exporting.appear = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
exporting.export_folder(SqlCatalog(Path(sys.argv[1])), os.fsencode(sys.argv[2]))
"""


def test_a_first_export_that_is_killed_leaves_no_catalog_and_is_done_again(catalog, folder):
    done = subprocess.run([sys.executable, "-c", KILLED_FIRST, catalog.path, folder], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (folder / ".photolala").exists()
    assert export_folder(catalog, raw(folder)).written
    assert len(content(folder)) == 2
    assert not (folder / ".photolala~new").exists()


def test_what_does_not_read_back_is_told(catalog, folder):
    def spoil() -> None:
        (folder / ".photolala" / "a.csv").write_bytes(b"rubbish")

    with pytest.raises(CatalogError, match="does not read back"):
        export_folder(catalog, raw(folder), written=spoil)
