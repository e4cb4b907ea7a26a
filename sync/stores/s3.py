"""An object store in an S3 bucket, by boto3: with s3_errors.py the only module that imports the SDK.

The SDK never retries: after a conditional write whose answer was lost, its second try would be refused by
the first one's success, and say so as if nothing had been written.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import boto3
import botocore.exceptions as boto
import botocore.loaders
import botocore.session
from botocore.config import Config

from sync.stores.objectstore import Fetched, Listed, RemoteError, TooLargeError, Traffic, UnclearError
from sync.stores.s3_errors import SDK_ERRORS, Asked, no_s3, remote_error

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_NOT_MODIFIED = "304"
_CHUNK = 256 * 1024
_BODY_UNSIGNED = Config(s3={"payload_signing_enabled": False})


class S3Store:
    """Objects under `s3://bucket/prefix`, on AWS or any server that speaks its language."""

    def __init__(
        self, url: str, *, sse: str | None = None, kms_key: str | None = None, read_timeout: int = 20
    ) -> None:
        """Set up the client; no request is sent.

        Args:
            url: `s3://bucket` or `s3://bucket/prefix`. Endpoint, region and credentials come from
                botocore's own chain (environment, profile, SSO, instance role) and nowhere else.
            sse: "AES256" or "aws:kms": how the server shall encrypt; None leaves it to the bucket.
            kms_key: id or ARN of the key for "aws:kms"; None is the account's own.
            read_timeout: seconds after which a server that says nothing is left.

        Raises:
            RemoteError: the address or the AWS settings are unusable.
        """
        self.url = url
        self.traffic = Traffic()
        parts = urlsplit(url)
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")
        if self._prefix:
            self._prefix += "/"
        self._encryption: dict[str, str] = {}
        if sse:
            self._encryption["ServerSideEncryption"] = sse
        if kms_key:
            self._encryption["SSEKMSKeyId"] = kms_key
        try:
            self._session = _session()
            self._client = client_of(self._session, read_timeout)
        except (
            boto.BotoCoreError,
            ValueError,
            OSError,
        ) as error:  # OSError: a `credential_process` is not there
            raise RemoteError(f"The AWS settings cannot be used: {error}") from error
        self._client.meta.events.register("before-sign.s3", _sign_md5)
        self._client.meta.events.register("before-send.s3", self._sent)
        self._client.meta.events.register("before-parse.s3", self._received)

    def _sent(self, request: Any, **_: Any) -> None:
        self.traffic.request(request.method, int(request.headers.get("Content-Length") or 0))

    def _received(self, response_dict: dict[str, Any], **_: Any) -> None:
        body = response_dict["body"]  # an object's is not read yet: `get` counts it
        self.traffic.received(len(body) if isinstance(body, bytes) else 0)

    def get(self, key: str, *, limit: int, unless_etag: str | None = None) -> Fetched | None:
        """Fetch an object; see `ObjectStore`."""
        condition = {"IfNoneMatch": unless_etag} if unless_etag else {}
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key, **condition)  # type: ignore[arg-type]
            size = answer.get("ContentLength")  # none where a proxy passes it on in chunks
            if size is not None and size > limit:
                answer["Body"].close()
                raise TooLargeError(
                    f"{self.url}/{key} has {size} bytes, more than the {limit} allowed: not read."
                )
            data = bytearray()
            for piece in answer["Body"].iter_chunks(_CHUNK):
                data += piece
                if len(data) > limit:
                    answer["Body"].close()
                    raise TooLargeError(
                        f"{self.url}/{key} has more than the {limit} bytes allowed: not read."
                    )
        except boto.ClientError as error:
            if unless_etag and error.response["Error"]["Code"] in (_NOT_MODIFIED, "NotModified"):
                return None
            self._raise(error, key)
        except SDK_ERRORS as error:
            self._raise(error, key)
        self.traffic.received(len(data))
        if size not in (None, len(data)):
            raise UnclearError(f"{self._host()} broke off in the middle of {key}.")
        return Fetched(bytes(data), str(self._told(answer, "ETag")))

    def put(
        self, key: str, data: bytes, *, content_type: str, if_absent: bool = False, if_etag: str | None = None
    ) -> str:
        """Store an object; see `ObjectStore`."""
        condition = {"IfNoneMatch": "*"} if if_absent else {"IfMatch": if_etag} if if_etag else {}
        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        answer = self._ask(
            key,
            lambda: self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + key,
                Body=data,
                ContentMD5=md5,  # the one integrity check that every S3 server understands
                ContentType=content_type,
                **condition,  # type: ignore[arg-type]
                **self._encryption,  # type: ignore[arg-type]
            ),
        )
        return str(self._told(answer, "ETag"))

    def list(self, prefix: str) -> Iterator[Listed]:
        """Yield objects by key; see `ObjectStore`."""
        for found in self._objects(prefix):
            yield self._listed(found["Key"].removeprefix(self._prefix), found, "Size")

    def _listed(self, key: str, answer: Any, size: str) -> Listed:
        """Return what an answer tells of an object, its size under the name that it has there."""
        return Listed(key, self._told(answer, size), self._told(answer, "LastModified").timestamp())

    def _objects(self, prefix: str) -> Iterator[Any]:
        """Yield what a listing tells of each object, and nothing of what was not asked for."""
        below = self._prefix + prefix
        ask = partial(self._client.list_objects_v2, Bucket=self._bucket, Prefix=below)
        for page in self._pages(prefix, ask, ContinuationToken="NextContinuationToken"):
            self._whole(page, "Name")
            for found in page.get("Contents", ()):
                if self._told(found, "Key").startswith(below):
                    yield found

    def _pages(self, key: str, ask: Callable[..., Any], **markers: str) -> Iterator[Any]:
        """Yield the answers of a listing, each of up to a thousand entries.

        Args:
            key: what is listed.
            ask: for one answer.
            markers: by its name as an argument, what an answer calls the place at which to go on.
        """
        more: dict[str, Any] = {}
        while True:
            page = self._ask(key, partial(ask, **more))
            yield page
            if not page.get("IsTruncated"):
                return
            before, more = more, {name: page.get(marker) for name, marker in markers.items()}
            if more == before or None in more.values():
                raise RemoteError(f"{self._host()} does not list {key} to the end: it gives no way on.")

    def _told(self, answer: Any, name: str) -> Any:
        """Return what an S3 server's answer must tell; one without it is a website's, or a proxy's own."""
        if answer.get(name) in (None, ""):
            raise no_s3(self._host())
        return answer[name]

    def _whole(self, answer: Any, name: str) -> None:
        """Refuse an answer that broke off before its first byte: the SDK takes it for an empty one."""
        if name not in answer:
            raise UnclearError(f"The connection to {self._host()} broke off.")

    def head(self, key: str) -> Listed:
        """Tell an object's size; see `ObjectStore`."""
        answer = self._ask(key, lambda: self._client.head_object(Bucket=self._bucket, Key=self._prefix + key))
        return self._listed(key, answer, "ContentLength")

    def delete(self, key: str) -> None:
        """Remove an object; see `ObjectStore`."""
        self._ask(key, lambda: self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key))

    def tidy(self) -> None:
        """Do nothing: a bucket holds objects only; see `ObjectStore`."""

    def _ask(self, key: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except SDK_ERRORS as error:
            self._raise(error, key)

    def _host(self) -> str:
        return urlsplit(self._client.meta.endpoint_url).netloc

    def _raise(self, error: Exception, key: str) -> NoReturn:
        raise remote_error(error, Asked(self._host(), self._bucket, self.url, key)) from error


def _sign_md5(request: Any, **_: Any) -> None:
    """Have a body's MD5 signed, as it is a header, and not its SHA-256 too: over http as over https."""
    if "Content-MD5" in request.headers:
        request.context["client_config"] = _BODY_UNSIGNED


def _session() -> boto3.session.Session:
    core = botocore.session.Session()
    core.register_component("data_loader", _loader())
    # boto3's own default session would keep the credentials that it found first, for as long as we live
    return boto3.session.Session(botocore_session=core)


def client_of(session: boto3.session.Session, read_timeout: int) -> "S3Client":
    """Make a client that tries nothing twice.

    Args:
        session: where credentials and region come from.
        read_timeout: seconds after which a server that says nothing is left.
    """
    settings: dict[str, Any] = {
        "retries": {"mode": "standard", "total_max_attempts": 1},
        "connect_timeout": 5,
        "read_timeout": read_timeout,
        "max_pool_connections": 10,
        # the SDK makes up its own anew for each request, which takes it 1 ms
        "user_agent": f"photolala Boto3/{boto3.__version__}",
        # the SDK's own trailing checksums are refused by R2, B2, Spaces and others
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }
    if os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        settings["s3"] = {"addressing_style": "path"}  # a server at home seldom has a name for each bucket
    return session.client("s3", config=Config(**settings))


@cache
def _loader() -> botocore.loaders.Loader:
    """Return what reads the SDK's own tables from disk: 0.1 s, once for all stores."""
    return botocore.loaders.create_loader()
