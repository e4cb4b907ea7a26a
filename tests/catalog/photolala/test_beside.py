"""A cut name and a shortened size are put right where a file beside proves it, and only there."""

import hashlib
import os
from pathlib import Path

import pytest

from catalog.photolala import beside as beside_module
from catalog.photolala.beside import Beside
from catalog.photolala.rows import CsvRow

FILES = {
    "IMG_0001.jpg": b"a" * 1234,
    "IMG_0002.jpg": b"b" * 1300,
    "summer, 1.jpg": b"c" * 12005,
    "DSC1.jpg": b"d" * 700,
    "xDSC1.jpg": b"e" * 700,
    "1.jpg": b"f" * 70,
    "e\u0301te\u0301.jpg": b"g" * 71,
}


def md5(name: str) -> str:
    return hashlib.md5(FILES[name]).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


OTHER = "0" * 32
MENDS = {  # name: (md5, name, size) -> (name, size), None if it stays as it is
    "all is well": ((OTHER, "IMG_0001.jpg", 1234), None),
    "one character was cut": ((OTHER, "MG_0001.jpg", 1234), ("IMG_0001.jpg", 1234)),
    "several were": ((OTHER, "001.jpg", 1234), ("IMG_0001.jpg", 1234)),
    "no file ends so": ((OTHER, "MG_0009.jpg", 1234), None),
    "no such file has this size": ((OTHER, "MG_0001.jpg", 1235), None),
    "two could be it, and the MD5 tells": ((md5("xDSC1.jpg"), "C1.jpg", 700), ("xDSC1.jpg", 700)),
    "two could be it, and the MD5 is of neither": ((OTHER, "C1.jpg", 700), None),
    "another has the cut name, and the MD5 tells": (
        (md5("IMG_0001.jpg"), "1.jpg", 1234),
        ("IMG_0001.jpg", 1234),
    ),
    "another has the cut name, and the MD5 does not tell": ((OTHER, "1.jpg", 1234), None),
    "the size lost its first digit": ((OTHER, "summer, 1.jpg", 2005), ("summer, 1.jpg", 12005)),
    "and the noughts after it": ((md5("summer, 1.jpg"), "summer, 1.jpg", 5), ("summer, 1.jpg", 12005)),
    "several digits, and the MD5 does not tell": ((OTHER, "summer, 1.jpg", 5), None),
    "the size is another one": ((OTHER, "summer, 1.jpg", 3005), None),
    "the size is unknown": ((OTHER, "IMG_0001.jpg", None), None),
    "the name is the md5": ((md5("DSC1.jpg"), md5("DSC1.jpg"), 700), ("DSC1.jpg", 700)),
    "the name is the md5, cut": ((md5("DSC1.jpg"), md5("DSC1.jpg")[1:] + ".jpg", 700), ("DSC1.jpg", 700)),
    "the name is another md5": ((OTHER, OTHER, 700), None),
    "no name is left": ((md5("DSC1.jpg"), "", 700), ("DSC1.jpg", 700)),
    "accents are written in one": ((OTHER, "\xe9t\xe9.jpg", 71), None),
    "out of the folder": ((OTHER, "../IMG_0001.jpg", 1234), None),
}


@pytest.mark.parametrize("name", MENDS)
def test_a_row_is_put_right_where_a_file_proves_it(folder, name):
    (of, *given), wanted = MENDS[name]
    row = CsvRow(of, *given, 1, 2)
    mended, why = Beside(os.fsencode(folder)).mend(row)
    if wanted is None:
        assert (mended, why) == (row, "")
    else:
        assert mended == row._replace(filename=wanted[0], size=wanted[1])
        assert why


def test_a_file_is_found_by_name_and_size(folder):
    beside = Beside(os.fsencode(folder))
    assert beside.file_of(CsvRow(OTHER, "\xe9t\xe9.jpg", 71)) == "e\u0301te\u0301.jpg".encode()
    assert beside.file_of(CsvRow(OTHER, "1.jpg", 71)) is None
    assert beside.file_of(CsvRow(OTHER, "1.jpg")) is None
    assert beside.file_of(CsvRow(OTHER, "..", folder.stat().st_size)) is None


def test_a_name_that_is_not_utf_8_is_found_by_its_shown_form(tmp_path):
    raw = os.fsencode(tmp_path) + b"/cut \xe6\x97.jpg"
    try:
        os.close(os.open(raw, os.O_CREAT | os.O_WRONLY))
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    assert Beside(os.fsencode(tmp_path)).file_named(r"cut \xe6\x97.jpg") == b"cut \xe6\x97.jpg"


def test_not_more_than_so_many_bytes_are_read_for_names(folder, monkeypatch):
    monkeypatch.setattr(beside_module, "_READ_AT_MOST", 800)
    beside = Beside(os.fsencode(folder))
    assert beside.mend(CsvRow(md5("DSC1.jpg"), "", 700))[1]
    assert not beside.mend(CsvRow(md5("xDSC1.jpg"), "", 700))[1]


def test_a_folder_that_is_not_there_has_no_files():
    beside = Beside(b"/nowhere/at all")
    assert beside.mend(CsvRow(OTHER, "a.jpg", 1)) == (CsvRow(OTHER, "a.jpg", 1), "")
