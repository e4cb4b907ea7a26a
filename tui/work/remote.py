"""Opens the configured remote: for catalogs, and for originals."""

import threading

from sync.stores.objectstore import ObjectStore
from sync.stores.original_store import OriginalStore
from sync.stores.remote import open_originals, open_store
from tui.config import SettingsError
from tui.config.settings import Settings


def open_remote(settings: Settings, cancel: threading.Event | None = None) -> ObjectStore:
    """Open the configured remote; no request is sent.

    Args:
        settings: its address, and the rate that it bears.
        cancel: ends any wait for that rate when it is set.

    Raises:
        SettingsError: no remote is configured.
        RemoteError: the AWS settings are unusable.
    """
    return open_store(
        _address(settings),
        requests_per_second=settings.requests_per_second,
        sse=settings.backup.sse,
        kms_key=settings.backup.kms_key,
        cancel=cancel,
    )


def open_backup(settings: Settings) -> OriginalStore:
    """Open the configured remote for originals; no request is sent.

    Raises:
        SettingsError: no remote is configured.
        RemoteError: the AWS settings are unusable.
    """
    return open_originals(_address(settings), sse=settings.backup.sse, kms_key=settings.backup.kms_key)


def _address(settings: Settings) -> str:
    if settings.remote is None:
        raise SettingsError(
            "No remote is configured: set PHOTOLALA_REMOTE, or remote in config.toml, to s3://bucket/prefix."
        )
    return settings.remote
