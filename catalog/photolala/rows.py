"""One line of a Photolala shard: read and written as the Mac app does it.

Columns: md5,filename,size,photodate,modified,width,height and, since 5.1, applephotoid. Only the name is ever
quoted, and only if it holds a comma or a quote; all that follows the seventh column is the Apple id. The app
splits a shard at whatever Unicode calls a new line, so such characters are written as escapes.
"""

import re
from typing import NamedTuple

from catalog.row import MAX_APPLE_ID, MAX_NAME, RowError

BOM = b"\xef\xbb\xbf"

_COUNT, _TIME = r"([0-9]{1,18})?", r"(-?[0-9]{1,18})?"
_NAME = r'(?:"([^"]*(?:""[^"]*)*)"|((?!")[^,]*))'
_LINE = re.compile(
    rf"([0-9a-fA-F]{{32}}),{_NAME},{_COUNT},{_TIME},{_TIME},{_COUNT},{_COUNT}(?:,(.*))?", re.ASCII | re.DOTALL
)
_BEGINS = re.compile(rf"[0-9a-fA-F]{{32}},{_NAME},", re.ASCII | re.DOTALL)
_MD5 = re.compile(r"[0-9a-f]{32}", re.ASCII)
_MD5_FIRST = re.compile(r"[0-9a-fA-F]{32},", re.ASCII)
_BREAKS = re.compile("[\n\v\f\r\x85\u2028\u2029]")
_SHORTEST_MD5_TAIL = 16


class CsvRow(NamedTuple):
    """One photo as a Photolala catalog has it; sizes in bytes, times in Unix seconds, None if empty."""

    md5: str
    filename: str
    size: int | None = None
    photodate: int | None = None
    modified: int | None = None
    width: int | None = None
    height: int | None = None
    applephotoid: str = ""

    def line(self) -> str:
        """Return the line of version 5.1, without its end."""
        name = one_line(self.filename)
        if "," in name or '"' in name:
            name = '"' + name.replace('"', '""') + '"'
        numbers = ["" if n is None else str(n) for n in self[2:7]]
        return ",".join((self.md5, name, *numbers, one_line(self.applephotoid)))


def shard_bytes(lines: list[str]) -> bytes:
    """Return a shard: lines joined, none ended; no line is an empty file."""
    return "\n".join(lines).encode()


def parse_line(line: str) -> CsvRow:
    """Read one line, of seven columns or more; an md5 in capitals is made small.

    Args:
        line: without its end.

    Raises:
        RowError: it is no row; the text says why.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise RowError(_fault(line))
    md5, quoted, plain, size, photodate, modified, width, height, apple = found.groups()
    name = plain if quoted is None else quoted.replace('""', '"')
    if len(name) > MAX_NAME:
        raise RowError(f"the name is longer than {MAX_NAME} characters")
    if "\0" in line:
        raise RowError("it holds a NUL")
    return CsvRow(
        md5.lower(), name,
        int(size) if size else None, int(photodate) if photodate else None,
        int(modified) if modified else None, int(width) if width else None,
        int(height) if height else None, apple or "",
    )  # fmt: skip


def _fault(line: str) -> str:
    if not _MD5_FIRST.match(line):
        return "it does not begin with an md5"
    begun = _BEGINS.match(line)
    if begun is None:
        return "the quote before the name does not end" if line[33:34] == '"' else "it ends after the name"
    columns = line[begun.end() :].split(",", 5)
    if len(columns) < 5:
        return f"it has {2 + len(columns)} columns instead of 7 or 8"
    for what, text in zip(("size", "photodate", "modified", "width", "height"), columns, strict=False):
        sign = "-?" if what in ("photodate", "modified") else ""
        if text and not re.fullmatch(sign + "[0-9]{1,18}", text, re.ASCII):
            return f"its {what} is not a whole number"
    return "it is not a row"


def is_md5(text: str) -> bool:
    """Tell whether a text is an md5 as catalogs have it: 32 small hex digits."""
    return _MD5.fullmatch(text) is not None


def begins_row(line: str) -> bool:
    """Tell whether a line begins as a row does."""
    return _MD5_FIRST.match(line) is not None


def one_line(text: str) -> str:
    r"""Return a text with everything that ends a line as an escape, `\x0a` or `\u2028`."""
    if _BREAKS.search(text) is None:
        return text
    return _BREAKS.sub(lambda found: _escape(ord(found[0])), text)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def bounded(row: CsvRow) -> tuple[CsvRow, str]:
    """Return a row that fits into a catalog, and what was left out to make it fit, "" if nothing was."""
    if len(row.applephotoid) <= MAX_APPLE_ID:
        return row, ""
    return row._replace(applephotoid=""), f"its Apple id is longer than {MAX_APPLE_ID} characters"


def is_no_name(row: CsvRow) -> bool:
    """Tell whether the name is none: empty, or the md5 itself (or its end), with any suffix."""
    stem = row.filename.partition(".")[0]
    return not row.filename or (len(stem) >= _SHORTEST_MD5_TAIL and row.md5.endswith(stem.lower()))


def find_row(shard: bytes, md5: str) -> CsvRow | None:
    """Find a photo in a shard's bytes without parsing the others.

    Args:
        shard: the file's content.
        md5: 32 small hex digits.

    Raises:
        RowError: its line is no row by itself.
    """
    for wanted in (md5.encode() + b",", md5.upper().encode() + b","):
        at = shard.find(wanted)
        while at >= 0:
            if at == 0 or shard[at - 1] == 0x0A or (at == len(BOM) and shard.startswith(BOM)):
                end = shard.find(b"\n", at)
                line = shard[at : end if end >= 0 else len(shard)].removesuffix(b"\r")
                return parse_line(line.decode("utf-8", "backslashreplace"))
            at = shard.find(wanted, at + 1)
    return None
