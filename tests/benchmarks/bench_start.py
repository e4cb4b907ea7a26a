"""How soon the app shows its list, beside what any Textual app must pay; and what a star costs, beside SQLite.

Run by `make bench`. Both sides take turns in one run; the ratio is what counts, not the seconds.
"""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from catalog.changes import add_photos
from catalog.row import PhotoRow
from catalog.store import SqlCatalog
from tests.benchmarks.ratios import in_turn, timed
from tests.conftest import draw_photo
from tests.terminal import Terminal


def test_the_list_is_painted_not_long_after_textual_is_imported(tmp_path, capsys):
    for number in range(1000):
        draw_photo(tmp_path / "photos" / f"IMG_{number:04}.jpg", number)
    environment = {"HOME": str(tmp_path), "PHOTOLALA_CATALOG": str(tmp_path / "catalog.sqlite")}
    subprocess.run(
        [sys.executable, "-m", "tui.main", "scan", str(tmp_path / "photos")],
        env=environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip

    def painted() -> float:
        begun = time.perf_counter()
        command = [sys.executable, "-m", "tui.main", str(tmp_path / "photos")]
        with Terminal(command, columns=160, rows=48, env=environment) as terminal:
            terminal.wait_for("IMG_0000.jpg")
            took = time.perf_counter() - begun
            terminal.kill()
        return took

    def imported() -> float:
        return timed(lambda: subprocess.run([sys.executable, "-c", "import textual.app"], check=True))

    told = in_turn(painted, imported)
    with capsys.disabled():
        print(f"\nlist of 1,000 painted / python -c 'import textual.app':  {told}")


def test_a_star_beside_a_bare_update(tmp_path, capsys):
    catalog = SqlCatalog(tmp_path / "catalog.sqlite")
    md5s = [f"{number:032x}" for number in range(100_000)]
    with catalog.connections.writing() as connection:
        add_photos(connection, (PhotoRow(md5, f"{md5}.jpg") for md5 in md5s))
    chosen = md5s[::1000]
    wanted = [True]

    def starred() -> float:
        took = timed(lambda: [catalog.update_star_status(md5, wanted[0]) for md5 in chosen]) / len(chosen)
        wanted[0] = not wanted[0]
        return took

    with closing(sqlite3.connect(tmp_path / "bare.sqlite", isolation_level=None)) as bare:
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = NORMAL")
        bare.execute("CREATE TABLE photo (md5 TEXT PRIMARY KEY, starred INTEGER)")
        bare.executemany("INSERT INTO photo VALUES (?, 0)", [(md5,) for md5 in md5s])

        def updated() -> float:
            update = "UPDATE photo SET starred = 1 - starred WHERE md5 = ?"
            return timed(lambda: [bare.execute(update, (md5,)) for md5 in chosen]) / len(chosen)

        told = in_turn(starred, updated)
    catalog.close()
    with capsys.disabled():
        print(f"\none star among 100,000, durable / bare sqlite3 UPDATE:    {told}")
