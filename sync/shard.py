"""The shard's bytes: rows to gzipped CSV and back, with everything bounded and checked on the way back."""

import codecs
import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from catalog.row import HEADER, PhotoRow, RowError, parse_record, state_of

MAX_OBJECT_BYTES = 64 * 1024 * 1024
MAX_TEXT_BYTES = 512 * 1024 * 1024
MAX_ROWS = 4_000_000
_PIECE = 1024 * 1024  # characters of the longest line, and bytes unzipped at a time

_KEY = re.compile(r"(shards|deltas)/([0-9a-f])/([0-9a-f]{64})-([0-9a-f]{8})\.csv\.gz", re.ASCII)


WAY_OUT = (
    "Put it back if the remote keeps older versions; if not, a device that is synced can begin anew at "
    "another address, and the others join it there."
)
"""What a person can do about an object that is lost or damaged."""


class DamagedError(Exception):
    """Bytes from the remote are not what they must be; the text says what is wrong, without the key."""


class Packed(NamedTuple):
    """A shard or a delta ready to be sent: its bytes, their SHA-256, its rows' count and content digest."""

    data: bytes
    sha256: str
    rows: int
    state: str


def pack(rows: Iterable[PhotoRow]) -> Packed:
    """Write rows, sorted by md5, as RFC 4180 CSV with a header and LF line ends, gzipped.

    The same rows give the same bytes: gzip's own time stamp is left out.
    """
    lines = [row.line() for row in rows]
    data = gzip.compress("\n".join([HEADER, *lines, ""]).encode(), compresslevel=6, mtime=0)
    return Packed(data, hashlib.sha256(data).hexdigest(), len(lines), state_of(lines))


def unpack(data: bytes, x: str, *, sha256: str, size: int, rows: int) -> list[PhotoRow]:
    """Read what `pack` wrote, trusting nothing.

    Args:
        data: the object as fetched.
        x: the shard that it must belong to.
        sha256: what the manifest says of the bytes, lowercase hex.
        size: the bytes that the manifest promises.
        rows: the rows that the manifest promises.

    Returns:
        The rows, by md5, each once.

    Raises:
        DamagedError: anything is not as promised.
    """
    if len(data) != size:
        raise DamagedError(f"it has {len(data)} bytes instead of {size}")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DamagedError("its SHA-256 is not what the manifest says")
    records = csv.reader(_lines(data), strict=True)
    found: list[PhotoRow] = []
    before = ""
    try:
        if next(records, []) != HEADER.split(","):
            raise DamagedError("it does not begin with the header of format 6")
        for record in records:
            row = parse_record(record)
            if row.md5[0] != x:
                raise DamagedError(f"a row of shard {row.md5[0]} is in it")
            if row.md5 <= before:
                raise DamagedError(f"line {records.line_num}: not sorted by md5, or one md5 twice")
            before = row.md5
            found.append(row)
            if len(found) > rows:
                break
    except (RowError, csv.Error) as error:
        raise DamagedError(f"line {records.line_num}: {error}") from error
    if len(found) != rows:
        raise DamagedError(f"its number of rows is not the {rows} that the manifest promises")
    return found


def _lines(data: bytes) -> Iterator[str]:
    """Yield the lines of gzipped UTF-8, unzipped piece by piece: a bomb gets no further than a bad line."""
    unzip = zlib.decompressobj(wbits=31)
    decode = codecs.getincrementaldecoder("utf-8")().decode
    size = 0
    begun = ""
    while not unzip.eof:
        try:
            raw = unzip.decompress(data, _PIECE)
            text = begun + decode(raw, final=unzip.eof)
        except zlib.error as error:
            raise DamagedError("it is not gzip") from error
        except UnicodeDecodeError as error:
            raise DamagedError("it is not UTF-8") from error
        if not raw and not unzip.eof:
            raise DamagedError("its gzip stream is cut off")
        data = unzip.unconsumed_tail
        size += len(raw)
        if size > MAX_TEXT_BYTES:
            raise DamagedError(f"it expands to more than {MAX_TEXT_BYTES} bytes")
        *lines, begun = text.split("\n")
        if len(begun) > _PIECE:
            raise DamagedError(f"it has a line of more than {_PIECE} characters")
        for line in lines:
            yield line + "\n"
    if unzip.unused_data:
        raise DamagedError("its gzip stream is followed by something else")
    if begun:
        yield begun


def key_of(kind: str, x: str, sha256: str, commit_id: str) -> str:
    """Return the key of a shard or a delta.

    Args:
        kind: "shards" or "deltas".
        x: the shard.
        sha256: of its bytes, lowercase hex.
        commit_id: of the attempt to commit that writes it, hex; its first eight digits make the key its own.
    """
    return f"{kind}/{x}/{sha256}-{commit_id[:8]}.csv.gz"


def is_key(key: str, kind: str, x: str, sha256: str) -> bool:
    """Return whether a key that a manifest names is the one it must be; no other is ever fetched."""
    match = _KEY.fullmatch(key)
    return match is not None and match.group(1, 2, 3) == (kind, x, sha256)
