"""Changes of config.toml that leave its comments, its order and all else in it as they are."""

import os
import tempfile
import tomllib
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui.config import SettingsError
from tui.config.found import Found, found_in
from tui.config.settings import settings_from
from tui.config.table import known_setting

_HEADING = "# Settings of photolala. `photolala config` lists all that there are, and changes them.\n"

_Names = tuple[str, ...]


def write_settings(found: Found, changes: Mapping[str, Any]) -> None:
    """Change settings in config.toml, or in the profile that is used; all of them or none.

    The file is replaced in one step. Its mode is kept, and a symbolic link to it stays one.

    Args:
        found: the file as it was read.
        changes: values by key; None takes the key away.

    Raises:
        SettingsError: the file has changed since, a key or a value cannot be, or the file cannot be written.
    """
    text, wanted = found.text, _leaves(tomllib.loads(found.text))
    for key, value in changes.items():
        names = _place(found, key)
        if value is None:
            text = _without(text, names)
            wanted.pop(names, None)
        else:
            known_setting(key).check(value, key)
            text = _with(text, names, value)
            wanted[names] = value
    if _leaves(tomllib.loads(text)) != wanted:
        raise SettingsError(f"{found.path} cannot be changed without changing more in it: edit it by hand.")
    settings_from(found_in(found.path, text, found.profile))
    _replace(found.path, found.text, text)


def begin_file(found: Found) -> Found:
    """Make config.toml, with a remark only, where there is none.

    Args:
        found: of a file that is not there, or is empty.

    Returns:
        What is found in it now.

    Raises:
        SettingsError: it was made meanwhile, or cannot be written.
    """
    _replace(found.path, found.text, _HEADING)
    return found_in(found.path, _HEADING, None)


def _place(found: Found, key: str) -> _Names:
    """Return the names that lead to where a key belongs in the file."""
    start = () if found.profile is None else ("profiles", found.profile)
    tree: Any = tomllib.loads(found.text)
    for name in start:
        tree = tree[name]
    if isinstance(tree.get("catalog"), str) and key.startswith("catalog."):
        if key == "catalog.path":  # `catalog = "..."` is short for it
            return (*start, "catalog")
        raise SettingsError(
            f"{found.path}: `catalog` is a text there: write it as `path` under [catalog] first."
        )
    return (*start, *key.split("."))


def _with(text: str, names: _Names, value: Any) -> str:
    import tomlkit  # 0.05 s

    document = tomlkit.parse(text)
    if len(names) == 1 and names[0] not in document:
        return _with_line(text, f"{names[0]} = {tomlkit.item(value).as_string()}")
    table: MutableMapping[str, Any] = document
    for name in names[:-1]:
        if name not in table:
            table[name] = tomlkit.table()
        table = table[name]
    table[names[-1]] = value
    return tomlkit.dumps(document)


def _with_line(text: str, line: str) -> str:
    """Add a line to the top level: after its last key, or else after the remarks that head the file.

    tomlkit would put it right before the first table, and so under that table's remark.
    """
    lines = text.removesuffix("\n").split("\n") if text else []
    after = keys = 0
    for count in range(1, len(lines) + 1):
        with suppress(tomllib.TOMLDecodeError):  # in the midst of a value
            tree = tomllib.loads("\n".join(lines[:count]))
            found = sum(not isinstance(value, dict) for value in tree.values())
            after, keys = (count, found) if found > keys else (after, keys)
    if not keys:
        heading = next((n for n, one in enumerate(lines) if not one.startswith("#")), len(lines))
        after = heading if heading == len(lines) or not lines[heading].strip() else 0
        line = f"\n{line}" if after else f"{line}\n" if lines else line
    return "\n".join([*lines[:after], line, *lines[after:]]) + "\n"


def _without(text: str, names: _Names) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    table: MutableMapping[str, Any] = document
    for name in names[:-1]:
        if name not in table:
            return text
        table = table[name]
    table.pop(names[-1], None)
    return tomlkit.dumps(document)


def _leaves(tree: Mapping[str, Any], names: _Names = ()) -> dict[_Names, Any]:
    """Return all values, by the names that lead to them."""
    leaves: dict[_Names, Any] = {}
    for name, value in tree.items():
        leaves |= _leaves(value, (*names, name)) if isinstance(value, dict) else {(*names, name): value}
    return leaves


def _replace(path: Path, before: str, after: str) -> None:
    """Put a text in the place of another, in one step that a crash cannot cut in two."""
    path = Path(os.path.realpath(path))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = _written_beside(path, after)
        try:
            unchanged = (path.read_bytes().decode("utf-8-sig", "replace") if path.exists() else "") == before
            if unchanged:
                temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.") from error
    if not unchanged:
        raise SettingsError(f"{path} was changed meanwhile by another program; nothing was written.")


def _written_beside(path: Path, text: str) -> Path:
    """Write a text to a new file in the same folder, with owner and mode of the one that it will replace."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # for its owner alone
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        if path.exists():
            status = path.stat()
            os.fchmod(handle, status.st_mode & 0o7777)
            with suppress(PermissionError):
                os.fchown(handle, status.st_uid, status.st_gid)
        os.fsync(handle)
    return Path(name)
