"""Settings of the backup: the tables [backup] and [prices] of config.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class SetPrice(NamedTuple):
    """What a person says that a storage class costs, in US dollars; None is left as it is."""

    gb_month: float | None = None
    put_1000: float | None = None


@dataclass(frozen=True)
class BackupSettings:
    """What a person may set about the backup.

    Attributes:
        storage_class: of originals in S3, such as "GLACIER_IR"; None is the bucket's usual one.
        sse: "AES256" or "aws:kms": how the server encrypts; None leaves it to the bucket.
        kms_key: id or ARN of the key for "aws:kms"; None is the account's own.
        max_bytes_per_second: to be sent, all uploads together; None is no limit.
        quiet_minutes: after the last star, until the queue is uploaded by itself; 0 is never.
        prices: by storage class.
    """

    storage_class: str | None = None
    sse: str | None = None
    kms_key: str | None = None
    max_bytes_per_second: float | None = None
    quiet_minutes: float = 5
    prices: Mapping[str, SetPrice] = field(default_factory=dict)
