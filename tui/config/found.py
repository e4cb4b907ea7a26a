"""What is set, and where: config.toml, before that a profile in it, before that the environment."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from platformdirs import user_config_path

from tui.config import SettingsError
from tui.config.table import SETTINGS, known_setting, setting_of, table_like


class Origin(NamedTuple):
    """Where a value comes from.

    Attributes:
        kind: "default", "file", "profile" or "environment".
        name: of the file or the variable.
        path: in the file: the names of the tables and of the key.
    """

    kind: str
    name: str = ""
    path: tuple[str, ...] = ()


_DEFAULT = Origin("default")
_PROFILE = "[A-Za-z0-9_-]{1,40}"  # it is part of a file's name


@dataclass
class Found:
    """The values that are set, by key, and where each comes from.

    Attributes:
        path: of config.toml, which need not be there.
        text: what it holds.
        profile: the name of the one that is used, None for none.
    """

    path: Path
    text: str = ""
    profile: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        """Return what is set under a key, or else its default."""
        setting = setting_of(key)
        assert setting is not None, key
        return self.values.get(key, setting.default)

    def below(self, table: str) -> dict[str, Any]:
        """Return what is set in a table of free names, by name."""
        start = f"{table}."
        return {key.removeprefix(start): self.values[key] for key in self.values if key.startswith(start)}

    def origin(self, key: str) -> Origin:
        """Return where the value of a key comes from."""
        return self.origins.get(key, _DEFAULT)

    def where(self, key: str) -> str:
        """Say where the value of a key comes from: `default`, `config.toml, line 3`, `PHOTOLALA_REMOTE`."""
        origin = self.origin(key)
        if not origin.path:
            return origin.name or origin.kind
        profile = f" (profile {self.profile})" if origin.kind == "profile" else ""
        return f"{self.path.name}, line {line_of(self.text, origin.path)}{profile}"

    def place(self, key: str) -> str:
        """Return the file and the line where a key is set, for an error."""
        return self._place(self.origin(key).path)

    def _place(self, path: tuple[str, ...]) -> str:
        line = line_of(self.text, path)
        return str(self.path) if line is None else f"{self.path}, line {line}"

    def take_file(self, tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> None:
        """Take what a table of the file holds, checked."""
        for place, value in _leaves(tree):
            key, where = ".".join(place), (*path, *place)
            if key == "catalog" and isinstance(value, str):  # short for [catalog] with its path
                key = "catalog.path"
            try:
                known_setting(key, ".".join(where)).check(value, ".".join(where) if path else key)
            except SettingsError as error:
                raise SettingsError(f"{self._place(where)}: {error}") from None
            kind = "profile" if path else "file"
            self.values[key], self.origins[key] = value, Origin(kind, str(self.path), where)

    def take_profile(self, name: str, profiles: object, asked_by: str) -> None:
        """Take what a profile sets, checked.

        Args:
            name: its own.
            profiles: the table [profiles] of the file.
            asked_by: where the name comes from.
        """
        if not isinstance(profiles, dict) or not all(isinstance(one, dict) for one in profiles.values()):
            raise SettingsError(
                f"{self._place(('profiles',))}: profiles must be tables, like [profiles.work]."
            )
        if name not in profiles:
            near = get_close_matches(name, profiles, 1) or list(profiles)
            hint = f"did you mean {near[0]}?" if near else f"a table [profiles.{name}] makes one."
            raise SettingsError(f"{asked_by}: there is no profile {name} in {self.path}; {hint}")
        if not re.fullmatch(_PROFILE, name):
            raise SettingsError(
                f"{self._place(('profiles', name))}: a profile's name has letters, digits, - and _ only."
            )
        for setting in SETTINGS:
            if setting.profiled:
                self.values.pop(setting.key, None)
                self.origins.pop(setting.key, None)
        self.profile = name
        self.take_file(profiles[name], ("profiles", name))

    def take_environment(self, environment: Mapping[str, str]) -> None:
        """Take what variables set, checked."""
        for setting in SETTINGS:
            text = environment.get(setting.environment, "").strip()
            if not text and not (setting.key == "remote" and setting.environment in environment):
                continue  # only an empty remote says something: there is none
            value = "none" if setting.key == "colour" else text  # any NO_COLOR is meant
            try:
                setting.check(value)
            except SettingsError as error:
                raise SettingsError(f"{setting.environment}: {error}") from None
            self.values[setting.key] = value
            self.origins[setting.key] = Origin("environment", setting.environment)


def find(
    environment: Mapping[str, str] = os.environ, profile: str | None = None, *, must_exist: bool = True
) -> Found:
    """Read config.toml and the environment.

    Args:
        environment: where PHOTOLALA_CONFIG, PHOTOLALA_PROFILE and the settings' variables are looked for.
        profile: the name that a flag gives; it goes before PHOTOLALA_PROFILE.
        must_exist: whether a file that PHOTOLALA_CONFIG names must be there.

    Raises:
        SettingsError: the file is not TOML, or holds a key or a value that cannot be; the text names file,
            line, key and the way out.
    """
    path = file_named(environment)
    text = _read(path, must_exist=must_exist and bool(environment.get("PHOTOLALA_CONFIG")))
    asked_by = "--profile" if profile else "PHOTOLALA_PROFILE"
    found = found_in(path, text, profile or environment.get("PHOTOLALA_PROFILE"), asked_by)
    found.take_environment(environment)
    return found


def file_named(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where config.toml is or would be, whatever is in it."""
    named = environment.get("PHOTOLALA_CONFIG")
    return Path(named) if named else user_config_path("photolala", appauthor=False) / "config.toml"


def found_in(path: Path, text: str, profile: str | None, asked_by: str = "--profile") -> Found:
    """Return what the text of config.toml sets, and nothing else.

    Args:
        path: of config.toml.
        text: what it holds.
        profile: the one that is used; None or an empty text for none.
        asked_by: where its name comes from.

    Raises:
        SettingsError: as `find` does.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error
    found = Found(path, text)
    profiles = tree.pop("profiles", {})
    found.take_file(tree)
    if profile:
        found.take_profile(profile, profiles, asked_by)
    return found


def _read(path: Path, *, must_exist: bool) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # its line ends as they are
    except FileNotFoundError:
        if must_exist:
            raise SettingsError(f"{path}, named by PHOTOLALA_CONFIG, is not there.") from None
        return ""
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield (path, value) of all that is no known table."""
    for name, value in tree.items():
        place = (*path, name)
        if isinstance(value, dict) and table_like(".".join(place)) is not None:
            yield from _leaves(value, place)
        else:
            yield place, value


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """Return the line of a TOML text, from 1, on which a key is set; None if it is not.

    The parser tells no lines. So it is asked how many of the first lines it takes to find the key: those that
    follow the last ones that made sense without it are where it is set.
    """
    lines = text.split("\n")
    sensible = 0
    for count in range(1, len(lines) + 1):
        try:
            tree: Any = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # in the midst of a value
        if _holds(tree, path):
            return sensible + 1
        sensible = count
    return None


def _holds(tree: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(tree, dict) or name not in tree:
            return False
        tree = tree[name]
    return True
