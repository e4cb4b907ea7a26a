"""Settings: config.toml, overridden by the environment, overridden by flags. No secret is among them."""

import os
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platformdirs import user_config_path, user_data_path

_KEYS = {"catalog": str, "remote": str, "device_name": str, "sync": dict}
_SYNC_KEYS = {"star_policy": str, "single_writer": bool}
STAR_POLICIES = ("merge", "keep")


class SettingsError(Exception):
    """The configuration cannot be used; the text names the file, the key and the way out."""


@dataclass(frozen=True)
class Settings:
    """What a person may set.

    Attributes:
        catalog: path of the SQLite file.
        remote: `s3://bucket/prefix` or `file:///path`, None if stars stay on this device.
        device_name: what other devices call this one.
        single_writer: whether no other device ever writes to the remote; needed where the remote ignores
            conditional writes.
        star_policy: "merge", or "keep": a star set here is never taken away by another device.
    """

    catalog: Path
    remote: str | None
    device_name: str
    star_policy: str = "merge"
    single_writer: bool = False


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
    _check_keys(path, found, _KEYS, "")
    _check_keys(path, found.get("sync", {}), _SYNC_KEYS, "sync.")
    remote = environment.get("PHOTOLALA_REMOTE", found.get("remote", "")).strip() or None
    catalog = environment.get("PHOTOLALA_CATALOG") or found.get("catalog")
    policy = found.get("sync", {}).get("star_policy", "merge")
    if policy not in STAR_POLICIES:
        raise SettingsError(
            f"{path}: sync.star_policy is {policy!r}; it can be {' or '.join(STAR_POLICIES)}."
        )
    return Settings(
        catalog=Path(catalog).expanduser().absolute() if catalog else default_catalog(),
        remote=_address(remote) if remote else None,
        device_name=environment.get("PHOTOLALA_DEVICE_NAME")
        or found.get("device_name")
        or platform.node()
        or "?",
        star_policy=policy,
        single_writer=found.get("sync", {}).get("single_writer", False),
    )


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
        if not isinstance(value, known[key]):
            raise SettingsError(f"{path}: {where}{key} must be a {known[key].__name__}.")


def _address(remote: str) -> str:
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
