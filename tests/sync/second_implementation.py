"""A second implementation of the remote's format, written from sync/FORMAT.md and nothing else.

It imports nothing of the product: what it has to know, the page must say. Its remote is a plain folder.
"""

import csv
import gzip
import hashlib
import io
import json
import uuid
from collections import Counter
from pathlib import Path

HEADER = "md5,filename,folder,size,photodate,modified,width,height,applephotoid,starred,uploaded,deleted"
COLUMNS = HEADER.split(",")
DIGITS = "0123456789abcdef"

Row = dict[str, str]


def line_of(row: Row) -> str:
    """The canonical line of a row."""
    fields = (row[name] for name in COLUMNS)
    quoted = (
        '"' + field.replace('"', '""') + '"' if set(field) & set(',"\r\n') else field for field in fields
    )
    return ",".join(quoted)


def digest(row: Row) -> int:
    return int.from_bytes(hashlib.sha256(line_of(row).encode()).digest(), "big")


class Remote:
    """A remote in a folder, read and written by one device at a time."""

    def __init__(self, folder: Path, device: str) -> None:
        self.folder = folder
        self.device = device

    def manifest(self) -> dict:
        return json.loads((self.folder / "catalog_manifest.json").read_bytes())

    def rows(self) -> dict[str, Row]:
        """All rows by md5, proved by length, SHA-256, count and state."""
        found: dict[str, Row] = {}
        for x in DIGITS:
            shard = self.manifest()["shards"][x]
            rows: dict[str, Row] = {}
            for part in [shard, *shard["deltas"]]:
                data = (self.folder / part["key"]).read_bytes()
                assert (len(data), hashlib.sha256(data).hexdigest()) == (part["bytes"], part["sha256"])
                text = gzip.decompress(data).decode()
                assert text.startswith(HEADER + "\n")
                records = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
                assert len(records) == part["rows"]
                rows |= {row["md5"]: row for row in records}
            state = 0
            for row in rows.values():
                state ^= digest(row)
            assert f"{state:064x}" == shard["state"]
            found |= rows
        return found

    def commit(self, changed: list[Row]) -> None:
        """Commit rows as deltas, on top of what is there."""
        old, before = self.manifest(), self.rows()
        commit = uuid.uuid4().hex
        new = {**old, "seq": old["seq"] + 1, "commit_id": commit, "parent": old["commit_id"]}
        for x, count in sorted(Counter(row["md5"][0] for row in changed).items()):
            rows = sorted((row for row in changed if row["md5"][0] == x), key=lambda row: row["md5"])
            data = gzip.compress("\n".join([HEADER, *map(line_of, rows), ""]).encode(), mtime=0)
            sha256 = hashlib.sha256(data).hexdigest()
            key = f"deltas/{x}/{sha256}-{commit[:8]}.csv.gz"
            self._put(key, data)
            shard = new["shards"][x]
            state = int(shard["state"], 16)
            for row in rows:
                state ^= digest(row) ^ (digest(before[row["md5"]]) if row["md5"] in before else 0)
            shard["state"] = f"{state:064x}"
            shard["deltas"].append(
                {"key": key, "sha256": sha256, "bytes": len(data), "rows": count, "seq": new["seq"]}
            )
        for row in changed:
            was = before.get(row["md5"])
            new["photo_count"] += (row["deleted"] == "0") - (was is not None and was["deleted"] == "0")
        new["devices"][self.device] = {
            "name": "second", "batch_id": uuid.uuid4().hex, "seq": new["seq"], "seen_seq": old["seq"],
        }  # fmt: skip
        data = json.dumps(new, sort_keys=True).encode()
        self._put(f"manifests/{new['seq']}-{commit}.json", data)
        self._put("catalog_manifest.json", data)

    def _put(self, key: str, data: bytes) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".part~").write_bytes(data)
        path.with_suffix(".part~").rename(path)
