"""A manifest goes through its bytes unharmed, and what is not one is refused with a sentence."""

import json
import re
from dataclasses import replace

import pytest

from catalog.row import SHARDS
from sync.manifest import Delta, DeviceState, Manifest, ManifestError, ShardState, UpgradeError, decode
from sync.shard import MAX_OBJECT_BYTES, key_of

SHA, BATCH = "5" * 64, "0123456789abcdef" * 2


def shard_of(x):
    delta = Delta(key_of("deltas", x, SHA, BATCH), SHA, 30, 1, 7)
    return ShardState(key_of("shards", x, SHA, BATCH), SHA, 20, 3, "0" * 64, (delta,))


MANIFEST = Manifest(
    catalog_id="ca7a",
    seq=7,
    commit_id="c0",
    parent="",
    written_at=1_700_000_000,
    photo_count=64,
    shards={x: shard_of(x) for x in SHARDS},
    devices={"de1": DeviceState("Anna's 📷", BATCH, 7, 6)},
    pending_delete=({"key": "shards/0/x", "since": 3},),
)


def changed(**fields):
    """The manifest's bytes with fields set otherwise; a name like `shards__a__rows` leads inwards."""
    values = json.loads(MANIFEST.encode())
    for path, value in fields.items():
        *outer, last = path.split("__")
        place = values
        for name in outer:
            place = place[int(name) if isinstance(place, list) else name]
        place[last] = value
    return json.dumps(values).encode()


def without(name):
    values = json.loads(MANIFEST.encode())
    del values[name]
    return json.dumps(values).encode()


def with_text(old, new):
    text = MANIFEST.encode().decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def test_a_manifest_comes_back_as_it_went():
    assert decode(MANIFEST.encode()) == MANIFEST


def test_it_is_json_with_sorted_keys_that_says_what_it_is():
    text = MANIFEST.encode().decode()
    assert text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert (json.loads(text)["format"], json.loads(text)["version"]) == ("photolala-catalog", 6)


def test_fields_of_a_later_version_are_kept_and_written_back():
    later = {"wings": {"left": [1, 2.5, None, True, "é"]}, "z": 0}
    again = json.loads(decode(changed(**later)).encode())
    assert {name: again[name] for name in later} == later


def test_a_later_commit_keeps_them_too():
    known = decode(changed(wings=2))
    assert decode(replace(known, seq=8).encode()).unknown == {"wings": 2}


@pytest.mark.parametrize("what", ["min_reader", "min_writer"])
def test_a_newer_format_asks_for_an_upgrade_before_anything_else(what):
    newer = json.dumps({"format": "photolala-catalog", "min_reader": 6, "min_writer": 6, what: 7}).encode()
    with pytest.raises(UpgradeError, match=f"newer format .{what} 7, this is 6.. Upgrade photolala"):
        decode(newer)


def test_an_older_minimum_is_welcome():
    assert decode(changed(min_reader=1, min_writer=5)).min_writer == 5


def nested(depth):
    return '{"wings":' + "[" * depth + "]" * depth + ","


SHARD = json.loads(MANIFEST.encode())["shards"]["b"]
KEY_A = key_of("shards", "a", SHA, BATCH)


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("nothing", b""),
        ("spaces", b"  "),
        ("an empty object", b"{}"),
        ("a list", b"[]"),
        ("null", b"null"),
        ("half of it", MANIFEST.encode()[:-100]),
        ("something behind it", MANIFEST.encode() + b"{}"),
        ("HTML", b"<html>Please log in to the hotel's network</html>"),
        ("bytes", b"\x1f\x8b\x08\x00\xff"),
        ("UTF-16", MANIFEST.encode().decode().encode("utf-16")),
        ("not UTF-8", MANIFEST.encode().replace("é".encode(), b"").replace(b"Anna", b"\xff\xfe")),
        ("a surrogate in bytes", MANIFEST.encode().replace(b"Anna", b"\xed\xa0\x80")),
        ("a surrogate in a device's name", with_text("Anna", "\\ud800")),
        ("a surrogate in a field of a later version", with_text("{", '{"wings":"\\udfff",')),
        ("a surrogate in its name", with_text("{", '{"\\udfff":1,')),
        ("a key twice", with_text('"seq":7', '"seq":7,"seq":8')),
        ("a shard twice", with_text('"a":{', f'"a":{json.dumps(SHARD)},"a":{{')),
        ("NaN", changed(wings=float("nan"))),
        ("Infinity", changed(wings=float("inf"))),
        ("a float beyond all floats", with_text("{", '{"wings":1e999,')),
        ("nesting that no parser takes", with_text("{", nested(100_000))),
        ("nesting that a parser just takes", with_text("{", nested(900))),
        ("nesting that nobody needs", with_text("{", nested(50))),
        ("an integer of 5000 digits", with_text('"seq":7', f'"seq":{"9" * 5000}')),
        ("another format", changed(format="photolala")),
        ("no format", without("format")),
    ],
)  # fmt: skip
def test_what_is_not_a_manifest_is_refused_with_a_sentence(what, data):
    with pytest.raises(ManifestError, match=r"^The manifest is damaged: .*\.$"):
        decode(data)


@pytest.mark.parametrize(
    ("says", "fields"),
    [
        *[("seq is not a number", {"seq": wrong}) for wrong in ("7", 7.0, True, None, -1, 2**60, [7])],
        ("photo_count is not a number", {"photo_count": -1}),
        ("written_at is not a number", {"written_at": "now"}),
        ("min_reader is not a number", {"min_reader": "6"}),
        ("min_writer is not a number", {"min_writer": None}),
        *[("catalog_id is not a hex number", {"catalog_id": wrong}) for wrong in ("", "XY", 7, None, "f" * 65)],
        ("commit_id is not a hex number", {"commit_id": "../../etc"}),
        ("commit_id is not a hex number", {"commit_id": "c0\n"}),
        ("parent is not a hex number", {"parent": None}),
        ("shards", {"shards": []}),
        ("shards are missing", {"shards": {}}),
        ("shards are missing", {"shards": dict.fromkeys(SHARDS[:15], SHARD)}),
        ("shards", {"shards__g": {}}),
        ("shard a", {"shards__a": None}),
        ("state is not a hex number", {"shards__a__state": "0" * 65}),
        ("shard a: state", {"shards__a__state": "0" * 63}),
        ("shard a names an object", {"shards__a__key": None}),
        ("shard a names an object", {"shards__a__key": f"shards/a/../{SHA}-01234567.csv.gz"}),
        ("shard a names an object", {"shards__a__key": f"../{KEY_A}"}),
        ("shard a names an object", {"shards__a__key": KEY_A.replace("/a/", "/b/")}),
        ("shard a names an object", {"shards__a__key": KEY_A.replace("shards", "deltas")}),
        ("shard a names an object", {"shards__a__key": KEY_A.replace("5" * 64, "6" * 64)}),
        ("shard a names an object", {"shards__a__sha256": "6" * 64}),
        ("shard a names an object", {"shards__a__sha256": 5}),
        ("shard a names an object", {"shards__a__deltas__0__key": KEY_A}),
        ("bytes is not a number", {"shards__a__bytes": MAX_OBJECT_BYTES + 1}),
        ("bytes is not a number", {"shards__a__deltas__0__bytes": -5}),
        ("rows is not a number", {"shards__a__rows": 10**9}),
        ("rows is not a number", {"shards__a__rows": 1.5}),
        ("a delta of shard a", {"shards__a__deltas": ["x"]}),
        ("deltas", {"shards__a__deltas": {}}),
        ("deltas", {"shards__a__deltas": [vars(MANIFEST.shards["a"].deltas[0])] * 1001}),
        ("seq is not a number", {"shards__a__deltas__0__seq": None}),
        ("devices", {"devices": []}),
        ("devices", {"devices__de1": "Anna"}),
        ("devices", {"devices__de1__name": 5}),
        ("devices", {"devices": {"d" * 65: vars(MANIFEST.devices["de1"])}}),
        ("devices", {"devices": {f"{n:x}": vars(MANIFEST.devices["de1"]) for n in range(1001)}}),
        ("batch_id is not a hex number", {"devices__de1__batch_id": "…"}),
        ("seen_seq is not a number", {"devices__de1__seen_seq": "6"}),
        ("pending_delete", {"pending_delete": {}}),
        ("pending_delete", {"pending_delete": [0] * 100_001}),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_a_wrong_value_is_named(says, fields):
    with pytest.raises(ManifestError, match=rf"^The manifest is damaged: .*{re.escape(says)}.*\.$"):
        decode(changed(**fields))


@pytest.mark.parametrize("name", [name for name in json.loads(MANIFEST.encode()) if name != "version"])
def test_each_field_is_needed(name):
    with pytest.raises(ManifestError):
        decode(without(name))


def test_a_batch_is_committed_if_its_device_says_so():
    assert MANIFEST.committed("de1", BATCH)
    assert not MANIFEST.committed("de1", "f" * 32)
    assert not MANIFEST.committed("de2", BATCH)


def test_who_came_since_is_told_newest_first_and_without_me():
    devices = {
        key: DeviceState(name, BATCH, seq, 0)
        for key, name, seq in [("1", "old", 3), ("2", "nas", 5), ("3", "phone", 6), ("4", "me", 7)]
    }
    manifest = replace(MANIFEST, devices=devices)
    assert manifest.names_since(4, "4") == "phone, nas"
    assert manifest.names_since(6, "4") == "another device"
