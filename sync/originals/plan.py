"""What a backup would send, and what that is likely to cost: told before it begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from catalog.backup_queue import Waiting
from sync.originals.upload import WHOLE
from sync.originals.upload_parts import part_size

USUAL = "STANDARD"


class Price(NamedTuple):
    """What a storage class costs, in US dollars: a month of 10^9 bytes, and 1000 requests that write."""

    gb_month: float
    put_1000: float


PRICES = {
    "STANDARD": Price(0.023, 0.005),
    "INTELLIGENT_TIERING": Price(0.023, 0.005),
    "STANDARD_IA": Price(0.0125, 0.01),
    "ONEZONE_IA": Price(0.01, 0.01),
    "GLACIER_IR": Price(0.004, 0.02),
    "GLACIER": Price(0.0036, 0.03),
    "DEEP_ARCHIVE": Price(0.00099, 0.05),
}
"""AWS in us-east-1, as its price list had them in 2025; a person can correct them in config.toml."""


@dataclass(frozen=True)
class Plan:
    """What a backup would do; the fields are the keys of `photolala backup --dry-run --json`.

    Attributes:
        photos: to be uploaded.
        bytes: of their originals.
        requests: in all, if nothing is there yet and nothing fails.
        writes: those of them that are paid as such.
        storage_class: of the originals.
        price_once: US dollars for the requests; None if the class has no price.
        price_month: US dollars a month for what is added; None if the class has no price.
    """

    photos: int
    bytes: int
    requests: int
    writes: int
    storage_class: str
    price_once: float | None
    price_month: float | None


def plan(photos: Iterable[Waiting], storage_class: str | None, prices: dict[str, Price]) -> Plan:
    """Reckon up what a backup would send.

    Args:
        photos: the queue.
        storage_class: of the originals; None is the remote's usual one.
        prices: by storage class.
    """
    sizes = [photo.size or 0 for photo in photos]
    parts = sum(-(-size // part_size(size)) + 2 for size in sizes if size > WHOLE)  # begin, parts, complete
    writes = sum(size <= WHOLE for size in sizes) + parts
    kind = storage_class or USUAL
    price, usual = prices.get(kind), prices.get(USUAL)
    once = month = None
    if price is not None and usual is not None:
        once = (writes * price.put_1000 + len(sizes) * usual.put_1000) / 1000  # with the thumbnails
        month = sum(sizes) / 1e9 * price.gb_month
    requests = writes + 2 * len(sizes)  # to look whether it is there, and the thumbnail
    return Plan(len(sizes), sum(sizes), requests, writes + len(sizes), kind, once, month)
