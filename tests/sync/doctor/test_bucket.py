"""What the doctor finds on S3 over HTTP: each fault by its name, with what to do, and nothing left behind."""

import contextlib
import http.server
import json
import re
import ssl
import subprocess
import threading
import time
import uuid
from pathlib import Path

import pytest

import sync
from catalog.checkup import Status
from sync.doctor.remote import check_remote
from sync.manifest import KEY
from sync.stores.objectstore import UnreachableError
from sync.stores.original_store import original_key
from sync.stores.s3 import S3Store
from sync.stores.s3_checkup import S3Checkup
from tests.sync.conftest import RCLONE_KEY
from tests.sync.doctor.provider import (
    Provider,
    always,
    asks,
    hidden,
    lacking,
    no_conditions,
    no_quotes,
    no_trailers,
    once_a_second,
    unknown,
)
from tests.sync.test_manifest import MANIFEST
from tui.demo import moto_http
from tui.demo.server import DemoServer

NAMES = [
    "credentials", "endpoint", "connection", "clock", "access", "list", "delete", "write", "read", "multipart",
    "conditions", "latency", "manifest", "shards", "versioning", "object lock", "cleanup",
]  # fmt: skip


@pytest.fixture(scope="module")
def served(demo_server):
    provider = Provider()
    with DemoServer(provider) as server:
        yield server, provider


@pytest.fixture(scope="module")
def sound(demo_server):
    """A way to the same buckets past the provider's faults."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in demo_server.environment().items():
            environment.setenv(name, value)
        client = S3Checkup("s3://bucket/library")._client
    with contextlib.closing(client):
        yield client


@pytest.fixture
def provider(served, remote, sound, monkeypatch):
    """A provider without faults, on an empty bucket; whatever a test does, nothing may be left there."""
    server, provider = served
    provider.__init__()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    yield provider
    bucket = remote.split("/")[2]
    assert not sound.list_multipart_uploads(Bucket=bucket).get("Uploads")
    kept = sound.list_object_versions(Bucket=bucket)
    assert not kept.get("DeleteMarkers")
    assert [one["Key"] for one in kept.get("Versions", ()) if "probes/" in one["Key"]] == []


def examined(url, until=None, **how):
    results = []
    with contextlib.closing(check_remote(url, **how)) as coming:
        for result in coming:
            results.append(result)
            assert result.found.endswith("."), result
            assert "\n" not in result.found + result.advice
            assert bool(result.advice) or result.status in (Status.OK, Status.SKIPPED), result
            if result.name == until:
                break
    assert [result.name for result in results] == NAMES[: len(results)]
    assert until or len(results) == len(NAMES)
    return {result.name: result for result in results}


def wrong(found):
    return {name for name, result in found.items() if result.status is Status.FAILED}


def test_all_is_well(provider, remote):
    found = examined(remote)
    assert {result.status for result in found.values()} == {Status.OK}
    assert found["credentials"].found.startswith("From the environment")
    assert "answers (path style), as " in found["connection"].found
    assert "us-east-1" in found["endpoint"].found
    assert "several writers" in found["conditions"].found
    prefix = f"/{remote.removeprefix('s3://')}/"
    written = [each for each in provider.asked if each["REQUEST_METHOD"] in ("PUT", "POST", "DELETE")]
    assert written
    assert all(each["PATH_INFO"].startswith(f"{prefix}probes/") for each in written)
    assert not any(map(no_trailers, provider.asked))


def test_no_secret_is_told(provider, remote):
    told = json.dumps([list(result) for result in check_remote(remote)])
    assert "demo" in told  # how the access key's id begins
    assert "demo-access-key" not in told
    assert "demo-secret" not in told


@pytest.mark.parametrize(
    ("rule", "where", "says", "advice"),
    [
        (always(403, "InvalidAccessKeyId"), "access", "knows no such access key", "AWS_ACCESS_KEY_ID"),
        (always(403, "SignatureDoesNotMatch"), "access", "does not accept the secret key", "AWS_SECRET"),
        (always(400, "ExpiredToken"), "access", "have expired", "aws sso login"),
        (always(400, "AuthorizationHeaderMalformed"), "access", "another region", "AWS_DEFAULT_REGION"),
        (always(403, "UnheardOf"), "access", "UnheardOf", "provider"),
        (always(503, "SlowDown"), "access", "answered 503", "requests_per_second"),
        (always(500, "InternalError"), "access", "answered 500", "log"),
    ],
)
def test_one_refusal_of_everything_is_told_once(provider, remote, rule, where, says, advice):
    provider.rules = [rule]
    found = examined(remote)
    assert wrong(found) == {where}
    assert says in found[where].found
    assert advice in found[where].advice
    assert found["write"].found == "Not tried without access."


def test_a_bucket_that_is_not_there(provider, remote):
    found = examined("s3://no-such-bucket/library")
    assert wrong(found) == {"access"}
    assert "no such bucket" in found["access"].found


def test_without_the_permission_to_list_all_else_is_told_apart(provider, remote):
    provider.rules = [hidden]
    found = examined(remote)
    assert "list" in wrong(found)
    assert "Grant s3:ListBucket on arn:aws:s3:::bucket-" in found["list"].advice
    assert found["access"].status is Status.OK
    assert "s3:ListBucket" in found["manifest"].advice


@pytest.mark.parametrize(
    ("permission", "at"),
    [
        ("s3:GetObject", {"read", "manifest"}),
        ("s3:PutObject", {"write"}),
        ("s3:DeleteObject", {"delete"}),
        ("s3:AbortMultipartUpload", {"multipart"}),
        ("s3:ListMultipartUploadParts", {"multipart"}),
    ],
)
def test_a_missing_permission_has_its_name(provider, remote, sound, permission, at):
    provider.rules = [lacking(permission)]
    found = examined(remote)
    assert wrong(found) == at
    for name in at:
        assert f"Grant {permission}" in found[name].advice
        assert f"on arn:aws:s3:::{remote.removeprefix('s3://')}/*" in found[name].advice
    for upload in sound.list_multipart_uploads(Bucket=remote.split("/")[2]).get("Uploads", ()):
        assert permission == "s3:AbortMultipartUpload"  # the one thing that cannot be taken away
        assert found["cleanup"].status is Status.WARNING
        sound.abort_multipart_upload(
            Bucket=remote.split("/")[2], Key=upload["Key"], UploadId=upload["UploadId"]
        )


def test_parts_that_cannot_be_found_again_are_warned_of(provider, remote):
    provider.rules = [lacking("s3:ListBucketMultipartUploads")]
    found = examined(remote, "multipart")["multipart"]
    assert found.status is Status.WARNING
    assert "Grant s3:ListBucketMultipartUploads on arn:aws:s3:::bucket-" in found.advice
    assert not found.advice.endswith("/*.")


def test_originals_that_are_half_up_are_told(provider, remote, sound):
    bucket, _, prefix = remote.removeprefix("s3://").partition("/")
    keys = [original_key(digit * 32) for digit in "abc"]
    begun = [{"Bucket": bucket, "Key": key} for key in (*(f"{prefix}/{key}" for key in keys[:2]), keys[2])]
    ids = [sound.create_multipart_upload(**upload)["UploadId"] for upload in begun]
    found = examined(remote, "multipart")["multipart"]
    for upload, upload_id in zip(begun, ids, strict=True):
        sound.abort_multipart_upload(**upload, UploadId=upload_id)
    assert (found.status, " Begun and not ended: 2, the oldest on 20" in found.found) == (Status.OK, True)
    assert "A backup goes on with them" in found.advice


def test_the_policy_that_we_advise_is_enough(provider, remote):
    page = (Path(sync.__file__).parent / "PROVIDERS.md").read_text()
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    allowed = {action for statement in blocks[0]["Statement"] for action in statement["Action"]}
    provider.rules = [lambda environ: None if asks(environ) in allowed else (403, "AccessDenied")]
    found = examined(remote)
    told = {name for name, result in found.items() if result.status is not Status.OK}
    assert told == {"versioning", "object lock"}  # what the page says that nothing depends on
    assert {asks(environ) for environ in provider.asked} >= allowed


def test_credentials_that_may_only_read(provider, remote, sound):
    sound.put_object(Bucket=remote.split("/")[2], Key=f"library/{KEY}", Body=b"{}")
    provider.rules = [lacking("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")]
    found = examined(remote)
    assert wrong(found) == {"write", "delete", "manifest"}  # this manifest is damaged, and that is told too
    assert found["read"].status is Status.OK
    assert "is damaged" in found["manifest"].found
    assert found["conditions"].status is Status.SKIPPED


def test_nothing_is_put_that_cannot_be_taken_away(provider, remote):
    provider.rules = [lacking("s3:DeleteObject")]
    examined(remote)
    assert "PUT" not in {each["REQUEST_METHOD"] for each in provider.asked}


@pytest.mark.parametrize(("minutes", "status"), [(2, Status.OK), (-6, Status.WARNING), (20, Status.FAILED)])
def test_the_clock_is_compared_with_the_servers(provider, remote, monkeypatch, minutes, status):
    at = time.time() + minutes * 60
    monkeypatch.setattr(
        moto_http.Handler, "date_time_string", lambda _: time.strftime("%a, %d %b %Y %T GMT", time.gmtime(at))
    )
    found = examined(remote, "clock")
    assert found["clock"].status is status
    if status is not Status.OK:
        assert (
            f"{abs(minutes)} min {'behind' if minutes > 0 else 'ahead of'} the server's"
            in found["clock"].found
        )


def test_a_server_that_refuses_for_the_clock(provider, remote):
    provider.rules = [always(403, "RequestTimeTooSkewed")]
    found = examined(remote, "list")
    assert wrong(found) == {"clock", "access"}
    assert "NTP" in found["clock"].advice


@pytest.mark.parametrize(("refused", "single_writer"), [(False, False), (True, False), (False, True)])
def test_conditions_that_are_not_honoured(provider, remote, single_writer, refused):
    if refused:
        provider.rules = [no_conditions]
    else:
        provider.ignored = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}
    found = examined(remote, "conditions", single_writer=single_writer)
    assert wrong(found) == set()
    assert found["conditions"].status is Status.WARNING
    assert "single_writer = true" in found["conditions"].found + found["conditions"].advice
    assert ("only read" in found["conditions"].found) is not single_writer


def test_etags_without_quotes(provider, remote):
    provider.rules = [no_quotes]
    assert examined(remote, "conditions")["conditions"].found.endswith("with ETags without their quotes.")


def test_a_server_that_knows_less_than_aws(provider, remote):
    provider.rules = [unknown("versioning", "object-lock", "versions"), no_trailers]
    found = examined(remote)
    assert wrong(found) == set()
    assert found["versioning"].status is found["object lock"].status is Status.SKIPPED


def test_a_server_that_takes_one_write_a_second_to_a_key(provider, remote):
    provider.rules = [once_a_second()]
    assert wrong(examined(remote, "multipart")) == set()


def test_a_bucket_with_versions_keeps_nothing_of_it(provider, remote, sound):
    sound.put_bucket_versioning(Bucket=remote.split("/")[2], VersioningConfiguration={"Status": "Enabled"})
    found = examined(remote)
    assert found["versioning"].found.startswith("On: ")
    assert found["cleanup"].status is Status.OK


def test_a_website_is_no_s3(provider, remote):
    provider.page = b"<html>Welcome to nginx!</html>"
    found = examined(remote)
    assert wrong(found) == {"access"}


@pytest.mark.parametrize(("seen", "says"), [(None, "no catalog yet"), (7, "vanished, and commit 7 was seen")])
def test_a_manifest_that_is_not_there(provider, remote, seen, says):
    found = examined(remote, seq_seen=seen)
    assert says in found["manifest"].found
    assert (wrong(found) == {"manifest"}) is (seen is not None)


def test_a_manifest_that_went_back(provider, remote, sound):
    sound.put_object(Bucket=remote.split("/")[2], Key=f"library/{KEY}", Body=MANIFEST.encode())
    assert examined(remote, seq_seen=7)["manifest"].found.startswith(
        "Commit 7, photos: 64, written by Anna's"
    )
    assert "gone back to commit 7, and commit 8 was seen" in examined(remote, seq_seen=8)["manifest"].found


# ---- servers that cannot be reached


def connection(url="s3://bucket/library"):
    found = examined(url)
    assert wrong(found) == {"connection"}
    assert found["access"].found == "Not tried without connection."
    return found["connection"]


@pytest.fixture
def keys(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, RCLONE_KEY)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("no_proxy", "*")
    return lambda url: monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)


def test_a_port_where_nothing_listens(keys):
    keys("http://127.0.0.1:9")
    assert "127.0.0.1:9 refuses the connection" in connection().found


def test_a_name_that_nobody_has(keys):
    keys("http://no-such-host.invalid:9000")
    assert connection().found == "The name no-such-host.invalid cannot be resolved."


def test_tls_where_there_is_none_and_none_where_there_is(keys, tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", tmp_path / "key", "-out", tmp_path / "certificate", "-days", "2", "-subj", "/CN=localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")

    class Silent(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            pass

    with contextlib.ExitStack() as stack:
        ports = []
        for wrapped in (True, False):
            server = stack.enter_context(Server(("127.0.0.1", 0), Silent))
            if wrapped:
                server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(server.shutdown)
            ports.append(server.server_port)
        keys(f"https://127.0.0.1:{ports[0]}")
        untrusted = connection()
        assert "is not trusted (self-signed certificate)" in untrusted.found
        assert "AWS_CA_BUNDLE" in untrusted.advice
        with pytest.raises(UnreachableError, match=r"certificate of 127.0.0.1:.* is not trusted"):
            S3Store("s3://bucket").get("k", limit=1)  # a sync says so, too
        keys(f"https://127.0.0.1:{ports[1]}")
        assert "does not speak TLS" in connection().found
        keys(f"http://127.0.0.1:{ports[0]}")
        assert "hangs up without an answer" in connection().found


def test_no_credentials(keys, monkeypatch):
    keys("http://127.0.0.1:9")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    found = examined("s3://bucket/library")
    assert wrong(found) == {"credentials"}
    assert "AWS_PROFILE" in found["credentials"].advice


def test_settings_that_cannot_be_used(keys, monkeypatch):
    keys("http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    found = examined("s3://bucket/library")
    assert wrong(found) == {"credentials"}
    assert "nobody" in found["credentials"].found


def test_plain_http_to_another_machine_is_warned_of(keys):
    keys("http://192.0.2.1:9000")
    results = check_remote("s3://bucket/library")
    endpoint = next(result for result in results if result.name == "endpoint")
    results.close()
    assert endpoint.status is Status.WARNING
    assert "Nothing is encrypted" in endpoint.found


def test_a_cancel_ends_it_at_once_and_takes_away_what_was_put(provider, remote):
    cancel = threading.Event()
    results = check_remote(remote, cancel=cancel)
    held, go_on = threading.Event(), threading.Event()

    def hold(environ):
        if asks(environ) == "s3:GetObject" and environ["REQUEST_METHOD"] == "HEAD":
            held.set()
            go_on.wait(10)

    provider.rules = [hold]
    threading.Thread(target=lambda: (held.wait(10), cancel.set())).start()
    names = [result.name for result in results]
    go_on.set()
    assert names[-1] == "write"  # and the object is gone: the fixture looks


def test_rclone(rclone, keys):
    keys(rclone)
    found = examined(f"s3://bucket/{uuid.uuid4().hex}")
    assert wrong(found) == set()
    assert found["conditions"].status is Status.WARNING
    assert found["read"].status is Status.OK
