"""Looks into a remote from end to end, in S3 or in a folder: the "test connection" of command and app.

    for result in check_remote("s3://bucket/prefix"):
        ...  # name, status, found, advice, seconds; one by one, as they come

It writes under the prefix only, into folders of its own, and takes away what it has put there.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from catalog.checkup import Result, run_checks
from catalog.patience import patiently

if TYPE_CHECKING:
    from sync.doctor.bucket import BucketChecks
    from sync.doctor.folder import FolderChecks

CONNECTION = "connection"
"""The check whose failure means that the remote is out of reach."""

_FAREWELL_SECONDS = 5.0


def check_remote(
    url: str,
    *,
    seq_seen: int | None = None,
    single_writer: bool = False,
    sse: str | None = None,
    kms_key: str | None = None,
    cancel: threading.Event | None = None,
) -> Iterator[Result]:
    """Look into a remote. Nothing happens before a result is asked for, off the screen's thread.

    Args:
        url: `s3://bucket/prefix` or `file:///path`.
        seq_seen: the newest commit that this device has seen there, None if it never has.
        single_writer: whether the user says that no other device writes there.
        sse: "AES256" or "aws:kms", as backups ask for it.
        kms_key: id or ARN of the key for "aws:kms".
        cancel: set by another thread, it ends the checks within some seconds.

    Yields:
        A result for each check. A failure is a result, and raises nothing.
    """
    checks = _checks(url, seq_seen, single_writer, sse, kms_key)
    try:
        yield from run_checks(checks.checks(), cancel)
    finally:  # also when nobody asks for more
        with suppress(Exception):
            patiently(lambda _: checks.clean_up(), patience=_FAREWELL_SECONDS)


def _checks(
    url: str, seq_seen: int | None, single_writer: bool, sse: str | None, kms_key: str | None
) -> "BucketChecks | FolderChecks":
    if url.startswith("file:"):
        from sync.doctor.folder import FolderChecks

        return FolderChecks(url, seq_seen=seq_seen, single_writer=single_writer)
    from sync.doctor.bucket import BucketChecks  # brings boto3 in

    return BucketChecks(url, sse=sse, kms_key=kms_key, seq_seen=seq_seen, single_writer=single_writer)
