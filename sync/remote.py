"""Opens the store that a remote's address names, at the rate that it bears."""

import threading

from sync.objectstore import ObjectStore
from sync.rate import LimitedStore, RateLimit

REQUESTS_PER_SECOND = 20.0


def open_store(
    url: str, *, requests_per_second: float = REQUESTS_PER_SECOND, cancel: threading.Event | None = None
) -> ObjectStore:
    """Open a remote; no request is sent.

    Args:
        url: `s3://bucket/prefix` or `file:///path`.
        requests_per_second: of a remote in S3, in the long run.
        cancel: ends any wait for the rate when it is set.

    Raises:
        RemoteError: the address or the settings for it are unusable.
    """
    if url.startswith("file:"):
        from sync.directory import DirectoryStore

        return DirectoryStore(url)
    from sync.s3 import S3Store  # brings boto3 in

    # a first sync is 16 shards and the probe: they go at once, and a long run keeps to the rate
    limit = RateLimit(requests_per_second, burst=64, cancel=cancel)
    return LimitedStore(S3Store(url), limit)
