"""A shard goes through its bytes unharmed, and any damage to them is refused in its own words."""

import gzip
import hashlib
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sync.shard
from catalog.row import HEADER, MAX_FOLDER, MAX_NAME, PhotoRow
from sync.shard import DamagedError, is_key, key_of, pack, unpack

A1, A2 = "a1".ljust(32, "0"), "a2".ljust(32, "0")
ROWS = [
    PhotoRow(A1, "one.jpg", "2001", 5, -1, 7, 640, 480, "id/1", starred=True, uploaded=9),
    PhotoRow(A2, 'a "quoted", name.jpg', deleted=True),
]
TEXT = f'{HEADER}\n{A1},one.jpg,2001,5,-1,7,640,480,id/1,1,9,0\n{A2},"a ""quoted"", name.jpg",,,,,,,,0,,1\n'


def unpack_as(data, *, x="a", sha256=None, size=None, rows=2):
    """Unpack what a manifest that agrees with the data would name, or one that lies as told."""
    return unpack(
        data,
        x,
        sha256=hashlib.sha256(data).hexdigest() if sha256 is None else sha256,
        size=len(data) if size is None else size,
        rows=rows,
    )


def test_a_shard_is_a_header_and_sorted_lines_with_lf_ends():
    packed = pack(ROWS)
    assert gzip.decompress(packed.data).decode() == TEXT
    assert packed.rows == 2
    assert packed.sha256 == hashlib.sha256(packed.data).hexdigest()


def test_the_same_rows_give_the_same_bytes():
    assert pack(ROWS) == pack(list(ROWS))
    assert pack(ROWS).data[4:8] == b"\0\0\0\0"  # gzip's time stamp


def test_no_rows_are_a_shard_too():
    packed = pack([])
    assert unpack_as(packed.data, rows=0) == []


HOSTILE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40) | (
    st.sampled_from(
        ["", " ", "\n", "\r\n", "\r", '"', '""', ",", "\x1b[31m", "\u2028", "\u202e", "=1+1", "#"]
    )
)
NUMBER = st.none() | st.integers(-(10**18) + 1, 10**18 - 1)
COUNT = st.none() | st.integers(0, 10**18 - 1)
HEX31 = st.text("0123456789abcdef", min_size=31, max_size=31)


@given(
    st.lists(
        st.builds(
            PhotoRow, HEX31.map("a".__add__), HOSTILE, HOSTILE, COUNT, NUMBER, NUMBER, COUNT, COUNT, HOSTILE,
            st.booleans(), NUMBER, st.booleans(),
        ),
        unique_by=lambda row: row.md5,
    )
)  # fmt: skip
def test_rows_come_back_as_they_went_whatever_their_names(rows):
    rows.sort()
    packed = pack(rows)
    assert unpack_as(packed.data, rows=len(rows)) == rows


@pytest.mark.parametrize(
    "name", ["n" * MAX_NAME, "😀" * MAX_NAME, '"' * MAX_NAME], ids=["n", "wide", "quotes"]
)
def test_the_longest_name_and_folder_pass(name):
    rows = [PhotoRow(A1, name, "\n" * MAX_FOLDER)]
    assert unpack_as(pack(rows).data, rows=1) == rows


def lines(*changed, header=HEADER):
    return gzip.compress("".join(f"{line}\n" for line in (header, *changed)).encode(), mtime=0)


ONE, TWO = TEXT.splitlines()[1:]
GOOD = gzip.compress(TEXT.encode(), mtime=0)


@pytest.mark.parametrize(
    ("damage", "data", "says"),
    [
        ("cut off", GOOD[:-9], "cut off"),
        ("cut off at the check sum", GOOD[:-1], "cut off"),
        ("empty", b"", "cut off"),
        ("wrong check sum of gzip", GOOD[:-8] + b"\0\0\0\0" + GOOD[-4:], "not gzip"),
        ("not gzip", TEXT.encode(), "not gzip"),
        ("zlib, not gzip", zlib.compress(TEXT.encode()), "not gzip"),
        ("trailing bytes", GOOD + b"x", "followed by something else"),
        ("trailing zeros", GOOD + b"\0", "followed by something else"),
        ("two members", GOOD + GOOD, "followed by something else"),
        ("not UTF-8", gzip.compress(TEXT.encode().replace(b"one", b"\xff\xfe\xfd"), mtime=0), "not UTF-8"),
        ("UTF-8 cut off", gzip.compress(TEXT.encode() + "é".encode()[:1], mtime=0), "not UTF-8"),
        ("UTF-16", gzip.compress(TEXT.encode("utf-16"), mtime=0), "not UTF-8"),
        ("a BOM", gzip.compress(b"\xef\xbb\xbf" + TEXT.encode(), mtime=0), "header"),
        ("no text at all", gzip.compress(b"", mtime=0), "header"),
        ("no header", lines(TWO, header=ONE), "header"),
        ("another header", lines(ONE, TWO, header=HEADER + ",more"), "header"),
        ("a quoted header", lines(ONE, TWO, header=f'"{HEADER}"'), "header"),
        ("a row of another shard", lines(ONE, "b" + TWO[1:]), "a row of shard b"),
        ("one md5 twice", lines(ONE, ONE), "line 3: not sorted by md5, or one md5 twice"),
        ("not sorted", lines(TWO, ONE), "line 3: not sorted"),
        ("upper-case md5", lines(ONE, TWO.replace("a2", "A2")), "line 3: the md5 is not"),
        ("md5 of other digits", lines(ONE, TWO.replace("a2", "a٢")), "line 3: the md5 is not"),
        ("short md5", lines(ONE, TWO[1:]), "line 3: the md5 is not"),
        ("unterminated quote", lines(ONE.replace("one", '"one'), f"{A2},two" + "," * 10), "unexpected end of data"),
        ("text behind a quote", lines(ONE.replace("one.jpg", '"one"x'), TWO), "line 2: "),
        ("a column more", lines(ONE + ",", TWO), "line 2: 13 fields instead of 12"),
        ("a column less", lines(ONE[:-2], TWO), "line 2: 11 fields instead of 12"),
        ("a blank line", lines(ONE, "", TWO), "line 3: 0 fields"),
        ("NUL", lines(ONE.replace("one", "o\0ne"), TWO), "line 2: the filename is too long or holds a NUL"),
        ("a name too long", lines(ONE.replace("one", "n" * MAX_NAME), TWO), "line 2: the filename is too long"),
        ("a folder too long", lines(ONE.replace("2001", "n" * (MAX_FOLDER + 1)), TWO), "line 2: the folder is too long"),
        ("an id too long", lines(ONE.replace("id/1", "i" * 300), TWO), "line 2: the applephotoid is too long"),
        ("a field beyond reason", lines(ONE.replace("one", "n" * 200_000), TWO), "line 2: "),
        ("a float", lines(ONE.replace(",5,", ",5.0,"), TWO), "line 2: size is not an integer"),
        ("a huge number", lines(ONE.replace(",5,", f",{'9' * 5000},"), TWO), "size is not an integer"),
        ("a number with spaces", lines(ONE.replace(",5,", ", 5,"), TWO), "size is not an integer"),
        ("another script's digit", lines(ONE.replace(",5,", ",٥,"), TWO), "size is not an integer"),
        ("a negative size", lines(ONE.replace(",5,", ",-5,"), TWO), "line 2: size is negative"),
        ("a star of 2", lines(ONE.replace(",1,9,0", ",2,9,0"), TWO), "line 2: starred is neither 0 nor 1"),
        ("no star at all", lines(ONE.replace(",1,9,0", ",,9,0"), TWO), "line 2: starred is neither 0 nor 1"),
        ("a row too many", lines(ONE, TWO, TWO.replace("a2", "a3")), "not the 2 that"),
        ("a row too few", lines(ONE), "not the 2 that"),
    ],
)  # fmt: skip
def test_damage_is_refused_in_its_own_words(damage, data, says):
    with pytest.raises(DamagedError, match=says):
        unpack_as(data)


@pytest.mark.parametrize(
    ("lie", "says"),
    [
        ({"sha256": "0" * 64}, "SHA-256"),
        ({"size": len(GOOD) - 1}, f"{len(GOOD)} bytes instead of {len(GOOD) - 1}"),
        ({"rows": 1}, "not the 1 that"),
        ({"rows": 3}, "not the 3 that"),
        ({"x": "b"}, "a row of shard a"),
    ],
)
def test_what_is_not_what_the_manifest_says_is_refused(lie, says):
    with pytest.raises(DamagedError, match=says):
        unpack_as(GOOD, **lie)


def bomb(head, filling, mebibytes):
    """A gzip of a head and then megabytes of the same, about a thousandth in size, made in no time."""
    squeeze = zlib.compressobj(9, wbits=-15)
    begin = squeeze.compress(head) + squeeze.flush(zlib.Z_FULL_FLUSH)
    block = squeeze.compress(filling * (2**20 // len(filling))) + squeeze.flush(zlib.Z_FULL_FLUSH)
    stream = begin + block * mebibytes + squeeze.flush()
    return gzip.compress(b"", mtime=0)[:10] + stream + struct.pack("<LL", 0, (mebibytes << 20) & 0xFFFFFFFF)


HEAD = f"{HEADER}\n".encode()


@pytest.mark.parametrize(
    ("head", "filling"),
    [(b"", b"\0"), (HEAD, b"\n"), (HEAD, b"n"), (HEAD + b'"', b"nn,\n"), (HEAD + b'"', b'""')],
    ids=["zeros", "blank lines", "one line", "one field", "quotes"],
)
def test_a_bomb_goes_off_in_a_small_room(head, filling):
    data = bomb(head, filling, 600)
    assert len(data) < 2**20
    tracemalloc.start()
    try:
        with pytest.raises(DamagedError):
            unpack_as(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 32 * 2**20


def test_text_beyond_the_limit_is_refused_even_if_each_row_is_good(monkeypatch):
    monkeypatch.setattr(sync.shard, "MAX_TEXT_BYTES", len(TEXT))
    assert unpack_as(GOOD) == ROWS
    monkeypatch.setattr(sync.shard, "MAX_TEXT_BYTES", len(TEXT) - 1)
    with pytest.raises(DamagedError, match=f"expands to more than {len(TEXT) - 1} bytes"):
        unpack_as(GOOD)


SHA = "5" * 64


def test_a_key_is_its_place_its_checksum_and_its_batch():
    key = key_of("deltas", "a", SHA, "0123456789abcdef")
    assert key == f"deltas/a/{SHA}-01234567.csv.gz"
    assert is_key(key, "deltas", "a", SHA)


@pytest.mark.parametrize(
    "key",
    [
        f"shards/a/{SHA}-01234567.csv.gz",
        f"deltas/b/{SHA}-01234567.csv.gz",
        f"deltas/a/{'6' * 64}-01234567.csv.gz",
        f"deltas/a/../a/{SHA}-01234567.csv.gz",
        f"/deltas/a/{SHA}-01234567.csv.gz",
        f"deltas/a/{SHA}-0123456.csv.gz",
        f"deltas/a/{SHA}-01234567.csv.gz\n",
        f"deltas/a/{SHA}-0123456٧.csv.gz",
        "",
    ],
)
def test_no_other_key_is_ever_fetched(key):
    assert not is_key(key, "deltas", "a", SHA)
