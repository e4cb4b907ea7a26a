"""The S3 store over real HTTP: objects, conditions, each way to fail under its own name, and honest counts."""

import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3.util.connection

from sync.manifest import KEY, decode
from sync.stores.objectstore import (
    ConditionFailedError,
    DeniedError,
    Listed,
    NotThereError,
    RemoteError,
    TooLargeError,
    UnclearError,
    UnreachableError,
    UnsupportedError,
)
from sync.stores.original_store import About, Body
from sync.stores.s3 import S3Store
from sync.stores.s3_originals import S3Originals
from tests.sync.wire import Answer
from tui.demo.server import DemoServer

TEXT = {"content_type": "text/plain"}


def hang_up(*_):
    raise ConnectionResetError


def cut_off(_, answer):
    return answer._replace(body=[b"".join(answer.body)[:-5]])


def website(*_):
    return Answer("200 OK", [("Content-Type", "text/html")], [b"<h1>Welcome</h1>"])


def gateway(*_):
    return Answer("404 Not Found", [("Content-Length", "0")], [b""])


@pytest.fixture
def store(wire, remote):
    return S3Store(remote)


def test_an_object_comes_back_as_it_went(store):
    etag = store.put("a/b c+é%.bin", b"\0\xff" * 9, content_type="application/octet-stream")
    fetched = store.get("a/b c+é%.bin", limit=18)
    assert fetched == (b"\0\xff" * 9, etag)
    head = store.head("a/b c+é%.bin")
    assert (head.key, head.size) == ("a/b c+é%.bin", 18)
    assert abs(head.modified - time.time()) < 60


def test_a_body_is_signed_by_its_md5_and_hashed_once(store):
    sent = []
    store._client.meta.events.register("before-send.s3", lambda request, **_: sent.append(request.headers))
    store.put("a", b"1", **TEXT)
    assert sent[0]["X-Amz-Content-SHA256"] == b"UNSIGNED-PAYLOAD"
    assert b"content-md5;" in sent[0]["Authorization"].partition(b"SignedHeaders=")[2]


def test_an_empty_object_is_an_object(store):
    store.put("empty", b"", **TEXT)
    assert store.get("empty", limit=0).data == b""


def test_a_store_without_a_prefix_sees_the_whole_bucket(store, remote):
    store.put("a", b"1", **TEXT)
    bare = S3Store(remote.removesuffix("/library"))
    assert [found.key for found in bare.list("")] == ["library/a"]
    assert bare.get("library/a", limit=9).data == b"1"
    assert S3Store(remote + "/").get("a", limit=9).data == b"1"


def test_a_listing_is_by_key_below_the_prefix_and_goes_on_past_a_page(store):
    for key in ("b/2", "b/1", "a/1", "c"):
        store.put(key, key.encode(), **TEXT)
    store._client.meta.events.register(
        "before-parameter-build.s3.ListObjectsV2", lambda params, **_: params.update(MaxKeys=1)
    )
    assert [found.key for found in store.list("")] == ["a/1", "b/1", "b/2", "c"]
    found = list(store.list("b/"))
    assert [(each.key, each.size) for each in found] == [("b/1", 3), ("b/2", 3)]
    assert all(isinstance(each, Listed) and abs(each.modified - time.time()) < 60 for each in found)
    assert list(store.list("nothing/")) == []


def test_what_is_deleted_is_gone_and_may_be_deleted_again(store):
    store.put("a", b"1", **TEXT)
    store.delete("a")
    store.delete("a")
    for ask in (lambda: store.get("a", limit=9), lambda: store.head("a")):
        with pytest.raises(NotThereError, match="a is not in s3://"):
            ask()


def test_what_has_not_changed_is_not_fetched(store):
    etag = store.put("a", b"1", **TEXT)
    assert store.get("a", limit=9, unless_etag=etag) is None
    store.put("a", b"2", **TEXT)
    assert store.get("a", limit=9, unless_etag=etag).data == b"2"


def test_a_condition_decides_whether_a_write_is_done(store):
    first = store.put("a", b"1", if_absent=True, **TEXT)
    with pytest.raises(ConditionFailedError):
        store.put("a", b"2", if_absent=True, **TEXT)
    second = store.put("a", b"2", if_etag=first, **TEXT)
    with pytest.raises(ConditionFailedError):
        store.put("a", b"3", if_etag=first, **TEXT)
    assert store.get("a", limit=9) == (b"2", second)
    with pytest.raises(NotThereError):
        store.put("nothing here", b"1", if_etag=first, **TEXT)


def test_of_twenty_racing_writers_one_wins(store):
    def write(number):
        try:
            return store.put("a", b"%d" % number, if_absent=True, **TEXT)
        except ConditionFailedError:
            return None

    with ThreadPoolExecutor(20) as pool:
        won = [etag for etag in pool.map(write, range(20)) if etag]
        assert len(won) == 1

        def replace(number):
            try:
                return store.put("a", b"again %d" % number, if_etag=won[0], **TEXT)
            except ConditionFailedError:
                return None

        assert len([etag for etag in pool.map(replace, range(20)) if etag]) == 1


def test_an_object_beyond_the_limit_is_not_read(store, wire):
    store.put("a", b"x" * 100_000, **TEXT)
    with pytest.raises(RemoteError, match="a has 100000 bytes, more than the 99999 allowed: not read"):
        store.get("a", limit=99_999)
    assert store.traffic.bytes_down == 0
    assert store.get("a", limit=100_000) is not None


CALLS = {
    "get": lambda store: store.get("a", limit=100),
    "put": lambda store: store.put("a", b"22", if_etag=store.first, **TEXT),
    "list": lambda store: list(store.list("")),
    "head": lambda store: store.head("a"),
    "delete": lambda store: store.delete("a"),
}


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (500, UnclearError, "127.0.0.1:.* answered 500"),
        (503, UnclearError, "answered 503"),
        (429, UnclearError, "answered 429"),
        (501, UnsupportedError, "does not know"),
        (403, DeniedError, "refuses access to s3://bucket-.*"),
        (401, DeniedError, "refuses access"),
        (404, NotThereError, "is not in s3://bucket-"),
        (409, ConditionFailedError, "refused the condition"),
        (412, ConditionFailedError, "refused the condition"),
        (405, RemoteError, "answered 405"),
        ("hook", UnclearError, "The connection to 127.0.0.1:.* broke off"),
        ("after", UnclearError, "The connection to 127.0.0.1:.* broke off"),
    ],
)
def test_each_failure_has_its_name_and_is_not_tried_again(store, wire, fault, kind, says):
    for name, call in CALLS.items():
        wire.forget()
        store.first = store.put("a", b"1", **TEXT)
        wire.forget()
        setattr(wire, *(("hook", lambda _: fault) if isinstance(fault, int) else (fault, hang_up)))
        with pytest.raises(kind, match=says) as raised:
            call(store)
        assert type(raised.value) is kind, name
        assert str(raised.value).endswith(".")
        assert "\n" not in str(raised.value)
        assert wire.methods.total() == 1, name


def test_a_lost_answer_of_a_conditional_write_leaves_the_write_done_once(store, wire):
    first = store.put("a", b"1", **TEXT)
    wire.after = hang_up
    with pytest.raises(UnclearError):
        store.put("a", b"2", if_etag=first, **TEXT)
    assert wire.methods["PUT"] == 2
    wire.forget()
    assert store.get("a", limit=9).data == b"2"


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_body_that_is_cut_off_is_unclear(store, wire, size):
    store.put("a", b"x" * size, **TEXT)
    wire.after = cut_off
    with pytest.raises(UnclearError, match="broke off"):
        store.get("a", limit=size)
    wire.forget()
    assert store.get("a", limit=size).data == b"x" * size


@pytest.fixture
def says(monkeypatch):
    """Have a server give one answer, byte for byte; then it hangs up."""
    listeners = []

    def answer(listener, data):
        client, _ = listener.accept()
        client.recv(65536)
        client.sendall(data)
        client.close()

    def begin(data):
        listeners.append(socket.create_server(("127.0.0.1", 0)))
        threading.Thread(target=answer, args=(listeners[-1], data), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{listeners[-1].getsockname()[1]}")

    yield begin
    for listener in listeners:
        listener.close()


def test_an_object_that_a_proxy_passes_on_in_chunks_is_read_up_to_the_limit(remote, says):
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: "e"\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n'
    says(chunked + b"0\r\n\r\n")
    assert S3Store(remote).get("k", limit=5) == (b"hello", '"e"')
    says(chunked + b"0\r\n\r\n")
    with pytest.raises(TooLargeError, match="k has more than the 4 bytes allowed: not read"):
        S3Store(remote).get("k", limit=4)
    says(chunked)
    with pytest.raises(UnclearError, match="broke off"):
        S3Store(remote).get("k", limit=5)


def test_a_connection_that_is_reset_in_the_middle_of_an_original_is_unclear(remote, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{listener.getsockname()[1]}")
        begun = threading.Event()

        def answer():
            client, _ = listener.accept()
            client.recv(65536)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 300_000)
            begun.wait()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()  # by a reset

        threading.Thread(target=answer, daemon=True).start()
        with S3Originals(remote).read("k") as pieces:
            assert next(pieces)
            begun.set()
            with pytest.raises(UnclearError, match="broke off"):
                list(pieces)


@pytest.mark.parametrize("status", [b"200 OK", b"206 Partial Content"])
def test_an_answer_that_is_no_xml_is_that_of_no_s3_server(remote, says, status):
    for do in (lambda s: list(s.list("")), lambda s: s.begin_upload("k", About("image/jpeg", {}))):
        says(b"HTTP/1.1 " + status + b"\r\nContent-Length: 8\r\n\r\n<!welcom")
        with pytest.raises(UnclearError, match=r"127\.0\.0\.1"):
            do(S3Originals(remote))


@pytest.mark.parametrize("header", [b"Content-Length: many", b"Last-Modified: never\r\nContent-Length: 1"])
def test_a_number_or_a_date_that_is_none_is_that_of_no_s3_server(remote, says, header):
    for do in (lambda s: s.get("k", limit=9), lambda s: s.head("k")):
        says(b'HTTP/1.1 200 OK\r\nETag: "e"\r\n' + header + b"\r\n\r\n1")
        with pytest.raises(UnclearError, match="does not answer as an S3 server does"):
            do(S3Originals(remote))


def test_an_original_that_a_proxy_passes_on_in_chunks_is_read(remote, says):
    head, tail = (
        b'HTTP/1.1 %s\r\nTransfer-Encoding: chunked\r\nETag: "e"\r\n\r\n',
        b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    )

    def read(*part):
        with S3Originals(remote).read("k", *part) as pieces:
            return b"".join(pieces)

    says(head % b"200 OK" + tail)
    assert read() == b"hello"
    says(head % b"206 Partial Content" + tail)
    assert read(7, 5) == b"hello"
    for length in (4, 6):
        says(head % b"206 Partial Content" + tail)
        with pytest.raises(UnclearError):
            read(7, length)
    says(head % b"200 OK" + tail[:-5])
    with pytest.raises(UnclearError, match="broke off"):
        read()


def without(name):
    return lambda _, answer: answer._replace(headers=[h for h in answer.headers if h[0].lower() != name])


def rewritten(old, new):
    return lambda _, answer: answer._replace(body=[b"".join(answer.body).replace(old, new)])


@pytest.mark.parametrize(
    ("do", "after"),
    [
        (lambda s: s.head("k"), without("last-modified")),
        (
            lambda s: s.put_part("k", s.begin_upload("k", About("image/jpeg", {})), 1, 0, Body(b"1")),
            without("etag"),
        ),
        (lambda s: s.find("k"), without("last-modified")),
        (lambda s: list(s.list("")), rewritten(b"<Size>1</Size>", b"")),
        (lambda s: list(s.stored("")), rewritten(b"<Size>1</Size>", b"")),
    ],
)
def test_an_answer_without_what_it_must_tell_is_that_of_no_s3_server(wire, remote, do, after):
    store = S3Originals(remote)
    store.put("k", b"1", **TEXT)
    wire.after = after
    with pytest.raises(UnclearError, match="does not answer as an S3 server does"):
        do(store)


def elsewhere(*_):
    """As where https is asked for, and the endpoint begins with http."""
    return Answer(
        "301 Moved Permanently", [("Location", "https://127.0.0.1:9/"), ("Content-Length", "0")], [b""]
    )


@pytest.mark.parametrize("stranger", [website, gateway, elsewhere])
@pytest.mark.parametrize("do", [lambda s: s.get("k", limit=99), lambda s: s.put("k", b"1", **TEXT)])
def test_a_website_is_not_taken_for_a_bucket(store, wire, do, stranger):
    """Nor is what answers in a bucket's stead when the way to it is cut: nothing has vanished."""
    store.put("k", b"1", **TEXT)
    wire.after = stranger
    with pytest.raises(UnclearError, match="does not answer as an S3 server does"):
        do(store)


def test_a_server_that_is_not_there_is_unreachable_at_once(remote, monkeypatch):
    with DemoServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    connect, tried = urllib3.util.connection.create_connection, []
    monkeypatch.setattr(
        urllib3.util.connection,
        "create_connection",
        lambda *how, **more: (tried.append(how), connect(*how, **more))[1],
    )
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:.* cannot be reached"):
        S3Store(remote).get("a", limit=9)
    assert len(tried) == 1


def test_without_credentials_a_sentence_says_what_to_set(remote, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(
        DeniedError, match="No AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY"
    ):
        S3Store(remote).get("a", limit=9)


def test_credentials_that_were_renewed_are_those_of_the_next_store(remote, monkeypatch):
    keys = []
    for key in ("first", "second"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        store = S3Store(remote)
        store._client.meta.events.register(
            "before-send.s3", lambda request, **_: keys.append(request.headers["Authorization"])
        )
        list(store.list(""))
    assert [b"Credential=first" in keys[0], b"Credential=second" in keys[1]] == [True, True]


def test_a_missing_bucket_is_named(remote):
    with pytest.raises(DeniedError, match="There is no bucket no-such-bucket at 127"):
        S3Store("s3://no-such-bucket/library").get("a", limit=9)


@pytest.mark.parametrize(
    ("name", "value"),
    [("AWS_PROFILE", "nobody"), ("AWS_ENDPOINT_URL_S3", "localhost"), ("AWS_DEFAULT_REGION", "a b")],
)
def test_settings_that_cannot_be_used_are_a_sentence(remote, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(RemoteError, match="The AWS settings cannot be used: "):
        S3Store(remote)


def test_a_program_for_credentials_that_is_not_there_is_a_sentence(remote, monkeypatch, tmp_path):
    (tmp_path / "config").write_text("[default]\ncredential_process = /no/such/program\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(RemoteError, match=r"The AWS settings cannot be used: .*/no/such/program"):
        S3Store("s3://bucket/library")


@pytest.mark.parametrize("url", ["s3://", "s3:///library", "s3://UPPER_case/x", "s3://a b/x"])
def test_an_address_without_a_good_bucket_is_refused_with_a_sentence(remote, url):
    with pytest.raises(RemoteError):
        S3Store(url).get("a", limit=9)


def test_traffic_is_what_went_over_the_wire(store, wire):
    etag = store.put("a", b"x" * 1000, **TEXT)
    store.get("a", limit=1000)
    store.get("a", limit=1000, unless_etag=etag)
    list(store.list(""))
    store.head("a")
    for fail in (lambda: store.get("b", limit=9), lambda: store.put("a", b"y", if_absent=True, **TEXT)):
        with pytest.raises(RemoteError):
            fail()
    store.delete("a")
    traffic = store.traffic
    assert traffic.requests == wire.methods == {"PUT": 2, "GET": 4, "HEAD": 1, "DELETE": 1}
    assert (traffic.bytes_up, traffic.bytes_down) == (wire.bytes_up, wire.bytes_down)


def test_two_devices_keep_each_other_the_same_over_http(device, store, wire, remote):
    laptop, server = device("laptop"), device("server")
    laptop.add("a1", "b1").add("a2", starred=True, filename="[b]\x1b,\"\n'.jpg")
    report = laptop.sync(store)
    assert (report.outcome, report.requests) == ("committed", dict(wire.methods))
    assert (report.bytes_up, report.bytes_down) == (wire.bytes_up, wire.bytes_down)
    server.sync(S3Store(remote))
    server.star("a1")
    server.unstar("a2")
    server.sync(S3Store(remote))
    laptop.sync(S3Store(remote))
    assert laptop.rows() == server.rows()
    assert laptop.stars() == {"a1"}
    wire.methods.clear()
    assert laptop.sync(S3Store(remote)).outcome == "up-to-date"
    assert wire.methods == {"GET": 1}


def test_a_swap_whose_answer_is_lost_is_recognised_over_http(device, store, wire):
    laptop = device("laptop").add("a1")
    laptop.sync(store)
    laptop.star("a1")
    lost = []

    def lose(request, answer):
        if request.startswith("PUT") and KEY in request and not lost:
            lost.append(request)
            raise ConnectionResetError
        return answer

    wire.after = lose
    assert (laptop.sync(store).outcome, len(lost)) == ("committed", 1)
    assert decode(store.get(KEY, limit=10**6).data).seq == 2


def test_an_answer_without_its_body_is_no_empty_listing(store, says):
    says(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n")
    with pytest.raises(UnclearError, match="broke off"):
        list(S3Store(store.url).list("photos/"))


def test_all_objects_of_the_catalog_are_encrypted_as_is_set(device, remote):
    store = S3Store(remote, sse="AES256")
    device("laptop").add("a1").sync(store)
    bucket = {"Bucket": remote.split("/")[2]}
    keys = [found["Key"] for found in store._client.list_objects_v2(**bucket)["Contents"]]
    assert len(keys) >= 18  # shards, the manifest and its copy
    assert {store._client.head_object(Key=key, **bucket).get("ServerSideEncryption") for key in keys} == {
        "AES256"
    }


def error_of(status, code):
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    return lambda *_: Answer(f"{status} No", [("Content-Type", "application/xml")], [body])


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidToken", "TokenRefreshRequired"])
def test_credentials_that_have_expired_are_refused_though_the_server_says_400(store, wire, code):
    wire.after = error_of(400, code)
    with pytest.raises(DeniedError, match=rf"refuses access to s3://bucket\S+ \({code}\)\."):
        store.get("a", limit=9)


def test_not_modified_is_no_answer_to_who_asked_without_a_condition(store, wire):
    store.put("a", b"x", **TEXT)
    wire.after = lambda *_: Answer("304 Not Modified", [], [])
    with pytest.raises(RemoteError):
        store.get("a", limit=9)
    assert store.get("a", limit=9, unless_etag='"e"') is None


def test_a_failure_that_is_not_told_as_s3_tells_it_has_its_number_once(store, wire):
    wire.after = lambda *_: Answer("502 Bad Gateway", [("Content-Type", "text/html")], [b"<h1>Oh</h1>"])
    with pytest.raises(UnclearError, match=r"^127\.0\.0\.1:\d+ answered 502\.$"):
        store.get("a", limit=9)
