"""Stars for ten thousand photos at once, by their files: given, taken back, and by the command line.

Beside the least that it can cost: `stat` of each file, and a bare UPDATE of each photo in one transaction.
"""

import contextlib
import io
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from catalog.scan.scanner import Scan
from catalog.store import SqlCatalog
from tests.benchmarks.ratios import in_turn, timed
from tui.config.settings import Settings
from tui.main import main
from tui.work import starring
from tui.work.served import ServedFolders
from tui.work.star_step import StarStep

PHOTOS = 10_000


@pytest.fixture
def paths(tmp_path: Path) -> list[bytes]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(PHOTOS):
        (folder / f"IMG_{number:06}.jpg").write_bytes(b"\xff\xd8 no photo, but of this number: %d" % number)
    return [os.fsencode(path) for path in sorted(folder.iterdir())]


def test_stars_by_file_beside_stat_and_a_bare_update(tmp_path, paths, monkeypatch, capsys):
    catalog = SqlCatalog(tmp_path / "catalog.sqlite")
    Scan(catalog, paths[0].rpartition(b"/")[0]).run()
    md5s = [entry.md5 for entry in catalog.entries()]
    settings = Settings(catalog.path, None, "desk")
    steps: list[StarStep] = []

    def marked() -> float:
        steps.append(StarStep(paths, is_starred=not len(steps) % 2))
        job = starring.star(steps[-1], post=lambda _: None, served=ServedFolders(settings))
        return timed(lambda: job(catalog))

    def undone() -> float:
        job = starring.turn(steps[-1], undo=True, post=lambda _: None, served=ServedFolders(settings))
        took = timed(lambda: job(catalog))
        starring.turn(steps[-1], undo=False, post=lambda _: None, served=ServedFolders(settings))(catalog)
        return took

    def commanded() -> float:
        monkeypatch.setenv("PHOTOLALA_CATALOG", str(catalog.path))
        words = [("star", "unstar")[len(steps) % 2], *map(os.fsdecode, paths)]
        steps.append(StarStep(paths, is_starred=None))
        with contextlib.redirect_stdout(io.StringIO()):
            return timed(lambda: main(words))

    with closing(sqlite3.connect(tmp_path / "bare.sqlite", isolation_level=None)) as bare:
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("CREATE TABLE photo (md5 TEXT PRIMARY KEY, starred INTEGER)")
        bare.executemany("INSERT INTO photo VALUES (?, 0)", [(md5,) for md5 in md5s])

        def least() -> float:
            def do() -> None:
                for path in paths:
                    os.stat(path)  # noqa: PTH116 (a raw path)
                bare.execute("BEGIN")
                bare.executemany(
                    "UPDATE photo SET starred = 1 - starred WHERE md5 = ?", [(md5,) for md5 in md5s]
                )
                bare.execute("COMMIT")

            return timed(do)

        told = {
            "marked, and * pressed": in_turn(marked, least),
            "undone": in_turn(undone, least),
            "photolala star FILES": in_turn(commanded, least),
        }
    catalog.close()
    with capsys.disabled():
        for what, figures in told.items():
            print(f"\n{PHOTOS:,} stars, {what} / stat and UPDATE:  {figures}", end="")
