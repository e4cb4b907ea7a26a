"""Originals in an S3 bucket: the requests that a sync has no need for, on the client of `S3Store`."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sync.stores.objectstore import NotThereError, RemoteError, UnclearError
from sync.stores.original_store import ORIGINALS, About, Body, IntegrityError, Part, StartedUpload, Stored
from sync.stores.s3 import S3Store, client_of
from sync.stores.s3_errors import SDK_ERRORS

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_MD5 = re.compile(r'"?([0-9a-f]{32})"?', re.ASCII)
_CHUNK = 1 << 18  # bytes: the kernel writes larger pieces at half the speed
_USUAL = "STANDARD"
_STORING = 60  # seconds that a server may take to store a part
_ASSEMBLING = 600  # seconds that a server may take to make an object of its parts


class S3Originals(S3Store):
    """An `OriginalStore` under `s3://bucket/prefix`."""

    def __init__(self, url: str, *, sse: str | None = None, kms_key: str | None = None) -> None:
        """Set up the client; no request is sent.

        Args:
            url: as for `S3Store`.
            sse: as for `S3Store`.
            kms_key: as for `S3Store`.

        Raises:
            RemoteError: the address or the AWS settings are unusable.
        """
        super().__init__(url, sse=sse, kms_key=kms_key, read_timeout=_STORING)
        self._date: float | None = None
        self._making = threading.Lock()
        self._patient: S3Client | None = None
        self._client.meta.events.register("before-send.s3", self._begins)
        self._client.meta.events.register("before-parse.s3", self._dated)

    def _begins(self, request: Any, **_: Any) -> None:
        if isinstance(request.body, Body):
            request.body.sending()  # what was read before was read to be signed

    def _dated(self, response_dict: dict[str, Any], **_: Any) -> None:
        self._date = _date(response_dict["headers"]) or self._date

    def find(self, key: str) -> Stored | None:
        """Tell what is known of an object; see `OriginalStore`."""
        try:
            answer = self._ask(key, lambda: self._client.head_object(**self._at(key)))
        except NotThereError:
            return None
        _, size, modified = self._listed(key, answer, "ContentLength")
        kind, thawing = answer.get("StorageClass"), answer.get("Restore")
        thawed = None if thawing is None else 'ongoing-request="false"' in thawing
        # what was sent in parts, or is encrypted by KMS, has another ETag: there our own word stands
        md5 = _md5_of(answer) or answer.get("Metadata", {}).get("md5")
        return Stored(key, size, modified, md5, kind, thawed)

    def stored(self, prefix: str) -> Iterator[Stored]:
        """Yield objects by key; see `OriginalStore`. The MD5 of what was sent in parts is not told."""
        for found in self._objects(prefix):
            kind = found.get("StorageClass", _USUAL)
            listed = self._listed(found["Key"].removeprefix(self._prefix), found, "Size")
            yield Stored(*listed, _md5_of(found), None if kind == _USUAL else kind)

    def put_whole(self, key: str, body: Body, about: About) -> float:
        """Store an object in one request; see `OriginalStore`."""
        answer = self._send(
            key,
            body,
            lambda: self._client.put_object(
                **self._at(key),
                **self._about(about),
                Body=body,  # type: ignore[arg-type]
                ContentMD5=body.content_md5,
            ),
        )
        return _time(answer)

    def begin_upload(self, key: str, about: About) -> str:
        """Begin an upload in parts; see `OriginalStore`."""
        answer = self._ask(
            key, lambda: self._client.create_multipart_upload(**self._at(key), **self._about(about))
        )
        self._whole(answer, "UploadId")
        return str(answer["UploadId"])

    def parts(self, key: str, upload_id: str) -> dict[int, Part]:
        """Return the parts that have arrived; see `OriginalStore`."""
        list_page = partial(self._client.list_parts, **self._at(key), UploadId=upload_id)
        return {
            self._told(part, "PartNumber"): Part(
                self._told(part, "Size"), self._told(part, "ETag"), _md5_of(part)
            )
            for page in self._pages(key, list_page, PartNumberMarker="NextPartNumberMarker")
            for part in page.get("Parts", ())
        }

    def put_part(self, key: str, upload_id: str, number: int, offset: int, body: Body) -> str:
        """Send a part; see `OriginalStore`."""
        del offset  # parts of one size, in order
        answer = self._send(
            key,
            body,
            lambda: self._client.upload_part(
                **self._at(key),
                UploadId=upload_id,
                PartNumber=number,
                Body=body,  # type: ignore[arg-type]
                ContentMD5=body.content_md5,
            ),
        )
        return str(self._told(answer, "ETag"))

    def complete_upload(self, key: str, upload_id: str, etags: Sequence[str]) -> float:
        """Make the object of its parts; see `OriginalStore`."""
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
        answer = self._ask(
            key,
            lambda: self._patient_client().complete_multipart_upload(
                **self._at(key),
                UploadId=upload_id,
                MultipartUpload={"Parts": parts},  # type: ignore[typeddict-item]
            ),
        )
        self._whole(answer, "ETag")
        return _time(answer)

    def _patient_client(self) -> "S3Client":
        with self._making:  # a session makes one client at a time
            if self._patient is None:
                self._patient = client_of(self._session, _ASSEMBLING)
                self._patient.meta.events.register("before-send.s3", self._sent)
            return self._patient

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Drop an upload; see `OriginalStore`."""
        try:
            self._ask(key, lambda: self._client.abort_multipart_upload(**self._at(key), UploadId=upload_id))
        except NotThereError:
            return

    def uploads(self) -> Iterator[StartedUpload]:
        """Yield the uploads that were not ended; see `OriginalStore`."""
        prefix = self._prefix + ORIGINALS
        list_page = partial(self._client.list_multipart_uploads, Bucket=self._bucket, Prefix=prefix)
        markers = {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"}
        for page in self._pages(ORIGINALS, list_page, **markers):
            for found in page.get("Uploads", ()):
                if found["Key"].startswith(prefix):
                    key = found["Key"].removeprefix(self._prefix)
                    yield StartedUpload(key, found["UploadId"], found["Initiated"].timestamp())

    @contextmanager
    def read(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[Iterator[bytes]]:
        """Open an object, to be read piece by piece; see `OriginalStore`."""
        part = {} if length is None else {"Range": f"bytes={offset}-{offset + length - 1}"}
        answer = self._ask(key, lambda: self._client.get_object(**self._at(key), **part))  # type: ignore[arg-type]
        with closing(answer["Body"]) as body:  # as its own context it is bare, and its failures not the SDK's
            size = answer.get("ContentLength", length)  # none where a proxy passes it on in chunks
            if length not in (None, size):
                raise UnclearError(f"{self._host()} gives {size} bytes of {key} instead of {length}.")
            yield self._pieces(key, body, size)

    def _pieces(self, key: str, body: Any, size: int | None) -> Iterator[bytes]:
        came = 0
        while piece := self._ask(key, lambda: body.read(_CHUNK)):
            self.traffic.received(len(piece))
            came += len(piece)
            if size is not None and came > size:
                raise UnclearError(f"{self._host()} gives more than {size} bytes of {key}.")
            yield piece
        if size not in (None, came):
            raise UnclearError(f"{self._host()} broke off in the middle of {key}.")

    def thaw(self, key: str, days: int) -> None:
        """Ask for an archived object; see `OriginalStore`."""
        request = {"Days": days, "GlacierJobParameters": {"Tier": "Standard"}}
        try:
            self._client.restore_object(**self._at(key), RestoreRequest=request)  # type: ignore[arg-type]
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "RestoreAlreadyInProgress":
                self._raise(error, key)
        except SDK_ERRORS as error:
            self._raise(error, key)

    def now(self) -> float:
        """Return the server's time; see `OriginalStore`."""
        if self._date is None:
            self.find(ORIGINALS)
        if self._date is None:
            raise RemoteError(f"{self._host()} does not tell the time.")
        return self._date

    def _at(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": self._prefix + key}

    def _about(self, about: About) -> dict[str, Any]:
        kind = {"StorageClass": about.storage_class} if about.storage_class else {}
        return {"ContentType": about.content_type, "Metadata": about.metadata, **kind, **self._encryption}

    def _send(self, key: str, body: Body, call: Callable[[], Any]) -> Any:
        body.seek(0)
        try:
            answer = self._ask(key, call)
        except RemoteError:
            body.taken_back()
            raise
        there = _md5_of(answer)
        if there is not None and there != body.md5:
            raise IntegrityError(f"{self._host()} has stored something else than {key}: its MD5 differs.")
        return answer


def _md5_of(answer: Any) -> str | None:
    """Return the MD5 that an ETag is; None where it is something else."""
    if answer.get("ServerSideEncryption", "").startswith("aws:kms") or "SSECustomerAlgorithm" in answer:
        return None
    found = _MD5.fullmatch(answer.get("ETag", ""))
    return found[1] if found else None


def _date(headers: Any) -> float | None:
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return None


def _time(answer: Any) -> float:
    return _date(answer["ResponseMetadata"]["HTTPHeaders"]) or time.time()
