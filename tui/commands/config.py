"""The command `config`: shows, explains and changes settings, each with where its value comes from."""

import argparse
import os
from difflib import get_close_matches
from typing import Any

from tui.commands.telling import DONE, complain, print_json
from tui.config import SettingsError
from tui.config.found import Found, file_named, find
from tui.config.settings import effective
from tui.config.table import SETTINGS, Setting, known_setting, told
from tui.config.writing import write_settings
from tui.words.shown import shown


def run_config(options: argparse.Namespace) -> int:
    """`config [list|get|set|unset|explain|keys|path] [KEY] [VALUE...]`.

    Raises:
        SettingsError: a key or a value cannot be; or the file cannot be read or written.
    """
    if options.what == "path":  # also of a file that is to be mended
        _print_path(options.profile or os.environ.get("PHOTOLALA_PROFILE") or None, as_json=options.json)
        return DONE
    found = find(profile=options.profile, must_exist=False)
    match options.what:
        case "keys":
            _list_keys(found, as_json=options.json)
        case "list":
            _list(found, as_json=options.json)
        case what:
            if options.key is None:
                raise SettingsError(f"`photolala config {what}` needs a key, such as sync.every_minutes.")
            _one(found, what, options)
    return DONE


def _one(found: Found, what: str, options: argparse.Namespace) -> None:
    key, words = options.key, options.value
    setting = known_setting(key)
    if (what == "set") != bool(words):
        wanted = (
            f"`photolala config set {key} VALUE`" if what == "set" else f"`photolala config {what} {key}`"
        )
        raise SettingsError(f"It is {wanted}; it can be {setting.can_be}.")
    if what in ("set", "unset"):
        value = setting.value_of(words) if what == "set" else None
        if value is not None:
            _check_names(found, key, str(value))
        write_settings(found, {key: value})
        found = find(profile=options.profile)
        if found.origin(key).kind == "environment":
            complain(f"{found.where(key)} goes before the file while it is set.")
    if options.json:
        print_json(_values(found, key, setting))
    elif what == "get":
        print(told(effective(found, key)))
    elif what == "explain":
        print(_explained(found, key, setting))


def _check_names(found: Found, key: str, name: str) -> None:
    """Refuse what only the app knows: a theme that is none, keys that clash or are of no action."""
    if key.startswith("keymap."):
        from tui.app import PhotolalaApp  # 0.5 s
        from tui.config.keymap import problems
        from tui.keys import all_declared

        chosen = {**found.below("keymap"), key.removeprefix("keymap."): name}
        if wrong := problems(chosen, all_declared(PhotolalaApp)):
            raise SettingsError(f"{'; '.join(wrong)}. `photolala config keys` lists all.")
    if key != "theme":
        return
    from textual.theme import BUILTIN_THEMES  # 0.1 s

    if name not in BUILTIN_THEMES:
        near = get_close_matches(name, BUILTIN_THEMES, 1)
        hint = f"did you mean {near[0]}?" if near else f"it can be {', '.join(sorted(BUILTIN_THEMES))}."
        raise SettingsError(f"there is no theme {name}; {hint}")


def _list(found: Found, *, as_json: bool) -> None:
    keys = [setting.key for setting in SETTINGS if "*" not in setting.key]
    keys += [key for key in found.values if key not in keys]
    if as_json:
        for key in keys:
            print_json(_values(found, key, known_setting(key)))
        return
    profile = f" (profile {found.profile})" if found.profile else ""
    there = "" if found.path.exists() else ", which is not there yet"
    print(f"{shown(str(found.path))}{profile}{there}\n")
    rows = [(key, told(effective(found, key)) or "-", found.where(key)) for key in keys]
    widths = [min(28, max(len(row[column]) for row in rows)) for column in (0, 1)]
    for key, value, where in rows:
        print(f"{shown(key):<{widths[0]}}  {shown(value):<{widths[1]}}  {shown(where)}")


def _list_keys(found: Found, *, as_json: bool) -> None:
    from tui.app import PhotolalaApp
    from tui.keys import rebindable

    actions = rebindable(PhotolalaApp, found.below("keymap"))
    for action, (keys, description) in actions.items():
        if as_json:
            print_json({"id": action, "keys": keys.split(", "), "description": description})
        else:
            print(f"{action:<{max(map(len, actions))}}  {keys:<24}  {description}")


def _values(found: Found, key: str, setting: Setting) -> dict[str, Any]:
    origin = found.origin(key)
    return {
        "key": key,
        "value": effective(found, key),
        "default": setting.default,
        "origin": origin.kind,
        "where": found.where(key),
        "explanation": setting.explanation,
        "can_be": setting.can_be,
        "environment": setting.environment or None,
    }


def _explained(found: Found, key: str, setting: Setting) -> str:
    lines = [
        f"{key}: {setting.explanation}.",
        f"It can be {setting.can_be}.",
        f"Now: {told(effective(found, key)) or 'not set'} ({found.where(key)}).",
    ]
    if setting.default is not None:
        lines.append(f"If not set: {told(setting.default) or 'none'}.")
    if setting.environment:
        lines.append(f"The environment variable {setting.environment} goes before the file.")
    return "\n".join(map(shown, lines))


def _print_path(profile: str | None, *, as_json: bool) -> None:
    path = file_named()
    if as_json:
        print_json({"path": str(path), "exists": path.exists(), "profile": profile})
    else:
        print(path)
