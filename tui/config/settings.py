"""Settings in the types that the program works with. No secret is among them."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from catalog.provider import Service, ServiceChoice
from tui.config import SettingsError
from tui.config.address import remote_address
from tui.config.backup import BackupSettings, SetPrice
from tui.config.found import Found, find


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
        preview: "auto", "halfblock", "kitty", "sixel" or "off".
        theme: its name.
        colour: "auto" or "none".
        mouse: whether the mouse works in the app.
        motion: whether the app animates.
        keymap: keys of actions, by the actions' ids.
        log_level: "debug", "info", "warning" or "error".
        log_path: of the log file; None is its usual place.
        folder: what the app opens if no folder is named; None is the one where it is started.
        found: where the values come from, and where changes of them go; None if they are of no file.
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
    preview: str = "auto"
    theme: str = "textual-dark"
    colour: str = "auto"
    mouse: bool = True
    motion: bool = True
    keymap: Mapping[str, str] = field(default_factory=dict)
    log_level: str = "info"
    log_path: Path | None = None
    folder: Path | None = None
    found: Found | None = field(default=None, compare=False, repr=False)

    @property
    def views(self) -> Path:
        """The file of how each folder was looked at last, beside the catalog."""
        return self.catalog.with_name(f"{self.catalog.name}.views")


def load_settings(environment: Mapping[str, str] = os.environ, profile: str | None = None) -> Settings:
    """Read config.toml and the environment.

    Args:
        environment: where PHOTOLALA_CONFIG, PHOTOLALA_PROFILE, PHOTOLALA_CATALOG, PHOTOLALA_REMOTE and
            PHOTOLALA_DEVICE_NAME are looked for.
        profile: the name that a flag gives.

    Raises:
        SettingsError: the file is not TOML, a key is unknown or of the wrong type, an address is none, or
            there is no such profile.
    """
    return settings_from(find(environment, profile))


def settings_from(found: Found) -> Settings:
    """Return what is set in the types that the program works with.

    Raises:
        SettingsError: two values do not go together.
    """
    catalog, remote, log = found["catalog.path"], (found["remote"] or "").strip(), found["log.path"]
    folder = found["folder"]
    return Settings(
        catalog=_path(catalog) if catalog else default_catalog(found.profile),
        remote=remote_address(remote) if remote else None,
        device_name=found["device_name"] or platform.node() or "?",
        service=ServiceChoice(
            Service(found["catalog.service"]),
            **{
                name: tuple(os.fsencode(_path(folder)) for folder in found[f"catalog.{name}"])
                for name in ("sql_folders", "csv_folders")
            },
        ),
        star_policy=found["sync.star_policy"],
        single_writer=found["sync.single_writer"],
        automatic=found["sync.automatic"],
        every_minutes=found["sync.every_minutes"],
        requests_per_second=found["sync.requests_per_second"],
        backup=_backup(found),
        preview=found["preview"],
        theme=found["theme"],
        colour=found["colour"],
        mouse=found["mouse"],
        motion=found["motion"],
        keymap=found.below("keymap"),
        log_level=found["log.level"],
        log_path=_path(log) if log else None,
        folder=_path(folder) if folder else None,
        found=found,
    )


def _backup(found: Found) -> BackupSettings:
    if found["backup.kms_key"] is not None and found["backup.sse"] != "aws:kms":
        raise SettingsError(f'{found.place("backup.kms_key")}: backup.kms_key needs backup.sse = "aws:kms".')
    prices: dict[str, SetPrice] = {}
    for key, value in found.below("prices").items():
        storage_class, _, name = key.rpartition(".")
        prices[storage_class] = prices.get(storage_class, SetPrice())._replace(**{name: value})
    return BackupSettings(
        found["backup.storage_class"],
        found["backup.sse"],
        found["backup.kms_key"],
        found["backup.max_bytes_per_second"],
        found["backup.quiet_minutes"],
        prices,
    )


def is_first_run(settings: Settings) -> bool:
    """Return whether nobody has said anything yet: no config.toml, no catalog, none in the environment."""
    found = settings.found
    if found is None or found.path.exists() or settings.catalog.exists():
        return False
    return not {"catalog.path", "remote"} & found.values.keys()


def effective(found: Found, key: str) -> Any:
    """Return the value of a setting that holds: what is set, its default, or what is found out instead."""
    usual = {"catalog.path": lambda: str(default_catalog(found.profile)), "device_name": platform.node}
    value = found[key]
    return usual[key]() if value is None and key in usual else value


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def default_catalog(profile: str | None = None) -> Path:
    """Return where the catalog lies if nobody says otherwise; each profile has one."""
    name = "catalog.sqlite" if profile is None else f"catalog-{profile}.sqlite"
    return user_data_path("photolala", appauthor=False) / name
