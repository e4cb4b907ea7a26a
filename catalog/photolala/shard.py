"""A whole shard of a Photolala catalog, read line by line: a damaged line costs itself, never the next."""

from collections.abc import Callable

from catalog.photolala.report import Kind, ReadReport
from catalog.photolala.rows import BOM, CsvRow, begins_row, bounded, parse_line
from catalog.row import RowError

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 1_000_000
_LINES_OF_A_NAME = 4

Mend = Callable[[CsvRow], tuple[CsvRow, str]]
"""Puts a row right: the row, and what was wrong with it, "" if nothing was."""


def parse_shard(
    data: bytes, x: str, report: ReadReport, mend: Mend | None = None
) -> tuple[list[int], list[CsvRow]]:
    """Read a shard.

    Args:
        data: the file's content, at most `MAX_BYTES`.
        x: the shard, for the report.
        report: is told of everything that is not as it should be.
        mend: asked about each row; None makes it fit only.

    Returns:
        The lines, counted from 1, and the rows on them, in the order in which they stand there.
    """
    lines, troubled = _lines(data, x, report)
    rows: list[CsvRow] = []
    places: list[int] = []
    number = 0
    while number < len(lines):
        number += 1
        line = lines[number - 1]
        if not line or (number == 1 and line.startswith("md5,")):
            continue
        report.read += 1
        if len(rows) >= MAX_ROWS:
            report.skip(x, number, f"there are more than {MAX_ROWS} rows before it")
            continue
        begun, why = number, troubled.get(number, "")
        try:
            row = parse_line(line)
        except RowError as error:
            joined = _joined(lines, number)
            if joined is None:
                report.skip(x, number, str(error))
                continue
            row, further = joined
            number += further
            why = "a line break in its name"
        if row.md5 != line[:32]:
            why = f"{why}; an md5 in capitals" if why else "an md5 in capitals"
        wrong = ""
        if mend is not None:
            row, wrong = mend(row)
        elif row.applephotoid:
            row, wrong = bounded(row)
        if wrong or why:
            report.mended += 1
            report.tell(x, begun, Kind.MENDED, "; ".join(filter(None, (why, wrong))))
        rows.append(row)
        places.append(begun)
    return places, rows


def _lines(data: bytes, x: str, report: ReadReport) -> tuple[list[str], dict[int, str]]:
    """Return the lines as text, and what is wrong with the bytes of some."""
    if data.startswith(BOM):
        report.tell(x, 1, Kind.NOTED, "a byte order mark, which was left out")
        data = data.removeprefix(BOM)
    if b"\r\n" in data:
        report.tell(x, None, Kind.NOTED, "lines that end as on Windows")
        data = data.replace(b"\r\n", b"\n").removesuffix(b"\r")
    try:
        return data.decode().split("\n"), {}
    except UnicodeDecodeError:
        raw = data.split(b"\n")
        text = [line.decode("utf-8", "backslashreplace") for line in raw]
        return text, {
            number: "bytes that are not UTF-8, kept as escapes"
            for number, (line, before) in enumerate(zip(text, raw, strict=True), 1)
            if line.encode() != before
        }


def _joined(lines: list[str], number: int) -> tuple[CsvRow, int] | None:
    """Read a row whose name holds line breaks; returns it, and how many further lines it took."""
    line = lines[number - 1]
    if begins_row(line):
        for further in range(1, _LINES_OF_A_NAME):
            if number - 1 + further >= len(lines) or begins_row(lines[number - 1 + further]):
                break
            line += "\n" + lines[number - 1 + further]
            try:
                return parse_line(line), further
            except RowError:
                continue
    return None
