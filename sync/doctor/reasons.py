"""Why a remote did not do what was asked, in plain words, and what to do about it."""

import errno
import socket
import ssl
from collections.abc import Iterator

from catalog.checkup import Finding, failed
from sync.stores.objectstore import DeniedError, RemoteError, UnclearError, UnsupportedError

_CLOCK = "Set this machine's clock, by NTP if it can be had (`timedatectl set-ntp true`)."
_RENEW = "Renew them (`aws sso login` for SSO), then try again."
_KEYS = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile that AWS_PROFILE names."
_REGION = "Set AWS_DEFAULT_REGION, or region in the profile, to the bucket's region."
_BUCKET = "Make the bucket, or mend its name in the remote's address (`remote` in config.toml)."

_REFUSALS = {
    "InvalidAccessKeyId": ("knows no such access key.", _KEYS),
    "SignatureDoesNotMatch": ("does not accept the secret key: it does not belong to the access key.", _KEYS),
    "AuthorizationHeaderMalformed": ("expects requests to be signed for another region.", _REGION),
    "PermanentRedirect": ("says that the bucket is at another endpoint.", _REGION),
    "IllegalLocationConstraintException": ("says that the bucket is in another region.", _REGION),
    "ExpiredToken": ("says that the credentials have expired.", _RENEW),
    "InvalidToken": ("does not accept the session token.", _RENEW),
    "TokenRefreshRequired": ("says that the credentials must be renewed.", _RENEW),
    "RequestTimeTooSkewed": ("refuses requests: this machine's clock is too far from its own.", _CLOCK),
    "AllAccessDisabled": ("has shut the bucket.", "Ask the provider."),
    "AccountProblem": ("says that something is wrong with the account.", "Ask the provider."),
    "NoSuchBucket": ("has no such bucket.", _BUCKET),
}  # fmt: skip
"""S3's error codes: what they mean, and what to do."""


def refusal(host: str, code: str) -> Finding | None:
    """Return what an S3 error code means that stands for all requests; None for any other code."""
    if code not in _REFUSALS:
        return None
    said, advice = _REFUSALS[code]
    return failed(f"{host} {said}", advice)


def no_connection(error: RemoteError, host: str) -> Finding | None:
    """Return why no answer came from a host: its name, the network, TLS; None if one came."""
    name = host.rpartition(":")[0] or host
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return failed(
                f"The name {name} cannot be resolved.",
                "Check the endpoint (AWS_ENDPOINT_URL_S3) for a typing error, and this machine's DNS; if the "
                "name begins with the bucket's, ask for path style (see sync/PROVIDERS.md).",
            )
        if isinstance(cause, ConnectionRefusedError):
            return failed(
                f"{host} refuses the connection: nothing listens there.",
                "Start the server, or mend the host and port in AWS_ENDPOINT_URL_S3.",
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            return failed(
                f"The certificate of {host} is not trusted ({cause.verify_message}).",
                "Name the file of the authority that signed it in AWS_CA_BUNDLE, or mend the certificate.",
            )
        if isinstance(cause, ssl.SSLError):
            return failed(
                f"{host} does not speak TLS as it should ({cause.reason or cause}).",
                "If it serves plain HTTP, begin AWS_ENDPOINT_URL_S3 with http://, else mend its port.",
            )
        if isinstance(cause, OSError) and cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return failed(f"There is no way to {host} from here.", "Check the network, or start the VPN.")
        if isinstance(cause, TimeoutError):
            return failed(f"{host} does not answer in time.", "Check the network, a firewall, the VPN.")
        if isinstance(cause, ConnectionError):
            return failed(
                f"{host} hangs up without an answer.",
                "If it serves TLS, begin AWS_ENDPOINT_URL_S3 with https://; else look into its log.",
            )
    return None


def why(error: RemoteError, permission: str, place: str) -> Finding:
    """Return why a request was not done that others may well be.

    Args:
        error: what the store says.
        permission: what the request needs, such as "s3:PutObject" or "write permission".
        place: on what.
    """
    if isinstance(error, DeniedError):
        return failed(f"Not allowed: {error}", f"Grant {permission} on {place}.")
    if isinstance(error, UnsupportedError):
        return failed(str(error), "photolala needs this of a remote: choose another server.")
    if getattr(error, "retry_after", None) is not None:
        return failed(str(error), "It asks for less: try again later, or lower sync.requests_per_second.")
    if isinstance(error, UnclearError):
        return failed(str(error), "Try again; if it stays so, look into the server's log.")
    return failed(str(error), "Look into the server's log, or what the provider says of this answer.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
