"""Which remotes honour conditions: servers over HTTP, good, strange and careless, and answers that get lost."""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sync.stores.directory import DirectoryStore
from sync.stores.objectstore import ConditionFailedError, UnclearError
from sync.stores.probe import READ_ONLY, Conditions, UnsupportedError, probe
from sync.stores.rate import LimitedStore
from sync.stores.s3 import S3Store
from tests.sync.fault_store import Fault, FaultStore
from tests.sync.memory_store import MemoryStore
from tui.demo.server import DemoServer

RCLONE = Path(sys.executable).with_name("rclone")


@contextlib.contextmanager
def s3_store():
    """A store as the environment says; its connections end with the test."""
    store = S3Store("s3://photos/library")
    with contextlib.closing(store._client):
        yield store


@pytest.fixture
def served(monkeypatch):
    """Start an S3 server behind a middleware, and give a store on it."""
    with contextlib.ExitStack() as stack:

        def serve(middleware=None):
            server = stack.enter_context(DemoServer(middleware))
            server.create_bucket("photos")
            for name, value in server.environment().items():
                monkeypatch.setenv(name, value)
            return stack.enter_context(s3_store())

        yield serve


# ---- over HTTP


def test_a_server_that_honours_etags_as_it_gives_them(served):
    store = served()
    assert probe(store) is Conditions.QUOTED
    assert list(store.list("probes/")) == []


def test_a_server_that_wants_etags_without_quotes(served):
    sent = []

    def like_ceph_16(application):
        def answer(environ, start_response):
            etag = environ.get("HTTP_IF_MATCH", "")
            sent.append(etag)
            if environ["REQUEST_METHOD"] == "PUT" and etag.startswith('"'):
                start_response("412 Precondition Failed", [("Content-Type", "application/xml")])
                return [b"<Error><Code>PreconditionFailed</Code><Message>quotes</Message></Error>"]
            return application(environ, start_response)

        return answer

    store = served(like_ceph_16)
    assert probe(store) is Conditions.BARE
    assert list(store.list("probes/")) == []
    bare = [etag for etag in sent if re.fullmatch("[0-9a-f]{32}", etag)]
    assert len(bare) == 2  # the stale one and the right one, on the wire as they are meant

    etag = store.put("key", b"1", content_type="text/plain")
    store.put("key", b"2", content_type="text/plain", if_etag=etag.strip('"'))
    with pytest.raises(ConditionFailedError):
        store.put("key", b"3", content_type="text/plain", if_etag=etag.strip('"'))


def test_a_server_that_refuses_to_create_twice_by_304(served):
    def like_old_minio(application):
        def answer(environ, start_response):
            def start(status, headers, *more):
                refused = status.startswith("412") and "HTTP_IF_NONE_MATCH" in environ
                start_response("304 Not Modified" if refused else status, headers, *more)

            return application(environ, start)

        return answer

    store = served(like_old_minio)
    assert probe(store) is Conditions.QUOTED
    assert list(store.list("probes/")) == []


@pytest.mark.parametrize(
    "ignored", [{"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}, {"HTTP_IF_MATCH"}, {"HTTP_IF_NONE_MATCH"}]
)
def test_a_server_that_ignores_conditions(served, ignored):
    def strip(application):
        def answer(environ, start_response):
            kept = {name: value for name, value in environ.items() if name not in ignored}
            return application(kept, start_response)

        return answer

    store = served(strip)
    assert probe(store) is Conditions.NONE
    assert list(store.list("probes/")) == []


def test_rclone_ignores_conditions(tmp_path, monkeypatch):
    if not RCLONE.exists():
        pytest.skip("rclone is not installed here")
    (tmp_path / "photos").mkdir()
    keys = {"AWS_ACCESS_KEY_ID": "probe-access-key", "AWS_SECRET_ACCESS_KEY": "probe-secret-key"}
    command = [
        RCLONE,
        "serve",
        "s3",
        "--config",
        "",
        "--addr",
        "127.0.0.1:0",
        "--auth-key",
        ",".join(keys.values()),
        tmp_path,
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            url = next(
                found[1]
                for line in server.stderr
                if (found := re.search(r"Starting s3 server on \[(.*?)/\]", line))
            )
            for name, value in {
                **keys,
                "AWS_ENDPOINT_URL_S3": url,
                "AWS_DEFAULT_REGION": "us-east-1",
                "no_proxy": "127.0.0.1",
            }.items():
                monkeypatch.setenv(name, value)
            with s3_store() as store:
                assert probe(store) is Conditions.NONE
            assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        finally:
            server.kill()


def test_an_answer_that_breaks_off_is_no_answer(served):
    def lose(application):
        def answer(environ, start_response):
            body = application(environ, start_response)
            if environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].endswith("updated"):
                raise ConnectionResetError
            return body

        return answer

    store = served(lose)
    with pytest.raises(UnclearError):
        probe(store)
    assert list(store.list("probes/")) == []


# ---- on a disk


def test_a_folder_honours_conditions(tmp_path):
    store = DirectoryStore((tmp_path / "remote").as_uri())
    assert probe(store) is Conditions.QUOTED
    assert list(store.list("probes/")) == []


# ---- in memory


class Strange(MemoryStore):
    """A remote that changes what is asked of it: `how` gets the key and the condition, and returns the latter."""

    def __init__(self, how):
        super().__init__()
        self.how = how

    def put(self, key, data, *, content_type, **condition):
        return super().put(
            key, data, content_type=content_type, **self.how(key.rpartition("/")[2], condition)
        )


def forget_in_a_race(name, condition):
    return {} if name == "raced" else condition


def forget_a_bare_etag(name, condition):
    etag = condition.get("if_etag", "")
    return {"if_etag": "no such"} if etag.startswith('"') else condition if "if_absent" in condition else {}


def refuse_any_etag(name, condition):
    return {"if_etag": "no such"} if "if_etag" in condition else condition


def say_501(name, condition):
    if condition:
        raise UnsupportedError("Conditions are not implemented.")
    return condition


@pytest.mark.parametrize("how", [forget_in_a_race, forget_a_bare_etag, refuse_any_etag, say_501])
def test_whatever_is_not_honoured_makes_a_remote_read_only(how):
    store = Strange(how)
    assert probe(store) is Conditions.NONE
    assert not store.bucket.objects


def test_a_race_without_a_winner_is_unclear():
    def refuse_in_a_race(name, condition):
        if name == "raced":
            raise ConditionFailedError("409")
        return condition

    store = Strange(refuse_in_a_race)
    with pytest.raises(UnclearError, match="refused all of 8"):
        probe(store)
    assert not store.bucket.objects


PUTS = 2 + 4 + 8


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.ERROR_500])
@pytest.mark.parametrize("nth", range(1, PUTS + 1))
def test_an_unclear_answer_is_never_guessed_at(fault, nth):
    store = FaultStore(MemoryStore()).fail(fault, "PUT", nth=nth)
    with pytest.raises(UnclearError):
        probe(store)
    assert not store.store.bucket.objects


def test_it_takes_no_more_requests_than_it_must():
    store = FaultStore(MemoryStore())
    assert probe(store) is Conditions.QUOTED
    assert [method for method, _ in store.calls] == ["PUT"] * PUTS + ["DELETE"] * 3
    folders = {tuple(key.split("/")[:2]) for _, key in store.calls}
    assert len(folders) == 1
    assert re.fullmatch(r"probes/[0-9a-f]{32}", "/".join(folders.pop()))


def test_a_remote_that_cannot_be_tidied_up_is_known_all_the_same():
    store = FaultStore(MemoryStore()).fail(Fault.DENIED, "DELETE", times=3)
    assert probe(store) is Conditions.QUOTED


class TooBusy(MemoryStore):
    """A remote that takes one write in `times`, and did nothing if it says 429."""

    def __init__(self, times):
        super().__init__()
        self.times = times
        self.asked = 0

    def put(self, key, data, **how):
        with self.bucket.lock:
            self.asked += 1
            too_many = self.asked % self.times
        if too_many:
            error = UnclearError("429")
            error.retry_after = 1.0
            raise error
        return super().put(key, data, **how)


class Unlimited:
    """A rate limit that only notes."""

    def __init__(self):
        self.slowed = []

    def take(self):
        pass

    def slow_down(self, seconds):
        self.slowed.append(seconds)


def test_a_remote_that_is_busy_is_asked_again():
    limit = Unlimited()
    assert probe(LimitedStore(TooBusy(2), limit)) is Conditions.QUOTED
    assert set(limit.slowed) == {1.0}


def test_a_remote_that_stays_busy_is_not_known():
    with pytest.raises(UnclearError, match="429"):
        probe(TooBusy(1000))


def test_the_sentence_says_why_and_the_way_out():
    assert "read" in READ_ONLY
    assert "single_writer = true under [sync] in config.toml" in READ_ONLY
    assert os.linesep not in READ_ONLY
