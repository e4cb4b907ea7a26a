"""What a sync costs, beside the tools that people would use instead, and beside the bare work itself.

PHOTOLALA_BENCH_PHOTOS says how many photos the catalog has (1,000,000 if not given). All sides talk to one
S3 server on loopback, in a process of its own. Peers that are not installed are left out, and named.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from catalog.row import HEADER, SHARDS
from catalog.store import SqlCatalog
from sync.engine import Sync
from sync.events import Outcome
from sync.stores.remote import open_store
from tests.benchmarks.ratios import in_turn, timed

PHOTOS = int(os.environ.get("PHOTOLALA_BENCH_PHOTOS", "1000000"))
BUCKET = "s3://photolala-demo"
INSERT = f"INSERT INTO photo ({HEADER}, backup_status) VALUES ({', '.join('?' * 13)})"
AWS = shutil.which("aws")
RCLONE = shutil.which("rclone", path=Path(sys.executable).parent)

EDITS = count()

FIRST_SYNC = """
import json, re, sys, time
from pathlib import Path
begun = time.perf_counter()
from catalog.store import SqlCatalog
from sync.engine import Sync
from sync.stores.remote import open_store
report = Sync(SqlCatalog(Path(sys.argv[1])), open_store(sys.argv[2]), "device").run()
assert report.error is None, report
took = time.perf_counter() - begun
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024  # not its parent's
print(json.dumps([took, peak]))
"""

BARE_FIRST_SYNC = """
import csv, gzip, io, json, sqlite3, sys, time
begun = time.perf_counter()
import boto3
s3 = boto3.client("s3")
query = "SELECT " + sys.argv[2] + " FROM photo WHERE md5 >= ? AND md5 < ? ORDER BY md5"
with sqlite3.connect(sys.argv[1]) as db:
    for x in "0123456789abcdef":
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\\n").writerows(db.execute(query, (x, chr(ord(x) + 1))))
        body = gzip.compress(text.getvalue().encode(), 6)
        s3.put_object(Bucket="photolala-demo", Key="bare/" + x, Body=body)
print(json.dumps([time.perf_counter() - begun]))
"""


def rows(total):
    """Rows like those of a real library: names, folders, sizes, dates; each twentieth starred."""
    for number in range(total):
        md5 = hashlib.md5(str(number).encode()).hexdigest()
        taken = 1_500_000_000 + number * 60
        yield (
            md5, f"IMG_{number:07}.JPG", f"2019/{number // 1000:04} trip", 3_000_000 + number, taken, taken + 5,
            6000, 4000, "", number % 20 == 0, None, 0, "none",
        )  # fmt: skip


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def told(name, text, capsys):
    with capsys.disabled():
        print(f"\n{name}:  {text}")


@pytest.fixture(scope="module")
def server():
    """An S3 server in a process of its own; what points to it."""
    command = [sys.executable, "-m", "tui.main", "serve-demo-s3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        variables = {}
        while "PHOTOLALA_REMOTE" not in variables:
            name, value = process.stdout.readline().removeprefix("export ").strip().split("=", 1)
            variables[name] = value
        yield variables
        process.terminate()


@pytest.fixture(autouse=True)
def pointed_to_it(server, monkeypatch):
    for name, value in server.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A catalog of all photos, never synced."""
    fresh = tmp_path_factory.mktemp("library") / "catalog.sqlite"
    SqlCatalog(fresh).close()
    with closing(sqlite3.connect(fresh)) as connection:
        connection.execute("PRAGMA cache_size = -65536")
        connection.executemany(INSERT, sorted(rows(PHOTOS)))
        connection.execute("INSERT INTO pending (md5, revision) SELECT md5, 1 FROM photo")
        connection.commit()
    return fresh


@pytest.fixture(scope="module")
def synced(library, server, tmp_path_factory):
    """A catalog that is the same as the remote `BUCKET/library`."""
    path = tmp_path_factory.mktemp("synced") / "catalog.sqlite"
    shutil.copy(library, path)
    run(sys.executable, "-c", FIRST_SYNC, path, f"{BUCKET}/library", env={**os.environ, **server})
    return path


@pytest.fixture(scope="module")
def shard_files(library, tmp_path_factory):
    """The same photos as 16 CSV files in a folder: what people sync who have no catalog."""
    folder = tmp_path_factory.mktemp("shards")
    with closing(sqlite3.connect(library)) as connection:
        for x in SHARDS:
            query = f"SELECT {HEADER} FROM photo WHERE md5 >= ? AND md5 < ? ORDER BY md5"
            with (folder / f"{x}.csv").open("w") as file:
                for record in connection.execute(query, (x, chr(ord(x) + 1))):
                    file.write(",".join("" if value is None else str(value) for value in record) + "\n")
    return folder


def peers(folder: Path):
    """The commands that would sync a folder, by their name."""
    found = {}
    if AWS:
        found["aws s3 sync"] = [AWS, "s3", "sync", "--only-show-errors", str(folder), f"{BUCKET}/aws"]
    if RCLONE:
        remote = ":s3,provider=Other,env_auth=true,force_path_style=true,endpoint='{}':photolala-demo/rclone"
        found["rclone sync"] = [
            RCLONE, "sync", str(folder), remote.format(os.environ["AWS_ENDPOINT_URL_S3"])
        ]  # fmt: skip
    return found


def test_the_first_sync_beside_the_bare_work(library, tmp_path, capsys):
    memory = []

    def ours():
        shutil.copy(library, tmp_path / "catalog.sqlite")
        out = run(
            sys.executable, "-c", FIRST_SYNC, tmp_path / "catalog.sqlite", f"{BUCKET}/{uuid.uuid4().hex}"
        )
        took, peak = json.loads(out)
        memory.append(peak)
        return took

    def bare():
        return json.loads(run(sys.executable, "-c", BARE_FIRST_SYNC, library, HEADER))[0]

    told(f"first sync of {PHOTOS:,} photos / select, csv, gzip, 16 PUTs", in_turn(ours, bare, 3), capsys)
    told("its peak memory", f"{max(memory):.0f} MB", capsys)


def test_the_second_device_beside_raw_inserts(synced, tmp_path, capsys):
    memory = []

    def ours():
        path = tmp_path / f"{uuid.uuid4().hex}.sqlite"
        SqlCatalog(path).close()
        took, peak = json.loads(run(sys.executable, "-c", FIRST_SYNC, path, f"{BUCKET}/library"))
        memory.append(peak)
        path.unlink()
        return took

    records = sorted(rows(PHOTOS))

    def raw():
        path = tmp_path / f"{uuid.uuid4().hex}.sqlite"
        SqlCatalog(path).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            took = timed(lambda: (connection.executemany(INSERT, records), connection.commit()))
        path.unlink()
        return took

    told(f"{PHOTOS:,} photos on a second device / raw executemany", in_turn(ours, raw, 3), capsys)
    told("its peak memory", f"{max(memory):.0f} MB", capsys)


def test_one_star_beside_a_folder_sync_with_one_file_changed(synced, shard_files, capsys):
    catalog, store = SqlCatalog(synced), open_store(f"{BUCKET}/library")
    md5 = hashlib.md5(b"7").hexdigest()
    size = (shard_files / f"{md5[0]}.csv").stat().st_size
    starred, reports = [True], []

    def ours():
        catalog.update_star_status(md5, starred[0])
        starred[0] = not starred[0]
        before = (sum(store.traffic.requests.values()), store.traffic.bytes_up, store.traffic.bytes_down)
        sync = Sync(catalog, store, "device")
        took = timed(lambda: reports.append(sync.run()))
        assert reports[-1].outcome is Outcome.COMMITTED, reports[-1]
        after = (sum(store.traffic.requests.values()), store.traffic.bytes_up, store.traffic.bytes_down)
        costs.append(tuple(b - a for a, b in zip(before, after, strict=True)))
        return took

    for name, command in peers(shard_files).items():
        costs: list[tuple[int, int, int]] = []
        run(*command)

        def theirs(command=command):
            with (shard_files / f"{md5[0]}.csv").open("r+") as file:
                file.seek(0, os.SEEK_END)
                file.seek(file.tell() - 2)
                file.write(str(next(EDITS) % 10))
            return timed(lambda: run(*command))

        told(
            f"one star of {PHOTOS:,} / {name} with one of 16 files changed", in_turn(ours, theirs, 5), capsys
        )
        requests, up, down = max(costs)
        told(
            "its requests, bytes up, bytes down; bytes of the one file / ours",
            f"{requests}, {up:,}, {down:,}; {size:,} / {up + down:,} = {size / (up + down):.0f}",
            capsys,
        )
    catalog.close()


def test_an_idle_sync_beside_a_folder_sync_with_nothing_to_do(synced, shard_files, capsys):
    environment = {**os.environ, "PHOTOLALA_CATALOG": str(synced), "PHOTOLALA_REMOTE": f"{BUCKET}/library"}

    def ours():
        command = [sys.executable, "-m", "tui.main", "sync", "--json"]
        out: list[str] = []
        took = timed(lambda: out.append(run(*command, env=environment)))
        report = json.loads(out[0])
        assert (report["outcome"], report["requests"]) == ("up-to-date", {"GET": 1}), report
        return took

    for name, command in peers(shard_files).items():
        run(*command)
        told(f"an idle sync / {name}", in_turn(ours, lambda c=command: timed(lambda: run(*c))), capsys)
