"""The manifest of a Photolala catalog: a property list, binary or XML, of versions 4, 5.0, 5.1 and 6.0."""

import plistlib
import re
from datetime import datetime
from typing import Any, NamedTuple

from catalog.row import SHARDS

MAX_BYTES = 1024 * 1024
KNOWN_VERSIONS = ("4", "5.0", "5.1", "6.0")

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MAX_TEXT = 64


class ManifestError(ValueError):
    """A manifest that cannot be understood; the text says why."""


class Manifest(NamedTuple):
    """What a manifest says.

    Attributes:
        version: "4", "5.0", "5.1", "6.0", or whatever else stands there.
        created: UTC, without a zone.
        modified: UTC, without a zone.
        photo_count: as it says; may be wrong.
        checksums: SHA-256 in small hex by shard, `0`..`f`.
        uuid: the directory's, None before 5.0 and on S3.
    """

    version: str
    created: datetime | None = None
    modified: datetime | None = None
    photo_count: int | None = None
    checksums: dict[str, str] = {}
    uuid: str | None = None


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest, trusting nothing; what is missing or of a wrong type is taken as unknown.

    Args:
        data: the file's content.

    Raises:
        ManifestError: it is too large, no property list, or holds no dictionary.
    """
    if len(data) > MAX_BYTES:
        raise ManifestError(f"it has more than {MAX_BYTES} bytes")
    try:
        found = plistlib.loads(data)  # refuses entities, so an XML bomb does not go off
    except Exception as error:  # whatever bytes made for it can raise: recursion, overflow, expat's own
        raise ManifestError("it is not a property list") from error
    if not isinstance(found, dict):
        raise ManifestError("it holds no dictionary")
    count, uuid = found.get("photoCount"), found.get("directory-uuid")
    return Manifest(
        _version(found.get("version")),
        _date(found.get("created")),
        _date(found.get("modified")),
        count if type(count) is int and 0 <= count < 1 << 63 else None,
        _checksums(found.get("shardChecksums")),
        uuid if isinstance(uuid, str) and 0 < len(uuid) <= _MAX_TEXT else None,
    )


def manifest_bytes(manifest: Manifest) -> bytes:
    """Write a manifest as a binary property list, the checksums under hex keys."""
    values: dict[str, Any] = {
        "version": manifest.version,
        "directory-uuid": manifest.uuid,
        "created": manifest.created,
        "modified": manifest.modified,
        "shardChecksums": manifest.checksums,
        "photoCount": manifest.photo_count,
    }
    return plistlib.dumps(values, fmt=plistlib.FMT_BINARY)


def _version(found: object) -> str:
    if type(found) is int:
        return "4" if found == 1 else str(found)[:_MAX_TEXT]
    return found[:_MAX_TEXT] if isinstance(found, str) else "unknown"


def _date(found: object) -> datetime | None:
    return found if isinstance(found, datetime) else None


def _checksums(found: object) -> dict[str, str]:
    """One writer counts 0 to 15, the other in hex; where both stand, hex is the newer."""
    if not isinstance(found, dict):
        return {}
    named = {
        key: value.lower()
        for key, value in found.items()
        if isinstance(value, str) and _SHA256.fullmatch(value.lower())
    }
    checksums = {x: named[str(number)] for number, x in enumerate(SHARDS) if str(number) in named}
    return checksums | {x: named[x] for x in SHARDS if x in named}
