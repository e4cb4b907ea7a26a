"""One photo's row as it travels: what goes out comes back, and what is not a row is refused."""

import csv
import hashlib
import io
from functools import reduce
from operator import xor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.row import (
    HEADER,
    MAX_APPLE_ID,
    MAX_FOLDER,
    MAX_NAME,
    PhotoRow,
    RowError,
    parse_line,
    parse_record,
    state_of,
    text_of_name,
)

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
GOOD = (MD5, "a.jpg", "2024", "10", "-1", "20", "30", "40", "apple", "1", "50", "0")

texts = st.text(
    st.one_of(
        st.sampled_from(",\"\r\n\t; '\\\x1b\x85\u2028é\U0001f5bc"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=30,
)
counts = st.none() | st.integers(0, 10**18 - 1)
times = st.none() | st.integers(1 - 10**18, 10**18 - 1)
rows = st.builds(
    PhotoRow,
    md5=st.text("0123456789abcdef", min_size=32, max_size=32),
    **dict.fromkeys(("filename", "folder", "applephotoid"), texts),
    **dict.fromkeys(("size", "width", "height"), counts),
    **dict.fromkeys(("photodate", "modified", "uploaded"), times),
    **dict.fromkeys(("starred", "deleted"), st.booleans()),
)


def bad(**values):
    return list(PhotoRow(*GOOD)._replace(**values))


@given(rows)
def test_a_row_comes_back_from_its_line(row):
    assert parse_line(row.line()) == row


@given(rows)
def test_a_line_is_what_the_csv_module_would_write(row):
    fields = ["" if v is None else int(v) if isinstance(v, bool) else v for v in row]
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(fields)
    assert row.line() + "\r\n" == written.getvalue()


def lines_of(rows):
    return [row.line() for row in rows]


def test_lines_and_digests_never_change_since_every_device_must_make_the_same():
    row = PhotoRow(MD5, 'a "b", c\n.jpg', "Été/x", 0, -1, 2, 3, None, "", starred=True, uploaded=9)
    line = f'{MD5},"a ""b"", c\n.jpg",Été/x,0,-1,2,3,,,1,9,0'
    assert HEADER == (
        "md5,filename,folder,size,photodate,modified,width,height,applephotoid,starred,uploaded,deleted"
    )
    assert row.line() == line
    assert state_of([row.line()]) == hashlib.sha256(line.encode()).hexdigest()


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (GOOD[:-1], "11 fields instead of 12"),
        ((*GOOD, ""), "13 fields instead of 12"),
        (bad(md5=MD5.upper()), "md5"),
        (bad(md5=MD5[1:]), "md5"),
        (bad(md5=MD5 + "\n"), "md5"),
        (bad(md5="٠" * 32), "md5"),
        (bad(filename="x" * (MAX_NAME + 1)), "filename is too long"),
        (bad(filename="a\0b"), "filename .* NUL"),
        (bad(folder="x" * (MAX_FOLDER + 1)), "folder is too long"),
        (bad(applephotoid="x" * (MAX_APPLE_ID + 1)), "applephotoid is too long"),
        *((bad(**{name: "-1"}), f"{name} is negative") for name in ("size", "width", "height")),
        *((bad(**{name: "1.5"}), f"{name} is not an integer")
          for name in ("size", "photodate", "modified", "width", "height", "uploaded")),
        *((bad(size=text), "size is not an integer") for text in ("1e3", " 1", "+1", "٣", "9" * 19, "0x1")),
        *((bad(**{name: text}), f"{name} is neither")
          for name in ("starred", "deleted") for text in ("", "2", "true", "00")),
    ],
)  # fmt: skip
def test_a_bad_record_is_refused_with_its_reason(record, reason):
    with pytest.raises(RowError, match=reason):
        parse_record(record)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        ",".join(GOOD) + "\n" + ",".join(GOOD),
        ",".join(GOOD).replace("a.jpg", '"a.jpg'),
        ",".join(GOOD).replace("a.jpg", '"a".jpg'),
    ],
)
def test_what_is_not_one_line_is_refused(line):
    with pytest.raises(RowError):
        parse_line(line)


@given(st.lists(rows, max_size=4).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_a_state_is_the_xor_of_the_rows_digests_in_whatever_order(some_in_two_orders):
    some, shuffled = some_in_two_orders
    both = f"{reduce(xor, (row.digest() for row in some), 0):064x}"
    assert state_of(lines_of(shuffled)) == state_of(lines_of(some)) == both


@given(st.lists(rows, max_size=3), rows)
def test_taking_a_row_out_is_putting_it_in_again(others, row):
    assert state_of(lines_of([*others, row, row])) == state_of(lines_of(others))


def test_nothing_has_the_empty_state():
    assert state_of([]) == "0" * 64


@given(rows, rows)
def test_different_rows_have_different_states(one, other):
    assert (state_of([one.line()]) == state_of([other.line()])) == (one == other)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"plain.jpg", "plain.jpg"),
        ("Été 🖼.jpg".encode(), "Été 🖼.jpg"),
        (b"\xff.jpg", r"\xff.jpg"),
        (b"cut \xe6\x97", r"cut \xe6\x97"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),  # a surrogate, which UTF-8 forbids
    ],
)
def test_a_name_becomes_text_and_what_is_not_utf_8_is_escaped(name, text):
    assert text_of_name(name) == text


@given(st.binary(max_size=255).filter(lambda name: b"\0" not in name))
@example(b"\xff" * 255)
def test_any_name_that_a_file_system_takes_makes_a_row_that_can_be_read_again(name):
    row = PhotoRow(MD5, text_of_name(name))
    assert parse_line(row.line()) == row


def test_the_longest_path_that_a_system_takes_makes_a_row_that_can_be_read_again():
    folder = b"/".join([b"\xff" * 255] * 16)[:4095]
    row = PhotoRow(MD5, "a.jpg", text_of_name(folder))
    assert parse_line(row.line()) == row
