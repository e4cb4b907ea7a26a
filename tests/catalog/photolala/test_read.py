"""Catalogs of all versions are read, and each kind of damage costs itself only and is told."""

import os
import plistlib
from pathlib import Path

import pytest

from catalog.photolala import shard as shard_module
from catalog.photolala.manifest import ManifestError, parse_manifest
from catalog.photolala.read import read_catalog
from catalog.photolala.report import MAX_PROBLEMS
from catalog.photolala.rows import CsvRow
from catalog.photolala.source import FolderSource, SourceError
from catalog.protocol import CatalogError
from tests.catalog.photolala.by_hand import (
    HEX,
    by_shard,
    everything,
    lay,
    lay_bytes,
    lay_v4,
    line,
    manifest,
    md5,
)
from tests.conftest import permissions_that_count

LINES = [
    line("0a", "one.jpg"),
    line("a1", '"two, ""2"".jpg"'),
    line("a2", "three.jpg"),
    line("f3", "four.jpg"),
]
NAMES = {"one.jpg", 'two, "2".jpg', "three.jpg", "four.jpg"}
APPLE = [one + ",A1/L0/001" for one in LINES]


def read(folder: Path):
    found = read_catalog(FolderSource(os.fsencode(folder)))
    rows = [row for _, rows in found.parts() for row in rows]
    return found, {row.md5: row for row in rows}


def told(found) -> list[tuple]:
    return [(problem.shard, problem.line, str(problem.kind)) for problem in found.report.problems]


@pytest.mark.parametrize(
    ("lay_it", "version", "apple"),
    [
        (lambda folder: lay_v4(folder, LINES), "4", ""),
        (lambda folder: lay(folder, LINES, version="5.0"), "5.0", ""),
        (lambda folder: lay(folder, APPLE, version="5.0"), "5.0", "A1/L0/001"),
        (lambda folder: lay(folder, APPLE), "5.1", "A1/L0/001"),
        (
            lambda folder: lay(
                folder, APPLE, version="6.0", xml=True, without=("created", "modified", "directory-uuid")
            ),
            "6.0",
            "A1/L0/001",
        ),
    ],
    ids=["v4", "v5.0", "v5.0 over eight columns", "v5.1", "XML"],
)
def test_every_version_is_read(tmp_path, lay_it, version, apple):
    folder = lay_it(tmp_path / "photos")
    before = everything(folder)
    found, rows = read(folder)
    assert (found.report.version, found.report.read, found.complete) == (version, 4, True)
    assert found.report.problems == []
    assert {row.filename for row in rows.values()} == NAMES
    assert rows[md5("0a")] == CsvRow(md5("0a"), "one.jpg", 1000, 1600000000, 1600000001, 40, 30, apple)
    assert everything(folder) == before


def test_a_header_as_it_stands_on_s3_is_no_row(tmp_path):
    header = b"md5,filename,size,photodate,modified,width,height,applephotoid\n"
    found, rows = read(
        lay_bytes(tmp_path, {x: header + data for x, data in by_shard(APPLE).items()}, photoCount=4)
    )
    assert (found.report.read, len(rows), found.report.problems) == (4, 4, [])


def test_where_checksums_stand_in_both_ways_hex_is_the_newer():
    sums = {"10": "1" * 64, "a": "2" * 64, "11": "3" * 64, "5": "4" * 64, "c": "no", "16": "5" * 64}
    assert parse_manifest(plistlib.dumps({"shardChecksums": sums})).checksums == {
        "a": "2" * 64, "b": "3" * 64, "5": "4" * 64,
    }  # fmt: skip


def put(text: str | bytes, x: str = "a"):
    """Lay a catalog with a shard made by hand, and a photo in another one."""
    data = text if isinstance(text, bytes) else text.encode()
    return lambda folder: lay_bytes(folder, {x: data, "0": line("0a").encode()})


GOOD = line("a1", "good.jpg")
DAMAGE = {  # name: (how, md5s read, skipped, mended, duplicates, what is told)
    "rows that do not parse": (
        put(f"{line('a1', more=',x,2,3,4')}\nrubbish\n{line('a3')}\n,,,,,,"), ["a3"], 3, 0, 0,
        [("a", 1, "skipped"), ("a", 2, "skipped"), ("a", 4, "skipped"), ("manifest", None, "noted")],
    ),
    "a quote that does not end": (
        put(f'{line("a1", chr(34) + "x.jpg")}\n{line("a2")}'), ["a2"], 1, 0, 0,
        [("a", 1, "skipped"), ("manifest", None, "noted")],
    ),
    "a name with a line break": (
        put(f"{line('a1', 'x' + chr(10) + 'y.jpg')}\n{line('a2')}"), ["a1", "a2"], 0, 1, 0,
        [("a", 1, "mended"), ("manifest", None, "noted")],
    ),
    "a quoted name with line breaks": (
        put(line("a1", '"x,\n\ny.jpg"')), ["a1"], 0, 1, 0, [("a", 1, "mended"), ("manifest", None, "noted")],
    ),
    "bytes that are not UTF-8": (
        put(f"{GOOD}\n".encode() + line("a2", "x?.jpg").encode().replace(b"?", b"\xe6\x97")), ["a1", "a2"], 0, 1, 0,
        [("a", 2, "mended")],
    ),
    "control characters": (put(line("a1", "\x1b]0;x\x07\t\u202egpj.exe")), ["a1"], 0, 0, 0, []),
    "NULs, as after a power cut": (
        put(f"{GOOD}\n" + "\0" * 4096), ["a1"], 1, 0, 0, [("a", 2, "skipped"), ("manifest", None, "noted")],
    ),
    "an md5 in capitals": (put(line("A1".lower()).replace("a1", "A1", 1)), ["a1"], 0, 1, 0, [("a", 1, "mended")]),
    "a byte order mark": (put(b"\xef\xbb\xbf" + GOOD.encode()), ["a1"], 0, 0, 0, [("a", 1, "noted")]),
    "lines as on Windows": (
        put(f"{GOOD}\r\n{line('a2')}\r\n"), ["a1", "a2"], 0, 0, 0, [("a", None, "noted"), ("manifest", None, "noted")],
    ),
    "rows in the wrong shard": (
        put(f"{line('b1')}\n{GOOD}\n{line('0a', 'again.jpg')}"), ["a1", "b1"], 0, 1, 1,
        [("a", 1, "mended"), ("a", 3, "noted"), ("manifest", None, "noted")],
    ),
    "one md5 twice": (
        put(f"{GOOD}\n{line('a1', 'other.jpg')}\n{GOOD}"), ["a1"], 0, 0, 2,
        [("a", 2, "noted"), ("a", 3, "noted"), ("manifest", None, "noted")],
    ),
    "an Apple id that is too long": (put(GOOD + "," + "x" * 300), ["a1"], 0, 1, 0, [("a", 1, "mended")]),
    "a name that is the md5": (
        put(f"{line('a1', md5('a1'))}\n{line('a2', md5('a2')[1:] + '.jpg')}\n{line('a3', '')}"),
        ["a1", "a2", "a3"], 0, 0, 0, [("a", 1, "noted"), ("a", 2, "noted"), ("a", 3, "noted")],
    ),
    "photoCount too high": (
        lambda folder: lay(folder, [GOOD, line("0a")], photoCount=25), ["a1"], 0, 0, 0, [("manifest", None, "noted")],
    ),
    "a checksum of other bytes": (
        lambda folder: lay(folder, [GOOD, line("0a")], shardChecksums=dict.fromkeys(HEX, "0" * 64)), ["a1"], 0, 0, 0,
        [(x, None, "noted") for x in HEX],
    ),
    "no checksums": (
        lambda folder: lay(folder, [GOOD, line("0a")], without=("shardChecksums",)), ["a1"], 0, 0, 0,
        [("0", None, "noted"), ("a", None, "noted")],
    ),
    "a version that nobody knows": (
        lambda folder: lay(folder, [GOOD, line("0a")], version="7.3"), ["a1"], 0, 0, 0, [("manifest", None, "noted")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_costs_itself_only_and_is_told(tmp_path, name):
    lay_it, md5s, skipped, mended, duplicates, problems = DAMAGE[name]
    found, rows = read(lay_it(tmp_path))
    report = found.report
    assert sorted(rows) == sorted(md5(of) for of in ["0a", *md5s])
    assert (report.skipped, report.mended, report.duplicates) == (skipped, mended, duplicates)
    assert report.read == len(rows) + skipped + duplicates
    assert told(found) == problems
    assert found.complete


def test_the_row_of_its_own_shard_goes_before_one_in_another(tmp_path):
    wrong, right = line("b1", "wrong.jpg"), line("b1", "right.jpg")
    for number, x in enumerate("af"):  # before and after its own
        _, rows = read(lay_bytes(tmp_path / str(number), {x: wrong.encode(), "b": right.encode()}))
        assert rows[md5("b1")].filename == "right.jpg"


@pytest.mark.parametrize(
    "data",
    [b"", b"bplist00", b"rubbish", b"<plist><dict>", plistlib.dumps(["x"]), b"bplist00" + b"\xff" * 64],
)
def test_a_damaged_manifest_costs_no_row(tmp_path, data):
    lay(tmp_path, LINES)
    (tmp_path / ".photolala" / "manifest.plist").write_bytes(data)
    found, rows = read(tmp_path)
    assert (len(rows), found.manifest, found.report.version) == (4, None, "unknown")
    assert told(found) == [("manifest", None, "noted")]


def test_a_missing_manifest_costs_no_row(tmp_path):
    lay(tmp_path / "5", LINES)
    (tmp_path / "5" / ".photolala" / "manifest.plist").unlink()
    lay_v4(tmp_path / "4", LINES)
    (tmp_path / "4" / ".photolala").unlink()
    for version in "45":
        found, rows = read(tmp_path / version)
        assert (len(rows), told(found)) == (4, [("manifest", None, "noted")])


def test_a_missing_shard_is_told_where_the_manifest_knows_of_it(tmp_path):
    lay(tmp_path, LINES)
    for x in "a9":
        (tmp_path / ".photolala" / f"{x}.csv").unlink()
    found, rows = read(tmp_path)
    assert (len(rows), found.complete) == (2, True)
    assert told(found) == [("a", None, "noted"), ("manifest", None, "noted")]


def test_an_unreadable_shard_is_told_and_makes_it_incomplete(tmp_path):
    lay(tmp_path, LINES)
    (tmp_path / ".photolala" / "a.csv").chmod(0)
    with permissions_that_count():
        found, rows = read(tmp_path)
    assert (len(rows), found.complete, found.report.skipped) == (2, False, 0)
    assert ("a", None, "skipped") in told(found)


def test_what_is_no_file_is_not_waited_for(tmp_path):
    lay(tmp_path, LINES)
    shard = tmp_path / ".photolala" / "a.csv"
    shard.unlink()
    os.mkfifo(shard)
    found, rows = read(tmp_path)
    assert (len(rows), found.complete) == (2, False)


def test_all_is_bounded_before_it_is_parsed(tmp_path, monkeypatch):
    lay(tmp_path, [line(f"a{number:02}") for number in range(40)])
    (tmp_path / ".photolala" / "manifest.plist").write_bytes(b"x" * (1024 * 1024 + 1))
    monkeypatch.setattr(shard_module, "MAX_ROWS", 30)
    found, rows = read(tmp_path)
    assert (len(rows), found.report.read, found.report.skipped) == (30, 40, 10)
    assert not found.complete  # for the manifest
    monkeypatch.setattr(shard_module, "MAX_BYTES", 100)
    assert read(tmp_path)[1] == {}


def test_problems_are_all_counted_and_not_all_kept(tmp_path):
    found, rows = read(lay_bytes(tmp_path, {"a": b"rubbish\n" * 3000}, photoCount=0))
    assert (found.report.skipped, found.report.problem_count, len(found.report.problems)) == (
        3000,
        3000,
        MAX_PROBLEMS,
    )
    assert rows == {}


BOMB = b"""<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa">%s]>
<plist version="1.0"><dict><key>version</key><string>&j;</string></dict></plist>"""


@pytest.mark.parametrize(
    "data",
    [
        BOMB
        % b"".join(b'<!ENTITY %c "%s">' % (ord("b") + n, b"&%c;" % (ord("a") + n) * 10) for n in range(9)),
        b'<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]><plist><string>&x;</string></plist>',
        b"<plist>" + b"<array>" * 100_000,
        b"bplist00"
        + b"\xa1\x08" * 1
        + bytes(18)
        + b"\x01\x01"
        + bytes([255] * 8)
        + bytes(8)
        + bytes([0] * 7)
        + b"\x0a",
        b"bplist00\xa1\x00\x08"
        + bytes(6)
        + b"\x01\x01"
        + (1).to_bytes(8, "big")
        + bytes(8)
        + (10).to_bytes(8, "big"),
    ],
    ids=["entities", "a file from outside", "depth", "a huge count", "an array in itself"],
)
def test_a_bomb_in_a_manifest_does_not_go_off(data):
    with pytest.raises(ManifestError):
        parse_manifest(data)


def test_a_manifest_is_bounded_too():
    with pytest.raises(ManifestError, match="more than"):
        parse_manifest(plistlib.dumps({"version": "x" * 2_000_000}))


def test_strange_values_in_a_manifest_are_unknown():
    told = parse_manifest(
        plistlib.dumps(
            {
                "version": 2**40,
                "created": "yesterday",
                "photoCount": -1,
                "shardChecksums": [1],
                "directory-uuid": 5,
            }
        )
    )
    assert told == (str(2**40), None, None, None, {}, None)


def test_a_folder_without_a_catalog_is_told(tmp_path):
    (tmp_path / ".photolala").mkdir()
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(CatalogError, match="no Photolala catalog"):
            read_catalog(FolderSource(os.fsencode(folder)))


def test_the_digest_is_that_of_the_content(tmp_path):
    same = [read(lay(tmp_path / name, LINES))[0].digest for name in ("one", "two")]
    (tmp_path / "two" / ".photolala" / "stars.csv").write_text(md5("a1"))
    other, _ = read(tmp_path / "two")
    assert same[0] == same[1] != other.digest
    assert other.stars == {md5("a1")}


class Written:
    """A source that is written to once while it is read: the old manifest, and then all new."""

    address = b"s3://bucket/catalogs/me"

    def __init__(self) -> None:
        self.before = by_shard(LINES)
        self.after = by_shard([*LINES, line("99")])
        self.asked = 0

    def get(self, name: str, limit: int) -> bytes | None:
        self.asked += 1
        shards = self.before if self.asked < 8 else self.after
        if name == ".photolala/manifest.plist":
            return plistlib.dumps(manifest(shards))
        if name.startswith(".photolala/") and name != ".photolala/stars.csv":
            return shards[name[11]]
        return None


def test_a_catalog_that_is_written_to_meanwhile_is_fetched_again():
    found = read_catalog(Written())
    assert len([row for _, rows in found.parts() for row in rows]) == 5
    assert found.report.problems == []


def test_a_folder_source_tells_what_it_cannot_read(tmp_path):
    (tmp_path / ".photolala#0").write_bytes(b"12345")
    source = FolderSource(os.fsencode(tmp_path))
    assert source.get(".photolala#0", 5) == b"12345"
    assert source.get(".photolala#1", 5) is None
    with pytest.raises(SourceError, match="5 bytes"):
        source.get(".photolala#0", 4)
