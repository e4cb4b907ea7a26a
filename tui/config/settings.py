"""Settings: config.toml, overridden by the environment, overridden by flags. No secret is among them."""

import os
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platformdirs import user_config_path, user_data_path

from catalog.provider import Service, ServiceChoice
from tui.config.backup import BACKUP_KEYS, BackupSettings, backup_settings

_KEYS = {"catalog": dict, "remote": str, "device_name": str, "sync": dict, "backup": dict, "prices": dict}
_SYNC_KEYS = {
    "star_policy": str,
    "single_writer": bool,
    "automatic": bool,
    "every_minutes": float,
    "requests_per_second": float,
}
_CATALOG_KEYS = {"path": str, "service": str, "sql_folders": list, "csv_folders": list}
_TYPES = {
    str: "a text in quotes",
    bool: "true or false",
    float: "a number",
    dict: "a table, like [sync]",
    list: 'a list of texts, like ["/photos/2023"]',
}
STAR_POLICIES = ("merge", "keep")
_LONGEST_MINUTES = 7 * 24 * 60
_SLOWEST, _FASTEST = 0.1, 10_000


class SettingsError(Exception):
    """The configuration cannot be used; the text names the file, the key and the way out."""


@dataclass(frozen=True)
class Settings:
    """What a person may set.

    Attributes:
        catalog: path of the SQLite file.
        service: which service has the photos of a folder, for all folders or for some.
        remote: `s3://bucket/prefix` or `file:///path`, None if stars stay on this device.
        device_name: what other devices call this one.
        single_writer: whether no other device ever writes to the remote; needed where the remote ignores
            conditional writes.
        star_policy: "merge", or "keep": a star set here is never taken away by another device.
        automatic: whether the app syncs by itself: after a change, now and then, and again after a failure.
        every_minutes: how often it looks at the remote when nothing has changed here; 0 is never.
        requests_per_second: to the remote, in the long run.
        backup: storage class, encryption, rate and prices of originals.
    """

    catalog: Path
    remote: str | None
    device_name: str
    service: ServiceChoice = field(default_factory=ServiceChoice)
    star_policy: str = "merge"
    single_writer: bool = False
    automatic: bool = True
    every_minutes: float = 5
    requests_per_second: float = 20
    backup: BackupSettings = field(default_factory=BackupSettings)


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read config.toml and the environment.

    Args:
        environment: where PHOTOLALA_CONFIG, PHOTOLALA_CATALOG, PHOTOLALA_REMOTE and PHOTOLALA_DEVICE_NAME
            are looked for.

    Raises:
        SettingsError: the file is not TOML, a key is unknown or of the wrong type, or an address is none.
    """
    named = environment.get("PHOTOLALA_CONFIG")
    path = Path(named) if named else user_config_path("photolala", appauthor=False) / "config.toml"
    found = _read(path, must_exist=named is not None)
    if isinstance(found.get("catalog"), str):  # short for [catalog] with its path
        found["catalog"] = {"path": found["catalog"]}
    _check_keys(path, found, _KEYS, "")
    sync: dict[str, Any] = found.get("sync", {})
    _check_keys(path, sync, _SYNC_KEYS, "sync.")
    _check_keys(path, found.get("backup", {}), BACKUP_KEYS, "backup.")
    remote = environment.get("PHOTOLALA_REMOTE", found.get("remote", "")).strip() or None
    place = found.get("catalog", {})
    _check_keys(path, place, _CATALOG_KEYS, "catalog.")
    catalog = environment.get("PHOTOLALA_CATALOG") or place.get("path")
    policy = sync.get("star_policy", "merge")
    if policy not in STAR_POLICIES:
        raise SettingsError(
            f"{path}: sync.star_policy is {policy!r}; it can be {' or '.join(STAR_POLICIES)}."
        )
    minutes, rate = sync.get("every_minutes", 5), sync.get("requests_per_second", 20)
    if minutes != 0 and not 1 <= minutes <= _LONGEST_MINUTES:
        raise SettingsError(
            f"{path}: sync.every_minutes is {minutes}; it can be 0 (never) or from 1 to {_LONGEST_MINUTES}."
        )
    if not _SLOWEST <= rate <= _FASTEST:
        raise SettingsError(
            f"{path}: sync.requests_per_second is {rate}; it can be from {_SLOWEST} to {_FASTEST}."
        )
    try:
        backup = backup_settings(found.get("backup", {}), found.get("prices", {}))
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error
    return Settings(
        catalog=Path(catalog).expanduser().absolute() if catalog else default_catalog(),
        remote=remote_address(remote) if remote else None,
        device_name=environment.get("PHOTOLALA_DEVICE_NAME")
        or found.get("device_name")
        or platform.node()
        or "?",
        service=_service(path, place),
        star_policy=policy,
        single_writer=sync.get("single_writer", False),
        automatic=sync.get("automatic", True),
        every_minutes=minutes,
        requests_per_second=rate,
        backup=backup,
    )


def _service(path: Path, place: Mapping[str, Any]) -> ServiceChoice:
    try:
        service = Service(place.get("service", Service.AUTO))
    except ValueError:
        raise SettingsError(
            f"{path}: catalog.service is {place['service']!r}; it can be {' or '.join(Service)}."
        ) from None
    folders = {}
    for key in ("sql_folders", "csv_folders"):
        named = place.get(key, [])
        if not all(isinstance(folder, str) for folder in named):
            raise SettingsError(f"{path}: catalog.{key} must be {_TYPES[list]}.")
        folders[key] = tuple(os.fsencode(Path(folder).expanduser().absolute()) for folder in named)
    return ServiceChoice(service, **folders)


def default_catalog() -> Path:
    """Return where the catalog lies if nobody says otherwise."""
    return user_data_path("photolala", appauthor=False) / "catalog.sqlite"


def _read(path: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if must_exist:
            raise SettingsError(f"{path}, named by PHOTOLALA_CONFIG, is not there.") from None
        return {}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error


def _check_keys(path: Path, found: Mapping[str, Any], known: Mapping[str, type], where: str) -> None:
    for key, value in found.items():
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"did you mean {where}{near[0]}?" if near else f"known keys: {', '.join(known)}."
            raise SettingsError(f"{path}: there is no setting {where}{key}; {hint}")
        whole = known[key] is float and type(value) is int  # 5 is as good as 5.0, true is not
        if not (whole or isinstance(value, known[key])):
            raise SettingsError(f"{path}: {where}{key} must be {_TYPES[known[key]]}.")


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
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            f"The remote {remote!r} is not an address like s3://bucket/prefix or file:///path."
        )
    return f"s3://{parts.netloc}{parts.path.rstrip('/')}"
