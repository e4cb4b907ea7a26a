"""A process that does what it is ordered to, a line of JSON each, in children that are killed."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def mortal(module: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a module of these tests, until it has had its last order."""
    with subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def is_sound(catalog: Path) -> bool:
    """Tell whether a catalog is whole after a kill."""
    with closing(sqlite3.connect(catalog)) as connection:
        return connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
