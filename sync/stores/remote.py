"""Opens the store that a remote's address names, at the rate that it bears."""

import threading

from sync.stores.objectstore import ObjectStore
from sync.stores.original_store import OriginalStore
from sync.stores.rate import LimitedStore, RateLimit

REQUESTS_PER_SECOND = 20.0


def open_store(
    url: str,
    *,
    requests_per_second: float = REQUESTS_PER_SECOND,
    sse: str | None = None,
    kms_key: str | None = None,
    cancel: threading.Event | None = None,
) -> ObjectStore:
    """Open a remote; no request is sent.

    Args:
        url: `s3://bucket/prefix` or `file:///path`.
        requests_per_second: of a remote in S3, in the long run.
        sse: "AES256" or "aws:kms": how S3 shall encrypt; None leaves it to the bucket.
        kms_key: id or ARN of the key for "aws:kms".
        cancel: ends any wait for the rate when it is set.

    Raises:
        RemoteError: the address or the settings for it are unusable.
    """
    if url.startswith("file:"):
        from sync.stores.directory import DirectoryStore

        return DirectoryStore(url)
    from sync.stores.s3 import S3Store  # brings boto3 in

    # a first sync is 16 shards and the probe: they go at once, and a long run keeps to the rate
    limit = RateLimit(requests_per_second, burst=64, cancel=cancel)
    return LimitedStore(S3Store(url, sse=sse, kms_key=kms_key), limit)


def open_originals(url: str, *, sse: str | None = None, kms_key: str | None = None) -> OriginalStore:
    """Open a remote for originals; no request is sent. Its rate is for `sync.stores.limits` to see to.

    Args:
        url: as for `open_store`.
        sse: as for `open_store`.
        kms_key: as for `open_store`.

    Raises:
        RemoteError: the address or the settings for it are unusable.
    """
    if url.startswith("file:"):
        from sync.stores.directory_originals import DirectoryOriginals

        return DirectoryOriginals(url)
    from sync.stores.s3_originals import S3Originals  # brings boto3 in

    return S3Originals(url, sse=sse, kms_key=kms_key)
