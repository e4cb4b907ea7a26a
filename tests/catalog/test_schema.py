"""The catalog file: how it is born, who may read it, and what is never touched."""

import fcntl
import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from catalog import schema
from catalog.copies import lock_of
from catalog.engine import make_engine
from catalog.protocol import CatalogError, CatalogTooNewError
from catalog.search import find
from catalog.search.query import Query
from catalog.store import SqlCatalog, driver
from tests.catalog.conftest import photo, put_synced, start_python
from tests.conftest import permissions_that_count


@pytest.fixture
def scripts():
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config)


def sql(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_catalog_and_all_beside_it_is_its_owners_alone(tmp_path):
    path = tmp_path / "not" / "there yet" / "catalog.sqlite"
    before = os.umask(0)
    try:
        catalog = SqlCatalog(path)
        put_synced(catalog, photo("a"))
        made = {file.name: mode(file) for file in path.parent.iterdir()}
        catalog.close()
    finally:
        os.umask(before)
    assert made.pop("catalog.sqlite-wal") == made.pop("catalog.sqlite") == 0o600
    assert set(made.values()) == {0o600}


def test_readers_never_wait_for_a_writer_since_it_is_in_wal_mode(catalog):
    with closing(sqlite3.connect(catalog.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_migrations_make_the_tables(catalog):
    def is_a_model(name, kind, parents):  # the index of names is a virtual table, and has no class
        return kind != "table" or not name.startswith("photo_name")

    with catalog.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_a_model})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_migrations_make_the_indexes_with_their_conditions(catalog):
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    indexes = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    with engine.connect() as models, catalog.reading() as migrated:
        wanted = models.exec_driver_sql(indexes).all()
        assert wanted
        assert migrated.exec_driver_sql(indexes).all() == wanted
    engine.dispose()


def test_the_head_that_is_compared_without_alembic_is_alembics(scripts, catalog):
    assert scripts.get_current_head() == schema.HEAD
    with catalog.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").all() == [(schema.HEAD,)]


def test_a_catalog_of_any_earlier_step_is_one_of_ours(scripts):
    assert {step.revision for step in scripts.walk_revisions()} == schema._KNOWN


def test_a_catalog_from_a_newer_version_is_refused_and_left_as_it_is(catalog):
    path = catalog.path
    put_synced(catalog, photo("a", starred=True))
    catalog.close()
    sql(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(CatalogTooNewError, match=r"newer photolala \(schema 9999\)\. Upgrade") as refused:
        SqlCatalog(path)
    assert str(path) in str(refused.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_text("Dear diary, " * 100), "not a database"),
        (lambda path: sql(path, "CREATE TABLE recipe (name)"), "it holds other tables"),
    ],
    ids=["no database", "somebody else's database"],
)
def test_what_is_no_catalog_is_refused_and_left_as_it_is(tmp_path, make, reason):
    path = tmp_path / "catalog.sqlite"
    make(path)
    before = path.read_bytes()
    with pytest.raises(
        CatalogError, match=rf"is not a catalog \(.*{reason}\)\. It was left as it is"
    ) as refused:
        SqlCatalog(path)
    assert str(path) in str(refused.value)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {path.name: before}


def test_a_catalog_of_an_earlier_step_keeps_what_it_holds_and_can_be_searched(tmp_path, scripts, library):
    path = tmp_path / "catalog.sqlite"
    lock_of(path).touch()
    engine = make_engine(path)
    config = Config()
    config.set_main_option("script_location", scripts.dir)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for md5 in ("a", "b"):
            connection.exec_driver_sql(
                "INSERT INTO photo (md5, filename, folder, photodate, applephotoid, starred, deleted, backup_status)"
                " VALUES (?, ?, '', 5, '', 1, 0, 'none')",
                (photo(md5).md5, f"{md5}.jpg"),
            )
        for name, md5, missing in ((b"1", "a", 0), (b"2", "a", 0), (b"3", "a", 1)):
            connection.exec_driver_sql(
                "INSERT INTO file (folder, name, md5, size, mtime_ns, inode, missing) VALUES (?, ?, ?, 0, 0, 0, ?)",
                (b"/photos", name, photo(md5).md5, missing),
            )
    engine.dispose()
    catalog = SqlCatalog(path)
    assert [entry.filename for entry in catalog.starred_entries()] == ["a.jpg", "b.jpg"]
    for query in (Query(duplicates=True), Query(folder=b"/photos", recursive=False), Query(name="A.JP")):
        assert [entry.filename for entry in catalog.entries(query)] == ["a.jpg"]
        with catalog.reading() as connection:
            assert find.count(driver(connection), query) == 1
    catalog.close()


def locked_file(path):
    path.chmod(0o400)


def locked_folder(path):
    path.parent.chmod(0o500)


@pytest.mark.parametrize("forbid", [locked_file, locked_folder])
@pytest.mark.parametrize("is_new", [True, False])
def test_where_nothing_may_be_written_another_place_is_proposed(tmp_path, empty_catalog, forbid, is_new):
    path = tmp_path / "locked" / "catalog.sqlite"
    path.parent.mkdir()
    path.write_bytes(empty_catalog.read_bytes())
    if is_new:
        path.unlink() if forbid is locked_folder else path.write_bytes(b"")
    before = path.read_bytes() if path.exists() else None
    forbid(path)
    with (
        permissions_that_count(),
        pytest.raises(CatalogError, match="another place with PHOTOLALA_CAT") as refused,
    ):
        SqlCatalog(path)
    assert f"{path} cannot be opened" in str(refused.value)
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CatalogError, match=r"cannot be opened: .*another place with PHOTOLALA_CATALOG"):
        SqlCatalog(tmp_path / "file" / "catalog.sqlite")


def test_a_catalog_that_another_program_holds_is_not_called_damaged(catalog, monkeypatch):
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.01)
    catalog.close()
    with closing(sqlite3.connect(catalog.path)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogError, match="cannot be opened: database is locked") as refused:
            SqlCatalog(catalog.path)
        assert "move it aside" not in str(refused.value)


@pytest.mark.parametrize("folder", ["what?", "50%20", "a#b", "a&b=c d", "\udcff"])
def test_a_catalog_lies_exactly_where_it_was_put(tmp_path, folder):
    path = tmp_path / folder / "catalog.sqlite"
    catalog = SqlCatalog(path)
    put_synced(catalog, photo("a"))
    catalog.close()
    assert [made.name for made in tmp_path.iterdir()] == [folder]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT filename FROM photo").fetchall() == [("a.jpg",)]


def test_processes_that_open_a_new_catalog_at_once_all_get_it(tmp_path):
    code = """
import sys
from pathlib import Path
from catalog.store import SqlCatalog
print("ready", flush=True)
sys.stdin.readline()
catalog = SqlCatalog(Path(sys.argv[1]))
print(catalog.stats().photos)
catalog.close()
"""
    processes = [start_python(code, tmp_path / "catalog.sqlite") for _ in range(3)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=30) for process in processes] == [("0\n", "")] * 3


def test_while_one_makes_a_catalog_others_wait_for_it(tmp_path):
    # without that, two of them collide only now and then
    path = tmp_path / "catalog.sqlite"
    opened = []
    thread = threading.Thread(target=lambda: opened.append(SqlCatalog(path)))
    with path.with_name("catalog.sqlite.open-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        thread.start()
        thread.join(0.7)
        assert opened == []
    thread.join(30)
    opened.pop().close()
