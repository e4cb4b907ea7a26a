"""The one form of a remote's address, which never holds credentials."""

import re
from urllib.parse import urlsplit

from tui.config import SettingsError

_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}|arn:[A-Za-z0-9:._-]+", re.ASCII)  # botocore sends no other


def remote_address(remote: str) -> str:
    """Return a remote's address in the one form in which it is remembered.

    Raises:
        SettingsError: it is none, or holds credentials.
    """
    if "@" in remote.partition("://")[2].partition("/")[0]:
        raise SettingsError(
            "The remote's address holds credentials: give s3://bucket/prefix here, and leave them to AWS's "
            "own settings (AWS_PROFILE, AWS_ACCESS_KEY_ID, ...)."
        )
    try:
        parts = urlsplit(remote)
    except ValueError:  # brackets, as around an IPv6 address
        parts = urlsplit("")
    if remote.startswith("file:///") and remote.removeprefix("file:///").strip("/"):
        return remote.rstrip("/")  # a folder's name may hold what ends a path elsewhere: # or ?
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment:
        raise SettingsError(
            f"The remote {remote!r} is not an address like s3://bucket/prefix or file:///path."
        )
    return f"s3://{parts.netloc}{parts.path.rstrip('/')}"
