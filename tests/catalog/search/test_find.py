"""The search, on a real file: it finds what a plain look at each photo finds, in the right order, page by page."""

import json
import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import pytest

from catalog.protocol import BackupStatus
from catalog.reader import CatalogReader
from catalog.search import find
from catalog.search.find import Page
from catalog.search.query import Cursor, Md5s, Order, Query
from catalog.store import SqlCatalog
from catalog.upkeep import forget_names, index_names
from tests.catalog.conftest import photo, put_synced, raw, scan
from tests.conftest import draw_photo

PHOTOS = 2400
ROOT = b"/photos"
CAMERAS = ["Canon EOS R5", "NIKON Z 8", "iPhone 15 Pro", None]


def fill(path: Path) -> None:
    """Put in photos of all kinds: with and without dates, sizes, files, stars; twice here, not here, deleted."""
    dice = random.Random(7)
    with closing(sqlite3.connect(path)) as connection:
        for number in range(PHOTOS):
            md5 = f"{dice.getrandbits(128):032x}"
            day = dice.choice([None, *range(20)])
            name = f"{dice.choice(['IMG_', 'img-', 'DSC', '100%_', 'Ünï'])}{dice.randrange(400):04}.jpg"
            values = {
                "md5": md5,
                "filename": normalize("NFD" if number % 2 else "NFC", name),
                "folder": "",
                "size": dice.choice([None, *range(15)]),
                "photodate": None if day is None else day * 86400,
                "applephotoid": "",
                "starred": dice.random() < 0.1,
                "uploaded": 5 if dice.random() < 0.3 else None,
                "deleted": dice.random() < 0.05,
                "camera": dice.choice(CAMERAS),
                "backup_status": "failed" if dice.random() < 0.02 else "none",
                "error": None if number % 50 else "cut off",
            }
            columns = ", ".join(values)
            connection.execute(
                f"INSERT INTO photo ({columns}) VALUES ({', '.join('?' * len(values))})", (*values.values(),)
            )
            for copy in range(dice.choice([0, 1, 1, 1, 1, 2, 3])):
                folder = dice.choice([b"", b"/a", b"/a/b", b"/a b", b"/c", b"/c/%05d" % (number // 50)])
                connection.execute(
                    "INSERT INTO file (folder, name, md5, size, mtime_ns, inode, missing) VALUES (?, ?, ?, 0, 0, 0, ?)",
                    (ROOT + folder, b"%d-%d.jpg" % (number, copy), md5, dice.random() < 0.1),
                )
        connection.execute(
            "INSERT INTO conflict (md5, field, base, mine, theirs, winner, mine_device, theirs_device, seq, recorded_at,"
            " state) SELECT md5, 'filename', '', '', '', 'mine', '', '', 1, 0, iif(md5 >= 'e', 'open', 'dismissed')"
            " FROM photo WHERE md5 < 'f'"
        )
        connection.commit()


@pytest.fixture(scope="module")
def filled(tmp_path_factory, empty_catalog) -> Path:
    path = Path(shutil.copy(empty_catalog, tmp_path_factory.mktemp("filled") / "catalog.sqlite"))
    fill(path)
    assert index_names(path) == PHOTOS
    return path


@pytest.fixture
def connection(filled):
    with closing(sqlite3.connect(f"{filled.as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


FILTERS = [
    {},
    {"folder": b"/photos/a", "recursive": False},
    {"folder": b"/photos/a/"},
    {"folder": b"/photos/a"},
    {"folder": b"/photos/c"},
    {"folder": b"/photos/c/00020"},
    {"folder": b"/"},
    {"folder": b"/photo"},
    {"name": "img_01"},
    {"name": "_0"},
    {"name": "%_"},
    {"name": "100%"},
    {"name": normalize("NFC", "Ünï")},
    {"name": normalize("NFD", "Ünï")},
    {"name": normalize("NFC", "ï0")},
    {"name": '"'},
    {"name": "IMG_0000.jpg and more than any name holds"},
    {"since": 4 * 86400},
    {"until": 4 * 86400 + 1},
    {"since": 4 * 86400, "until": 5 * 86400},
    {"camera": "NIKON Z 8"},
    {"camera": ""},
    {"starred": True},
    *({"backup": status} for status in BackupStatus),
    {"duplicates": True},
    {"only_remote": True},
    {"starred": True, "duplicates": True},
    {"starred": True, "camera": "NIKON Z 8", "since": 86400},
    {"only_remote": True, "name": "img"},
    {"duplicates": True, "folder": b"/photos/a", "backup": BackupStatus.UPLOADED},
    {"starred": True, "folder": b"/photos/c"},
    {"undated": True},
    {"undated": True, "starred": True},
    {"not_backed_up": True},
    {"not_backed_up": True, "folder": b"/photos/a"},
    {"damaged": True},
    {"damaged": True, "folder": b"/photos/a"},
    {"conflicts": True},
    {"conflicts": True, "starred": True, "name": "img"},
]


class Known(NamedTuple):
    md5: str
    name: str
    size: int | None
    date: int | None
    starred: int
    uploaded: int | None
    camera: str | None
    marked: str
    error: str | None
    folders: list[bytes]

    def status(self) -> str:
        if self.uploaded or self.marked != "none":
            return "uploaded" if self.uploaded else self.marked
        return "queued" if self.starred and self.folders else "none"

    def passes(self, query: Query) -> bool:
        inside = (query.folder or b"").rstrip(b"/") + b"/"
        return all((
            query.folder is None or any((at + b"/").startswith(inside) if query.recursive else at + b"/" == inside
                                        for at in self.folders),
            normalize("NFC", query.name.lower()) in normalize("NFC", self.name.lower()),
            query.since is None or (self.date is not None and self.date >= query.since),
            query.until is None or (self.date is not None and self.date < query.until),
            query.camera is None or self.camera == query.camera,
            self.starred or not query.starred,
            query.backup is None or self.status() == query.backup,
            len(self.folders) > 1 or not query.duplicates,
            (self.uploaded and not self.folders) or not query.only_remote,
            self.date is None or not query.undated,
            not (self.uploaded and query.not_backed_up),
            self.error or not query.damaged,
            self.md5.startswith("e") or not query.conflicts,
        ))  # fmt: skip


@pytest.fixture(scope="module")
def known(filled) -> list[Known]:
    """All photos but the deleted ones, read in the dullest way."""
    columns = "md5, filename, size, photodate, starred, uploaded, camera, backup_status, error"
    with closing(sqlite3.connect(filled)) as connection:
        found = {
            row[0]: Known(*row, [])
            for row in connection.execute(f"SELECT {columns} FROM photo WHERE NOT deleted ORDER BY md5")
        }
        for md5, folder in connection.execute("SELECT md5, folder FROM file WHERE NOT missing"):
            if md5 in found:
                found[md5].folders.append(folder)
    return list(found.values())


def looked_at_one_by_one(known: list[Known], query: Query) -> list[str]:
    def sorted_by(photos: list[Known], field: str) -> list[Known]:
        keyed = [photo for photo in photos if getattr(photo, field) is not None]
        keyed.sort(key=lambda photo: (getattr(photo, field), photo.md5), reverse=query.reverse)
        unknown = [photo for photo in photos if getattr(photo, field) is None]
        return keyed + (unknown[::-1] if query.reverse else unknown)

    found = [photo for photo in known if photo.passes(query)]
    if query.order is Order.STARRED:
        split = [[photo for photo in found if bool(photo.starred) is star] for star in (True, False)]
        found = [photo for half in split[:: -1 if query.reverse else 1] for photo in sorted_by(half, "date")]
    else:
        found = sorted_by(found, query.order.value)
    return [photo.md5 for photo in found]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_what_is_found_is_what_a_look_at_each_photo_finds(connection, known, filters):
    for order in Order:
        for reverse in (False, True):
            query = Query(**filters, order=order, reverse=reverse)
            wanted = looked_at_one_by_one(known, query)
            assert find.count(connection, query) == len(wanted)
            for found in (
                list(find.md5s(connection, query)),
                in_pages(connection, query, max(7, len(wanted) // 5)),
            ):
                assert [pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1]][:1] == []
            assert [entry.md5 for entry in find.page(connection, query).entries] == wanted[:50]


def in_pages(connection, query: Query, limit: int) -> list[str]:
    found, after = [], None
    while True:
        page = find.page(connection, query, after, limit)
        found += [entry.md5 for entry in page.entries]
        after = page.after
        if after is None:
            return found


def test_a_filter_is_no_empty_one(connection):
    """Guards the test above: what it compares must be something."""
    found = {str(filters): find.count(connection, Query(**filters)) for filters in FILTERS}
    nothing = {name for name, count in found.items() if count == 0}
    assert nothing == {
        str(filters)
        for filters in FILTERS
        if filters.get("folder") == b"/photo"
        or filters.get("name", "").startswith(('"', "IMG_0000.jpg and"))
        or filters.get("camera") == ""
        or filters.get("backup") is BackupStatus.UPLOADING
    }


def test_a_page_begins_where_the_one_before_ended_whatever_comes_and_goes_meanwhile(tmp_path, filled):
    catalog = SqlCatalog(Path(shutil.copy(filled, tmp_path / "catalog.sqlite")))
    reader = CatalogReader(catalog.path)
    for order in (Order.DATE, Order.NAME, Order.SIZE):
        query = Query(order=order, starred=True)
        everything = [entry.md5 for entry in catalog.entries(query)]
        first = reader.page(query, limit=20)
        taken = [entry.md5 for entry in first.entries]
        assert taken == everything[:20]
        catalog.update_star_statuses(dict.fromkeys((taken[3], taken[-1]), False))  # one is the cursor's own
        put_synced(catalog, photo("0", filename="!.jpg", size=0, photodate=-1, starred=True))
        rest = reader.page(query, first.after, limit=10_000)
        assert [entry.md5 for entry in rest.entries] == everything[20:]
        catalog.update_star_statuses(dict.fromkeys((taken[3], taken[-1]), True))
        catalog.update_star_status(photo("0").md5, is_starred=False)
    catalog.close()


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_each_way_to_a_page_finds_the_same(connection, filters, monkeypatch):
    """A pick, a walk, and a walk that is broken off: which one is taken is a matter of speed alone."""
    smallest, much = find._Search.smallest, 10**9
    for order in Order:
        query = Query(**filters, order=order)
        wanted = [entry.md5 for entry in find.page(connection, query, limit=40).entries]
        middle = find.page(connection, query, limit=20).after
        for steps, *sizes in ((1, 0), (10**6, much), (1, much, 0), (1, much, much)):

            def sized(self, bound, sizes=sizes):
                found = smallest(self, bound)
                return found and (found[0], sizes[bound == PHOTOS // 8])

            monkeypatch.setattr(find._Search, "smallest", sized)
            monkeypatch.setattr(find, "_STEPS_A_PHOTO", steps)
            assert [entry.md5 for entry in find.page(connection, query, limit=40).entries] == wanted
            if middle is not None:
                rest = find.page(connection, query, middle, limit=20)
                assert [entry.md5 for entry in rest.entries] == wanted[20:]
            monkeypatch.undo()


def test_a_first_page_is_read_off_an_index_wherever_there_is_one(connection):
    for filters in (
        {},
        {"starred": True},
        {"duplicates": True},
        {"only_remote": True},
        {"backup": BackupStatus.UPLOADED},
    ):
        for order in (Order.DATE, Order.NAME, Order.SIZE):
            seen: list[str] = []
            connection.set_trace_callback(seen.append)
            find.page(connection, Query(**filters, order=order, reverse=True))
            connection.set_trace_callback(None)
            walk = next(statement for statement in seen if "ORDER BY" in statement)
            plans = [plan for *_, plan in connection.execute(f"EXPLAIN QUERY PLAN {walk}")]
            assert len(plans) == 1, (filters, order, plans)  # a second one would sort
            assert "INDEX photo_" in plans[0]


def test_an_entry_is_what_the_store_says(tmp_path, catalog, library):
    scan(catalog, library)
    reader = CatalogReader(catalog.path)
    page = reader.page(Query(folder=raw(library), order=Order.NAME))
    assert page.after is None
    assert page.entries == sorted(catalog.entries(), key=lambda entry: (entry.filename, entry.md5))
    md5s = [entry.md5 for entry in page.entries]
    assert reader.rows(["f" * 32, *md5s[::-1]]) == page.entries[::-1]
    assert list(reader.md5s(Query(order=Order.NAME))) == md5s
    assert reader.count(Query()) == 3


def test_places_and_folders_are_kept_through_all_that_happens_to_files(catalog, library):
    """What triggers keep is what counting anew finds, after files came, changed, moved and went."""

    def kept(path):
        with closing(sqlite3.connect(path)) as connection:
            places = "SELECT md5, places FROM photo"
            folders = "SELECT path, photos FROM folder WHERE photos <> 0"
            return sorted(connection.execute(places)), sorted(connection.execute(folders))

    def counted(path):
        with closing(sqlite3.connect(path)) as connection:
            places = "SELECT photo.md5, count(file.id) FROM photo LEFT JOIN file ON file.md5 = photo.md5 AND NOT missing GROUP BY 1"
            folders = "SELECT folder, count(DISTINCT md5) FROM file WHERE NOT missing AND md5 IS NOT NULL GROUP BY 1"
            return sorted(connection.execute(places)), sorted(connection.execute(folders))

    draw_photo(library / "2023" / "b, too.jpg", 1)
    draw_photo(library / "2023" / "b, three.jpg", 1)
    scan(catalog, library)
    steps = (
        (library / "2023" / "b, too.jpg").unlink,
        lambda: draw_photo(library / "a.jpg", 7),
        lambda: (library / "2023" / "c.jpg").rename(library / "c.jpg"),
        lambda: shutil.rmtree(library / "2023"),
        lambda: (library / "a.jpg").write_bytes(b"no photo"),
        lambda: draw_photo(library / "2023" / "c.jpg", 3),
    )
    assert kept(catalog.path) == counted(catalog.path)
    for step in steps:
        step()
        scan(catalog, library)
        assert kept(catalog.path) == counted(catalog.path)
    with closing(sqlite3.connect(catalog.path)) as connection:
        connection.execute("DELETE FROM file")
        connection.commit()
    assert kept(catalog.path) == counted(catalog.path)


def test_a_date_that_changes_elsewhere_is_found_in_its_folder(catalog, library):
    scan(catalog, library)
    query = Query(folder=raw(library), order=Order.DATE, recursive=False)
    first, second = (entry for entry in catalog.entries(query))
    with catalog.reading() as connection:
        row = connection.exec_driver_sql(
            "SELECT filename, folder FROM photo WHERE md5 = ?", (second.md5,)
        ).one()
    moved = photo(second.md5, filename=row.filename, folder=row.folder, photodate=1)
    put_synced(catalog, moved._replace(md5=second.md5))
    assert [entry.md5 for entry in catalog.entries(query)] == [second.md5, first.md5]


def test_a_name_is_found_as_soon_as_it_is_there_and_no_longer_than_that(tmp_path, filled):
    catalog = SqlCatalog(Path(shutil.copy(filled, tmp_path / "catalog.sqlite")))

    def found(part: str) -> int:
        return sum(1 for _ in catalog.entries(Query(name=part)))

    put_synced(catalog, photo("0", filename="Matterhorn.jpg"))
    assert found("matterhorn") == 1  # not in the index yet
    put_synced(catalog, photo("0", filename="Monte Cervino.jpg"))
    assert (found("MATTER"), found("cervino")) == (0, 1)
    known = next(catalog.entries(Query(order=Order.NAME)))
    put_synced(catalog, photo(known.md5, filename="Mont Cervin.jpg")._replace(md5=known.md5))
    assert (found("mont cervin"), found("cervin")) == (1, 2)
    before = found("img_01")
    forget_names(catalog.path)
    assert found("img_01") == before
    assert index_names(catalog.path) == PHOTOS + 1
    assert (found("img_01"), found("cervin")) == (before, 2)
    catalog.close()


def test_names_are_taken_into_the_index_when_a_catalog_with_many_new_ones_is_opened(tmp_path, empty_catalog):
    path = Path(shutil.copy(empty_catalog, tmp_path / "catalog.sqlite"))
    fill(path)
    SqlCatalog(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT upto FROM photo_named").fetchone() == (PHOTOS,)
        connection.execute("INSERT INTO photo_name (photo_name) VALUES ('integrity-check')")


def test_unreadable_files_are_listed_by_folder_but_pass_no_other_filter(catalog, library):
    os.mkfifo(library / "2023" / "pipe.jpg")
    scan(catalog, library)
    assert [entry.filename for entry in catalog.entries(Query(folder=raw(library / "2023")))][
        -1
    ] == "pipe.jpg"
    assert [entry.error is None for entry in catalog.entries(Query(folder=raw(library)), limit=4)] == [
        True
    ] * 3 + [False]
    assert len(list(catalog.entries(limit=2))) == 2
    assert all(entry.md5 for entry in catalog.entries(Query(name="p")))


def test_many_md5s_take_little_memory_and_are_a_sequence():
    wanted = [f"{number:032x}" for number in range(1000)]
    md5s = Md5s(wanted)
    assert (len(md5s), list(md5s), md5s[-1], md5s[3:9:2], md5s[-2:]) == (
        1000,
        wanted,
        wanted[-1],
        wanted[3:9:2],
        wanted[-2:],
    )
    assert len(md5s.packed) == 16 * 1000
    with pytest.raises(IndexError):
        md5s[1000]


def test_a_catalog_that_is_none_has_nothing(tmp_path):
    reader = CatalogReader(tmp_path / "none.sqlite")
    assert reader.page(Query()) == Page([], None)
    assert (reader.count(Query()), list(reader.md5s(Query())), reader.rows(["0" * 32])) == (0, [], [])


def test_a_cursor_can_be_kept_as_text(connection):
    query = Query(order=Order.NAME)
    first = find.page(connection, query, limit=10)
    kept = Cursor(*json.loads(json.dumps(first.after)))
    assert find.page(connection, query, kept, 10) == find.page(connection, query, first.after, 10)
