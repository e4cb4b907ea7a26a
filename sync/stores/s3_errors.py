"""What went wrong with a request to S3: the kind of error that decides what is next, in one sentence."""

from typing import NamedTuple

import botocore.exceptions as boto
from botocore.parsers import ResponseParserError

from sync.stores.objectstore import (
    ArchivedError,
    ConditionFailedError,
    DeniedError,
    NotThereError,
    RemoteError,
    UnclearError,
    UnreachableError,
    UnsupportedError,
)

# an answer is no XML; a number or a date in it is none; whatever is asked, it leads elsewhere
_NO_ANSWER = (ResponseParserError, ValueError, RecursionError)
SDK_ERRORS = (boto.ClientError, boto.BotoCoreError, boto.HTTPClientError, OSError, *_NO_ANSWER)
"""All that the SDK raises if a request fails."""

_EXPIRED = ("ExpiredToken", "InvalidToken", "TokenRefreshRequired")  # to which AWS says 400
_BUSY = ("SlowDown", "Throttling", "RequestLimitExceeded")


class Asked(NamedTuple):
    """What a request was for.

    Attributes:
        host: of the server, with its port if that is not the usual one.
        bucket: its name.
        url: the remote's address.
        key: of the object, below that address.
    """

    host: str
    bucket: str
    url: str
    key: str


def remote_error(error: Exception, asked: Asked) -> RemoteError:
    """Return the error to raise for one of the SDK's.

    Args:
        error: one of `SDK_ERRORS`.
        asked: what was asked for.
    """
    host = asked.host
    match error:
        case boto.ClientError():
            return _refused(error, asked)
        case boto.NoCredentialsError() | boto.PartialCredentialsError():
            return DeniedError(
                "No AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY."
            )
        case boto.EndpointConnectionError() | boto.ConnectTimeoutError() | boto.ProxyConnectionError():
            return UnreachableError(f"{host} cannot be reached.")
        case boto.SSLError() if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return UnreachableError(
                f"The certificate of {host} is not trusted here: `photolala doctor` tells what to do."
            )
        case boto.ReadTimeoutError():
            return UnreachableError(f"{host} does not answer.")
        case boto.HTTPClientError() | boto.IncompleteReadError() | OSError():
            return UnclearError(f"The connection to {host} broke off.")
        case boto.BotoCoreError():
            return RemoteError(f"{asked.url}: {error}")
    return no_s3(host)


def no_s3(host: str) -> UnclearError:
    """Return the error to raise for an answer that no S3 server gives: a website's, or a proxy's own."""
    return UnclearError(f"{host} does not answer as an S3 server does: is it the endpoint?")


def _refused(error: boto.ClientError, asked: Asked) -> RemoteError:
    """Return the error for what the server itself says, by HTTP status and S3's code."""
    host, bucket, url, key = asked
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "?")
    if code == "NoSuchBucket":
        return DeniedError(f"There is no bucket {bucket} at {host}.")
    if status == 404:
        if error.operation_name != "HeadObject" and code == "404":  # whose answers have no body
            return no_s3(host)
        return NotThereError(f"{key} is not in {url}.")
    if code == "InvalidObjectState":
        return ArchivedError(f"{key} is archived in {url}, and cannot be read now.")
    if status in (401, 403) or code in _EXPIRED:
        return DeniedError(f"{host} refuses access to {url} ({code}).")
    if status in (304, 409, 412):  # MinIO of 2023 says 304 to a conditional PUT as well
        return ConditionFailedError(f"{host} refused the condition on {key}.")
    if status == 501:
        return UnsupportedError(f"{host} does not know what {key} was asked for.")
    if status >= 500 or status == 429:
        told = f"{status} ({code})" if code not in ("", str(status)) else status  # as a proxy says it
        unclear = UnclearError(f"{host} answered {told}.")
        unclear.retry_after = _retry_after(error, status, code)
        return unclear
    return RemoteError(f"{host} answered {status} ({code}) for {key}.")


def _retry_after(error: boto.ClientError, status: int, code: str) -> float | None:
    """Return the seconds for which a server wants to be left alone, None if that is not what it says."""
    if status != 429 and code not in _BUSY:
        return None
    named = error.response["ResponseMetadata"]["HTTPHeaders"].get("retry-after", "")
    return float(named) if named.isdecimal() else 0.0
