"""What only a doctor asks of an S3 bucket: who we are to it, where it is, what it keeps of what is gone."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sync.stores.objectstore import DeniedError, NotThereError, RemoteError, UnsupportedError
from sync.stores.s3_originals import S3Originals, _date

_SILENT = (NotThereError, DeniedError, UnsupportedError)  # how servers say that they do not tell
_SHOWN = 4  # characters of an access key's id: enough to tell one's keys apart


class Credentials(NamedTuple):
    """Where the credentials come from, in botocore's words, and how the access key's id begins."""

    method: str
    begins: str


class Heard(NamedTuple):
    """What the server's last answer has told: `date` is Unix seconds, None if it does not tell the time."""

    status: int
    server: str
    date: float | None
    region: str


class S3Checkup(S3Originals):
    """A bucket that is looked into. It notes what it has written, so that nothing is left of that."""

    def __init__(self, url: str, *, sse: str | None = None, kms_key: str | None = None) -> None:
        """Set up the client; see `S3Originals`."""
        super().__init__(url, sse=sse, kms_key=kms_key)
        self.heard: Heard | None = None
        self.bucket = self._bucket
        self.endpoint, self.region = self._client.meta.endpoint_url, self._client.meta.region_name or ""
        self.host = urlsplit(self.endpoint).netloc
        """The one that the last request went to; with its port, if that is not the usual one."""
        self.arn = f"arn:aws:s3:::{self._bucket}/{self._prefix}*"
        self._client.meta.events.register("before-send.s3", self._asks)
        self._client.meta.events.register("before-parse.s3", self._hears)

    def _asks(self, request: Any, **_: Any) -> None:
        self.host = urlsplit(request.url).netloc

    def _hears(self, response_dict: dict[str, Any], **_: Any) -> None:
        headers = response_dict["headers"]
        region = headers.get("x-amz-bucket-region", "")
        self.heard = Heard(response_dict["status_code"], headers.get("server", ""), _date(headers), region)

    def credentials(self) -> Credentials | None:
        """Return where the credentials come from, None if there are none; renews them where need be.

        Raises:
            RemoteError: they could not be had.
        """

        def look() -> Credentials | None:
            found = self._session.get_credentials()
            key = found.get_frozen_credentials().access_key if found is not None else None
            return Credentials(str(found.method), key[:_SHOWN]) if found is not None and key else None

        found: Credentials | None = self._ask("", look)
        return found

    @property
    def style(self) -> str:
        """How the last request has named the bucket: "path", or "virtual" for a part of the host."""
        return "virtual" if self.host.startswith(f"{self._bucket}.") else "path"

    def versioning(self) -> str | None:
        """Return "Enabled", "Suspended" or "Off"; None if the server does not tell."""
        try:
            answer = self._ask("", lambda: self._client.get_bucket_versioning(Bucket=self._bucket))
        except _SILENT:
            return None
        return str(answer.get("Status", "Off"))

    def object_lock(self) -> str | None:
        """Return for how long the bucket keeps each object by itself, such as "30 days"; None if it does not.

        Raises:
            RemoteError: the server does not tell.
        """
        try:
            answer = self._ask("", lambda: self._client.get_object_lock_configuration(Bucket=self._bucket))
        except NotThereError:  # the bucket has no such configuration
            return None
        rule = answer.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        return next((f"{rule[unit]} {unit.lower()}" for unit in ("Days", "Years") if unit in rule), None)

    def erase(self, prefix: str) -> int:
        """Remove what a bucket with versions has kept of objects that are deleted; returns how many versions.

        Raises:
            RemoteError: they could not be listed or removed.
        """
        page = self._ask(
            prefix,
            lambda: self._client.list_object_versions(Bucket=self._bucket, Prefix=self._prefix + prefix),
        )
        kept = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        for one in kept:
            self._ask(
                prefix,
                lambda one=one: self._client.delete_object(  # type: ignore[misc]
                    Bucket=self._bucket, Key=one["Key"], VersionId=one["VersionId"]
                ),
            )
        return len(kept)


def code_of(error: RemoteError) -> str:
    """Return the S3 error code behind a failure, such as "AccessDenied"; empty if no answer came."""
    answer = getattr(error.__cause__, "response", None) or {}
    return str(answer.get("Error", {}).get("Code", ""))
