"""One photo's row as it travels: the twelve columns of a shard, as text and as a digest.

The columns and their order are those of the remote's format 6. A row's canonical CSV line is RFC 4180
with quotes only where they must be, without a line end; it is what a shard holds, what `pending` keeps as
a base image, and what the content digest of a shard is made of.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SHARDS = "0123456789abcdef"

_MD5 = re.compile(r"[0-9a-f]{32}", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_MUST_QUOTE = re.compile(r'[,"\r\n]')
MAX_NAME = 1024  # characters: four times what a file system takes, each byte being `\xNN` at worst
MAX_FOLDER = 16384
MAX_APPLE_ID = 256


class RowError(ValueError):
    """A row that does not follow the format; the text says how."""


class PhotoRow(NamedTuple):
    """The synced facts of one photo.

    Attributes:
        md5: lowercase hex MD5 of the whole file: the photo's identity.
        filename: the name under which it was first seen (or has been renamed to), as text.
        folder: its folder, relative to the library root, `/` between parts, empty for the root itself.
        size: bytes, None if unknown.
        photodate: when the picture was taken, Unix seconds.
        modified: the file's modified time, Unix seconds.
        width: pixels, as displayed.
        height: pixels, as displayed.
        applephotoid: the id in Apple's Photos, empty if none.
        starred: whether the user keeps this one.
        uploaded: when the original was safe in the bucket, Unix seconds, None if it is not.
        deleted: whether this row is a tombstone.
    """

    md5: str
    filename: str
    folder: str = ""
    size: int | None = None
    photodate: int | None = None
    modified: int | None = None
    width: int | None = None
    height: int | None = None
    applephotoid: str = ""
    starred: bool = False
    uploaded: int | None = None
    deleted: bool = False

    def line(self) -> str:
        """Return the canonical CSV line, without a line end."""
        md5, filename, folder, size, taken, modified, width, height, apple, starred, uploaded, deleted = self
        if _MUST_QUOTE.search(filename + folder + apple):
            filename, folder, apple = _quoted(filename), _quoted(folder), _quoted(apple)
        # one format string: a first sync makes a million of these
        return (
            f"{md5},{filename},{folder},"
            f"{'' if size is None else size},{'' if taken is None else taken},"
            f"{'' if modified is None else modified},"
            f"{'' if width is None else width},{'' if height is None else height},{apple},"
            f"{'1' if starred else '0'},{'' if uploaded is None else uploaded},{'1' if deleted else '0'}"
        )

    def digest(self) -> int:
        """Return what this row puts into its shard's state: see `digest_of`."""
        return digest_of(self.line())


class NewConflict(NamedTuple):
    """A conflict that a merge has found. Values are as in a shard's CSV, `base` empty where there is none."""

    md5: str
    field: str
    base: str
    mine: str
    theirs: str
    winner: str


HEADER = ",".join(PhotoRow._fields)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _MUST_QUOTE.search(text) else text


def digest_of(line: str) -> int:
    """Return SHA-256 of a canonical line (UTF-8) as an integer, to be XORed into a shard's state."""
    return int.from_bytes(hashlib.sha256(line.encode()).digest(), "big")


def state_of(lines: Iterable[str]) -> str:
    """Return the content digest of canonical lines: 64 lowercase hex digits, their order irrelevant."""
    state = 0
    for line in lines:
        state ^= digest_of(line)
    return f"{state:064x}"


def text_of_name(name: bytes) -> str:
    r"""Return a file name as text that every system can hold; a byte that is not UTF-8 becomes `\xNN`."""
    return name.decode("utf-8", "backslashreplace")


def parse_record(record: Sequence[str]) -> PhotoRow:
    """Build a row from the fields of one CSV record.

    Args:
        record: twelve strings, in the order of the header.

    Raises:
        RowError: a field is missing, too long, or not of its type.
    """
    if len(record) != len(PhotoRow._fields):
        fields = "1 field" if len(record) == 1 else f"{len(record)} fields"
        raise RowError(f"{fields} instead of {len(PhotoRow._fields)}")
    md5, filename, folder, size, photodate, modified, width, height, apple, starred, uploaded, deleted = (
        record
    )
    if not _MD5.fullmatch(md5):
        raise RowError("the md5 is not 32 lowercase hex digits")
    for text, limit, what in ((filename, MAX_NAME, "filename"), (folder, MAX_FOLDER, "folder"),
                              (apple, MAX_APPLE_ID, "applephotoid")):  # fmt: skip
        if len(text) > limit or "\0" in text:
            raise RowError(f"the {what} is too long or holds a NUL")
    return PhotoRow(
        md5, filename, folder,
        _count(size, "size"), _integer(photodate, "photodate"), _integer(modified, "modified"),
        _count(width, "width"), _count(height, "height"), apple,
        _flag(starred, "starred"), _integer(uploaded, "uploaded"), _flag(deleted, "deleted"),
    )  # fmt: skip


def parse_line(line: str) -> PhotoRow:
    """Build a row from a canonical line, as `PhotoRow.line` makes it.

    Raises:
        RowError: it is not one.
    """
    try:
        records = list(csv.reader(io.StringIO(line, newline=""), strict=True))
    except csv.Error as error:
        raise RowError(str(error)) from error
    if len(records) != 1:
        raise RowError("not one line")
    return parse_record(records[0])


def _integer(text: str, what: str) -> int | None:
    if not text:
        return None
    if not _INTEGER.fullmatch(text):
        raise RowError(f"{what} is not an integer")
    return int(text)


def _count(text: str, what: str) -> int | None:
    number = _integer(text, what)
    if number is not None and number < 0:
        raise RowError(f"{what} is negative")
    return number


def _flag(text: str, what: str) -> bool:
    if text not in {"0", "1"}:
        raise RowError(f"{what} is neither 0 nor 1")
    return text == "1"
