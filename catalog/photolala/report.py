"""What reading a Photolala catalog has met: counts, and each problem with its place and its reason."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

MAX_PROBLEMS = 1000
"""Kept in a report; all are counted."""


class Kind(StrEnum):
    """What became of it."""

    SKIPPED = "skipped"
    MENDED = "mended"
    NOTED = "noted"


class Problem(NamedTuple):
    """One thing that was not as it should be.

    Attributes:
        shard: `0`..`f`, or "manifest", or "stars".
        line: in the shard, from 1; None if it is about the whole of it.
        kind: what became of it.
        why: for people, hostile until made showable.
    """

    shard: str
    line: int | None
    kind: Kind
    why: str


@dataclass
class ReadReport:
    """What was read so far. `read` = rows that are used + `skipped` + `duplicates`.

    Attributes:
        version: of the catalog.
        read: rows that stand there.
        mended: rows used with something put right.
        skipped: rows that could not be used.
        duplicates: further rows of an md5, not used.
        problems: the first `MAX_PROBLEMS`.
        problem_count: all of them.
    """

    version: str = "unknown"
    read: int = 0
    mended: int = 0
    skipped: int = 0
    duplicates: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def tell(self, shard: str, line: int | None, kind: Kind, why: str) -> None:
        """Add a problem."""
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(shard, line, kind, why))

    def skip(self, shard: str, line: int, why: str) -> None:
        """Count a row that could not be used."""
        self.skipped += 1
        self.tell(shard, line, Kind.SKIPPED, why)
