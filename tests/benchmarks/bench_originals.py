"""What a backup, a restore and a verification cost, beside the tools that people would use instead.

All sides are whole processes, talk to one S3 server on loopback in a process of its own, and begin with what
was written before settled on the disk. PHOTOLALA_BENCH_SERVER says which: "rclone" (`rclone serve s3`, if not
given) or "moto", which is slow for a large file. The photos hold random bytes, so that no thumbnail is drawn:
the peers draw none either. Peers that are not installed are left out. Told are ratios of time, and the CPU
seconds of the process and of the server, which a busy machine does not spoil.

On loopback both ends share this machine's cores, and nothing but them is measured. PHOTOLALA_BENCH_LINE="1gbit"
(any rate that `tc` knows; as root, on Linux) puts the server behind a line of that rate, as at home.
"""

import contextlib
import hashlib
import json
import os
import random
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import NamedTuple

import pytest

from catalog.store import SqlCatalog
from tests.benchmarks.ratios import in_turn, timed

SERVER = os.environ.get("PHOTOLALA_BENCH_SERVER", "rclone")
ROUNDS = int(os.environ.get("PHOTOLALA_BENCH_ROUNDS", "5"))
LINE = os.environ.get("PHOTOLALA_BENCH_LINE")
ORIGINALS = int(os.environ.get("PHOTOLALA_BENCH_ORIGINALS", "100000"))
BUCKET = "photolala-demo"
SECRET = "sixteen-letters!"  # for rclone, which refuses short ones
AWS = shutil.which("aws")
RCLONE = shutil.which("rclone", path=Path(sys.executable).parent)
LIBRARIES = {"200 photos of 5 MB": [5_000_000] * 200, "one file of 1 GB": [1_000_000_000]}
PEERS = [name for name, program in (("aws s3 sync", AWS), ("rclone copy", RCLONE)) if program]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def told(name, text, capsys):
    with capsys.disabled():
        print(f"\n{name}:  {text}")


class Server(NamedTuple):
    """What points to a server, its process, and the folder where it keeps its objects, if it has one."""

    variables: dict[str, str]
    pid: int
    folder: Path | None = None

    def forget(self, remote):
        if self.folder:
            shutil.rmtree(self.folder / remote)

    def cpu(self):
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Spent(NamedTuple):
    """Seconds: by the clock, of our or a peer's CPU, of the server's."""

    clock: float
    cpu: float
    server: float


def spent(server, do):
    def cpu():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before, server_before = cpu(), server.cpu()
    clock = timed(do)
    return Spent(clock, cpu() - before, server.cpu() - server_before)


def beside(rounds):
    """Compare rounds of (ours, theirs)."""
    ratios = sorted(ours.clock / theirs.clock for ours, theirs in rounds)
    mine, other = (
        Spent(*map(statistics.median, zip(*side, strict=True))) for side in zip(*rounds, strict=True)
    )
    return (
        f"{mine.clock:.2f} s / {other.clock:.2f} s = {statistics.median(ratios):.2f}"
        f" ({ratios[0]:.2f} to {ratios[-1]:.2f});"
        f" CPU {mine.cpu:.2f} s / {other.cpu:.2f} s, the server's {mine.server:.2f} s / {other.server:.2f} s"
    )


@contextlib.contextmanager
def moto():
    command = [sys.executable, "-m", "tui.main", "serve-demo-s3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        variables = {}
        while "PHOTOLALA_REMOTE" not in variables:
            name, value = process.stdout.readline().removeprefix("export ").strip().split("=", 1)
            variables[name] = value
        yield Server(variables, process.pid)
        process.terminate()


@contextlib.contextmanager
def line(rate):
    """Make a network of two hosts, this one and another; yields what runs a command there, and its address."""
    there, near, far = (f"photolala{end}" for end in ("", "0", "1"))
    run("ip", "netns", "add", there)
    try:
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", there)
        inside = ("ip", "netns", "exec", there)
        for place, device, address in (((), near, "10.213.77.1"), (inside, far, "10.213.77.2")):
            run(*place, "ip", "address", "add", f"{address}/24", "dev", device)
            run(*place, "ip", "link", "set", device, "up")
            shape = ("tbf", "rate", rate, "burst", "256k", "latency", "50ms")
            run(*place, "tc", "qdisc", "add", "dev", device, "root", *shape)
        yield inside, address
    finally:
        run("ip", "netns", "delete", there)


@contextlib.contextmanager
def rclone(folder):
    with line(LINE) if LINE else contextlib.nullcontext(((), "127.0.0.1")) as (inside, address):
        yield from serving(folder, inside, address)


def serving(folder, inside, address):
    (folder / BUCKET).mkdir()
    command = [
        *inside, RCLONE, "serve", "s3", "--addr", f"{address}:0", "--auth-key", f"{SECRET},{SECRET}",
        "--config", "/dev/null", folder,
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        url = re.search(r"server on \[(http://[\d.:]+)", process.stderr.readline())[1]
        threading.Thread(target=process.stderr.read, daemon=True).start()
        variables = {
            "AWS_ENDPOINT_URL_S3": url,
            "AWS_ACCESS_KEY_ID": SECRET,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        yield Server(variables, process.pid, folder / BUCKET)
        process.terminate()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with moto() if SERVER == "moto" else rclone(tmp_path_factory.mktemp("server")) as server:
        yield server


class Bench:
    """A folder of photos, catalogs of it, and the commands of all sides."""

    def __init__(self, folder, sizes):
        self.folder = folder
        self.photos = folder / "photos"
        self.photos.mkdir()
        for number, size in enumerate(sizes):
            with (self.photos / f"{number}.jpg").open("wb") as file:
                for offset in range(0, size, 1 << 24):
                    file.write(random.randbytes(min(size - offset, 1 << 24)))
        self.bytes = sum(sizes)
        (folder / "config.toml").write_text("[sync]\nsingle_writer = true\n")
        self.catalog = folder / "starred.sqlite"
        self.ours("scan", self.photos, catalog=self.catalog)
        self.ours("star", *self.photos.iterdir(), catalog=self.catalog)

    def ours(self, *command, catalog, remote="none"):
        environment = {
            **os.environ,
            "PHOTOLALA_CATALOG": str(catalog),
            "PHOTOLALA_CONFIG": str(self.folder / "config.toml"),
            "PHOTOLALA_REMOTE": f"s3://{BUCKET}/{remote}",
        }
        out = run(sys.executable, "-m", "tui.main", *command, "--json", env=environment)
        return json.loads(out) if out.count("\n") == 1 else None

    def fresh(self):
        """A place for what one round makes; what was there is removed, and the disk is at rest."""
        place = self.folder / "round"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        os.sync()
        return place

    def peer(self, name, source, target):
        """Run a peer between a folder and the remote; a `str` is a place on the remote."""
        if name == "aws s3 sync":
            source, target = (
                f"s3://{BUCKET}/{p}" if isinstance(p, str) else str(p) for p in (source, target)
            )
            run(AWS, "s3", "sync", "--only-show-errors", source, target)
            return
        endpoint = os.environ["AWS_ENDPOINT_URL_S3"]
        s3 = f":s3,provider=Other,env_auth=true,force_path_style=true,endpoint='{endpoint}':{BUCKET}/"
        source, target = (s3 + p if isinstance(p, str) else str(p) for p in (source, target))
        run(RCLONE, "copy", source, target)


@pytest.fixture(autouse=True)
def pointed_to_it(server, monkeypatch):
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module", params=LIBRARIES)
def bench(request, tmp_path_factory, server):
    folder = tmp_path_factory.mktemp("bench")
    yield Bench(folder, LIBRARIES[request.param])
    shutil.rmtree(folder)


def told_beside_each_peer(request, what, rounds, capsys):
    for peer in PEERS:
        name = f"{what} {request.node.callspec.params['bench']} ({SERVER}) / {peer}"
        told(name, beside([(found["ours"], found[peer]) for found in rounds]), capsys)


def test_a_backup_beside_its_peers(bench, server, request, capsys):
    def ours(remote):
        report = bench.ours("backup", catalog=bench.folder / "round" / "catalog.sqlite", remote=remote)
        assert report["outcome"] == "done", report

    def one(side):
        remote = uuid.uuid4().hex
        shutil.copy(bench.catalog, bench.fresh() / "catalog.sqlite")
        do = ours if side == "ours" else lambda remote: bench.peer(side, bench.photos, remote)
        took = spent(server, lambda: do(remote))
        server.forget(remote)
        return took

    rounds = [{side: one(side) for side in ("ours", *PEERS)} for _ in range(ROUNDS)]
    told_beside_each_peer(request, "backup of", rounds, capsys)


def test_a_restore_beside_its_peers(bench, server, request, capsys):
    """Ours is a device that has lost all its photos, and knows what they were."""
    remote, plain = uuid.uuid4().hex, uuid.uuid4().hex
    catalog = bench.folder / f"{remote}.sqlite"
    shutil.copy(bench.catalog, catalog)
    assert bench.ours("backup", catalog=catalog, remote=remote)["outcome"] == "done"
    with contextlib.closing(sqlite3.connect(catalog)) as connection:
        connection.execute("DELETE FROM file")
        connection.commit()
    bench.peer(PEERS[0], bench.photos, plain)

    def ours(place):
        shutil.copy(catalog, place / "catalog.sqlite")
        report = bench.ours(
            "restore", "--to", place / "photos", catalog=place / "catalog.sqlite", remote=remote
        )
        assert (report["outcome"], report["bytes_down"]) == ("done", bench.bytes), report

    def one(side):
        place = bench.fresh()
        do = ours if side == "ours" else lambda place: bench.peer(side, plain, place / "photos")
        return spent(server, lambda: do(place))

    rounds = [{side: one(side) for side in ("ours", *PEERS)} for _ in range(ROUNDS)]
    told_beside_each_peer(request, "restore of", rounds, capsys)
    for done in (remote, plain):
        server.forget(done)


VERIFY = """
import re, sys
from pathlib import Path
from tui.main import main
status = main(["verify", "--json"])
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
sys.exit(status)
"""


@pytest.mark.skipif(
    AWS is None or SERVER != "rclone", reason="aws lists a folder that `rclone serve s3` shows"
)
def test_a_verification_beside_a_listing(tmp_path, server, monkeypatch, capsys):
    photos = server.folder / "many" / "photos"
    fresh = tmp_path / "catalog.sqlite"
    (tmp_path / "config.toml").write_text("[sync]\nsingle_writer = true\n")
    for name, value in {
        "CATALOG": fresh,
        "CONFIG": tmp_path / "config.toml",
        "REMOTE": f"s3://{BUCKET}/many",
    }.items():
        monkeypatch.setenv(f"PHOTOLALA_{name}", str(value))
    SqlCatalog(fresh).close()
    for number in range(256):
        (photos / f"{number:02x}").mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(fresh)) as connection:
        for number in range(ORIGINALS):
            md5 = hashlib.md5(b"%d" % number).hexdigest()
            (photos / md5[:2] / md5).write_bytes(b"%d" % number)
            connection.execute(
                "INSERT INTO photo (md5, filename, folder, size, starred, deleted, applephotoid, uploaded, backup_status)"
                " VALUES (?, ?, '', ?, 1, 0, '', 1, 'none')",
                (md5, f"{number}.jpg", len(str(number))),
            )
        connection.execute("INSERT INTO pending (md5, revision) SELECT md5, 1 FROM photo")
        connection.commit()
    run(sys.executable, "-m", "tui.main", "sync")
    reports = []

    def ours():
        took = timed(lambda: reports.append(run(sys.executable, "-c", VERIFY).splitlines()))
        report = json.loads(reports[-1][0])
        assert (report["outcome"], report["verified"], set(report["requests"])) == (
            "safe",
            ORIGINALS,
            {"GET"},
        )
        return took

    def theirs():
        return timed(lambda: run(AWS, "s3", "ls", "--recursive", f"s3://{BUCKET}/many/photos/"))

    told(f"verify of {ORIGINALS:,} originals / aws s3 ls --recursive", in_turn(ours, theirs, ROUNDS), capsys)
    requests = json.loads(reports[0][0])["requests"]
    told("its requests and peak memory", f"{requests}, {int(reports[0][1]) / 1024:.0f} MB", capsys)
