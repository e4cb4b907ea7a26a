"""A folder as a remote: whole objects, conditions that hold between processes, and failures in one sentence."""

import contextlib
import errno
import hashlib
import io
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sync.stores import baton as baton_module
from sync.stores import directory
from sync.stores.directory import DirectoryStore
from sync.stores.objectstore import (
    ConditionFailedError,
    DeniedError,
    EmptyRemoteError,
    Fetched,
    Listed,
    NotThereError,
    RemoteError,
    UnclearError,
    UnreachableError,
)
from tests.conftest import permissions_that_count

HERE = Path(__file__).parents[3]
OTHER_MACHINE = "0123456789abcdef"
TEXT = {"content_type": "text/plain"}


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "remote"
    root.mkdir()
    return root


@pytest.fixture
def store(root):
    """A store that waits for nobody."""
    return DirectoryStore(root.as_uri(), patience=0)


def files(root: Path) -> list[str]:
    """All that lies in a remote, but for the folder of the lock and what is in it."""
    found = (path.relative_to(root).as_posix() for path in root.rglob("*"))
    return sorted(name for name in found if not name.startswith(".photolala~lock"))


def baton(root: Path) -> Path:
    """The one file of the lock."""
    (found,) = (root / ".photolala~lock").iterdir()
    return found


def hand_to(root: Path, holder: str, *, silent_for: float = 0) -> Path:
    """Put the lock into the hands of somebody, who was last heard of some seconds ago."""
    DirectoryStore(root.as_uri()).put("first", b"", **TEXT)
    held = baton(root).rename(root / ".photolala~lock" / holder)
    then = time.time() - silent_for
    os.utime(held, (then, then))
    return held


def holder_of(pid: int, machine: str | None = None) -> str:
    return f"{machine or baton_module._machine()}.{pid}.0123456789abcdef"


@pytest.fixture
def dead_pid():
    with subprocess.Popen(["true"]) as process:
        pass
    return process.pid


def start(code: str, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=HERE, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


# ---- objects


def test_what_is_put_comes_back_with_a_quoted_sha256(store):
    etag = store.put("shards/a/x.csv.gz", b"rows", **TEXT)
    assert etag == f'"{hashlib.sha256(b"rows").hexdigest()}"'
    assert store.get("shards/a/x.csv.gz", limit=4) == Fetched(b"rows", etag)
    assert store.get("shards/a/x.csv.gz", limit=4, unless_etag=etag) is None
    assert store.get("shards/a/x.csv.gz", limit=4, unless_etag='"other"') == Fetched(b"rows", etag)


def test_an_object_that_is_too_large_is_not_read(store, monkeypatch):
    store.put("key", b"12345", **TEXT)
    monkeypatch.setattr(directory, "Fetched", None)
    with pytest.raises(RemoteError, match="5 bytes, more than the 4 allowed"):
        store.get("key", limit=4)
    assert store.traffic.bytes_down == 0


def test_an_object_that_grows_is_not_read_whole(store, root, monkeypatch):
    class Growing(io.BytesIO):
        def fileno(self):
            return empty.fileno()

        def read(self, size=-1):
            assert size == 5
            return super().read(size)

    store.put("key", b"", **TEXT)
    monkeypatch.setattr(directory, "opened", lambda folder, name: Growing(b"123456789"))
    with (root / "key").open("rb") as empty, pytest.raises(RemoteError, match="more than the 4 allowed"):
        store.get("key", limit=4)


def test_what_is_not_there_is_said_to_be_not_there(store):
    store.put("a/b", b"", **TEXT)
    for key in ("key", "a", "x/y"):
        with pytest.raises(NotThereError):
            store.get(key, limit=9)
        with pytest.raises(NotThereError):
            store.head(key)
        with pytest.raises(NotThereError):
            store.put(key, b"", if_etag='"some"', **TEXT)


def test_head_and_list_tell_size_and_the_servers_time(store, root):
    store.put("key", b"12345", **TEXT)
    os.utime(root / "key", (1e9, 1e9))
    assert store.head("key") == Listed("key", 5, 1e9)
    assert list(store.list("")) == [Listed("key", 5, 1e9)]


def test_a_listing_is_in_the_order_of_keys_whatever_the_folders(store):
    keys = ["a-b", "a.b", "a/b", "a/b.c/d", "a/b0", "a0", "ab/c", "b"]
    for key in reversed(keys):
        store.put(key, b"", **TEXT)
    assert sorted(keys) == keys
    for prefix in ("", "a", "a/", "a/b", "a/b.", "a/b.c/d", "ab/", "nothing/", "b"):
        assert [one.key for one in store.list(prefix)] == [key for key in keys if key.startswith(prefix)]


def test_a_listing_shows_objects_only(store, root):
    store.put("shards/a", b"", **TEXT)
    for name in (".photolala~0123", "shards/.photolala~0123", "shards/a name", "shards/b~"):
        (root / name).touch()
    (root / "shards/c").symlink_to(root / "shards/a")
    (root / "linked").symlink_to(root / "shards")
    os.mkfifo(root / "pipe")
    assert [one.key for one in store.list("")] == ["shards/a"]


def test_deleting_is_idempotent_and_leaves_no_empty_folder_in_a_folder(store, root):
    store.put("photos/ab/x", b"", **TEXT)
    store.put("photos/ab/y", b"", **TEXT)
    store.delete("photos/ab/x")
    assert files(root) == ["photos", "photos/ab", "photos/ab/y"]
    for _ in range(2):
        store.delete("photos/ab/y")
    assert files(root) == ["photos"]


def test_traffic_is_counted(store):
    store.put("key", b"12345", **TEXT)
    store.get("key", limit=5)
    store.head("key")
    list(store.list(""))
    store.delete("key")
    assert store.traffic.requests == dict.fromkeys(("PUT", "GET", "HEAD", "LIST", "DELETE"), 1)
    assert (store.traffic.bytes_up, store.traffic.bytes_down) == (5, 5)


def test_bytes_are_on_the_disk_before_they_have_a_name_and_the_name_before_put_returns(store, monkeypatch):
    store.put("folder/key", b"old", **TEXT)
    log = []
    fsync, rename = os.fsync, os.rename

    def logged_fsync(descriptor):
        log.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def logged_rename(source, target, **where):
        log.extend(["rename"] * (target == "key"))
        rename(source, target, **where)

    monkeypatch.setattr(os, "fsync", logged_fsync)
    monkeypatch.setattr(os, "rename", logged_rename)
    store.put("folder/key", b"new", **TEXT)
    assert log == ["file", "rename", "folder"]
    store.put("new/key", b"new", **TEXT)
    assert log[3:] == ["folder", "file", "rename", "folder"]


def test_nothing_stays_open(store, root):
    (root / "link").symlink_to(root)
    os.mkfifo(root / "pipe")

    def use_it():
        for key in ("key", "a/b", "link/x", "link", "pipe", "a", "../x", "a/b/c"):
            for call in (
                lambda key=key: store.put(key, b"1", **TEXT),
                lambda key=key: store.put(key, b"1", if_absent=True, **TEXT),
                lambda key=key: store.get(key, limit=0),
                lambda key=key: store.head(key),
                lambda key=key: list(store.list(key)),
                lambda key=key: store.delete(key),
            ):
                with contextlib.suppress(RemoteError):
                    call()

    use_it()
    before = list(Path("/dev/fd").iterdir())
    use_it()
    assert list(Path("/dev/fd").iterdir()) == before


# ---- conditions


def test_create_if_absent_refuses_when_present(store):
    store.put("key", b"first", if_absent=True, **TEXT)
    with pytest.raises(ConditionFailedError):
        store.put("key", b"second", if_absent=True, **TEXT)
    assert store.get("key", limit=9).data == b"first"


def test_an_update_wants_the_etag_that_is_there(store, root):
    stale = store.put("key", b"one", **TEXT)
    right = store.put("key", b"two", if_etag=stale, **TEXT)
    with pytest.raises(ConditionFailedError):
        store.put("key", b"lost", if_etag=stale, **TEXT)
    assert store.get("key", limit=9).data == b"two"
    store.put("key", b"three", if_etag=right, **TEXT)
    assert files(root) == ["key"]


def test_of_racing_creates_one_wins(root):
    barrier = threading.Barrier(8)

    def race(number):
        mine = DirectoryStore((root / "new").as_uri())  # its folder is made in the race, too
        barrier.wait(timeout=20)
        try:
            mine.put("a/key", b"%d" % number, if_absent=True, **TEXT)
        except ConditionFailedError:
            return None
        return b"%d" % number

    for _ in range(10):
        with ThreadPoolExecutor(8) as pool:
            winners = [won for won in pool.map(race, range(8)) if won]
        reader = DirectoryStore((root / "new").as_uri())
        assert winners == [reader.get("a/key", limit=9).data]
        assert baton(root / "new").name == "free"
        reader.delete("a/key")


INCREMENT = """
import sys
from sync.stores.directory import DirectoryStore
from sync.stores.objectstore import ConditionFailedError
store = DirectoryStore(sys.argv[1])
print("ready", flush=True)
input()
done = 0
while done < 100:
    found = store.get("counter", limit=99)
    try:
        store.put("counter", b"%d" % (int(found.data) + 1), content_type="", if_etag=found.etag)
    except ConditionFailedError:
        continue
    done += 1
"""


def test_two_processes_add_up_exactly_even_over_the_lock_of_a_dead_one(store, root, dead_pid):
    store.put("counter", b"0", **TEXT)
    hand_to(root, holder_of(dead_pid))
    with start(INCREMENT, store.url) as one, start(INCREMENT, store.url) as other:
        assert [process.stdout.readline() for process in (one, other)] == ["ready\n"] * 2
        for process in (one, other):
            process.stdin.write("\n")
            process.stdin.flush()
        assert (one.wait(timeout=30), other.wait(timeout=30)) == (0, 0)
    assert store.get("counter", limit=99).data == b"200"
    assert files(root) == ["counter", "first"]
    assert baton(root).name == "free"


DIE = """
import os, signal, sys
from sync.stores.directory import DirectoryStore
fdopen, rename = os.fdopen, os.rename
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def write_half(descriptor, mode):
    if mode == "wb":
        os.write(descriptor, b"ne")
        die()
    return fdopen(descriptor, mode)
def die_before(source, target, **where):
    die() if target == "key" else rename(source, target, **where)
def die_after(source, target, **where):
    rename(source, target, **where)
    die() if target == "key" else None
url, when, etag = sys.argv[1:]
match when:
    case "writing": os.fdopen = write_half
    case "written": os.fsync = die
    case "before": os.rename = die_before
    case "after": os.rename = die_after
DirectoryStore(url).put("key", b"new!", content_type="", if_etag=etag)
"""


@pytest.mark.parametrize(
    ("when", "left"), [("writing", b"old"), ("written", b"old"), ("before", b"old"), ("after", b"new!")]
)
def test_a_killed_writer_leaves_the_old_or_the_new_object_and_stops_nobody(store, when, left):
    etag = store.put("key", b"old", **TEXT)
    with start(DIE, store.url, when, etag) as process:
        assert process.wait(timeout=20) == -signal.SIGKILL
    found = store.get("key", limit=9)
    assert found.data == left
    assert [one.key for one in store.list("")] == ["key"]
    store.put("key", b"next", if_etag=found.etag, **TEXT)


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)


def test_what_killed_writers_have_left_is_tidied_up_after_a_day(store, root, monkeypatch):
    for key in ("catalog_manifest.json", "shards/a/x", "photos/ab/x"):
        store.put(key, b"kept", **TEXT)
    left = [
        f"{folder}.photolala~{'0123456789abcdef'}" for folder in ("", "shards/", "shards/a/", "photos/ab/")
    ]
    fresh = "shards/a/.photolala~fedcba9876543210"
    others = [".photolala~short", "shards/.photolala~0123456789abcdeX", "photos/ab/mine~"]
    for name in (*left, fresh, *others):
        (root / name).write_text("half")
    folder = root / f"deltas/.photolala~{'a' * 16}"  # of a lock that was laid out half
    folder.mkdir(parents=True)
    (folder / "free").touch()
    (root / "outside").symlink_to(root.parent)
    (root.parent / f".photolala~{'0' * 16}").touch()
    for path in (*root.rglob("*"), root.parent / f".photolala~{'0' * 16}"):
        age(path, 86400 + 60)
    age(root / fresh, 86400 - 60)
    before = files(root)
    store.tidy()
    assert set(before) - set(files(root)) == {*left, f"deltas/{folder.name}", f"deltas/{folder.name}/free"}
    assert (root.parent / f".photolala~{'0' * 16}").exists()
    store.put("catalog_manifest.json", b"next", **TEXT)


def test_that_day_is_one_of_the_file_systems_clock(store, root, monkeypatch):
    store.put("key", b"kept", **TEXT)
    name = f".photolala~{'0' * 16}"
    (root / name).touch()
    monkeypatch.setattr(directory, "server_time", lambda folder: time.time() + 86400 + 60)
    store.tidy()
    assert files(root) == ["key"]


def test_a_remote_that_is_not_there_is_not_tidied(tmp_path):
    with pytest.raises(UnreachableError):
        DirectoryStore((tmp_path / "usb" / "photos").as_uri()).tidy()
    with pytest.raises(NotThereError):
        DirectoryStore((tmp_path / "photos").as_uri()).tidy()


# ---- the lock


def test_the_turn_of_a_dead_process_is_taken_over(store, root, dead_pid):
    held = hand_to(root, holder_of(dead_pid))
    store.put("key", b"mine", **TEXT)
    assert not held.exists()
    assert baton(root).name == "free"


def test_the_turn_of_a_live_process_is_not(store, root):
    with start("input()") as process:
        held = hand_to(root, holder_of(process.pid))
        for write in (
            lambda: store.put("key", b"mine", **TEXT),
            lambda: store.put("key", b"mine", if_absent=True, **TEXT),
            lambda: store.delete("first"),
        ):
            with pytest.raises(UnreachableError, match="is kept busy by another device"):
                write()
        assert held.exists()
        assert files(root) == ["first"]
        process.communicate("\n")


def test_a_process_that_is_dead_here_may_live_elsewhere(store, root, dead_pid):
    hand_to(root, holder_of(dead_pid, OTHER_MACHINE))
    with pytest.raises(UnreachableError):
        store.put("key", b"mine", **TEXT)


def test_the_turn_of_another_users_process_is_not(store, root, monkeypatch):
    def refuse(pid, number):
        raise PermissionError(errno.EPERM, "not yours")

    monkeypatch.setattr(os, "kill", refuse)
    hand_to(root, holder_of(1))
    with pytest.raises(UnreachableError):
        store.put("key", b"mine", **TEXT)


@pytest.mark.parametrize("machine", [OTHER_MACHINE, None], ids=["elsewhere", "here"])
@pytest.mark.parametrize(("silent_for", "taken"), [(0, False), (590, False), (610, True), (-610, True)])
def test_a_turn_is_taken_over_after_ten_silent_minutes(store, root, machine, silent_for, taken):
    hand_to(root, holder_of(os.getppid(), machine), silent_for=silent_for)
    with contextlib.nullcontext() if taken else pytest.raises(UnreachableError):
        store.put("key", b"mine", **TEXT)
    assert (baton(root).name == "free") == taken


def test_silence_is_measured_by_the_servers_clock(store, root, monkeypatch):
    utime = os.utime

    def touch_on_the_server(path, times=None, **where):
        then = time.time() - 86400  # its clock is a day behind
        utime(path, times or (then, then), **where)

    monkeypatch.setattr(os, "utime", touch_on_the_server)
    held = hand_to(root, holder_of(1, OTHER_MACHINE), silent_for=86400 + 590)
    with pytest.raises(UnreachableError):
        store.put("key", b"mine", **TEXT)
    then = time.time() - 86400 - 610
    utime(held, (then, then))
    store.put("key", b"mine", **TEXT)


def test_a_turn_that_could_not_be_given_back_does_not_stop_this_process(store, root, monkeypatch):
    rename = os.rename

    def fail_at_the_end(source, target, **where):
        if target == ".photolala~lock/free":
            raise OSError(errno.EIO, "broken")
        rename(source, target, **where)

    monkeypatch.setattr(os, "rename", fail_at_the_end)
    store.put("key", b"one", **TEXT)
    assert baton(root).name != "free"
    monkeypatch.undo()
    store.put("key", b"two", **TEXT)
    assert baton(root).name == "free"


def test_who_has_lost_the_turn_writes_nothing(store, root, monkeypatch):
    etag = store.put("key", b"one", **TEXT)
    etag_of = directory._etag_of

    def sleep_for_ten_minutes(*where):
        baton(root).rename(root / ".photolala~lock" / holder_of(1, OTHER_MACHINE))
        return etag_of(*where)

    monkeypatch.setattr(directory, "_etag_of", sleep_for_ten_minutes)
    with pytest.raises(UnclearError):
        store.put("key", b"two", if_etag=etag, **TEXT)
    assert store.get("key", limit=9).data == b"one"
    assert files(root) == ["key"]
    assert baton(root).name == holder_of(1, OTHER_MACHINE)


def test_a_rename_whose_answer_was_lost_still_gives_the_turn(store, root, monkeypatch):
    store.put("key", b"one", **TEXT)
    rename = os.rename

    def rename_and_lose_the_answer(source, target, **where):
        rename(source, target, **where)
        if source == ".photolala~lock/free":
            raise FileNotFoundError(errno.ENOENT, "sent again, and gone")

    monkeypatch.setattr(os, "rename", rename_and_lose_the_answer)
    store.put("key", b"two", **TEXT)
    assert baton(root).name == "free"


def test_whoever_takes_a_turn_never_looks_silent(store, root, monkeypatch):
    store.put("key", b"one", **TEXT)
    os.utime(baton(root), (0, 0))
    rename, touched = os.rename, []

    def look(source, target, **where):
        if source == ".photolala~lock/free":
            touched.append((root / source).stat().st_mtime)
        rename(source, target, **where)

    monkeypatch.setattr(os, "rename", look)
    store.put("key", b"two", **TEXT)
    assert touched == [pytest.approx(time.time(), abs=60)]


def test_two_who_are_first_have_one_lock(store, root, monkeypatch):
    rename = os.rename

    def come_second(source, target, **where):
        if target == ".photolala~lock":
            (root / target).mkdir()
            (root / target / "free").touch()
        rename(source, target, **where)

    monkeypatch.setattr(os, "rename", come_second)
    store.put("key", b"one", **TEXT)
    assert baton(root).name == "free"
    assert files(root) == ["key"]


def test_a_folder_that_another_writer_makes_at_the_same_time_is_as_good(tmp_path, monkeypatch):
    mkdir, made = os.mkdir, []

    def come_second(path, *mode, **where):
        mkdir(path, *mode, **where)
        if not str(path).startswith(".photolala~"):
            made.append(Path(path).name)
            mkdir(path, *mode, **where)

    monkeypatch.setattr(os, "mkdir", come_second)
    DirectoryStore((tmp_path / "new").as_uri(), patience=0).put("a/b/key", b"one", **TEXT)
    assert made == ["new", "a", "b"]


def test_what_a_nas_puts_into_the_folder_of_the_lock_is_left_alone(store, root):
    store.put("key", b"one", **TEXT)
    (root / ".photolala~lock" / "@eaDir").mkdir()
    store.put("key", b"two", **TEXT)
    assert sorted(path.name for path in (root / ".photolala~lock").iterdir()) == ["@eaDir", "free"]


def test_a_lost_lock_is_made_anew(root):
    store = DirectoryStore(root.as_uri())
    store.put("key", b"one", **TEXT)
    baton(root).unlink()
    store.put("key", b"two", **TEXT)
    assert files(root) == ["key"]
    assert baton(root).name == "free"


# ---- failures


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (errno.ENOSPC, DeniedError, "is full"),
        (errno.EDQUOT, DeniedError, "is full"),
        (errno.EROFS, DeniedError, "is read-only"),
        (errno.EACCES, DeniedError, "refuses access to key"),
        (errno.EIO, UnclearError, "failed at key"),
        (errno.ESTALE, UnclearError, "failed at key"),
        (errno.ENOTCONN, UnreachableError, "does not answer"),
    ],
)
def test_a_write_that_fails_leaves_the_old_object_and_nothing_else(
    store, root, monkeypatch, code, kind, words
):
    store.put("key", b"old", **TEXT)

    def fail(descriptor):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RemoteError) as caught:
        store.put("key", b"new", **TEXT)
    assert type(caught.value) is kind
    assert str(caught.value).startswith(f"{store.url} {words}")
    assert files(root) == ["key"]
    assert store.get("key", limit=9).data == b"old"


def test_file_systems_that_cannot_sync_a_folder_are_good_enough(store, monkeypatch):
    def refuse(descriptor):
        raise OSError(errno.EINVAL, "not here")

    monkeypatch.setattr(os, "fsync", refuse)
    store.put("folder/key", b"new", **TEXT)
    assert store.get("folder/key", limit=9).data == b"new"


ON_A_SMALL_DISK = """
import os, subprocess, sys
from sync.stores.directory import DirectoryStore
from sync.stores.objectstore import DeniedError
store = DirectoryStore("file://" + sys.argv[1])
store.put("key", b"old", content_type="")
before = sorted(os.listdir(sys.argv[1]))
def told(call):
    try:
        call()
    except DeniedError as error:
        assert sorted(os.listdir(sys.argv[1])) == before
        print(error)
told(lambda: store.put("big", bytes(500_000), content_type=""))
subprocess.run(["mount", "-o", "remount,ro", sys.argv[1]], check=True)
told(lambda: store.put("key", b"new", content_type=""))
told(lambda: store.delete("key"))
assert store.get("key", limit=9).data == b"old"
"""


def test_a_disk_that_is_full_and_then_read_only(root):
    """For real, on a disk in memory that nobody else sees and that ends with the process."""
    script = 'mount -t tmpfs -o size=128k none "$1" && echo mounted && exec "$0" -c "$2" "$1"'
    run = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, sys.executable, root, ON_A_SMALL_DISK],
        cwd=HERE, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    if not run.stdout.startswith("mounted"):
        pytest.skip(f"no disk can be mounted here: {run.stderr}")
    url = f"file://{root}"
    told = ["mounted", f"{url} is full.", f"{url} is read-only.", f"{url} is read-only."]
    assert (run.stderr, run.stdout.splitlines()) == ("", told)


def test_a_folder_that_may_not_be_written_or_not_be_read(store, root):
    store.put("key", b"old", **TEXT)
    root.chmod(0o500)
    with permissions_that_count():
        with pytest.raises(DeniedError, match="refuses access to key"):
            store.put("key", b"new", **TEXT)
        assert store.get("key", limit=9).data == b"old"
        root.chmod(0)
        with pytest.raises(DeniedError, match="refuses access to key"):
            store.get("key", limit=9)
        with pytest.raises(DeniedError):
            list(store.list(""))
    root.chmod(0o700)
    assert files(root) == ["key"]


def each_call(store):
    return [
        lambda: store.get("key", limit=9),
        lambda: store.put("key", b"", **TEXT),
        lambda: store.put("a/key", b"", if_absent=True, **TEXT),
        lambda: list(store.list("")),
        lambda: store.head("key"),
        lambda: store.delete("key"),
    ]


def test_a_disk_that_is_not_mounted_is_out_of_reach_and_not_made(tmp_path):
    (tmp_path / "file").touch()
    for missing in (tmp_path / "usb" / "photos", tmp_path / "file" / "photos"):
        for call in each_call(DirectoryStore(missing.as_uri())):
            with pytest.raises(UnreachableError, match="photos is not there: is the disk mounted"):
                call()
    assert files(tmp_path) == ["file"]


def test_that_nothing_at_all_is_there_is_told_apart_from_a_missing_object(tmp_path):
    store = DirectoryStore(tmp_path.as_uri())
    (tmp_path / "lost+found").mkdir()
    (tmp_path / ".photolala~lock").mkdir()
    for ask in (lambda: store.get("key", limit=9), lambda: store.head("a/key")):
        with pytest.raises(EmptyRemoteError, match="its disk is not mounted"):
            ask()
    store.put("other", b"", **TEXT)
    for ask in (lambda: store.get("key", limit=9), lambda: store.head("a/key")):
        with pytest.raises(NotThereError) as missing:
            ask()
        assert not isinstance(missing.value, EmptyRemoteError)


def test_a_remote_that_is_new_is_empty_and_made_by_the_first_write(tmp_path):
    new = tmp_path / "photos"
    store = DirectoryStore(new.as_uri())
    with pytest.raises(NotThereError):
        store.get("key", limit=9)
    assert list(store.list("")) == []
    store.delete("key")
    assert not new.exists()
    store.put("key", b"", if_absent=True, **TEXT)
    assert files(new) == ["key"]


def test_a_remote_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "photos").write_text("mine")
    for call in each_call(DirectoryStore((tmp_path / "photos").as_uri())):
        with pytest.raises(RemoteError, match="Not a directory"):
            call()
    assert (tmp_path / "photos").read_text() == "mine"


# ---- what comes from outside


@pytest.mark.parametrize(
    "key",
    ["", "/", "/etc/passwd", "..", ".", "../secret", "a/../../secret", "a/./b", "a//b", "a/", "a\n", "a\0b", "é",
     "a b", ".photolala~lock/free", "a\\b", "~", "%2e%2e/secret", "x" * 256, "\udcff"],
)  # fmt: skip
def test_a_key_that_is_not_of_our_making_is_refused(store, root, key):
    (root.parent / "secret").write_text("kept")
    for call in (
        lambda: store.get(key, limit=9),
        lambda: store.put(key, b"", **TEXT),
        lambda: store.head(key),
        lambda: store.delete(key),
    ):
        with pytest.raises(RemoteError, match="is no key that photolala has made"):
            call()
    assert not store.traffic.requests
    assert files(root.parent) == ["remote", "secret"]


@pytest.mark.parametrize("prefix", ["../", "/", "/etc/", "a/../", "./", "a//", ".photolala~lock/"])
def test_a_prefix_that_leads_elsewhere_is_refused(store, prefix):
    with pytest.raises(RemoteError, match="is no key that photolala has made"):
        list(store.list(prefix))


def test_a_link_is_not_followed(store, root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key").write_text("kept")
    (root / "key").symlink_to(outside / "key")
    (root / "folder").symlink_to(outside)
    for key in ("key", "folder/key"):
        for call in (
            lambda key=key: store.get(key, limit=9),
            lambda key=key: store.head(key),
            lambda key=key: store.put(key, b"", if_absent=True, **TEXT),
            lambda key=key: store.put(key, b"", if_etag='"some"', **TEXT),
        ):
            with pytest.raises(RemoteError, match="cannot hold an object at"):
                call()
    for call in (lambda: store.put("folder/key", b"", **TEXT), lambda: store.delete("folder/key")):
        with pytest.raises(RemoteError, match="cannot hold an object at folder/key"):
            call()
    store.put("key", b"mine", **TEXT)  # takes the link's place
    assert files(outside) == ["key"]
    assert (outside / "key").read_text() == "kept"


def test_a_pipe_does_not_hold_anybody_up(store, root):
    os.mkfifo(root / "pipe")
    with pytest.raises(NotThereError):
        store.get("pipe", limit=9)


def test_an_address_may_hold_any_name(tmp_path):
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/100% a#b?c \xff"))
    DirectoryStore(root.as_uri()).put("key", b"", **TEXT)
    DirectoryStore(f"file://{tmp_path}/plain name").put("key", b"", **TEXT)
    assert files(root) == files(tmp_path / "plain name") == ["key"]


@pytest.mark.parametrize(
    "url", ["file://nas/photos", "file:photos", "/photos", "s3://b", "file:///a%00b", ""]
)
def test_an_address_of_no_folder_is_refused(url):
    with pytest.raises(RemoteError, match="is not the address of a folder"):
        DirectoryStore(url)
