"""Every setting in one table: loader, errors, `photolala config` and the preferences screen all read it."""

import math
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from tui.config import SettingsError
from tui.config.address import remote_address

_KINDS = {
    str: "a text in quotes",
    bool: "true or false",
    float: "a number",
    list: 'a list of texts, like ["/photos/2023"]',
}
_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WEEK = 7 * 24 * 60  # minutes


@dataclass(frozen=True)
class Setting:
    """What may be set under one key.

    Attributes:
        key: dotted, as in `sync.automatic`; a last or middle `*` stands for any name.
        kind: str, bool, float (whole numbers are taken, too) or list (of texts).
        explanation: one line.
        default: as in the file; None if it is none, or is found out when it is needed.
        choices: all that a text can be.
        bounds: smallest and largest number.
        zero: what 0 means; it may lie outside the bounds.
        what: what it can be, where its kind does not say enough.
        pattern: what a text looks like.
        environment: the variable that goes before the file.
        profiled: whether a profile has its own, and never that of the top level.
    """

    key: str
    kind: type
    explanation: str
    default: Any = None
    choices: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None
    zero: str = ""
    what: str = ""
    pattern: str = ""
    environment: str = ""
    profiled: bool = False

    def check(self, value: object, key: str = "") -> None:
        """Refuse what it cannot be.

        Args:
            value: as TOML gives it.
            key: as the file names it, if not as the table does.

        Raises:
            SettingsError: the sentence begins with the key, and says what it can be.
        """
        whole = self.kind is float and type(value) is int  # 5 is as good as 5.0, true is not
        texts = not isinstance(value, list) or all(isinstance(one, str) for one in value)
        if not (whole or isinstance(value, self.kind)) or not texts:
            raise SettingsError(f"{key or self.key} must be {self.what or _KINDS[self.kind]}.")
        if (
            (self.choices and value not in self.choices)
            or (self.pattern and not re.fullmatch(self.pattern, str(value), re.ASCII))
            or (isinstance(value, int | float) and not self._within(value))
        ):
            raise SettingsError(f"{key or self.key} is {value!r}; it can be {self.can_be}.")
        if self.key == "remote" and isinstance(value, str) and value.strip():
            remote_address(value.strip())

    def value_of(self, words: Sequence[str]) -> Any:
        """Return what a person has typed as the value that TOML has for it; it is not checked yet.

        Args:
            words: one; for a list any number.
        """
        if self.kind is list:
            return [word for word in words if word]
        text = " ".join(words)
        if self.kind is bool:
            return _SWITCHES.get(text.lower(), text)
        if self.kind is float:
            with suppress(ValueError):
                return int(text)
            with suppress(ValueError):
                return float(text)
        return text

    def _within(self, value: float) -> bool:
        return (
            bool(self.zero and value == 0)
            or self.bounds is None
            or (self.bounds[0] <= value <= self.bounds[1])
        )

    @property
    def can_be(self) -> str:
        """What it can be, in words."""
        if self.choices:
            return " or ".join(self.choices)
        if self.bounds is None or self.what:
            return self.what or _KINDS[self.kind].removesuffix(" in quotes")
        low, high = (f"{bound:.12g}" for bound in self.bounds)
        if self.bounds[1] == math.inf:
            return f"{low} or more"
        span = f"up to {high}" if self.bounds[0] == 0 else f"from {low} to {high}"
        return f"0 ({self.zero}) or {span}" if self.zero else span


SETTINGS = (
    Setting("catalog.path", str, "the catalog's SQLite file", what="a path",
            environment="PHOTOLALA_CATALOG", profiled=True),
    Setting("catalog.service", str, "which service has a folder's photos; auto: csv where a Mac app's "
            "catalog is not imported yet", "auto", choices=("auto", "sql", "csv")),
    Setting("catalog.sql_folders", list, "folders that sql serves, with all below", ()),
    Setting("catalog.csv_folders", list, "folders that csv serves, with all below", ()),
    Setting("remote", str, "where stars and originals sync to", what="s3://bucket/prefix or file:///path",
            environment="PHOTOLALA_REMOTE"),
    Setting("device_name", str, "what your other devices call this one", environment="PHOTOLALA_DEVICE_NAME"),
    Setting("sync.automatic", bool, "whether the app syncs and backs up by itself", default=True),
    Setting("sync.every_minutes", float, "how often it looks at the remote when nothing changes here", 5,
            bounds=(1, _WEEK), zero="never"),
    Setting("sync.star_policy", str, "keep: a star set here is never taken away by another device", "merge",
            choices=("merge", "keep")),
    Setting("sync.single_writer", bool, "true: no other device ever writes to this remote, which ignores "
            "conditional writes", default=False),
    Setting("sync.requests_per_second", float, "to the remote, in the long run", 20, bounds=(0.1, 10_000)),
    Setting("backup.quiet_minutes", float, "after the last star, until the queue is uploaded by itself", 5,
            bounds=(0, _WEEK), zero="never by itself"),
    Setting("backup.storage_class", str, "of originals in S3; the bucket's usual one if not set",
            what="a name like STANDARD_IA or GLACIER_IR", pattern="[A-Z][A-Z0-9_]{1,39}"),
    Setting("backup.sse", str, "how the server encrypts originals; as the bucket does if not set",
            choices=("AES256", "aws:kms")),
    Setting("backup.kms_key", str, 'id or ARN of the key for sse = "aws:kms"'),
    Setting("backup.max_bytes_per_second", float, "of all uploads together; no limit if not set",
            bounds=(1024, math.inf)),
    Setting("prices.*.gb_month", float, "US dollars that a gigabyte costs a month in a storage class",
            bounds=(0, 1e6), what="US dollars, 0 or more"),
    Setting("prices.*.put_1000", float, "US dollars that 1,000 uploads cost in a storage class",
            bounds=(0, 1e6), what="US dollars, 0 or more"),
    Setting("folder", str, "what `photolala` opens if none is named; where you are if not set",
            what="a path"),
    Setting("preview", str, "how pictures are drawn; auto asks the terminal what it can", "auto",
            choices=("auto", "halfblock", "kitty", "sixel", "off")),
    Setting("theme", str, "the colours of the app", "textual-dark",
            what="a name like textual-dark", pattern=r"[\w.-]{1,60}"),
    Setting("colour", str, "none: no colours at all", "auto", choices=("auto", "none"),
            environment="NO_COLOR"),
    Setting("mouse", bool, "whether the mouse works in the app", default=True),
    Setting("motion", bool, "whether the app animates; over SSH it never does", default=True),
    Setting("keymap.*", str, 'keys of an action, such as star = "s,f5"; `photolala config keys` lists all'),
    Setting("log.level", str, "how much goes to the log file", "info",
            choices=("debug", "info", "warning", "error")),
    Setting("log.path", str, "the log file", what="a path"),
)  # fmt: skip

_BY_KEY = {setting.key: setting for setting in SETTINGS}
_TABLES = {key.rpartition(".")[0]: "like [sync]" for key in _BY_KEY if "." in key} | {
    "prices": "like [sync]",
    "prices.*": "like { gb_month = 0.023, put_1000 = 0.005 }",
}


def setting_of(key: str) -> Setting | None:
    """Return the setting of a key; None if there is none."""
    known = _general(key, _BY_KEY)
    return None if known is None else _BY_KEY[known]


def known_setting(key: str, shown_key: str = "") -> Setting:
    """Return the setting of a key.

    Args:
        key: its own.
        shown_key: as the file names it, if not so.

    Raises:
        SettingsError: there is none; the sentence has the nearest one.
    """
    setting, like = setting_of(key), table_like(key)
    if setting is not None:
        return setting
    if like is not None:
        raise SettingsError(f"{shown_key or key} must be a table, {like}.")
    raise SettingsError(f"there is no setting {shown_key or key}; {advice(key)}")


def told(value: Any) -> str:
    """Return a value as people read and type it; empty if there is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return " ".join(value)
    return "" if value is None else str(value)


def table_like(key: str) -> str | None:
    """Return what the table of this name looks like, in words; None if it is no table."""
    known = _general(key, _TABLES)
    return None if known is None else _TABLES[known]


def _general(key: str, known: Collection[str]) -> str | None:
    """Return the key itself, or the one with `*` that stands for it."""
    if key in known:
        return key
    table, _, name = key.rpartition(".")
    middle = f"{table.partition('.')[0]}.*.{name}" if "." in table else ""
    return next((one for one in (f"{table}.*", middle) if table and one in known), None)


def advice(key: str) -> str:
    """Return for a key that does not exist the nearest one, or those that there are in its place."""
    table, _, name = key.rpartition(".")
    start = f"{_general(table, _TABLES)}." if table else ""
    here = dict.fromkeys(
        one.removeprefix(start).partition(".")[0] for one in _BY_KEY if one.startswith(start)
    )
    near = [f"{table}.{one}" if table else one for one in get_close_matches(name, here, 1)]
    near += get_close_matches(key, [one for one in _BY_KEY if "*" not in one], 1)
    return f"did you mean {near[0]}?" if near else f"known keys: {', '.join(here)}."
