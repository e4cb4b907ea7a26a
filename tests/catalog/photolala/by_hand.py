"""Photolala catalogs made by hand, byte for byte, without the code that is under test."""

import hashlib
import plistlib
from datetime import datetime
from pathlib import Path
from typing import Any

BORN = datetime(2023, 4, 5, 6, 7, 8)  # noqa: DTZ001 (as plistlib gives it)
UUID = "0F8C2E4A-1111-4222-8333-444455556666"
HEX = "0123456789abcdef"


def md5(name: str) -> str:
    """Return a made-up md5 that begins with a name: `md5("a1")` is one of shard a."""
    return f"{name:0<32}"


def line(
    of: str, name: str = "IMG_1.jpg", size: object = 1000, *, more: str = ",1600000000,1600000001,40,30"
) -> str:
    return f"{md5(of)},{name},{size}{more}"


def manifest(shards: dict[str, bytes], **values: Any) -> dict[str, Any]:
    return {
        "version": "5.1",
        "directory-uuid": UUID,
        "created": BORN,
        "modified": BORN,
        "shardChecksums": {x: hashlib.sha256(data).hexdigest() for x, data in shards.items() if data},
        "photoCount": sum(len(data.split(b"\n")) for data in shards.values() if data),
    } | values


def by_shard(lines: list[str]) -> dict[str, bytes]:
    return {x: "\n".join(one for one in lines if one[0].lower() == x).encode() for x in HEX}


def lay(
    folder: Path, lines: list[str], *, xml: bool = False, without: tuple[str, ...] = (), **values: Any
) -> Path:
    """Lay a v5 catalog beside the photos of a folder."""
    return lay_bytes(folder, by_shard(lines), xml=xml, without=without, **values)


def lay_bytes(
    folder: Path, shards: dict[str, bytes], *, xml: bool = False, without: tuple[str, ...] = (), **values: Any
) -> Path:
    place = folder / ".photolala"
    place.mkdir(parents=True, exist_ok=True)
    shards = dict.fromkeys(HEX, b"") | shards
    for x, data in shards.items():
        (place / f"{x}.csv").write_bytes(data)
    told = {key: value for key, value in manifest(shards, **values).items() if key not in without}
    form = plistlib.FMT_XML if xml else plistlib.FMT_BINARY
    (place / "manifest.plist").write_bytes(plistlib.dumps(told, fmt=form))
    return folder


def lay_v4(folder: Path, lines: list[str], **values: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    shards = by_shard(lines)
    for x, data in shards.items():
        (folder / f".photolala#{x}").write_bytes(data)
    sums = {str(int(x, 16)): hashlib.sha256(data).hexdigest() for x, data in shards.items() if data}
    told = manifest(shards, version=1, shardChecksums=sums, **values)
    del told["directory-uuid"]
    (folder / ".photolala").write_bytes(plistlib.dumps(told, fmt=plistlib.FMT_BINARY))
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    """Return all that lies in a folder, to see that nothing of it was touched."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
