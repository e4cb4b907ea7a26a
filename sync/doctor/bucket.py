"""Checks of an S3 bucket: who we are to it, where it is, whether it answers, what it keeps."""

import time
from contextlib import suppress
from functools import cached_property, partial
from ipaddress import ip_address
from urllib.parse import urlsplit

from catalog.checkup import Check, Finding, failed, ok, skipped, warning
from sync.doctor.objects import ObjectChecks
from sync.doctor.reasons import no_connection, refusal, why
from sync.manifest import MAX_BYTES
from sync.stores.objectstore import DeniedError, NotThereError, RemoteError, TooLargeError
from sync.stores.probe import new_folder
from sync.stores.s3_checkup import S3Checkup, code_of

_WARN_SKEW, _FAIL_SKEW = 300.0, 900.0  # seconds; AWS refuses beyond the second
_FORBIDDEN = ("AccessDenied", "Forbidden", "403", "")

_SOURCES = {
    "env": "the environment (AWS_ACCESS_KEY_ID)",
    "shared-credentials-file": "the credentials file (~/.aws/credentials)",
    "config-file": "the config file (~/.aws/config)",
    "assume-role": "a role that the profile assumes",
    "assume-role-with-web-identity": "a role, by a web identity token",
    "sso": "SSO",
    "login": "`aws login`",
    "custom-process": "a program that the profile names",
    "container-role": "the container's role",
    "iam-role": "the instance's role",
}
"""Where credentials come from: botocore's words, and ours."""


class BucketChecks:
    """Checks of one bucket, in the order in which one thing needs another."""

    def __init__(
        self,
        url: str,
        *,
        sse: str | None,
        kms_key: str | None,
        seq_seen: int | None,
        single_writer: bool,
    ) -> None:
        """Prepare them; see `sync.doctor.remote.check_remote`."""
        self._open = partial(S3Checkup, url, sse=sse, kms_key=kms_key)
        self._encrypted = sse == "aws:kms"
        self._refused: RemoteError | None = None
        self._asked = 0.0
        self._objects = ObjectChecks(
            lambda: self._store,
            self._why,
            needs=("access",),
            seq_seen=seq_seen,
            single_writer=single_writer,
        )

    @cached_property
    def _store(self) -> S3Checkup:
        return self._open()

    def checks(self) -> list[Check]:
        """Return the checks."""
        return [
            Check("credentials", self._credentials),
            Check("endpoint", self._endpoint, ("credentials",)),
            Check("connection", self._connection, ("endpoint",), patience=30),
            Check("clock", self._clock, ("connection",)),
            Check("access", self._access, ("connection",)),
            *self._objects.checks(),
            Check("versioning", self._versioning, ("access",)),
            Check("object lock", self._object_lock, ("access",)),
            Check("cleanup", self._cleanup, ("access",)),
        ]

    def clean_up(self) -> None:
        """Take away what is left of the checks, if they were broken off."""
        self._objects.clean_up()

    def _why(self, error: RemoteError, permission: str) -> Finding:
        place = (
            f"arn:aws:s3:::{self._store.bucket}"
            if permission.startswith("s3:ListBucket")
            else self._store.arn
        )
        if self._encrypted and permission == "s3:PutObject":
            permission += ", and kms:GenerateDataKey and kms:Decrypt on the key,"
        return why(error, permission, place)

    def _credentials(self) -> Finding:
        try:
            found = self._store.credentials()
        except RemoteError as error:
            return failed(str(error), "Mend the AWS settings that it names; for SSO, `aws sso login` may do.")
        if found is None:
            return failed(
                "No AWS credentials were found.",
                "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            )
        return ok(
            f"From {_SOURCES.get(found.method, found.method)}: the access key begins with {found.begins}."
        )

    def _endpoint(self) -> Finding:
        store = self._store
        found = f"{store.endpoint}, region {store.region or 'not set'}."
        if urlsplit(store.endpoint).scheme == "http" and not _is_loopback(store.host):
            return warning(
                f"{found} Nothing is encrypted on the way.",
                "Serve it by TLS and begin the endpoint with https://, unless the network is all yours.",
            )
        return ok(found)

    def _connection(self) -> Finding:
        store, begun = self._store, time.time()
        try:
            store.get(f"{new_folder()}/created", limit=MAX_BYTES)
        except TooLargeError:
            pass  # no object should be there: that is told by the check of access
        except RemoteError as error:
            self._refused = error
            if store.heard is None:
                reason = no_connection(error, store.host)
                return reason or failed(str(error), "Check the endpoint and the network.")
        assert store.heard is not None
        self._asked = (begun + time.time()) / 2
        style = "virtual-hosted style" if store.style == "virtual" else "path style"
        tls = ", TLS" if store.endpoint.startswith("https:") else ""
        who = f", as {store.heard.server}" if store.heard.server else ""
        return ok(f"{store.host} answers ({style}{tls}){who}.")

    def _clock(self) -> Finding:
        heard = self._store.heard
        if heard is None or heard.date is None:
            return skipped("The server does not tell the time.")
        skew = self._asked - heard.date
        side = "ahead of" if skew > 0 else "behind"
        differs = f"This machine's clock is {_duration(abs(skew))} {side} the server's"
        advice = "Set this machine's clock, by NTP if it can be had (`timedatectl set-ntp true`)."
        if self._refused is not None and code_of(self._refused) == "RequestTimeTooSkewed":
            return failed(f"{differs}, which refuses requests for that.", advice)
        if abs(skew) > _FAIL_SKEW:
            return failed(f"{differs}: AWS refuses requests beyond 15 minutes.", advice)
        if abs(skew) > _WARN_SKEW:
            return warning(f"{differs}: AWS refuses requests beyond 15 minutes.", advice)
        return ok(f"This machine's clock is within {max(abs(skew), 1):.0f} s of the server's.")

    def _access(self) -> Finding:
        store, error = self._store, self._refused
        heard, host = store.heard, store.host
        if error is None:
            return failed(
                f"{host} says that an object is there which nobody has put: it is no S3 server.",
                "Mend the endpoint (AWS_ENDPOINT_URL_S3): a console's or a website's address will not do.",
            )
        code = code_of(error)
        if (known := refusal(host, code)) is not None:
            return known
        if isinstance(error, DeniedError) and code not in _FORBIDDEN:
            return failed(str(error), "Check the credentials, and what the provider says of this code.")
        if not isinstance(error, DeniedError | NotThereError):
            return why(error, "", "")
        region = store.region
        if heard is not None and heard.region and heard.region != region:
            return warning(
                f"Bucket {store.bucket} is in {heard.region}, and the region set is {region or 'none'}.",
                "Set AWS_DEFAULT_REGION, or region in the profile, to the bucket's: it spares a redirect.",
            )
        if isinstance(error, DeniedError):
            return ok("The credentials are known; what they may do is tried next.")
        return ok(f"The credentials are accepted, and bucket {store.bucket} is there.")

    def _versioning(self) -> Finding:
        state = self._store.versioning()
        if state is None:
            return skipped("The server does not tell whether it keeps old versions.")
        if state == "Enabled":
            return ok(
                "On: what is replaced or deleted is kept as an old version.",
                "Let a lifecycle rule expire old versions after some weeks, or the bucket only grows.",
            )
        return ok(
            f"{state}: what is deleted from the bucket is gone.", "Turn it on to guard against a stolen key."
        )

    def _object_lock(self) -> Finding:
        try:
            kept = self._store.object_lock()
        except RemoteError:
            return skipped("The server does not tell.")
        if kept is None:
            return ok("None: objects can be removed.")
        return warning(
            f"Each object is kept for {kept}, what these checks have put as well.",
            "Keep the time short: garbage of syncs cannot be removed before it is over.",
        )

    def _cleanup(self) -> Finding:
        finding = self._objects.cleanup()
        with suppress(RemoteError):  # it has no versions, or keeps them by rules of its own
            for folder in self._objects.folders:
                self._store.erase(f"{folder}/")
        return finding


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    with suppress(ValueError):
        return ip_address(name).is_loopback
    return name == "localhost" or name.endswith(".localhost")


def _duration(seconds: float) -> str:
    if seconds > 5400:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"
