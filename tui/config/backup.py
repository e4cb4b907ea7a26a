"""Settings of the backup: the tables [backup] and [prices] of config.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

BACKUP_KEYS = {
    "storage_class": str,
    "sse": str,
    "kms_key": str,
    "max_bytes_per_second": float,
    "quiet_minutes": float,
}
_ENCRYPTIONS = ("AES256", "aws:kms")
_CLASS = re.compile(r"[A-Z][A-Z0-9_]{1,39}", re.ASCII)
_PRICE_KEYS = ("gb_month", "put_1000")
_SLOWEST = 1024  # bytes per second
_LONGEST_MINUTES = 7 * 24 * 60


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


def backup_settings(backup: Mapping[str, Any], prices: Mapping[str, Any]) -> BackupSettings:
    """Check the two tables; keys and types of the first one are known to be right.

    Raises:
        ValueError: a value cannot be; the text names the key and what it can be.
    """
    kind, sse = backup.get("storage_class"), backup.get("sse")
    rate, minutes = backup.get("max_bytes_per_second"), backup.get("quiet_minutes", 5)
    if kind is not None and not _CLASS.fullmatch(kind):
        raise ValueError(f"backup.storage_class is {kind!r}; it is a name like STANDARD_IA or GLACIER_IR.")
    if sse is not None and sse not in _ENCRYPTIONS:
        raise ValueError(f"backup.sse is {sse!r}; it can be {' or '.join(_ENCRYPTIONS)}.")
    if "kms_key" in backup and sse != "aws:kms":
        raise ValueError('backup.kms_key needs backup.sse = "aws:kms".')
    if rate is not None and not rate >= _SLOWEST:
        raise ValueError(f"backup.max_bytes_per_second is {rate}; it can be {_SLOWEST} or more.")
    if not 0 <= minutes <= _LONGEST_MINUTES:
        raise ValueError(
            f"backup.quiet_minutes is {minutes}; it can be 0 (never by itself) or up to {_LONGEST_MINUTES}."
        )
    return BackupSettings(
        kind, sse, backup.get("kms_key"), rate, minutes, {name: _price(name, prices[name]) for name in prices}
    )


def _price(name: str, table: Any) -> SetPrice:
    if not isinstance(table, dict) or not table.keys() <= {*_PRICE_KEYS}:
        raise ValueError(f"prices.{name} must be a table like {{ gb_month = 0.023, put_1000 = 0.005 }}.")
    for key, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
            raise ValueError(f"prices.{name}.{key} must be US dollars, 0 or more.")
    return SetPrice(**table)
