"""A line is written as the Mac app writes it, and read with its oddities."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.photolala.rows import BOM, CsvRow, find_row, one_line, parse_line, shard_bytes
from catalog.row import MAX_NAME, RowError
from tests.conftest import HOSTILE_NAMES

MD5 = "d41d8cd98f00b204e9800998ecf8427e"

texts = st.text(
    st.one_of(
        st.sampled_from(",\"'\t;\\\x1b é\U0001f5bc"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0\n\v\f\r\x85\u2028\u2029"),
    ),
    max_size=30,
)
counts = st.none() | st.integers(0, 10**18 - 1)
times = st.none() | st.integers(1 - 10**18, 10**18 - 1)
rows = st.builds(
    CsvRow,
    md5=st.text("0123456789abcdef", min_size=32, max_size=32),
    filename=texts,
    size=counts,
    photodate=times,
    modified=times,
    width=counts,
    height=counts,
    applephotoid=texts,
)


@given(rows)
def test_a_row_comes_back_from_its_line(row):
    assert parse_line(row.line()) == row


@given(st.lists(rows, max_size=5, unique_by=lambda row: row.md5))
def test_each_row_is_found_in_its_shard(rows):
    data = shard_bytes([row.line() for row in rows])
    assert [find_row(data, row.md5) for row in rows] == rows
    assert [find_row(BOM + data.replace(b"\n", b"\r\n"), row.md5) for row in rows] == rows


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (CsvRow(MD5, "a.jpg", 10, -1, 20, 30, 40, "A-B/L0"), f"{MD5},a.jpg,10,-1,20,30,40,A-B/L0"),
        (CsvRow(MD5, "a.jpg", 10, 1, 2), f"{MD5},a.jpg,10,1,2,,,"),
        (CsvRow(MD5, "a, b.jpg", 10, 1, 2), f'{MD5},"a, b.jpg",10,1,2,,,'),
        (CsvRow(MD5, 'a "b".jpg', 10, 1, 2), f'{MD5},"a ""b"".jpg",10,1,2,,,'),
        (CsvRow(MD5, " été; 'x'\t.jpg", 10, 1, 2), f"{MD5}, été; 'x'\t.jpg,10,1,2,,,"),
        (CsvRow(MD5, "a\nb\u2028c\x85.jpg", 1, 1, 2), rf"{MD5},a\x0ab\u2028c\x85.jpg,1,1,2,,,"),
        (CsvRow(MD5, "a.jpg", 10, 1, 2, 3, 4, 'x,"y",z'), f'{MD5},a.jpg,10,1,2,3,4,x,"y",z'),
    ],
)
def test_a_line_has_the_very_bytes(row, line):
    assert row.line() == line
    assert parse_line(line) == row._replace(filename=one_line(row.filename))


def test_a_shard_ends_without_a_new_line_and_an_empty_one_is_empty():
    rows = [CsvRow(MD5, "a.jpg", 1, 2, 3).line(), CsvRow(MD5, "b.jpg", 1, 2, 3).line()]
    assert shard_bytes(rows) == f"{MD5},a.jpg,1,2,3,,,\n{MD5},b.jpg,1,2,3,,,".encode()
    assert shard_bytes([]) == b""


def test_a_line_of_version_4_and_5_0_has_seven_columns():
    assert parse_line(f"{MD5},a.jpg,10,1,2,3,4") == CsvRow(MD5, "a.jpg", 10, 1, 2, 3, 4)


def test_all_that_follows_the_seventh_column_is_the_apple_id():
    assert parse_line(f'{MD5},"a,b",1,2,3,,,7,"8",9').applephotoid == '7,"8",9'


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_neither_breaks_a_line_nor_the_shard(name):
    text = name.decode("utf-8", "backslashreplace")
    row = CsvRow(MD5, text, 1, 2, 3)
    assert len(row.line().splitlines()) == 1 or set(text) & {"\x1c", "\x1d", "\x1e"}
    assert parse_line(row.line()).filename == one_line(text)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "md5"),
        ("md5,filename", "md5"),
        (f"{MD5[1:]},a.jpg,1,2,3,,", "md5"),
        (f"{MD5}", "md5"),
        (f"{MD5},a.jpg", "name"),
        (f"{MD5},a.jpg,1,2,3", "5 columns"),
        (f'{MD5},"a.jpg,1,2,3,,', "quote"),
        (f'{MD5},"a"b.jpg",1,2,3,,', "quote"),
        (f"{MD5},a.jpg,1x,2,3,,", "size"),
        (f"{MD5},a.jpg,-1,2,3,,", "size"),
        (f"{MD5},a.jpg,١,2,3,,", "size"),
        (f"{MD5},a, b.jpg,1,2,3,,", "size"),
        (f"{MD5},a.jpg,1,2.5,3,,", "photodate"),
        (f"{MD5},a.jpg,1,2,-,,", "modified"),
        (f"{MD5},a.jpg,1,2,3,wide,", "width"),
        (f"{MD5},a.jpg,1,2,3,4,{'9' * 19}", "height"),
        (f"{MD5},a\0.jpg,1,2,3,4,5", "NUL"),
        (f"{MD5},{'a' * (MAX_NAME + 1)},1,2,3,4,5", "name"),
    ],
)
def test_what_is_no_row_is_refused_with_its_reason(line, why):
    with pytest.raises(RowError, match=why):
        parse_line(line)
