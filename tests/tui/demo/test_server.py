"""The demo's S3 server keeps S3's promises: conditions hold under races, and nothing outlives it."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    IncompleteReadError,
    ResponseStreamingError,
)

from tui.demo.server import DemoServer

BUCKET = "bucket"
ONE_TRY = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    max_pool_connections=8,
)


@pytest.fixture
def server():
    with DemoServer() as server:
        server.create_bucket(BUCKET)
        yield server


@contextlib.contextmanager
def client_of(server):
    settings = server.environment()
    client = boto3.client(
        "s3",
        endpoint_url=settings["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        region_name=settings["AWS_DEFAULT_REGION"],
        config=ONE_TRY,
    )
    with contextlib.closing(client):
        yield client


@pytest.fixture
def client(server):
    with client_of(server) as client:
        yield client


def status_of(call, **arguments):
    """The HTTP status of an S3 call, whether it went well or not."""
    try:
        answer = call(Bucket=BUCKET, **arguments)
    except ClientError as error:
        answer = error.response
    return answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def restless_threads():
    """Threads that take turns 5,000 times as often: without the lock, several writers win."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless_threads")
def test_of_racing_creates_exactly_one_wins(client):
    threads, rounds = 8, 30
    start = threading.Barrier(threads)

    def race(me):
        statuses = []
        for turn in range(rounds):
            start.wait(timeout=20)
            put = {"Key": f"prize-{turn}", "Body": f"{me}".encode(), "IfNoneMatch": "*"}
            statuses.append(status_of(client.put_object, **put))
        return statuses

    with ThreadPoolExecutor(threads) as pool:
        outcomes = list(pool.map(race, range(threads)))

    for turn in range(rounds):
        statuses = [outcome[turn] for outcome in outcomes]
        assert sorted(statuses) == [200] + [412] * (threads - 1)
        stored = client.get_object(Bucket=BUCKET, Key=f"prize-{turn}")["Body"].read()
        assert stored == f"{statuses.index(200)}".encode()


def test_a_stale_etag_is_refused_and_the_right_one_is_not(client):
    stale = client.put_object(Bucket=BUCKET, Key="manifest", Body=b"one")["ETag"]
    fresh = client.put_object(Bucket=BUCKET, Key="manifest", Body=b"two")["ETag"]

    assert status_of(client.put_object, Key="manifest", Body=b"lost", IfMatch=stale) == 412
    assert client.get_object(Bucket=BUCKET, Key="manifest")["Body"].read() == b"two"
    assert status_of(client.put_object, Key="manifest", Body=b"three", IfMatch=fresh) == 200
    assert client.get_object(Bucket=BUCKET, Key="manifest")["Body"].read() == b"three"


def test_an_unchanged_object_is_not_sent_again(client):
    etag = client.put_object(Bucket=BUCKET, Key="manifest", Body=b"one")["ETag"]
    assert status_of(client.get_object, Key="manifest", IfNoneMatch=etag) == 304
    assert status_of(client.get_object, Key="manifest") == 200  # the connection is still in step


def test_a_large_object_comes_back_whole(client):
    body = os.urandom(3_000_000)
    client.put_object(Bucket=BUCKET, Key="original", Body=body)
    assert client.get_object(Bucket=BUCKET, Key="original")["Body"].read() == body


def test_two_servers_in_sequence_know_nothing_of_each_other(server, client):
    client.put_object(Bucket=BUCKET, Key="key", Body=b"of the first")
    server.stop()
    with DemoServer() as second, client_of(second) as other:
        assert other.list_buckets()["Buckets"] == []
        second.create_bucket(BUCKET)
        assert "Contents" not in other.list_objects_v2(Bucket=BUCKET)


def test_a_server_can_be_started_again(server):
    server.stop()
    server.start()
    with client_of(server) as client:
        assert client.list_buckets()["Buckets"] == []


def test_servers_side_by_side_show_the_same_until_the_last_has_stopped(server, client):
    with DemoServer() as second, client_of(second) as other:
        other.put_object(Bucket=BUCKET, Key="key", Body=b"of the second")
    assert client.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"of the second"


def test_nothing_is_left_after_stop():
    before = set(threading.enumerate())
    server = DemoServer()
    server.start()
    server.create_bucket(BUCKET)
    port = int(server.url.rpartition(":")[2])
    with client_of(server) as client:
        client.list_buckets()  # keeps its connection open
        server.stop()
        assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    server.stop()  # once more does no harm


def test_a_bucket_may_be_created_twice_and_keeps_what_it_holds(server, client):
    client.put_object(Bucket=BUCKET, Key="key", Body=b"kept")
    server.create_bucket(BUCKET)
    assert client.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"kept"


def test_a_bad_bucket_name_is_an_error(server):
    with pytest.raises(ValueError, match="refuses a bucket named 'x'"):
        server.create_bucket("x")


def test_a_taken_port_is_an_error_not_an_exit(server):
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        DemoServer(port=port).start()


def test_one_connection_carries_many_requests(server):
    host = server.url.removeprefix("http://")
    with contextlib.closing(http.client.HTTPConnection(host, timeout=10)) as connection:
        connection.connect()
        first = connection.sock
        for method, path, body, status in (
            ("PUT", f"/{BUCKET}/key", b"body", 200),
            ("HEAD", f"/{BUCKET}/missing", None, 404),
            ("GET", f"/{BUCKET}/missing", None, 404),
            ("PUT", f"/{BUCKET}/chunked", iter([b"in ", b"chunks"]), 200),
            ("GET", f"/{BUCKET}", None, 200),
        ):
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == status
            assert connection.sock is first
        assert b"<Size>4</Size>" in text
        assert b"<Size>9</Size>" in text


def test_a_request_that_breaks_off_changes_nothing(server, client):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as torn:
        torn.sendall(f"PUT /{BUCKET}/key HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\nhalf".encode())
        torn.shutdown(socket.SHUT_WR)
        assert torn.recv(100) == b""  # hung up without an answer
    assert status_of(client.head_object, Key="key") == 404


def test_middleware_can_lose_an_answer(server, client):
    def lose_answers(application):
        def lost(environ, start_response):
            application(environ, start_response)
            raise ConnectionResetError

        return lost

    with (
        DemoServer(lose_answers) as faulty,
        client_of(faulty) as unlucky,
        pytest.raises(ConnectionClosedError),
    ):
        unlucky.put_object(Bucket=BUCKET, Key="key", Body=b"written", IfNoneMatch="*")
    assert client.get_object(Bucket=BUCKET, Key="key")["Body"].read() == b"written"


def test_middleware_can_cut_a_body_off(client):
    client.put_object(Bucket=BUCKET, Key="key", Body=b"0123456789")

    def cut(application):
        return lambda environ, start_response: [b"".join(application(environ, start_response))[:4]]

    with DemoServer(cut) as faulty, client_of(faulty) as unlucky:
        body = unlucky.get_object(Bucket=BUCKET, Key="key")["Body"]
        with pytest.raises((IncompleteReadError, ResponseStreamingError)):
            body.read()


def test_a_failing_middleware_is_an_s3_error_that_says_why(server):
    def fail(_application):
        def failing(_environ, _start_response):
            raise RuntimeError("<too hot>")

        return failing

    with (
        DemoServer(fail) as faulty,
        client_of(faulty) as unlucky,
        pytest.raises(ClientError, match=r"InternalError.*<too hot>"),
    ):
        unlucky.get_object(Bucket=BUCKET, Key="key")


def test_a_proxy_is_not_asked_for_loopback(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.org")
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    assert os.environ["no_proxy"] == "example.org,127.0.0.1"
    with contextlib.closing(boto3.client("s3", config=ONE_TRY)) as client:
        assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == [BUCKET]


def test_without_moto_one_sentence_says_what_to_install():
    code = """
import sys
sys.modules["moto"] = None
from tui.demo.server import DemoServer, DemoUnavailable, serve
try:
    DemoServer().start()
except DemoUnavailable as error:
    assert "pip install 'photolala[demo]'" in str(error)
    sys.exit(serve())
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.count("\n") == 1
    assert "photolala[demo]" in run.stderr


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_what_to_paste_and_ends_on_a_signal(ending):
    code = "import sys, tui.demo.server; sys.exit(tui.demo.server.serve())"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        exports = [process.stdout.readline() for _ in range(6)]
        settings = dict(line.removeprefix("export ").strip().split("=", 1) for line in exports)
        assert settings["PHOTOLALA_REMOTE"] == "s3://photolala-demo/library"
        host = settings["AWS_ENDPOINT_URL_S3"].removeprefix("http://")
        with contextlib.closing(http.client.HTTPConnection(host, timeout=10)) as connection:
            connection.request("GET", "/photolala-demo")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
        process.send_signal(ending)
        out, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out == ""
    assert "GET" not in errors  # no access log
    assert "Traceback" not in errors
