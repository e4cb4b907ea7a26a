"""`[keymap]`: which keys a person has put on which actions, and what is wrong with that."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, format_key

_NAMES = {
    "escape": "esc", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End",
    "shift+tab": "shift-tab", "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip
_TYPED = {name.lower(): key for key, name in _NAMES.items()} | {"return": "enter", "del": "delete"}
_NAMED = frozenset(key.value for key in Keys)
_KEYS = _NAMED | frozenset(KEY_NAME_REPLACEMENTS.values())


def shown_key(key: str) -> str:
    """Return a key as people read it, such as `?`, `esc` or `F1`, for Textual's name of it."""
    if len(key) > 1 and key[0] == "f" and key[1:].isdecimal():
        return key.upper()
    sign = key if key in _NAMED else format_key(key)
    return _NAMES.get(key, sign if len(sign) == 1 else key)


def typed_key(key: str) -> str:
    """Return a key as it is typed in a list of them."""
    return key if key in ("comma", "up", "down", "left", "right") else shown_key(key)


def keys_of(text: str) -> list[str]:
    """Return Textual's names of the keys in a text such as `s, F5, ?`; a comma is named `comma`.

    Raises:
        ValueError: one is no key; it holds the text of it.
    """
    return [_key(one.strip()) for one in text.split(",")]


def _key(text: str) -> str:
    if len(text) == 1:
        return _character_to_key(text)
    key = _TYPED.get(text.lower(), text.lower().replace("-", "+"))
    last = key.rpartition("+")[2]
    if key in _KEYS or (len(last) == 1 and last.isalnum()) or last in _KEYS or _is_character(last):
        return key
    raise ValueError(text)


def _is_character(name: str) -> bool:
    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return False
    return True


def usable(keymap: Mapping[str, str], places: Mapping[str, Sequence[Binding]]) -> dict[str, str]:
    """Return what of a keymap can be used, in the form in which Textual takes it."""
    known = {binding.id for bindings in places.values() for binding in bindings}
    used = {}
    for action, text in keymap.items():
        try:
            keys = keys_of(text)
        except ValueError:
            continue
        if action in known:
            used[action] = ",".join(keys)
    return used


def problems(keymap: Mapping[str, str], places: Mapping[str, Sequence[Binding]]) -> list[str]:
    """Say what is wrong with a keymap, a few words each.

    Args:
        keymap: keys by an action's id.
        places: all that is bound in each place, by itself and by what lies under it.
    """
    known = [one.id for bindings in places.values() for one in bindings if one.id]
    found = []
    for action, text in keymap.items():
        if action not in known:
            near = get_close_matches(action, known, 1)
            hint = f", did you mean {near[0]}?" if near else ""
            found.append(f"there is no action {action}{hint}")
        try:
            keys_of(text)
        except ValueError as error:
            found.append(f"{error} is no key" if str(error) else f"{action} has no key")
    return [*found, *dict.fromkeys(_clashes(usable(keymap, places), places))]


def _clashes(keymap: Mapping[str, str], places: Mapping[str, Sequence[Binding]]) -> Iterator[str]:
    chosen = {key for keys in keymap.values() for key in keys.split(",")}
    for bindings in places.values():
        actions: dict[str, list[str]] = {}
        for binding in rebound(bindings, keymap):
            of = actions.setdefault(binding.key, [])
            name = binding.id or binding.description
            if name not in of:
                of.append(name)
        for key, names in actions.items():
            if key in chosen and len(names) > 1:
                yield f"{shown_key(key)} is both {' and '.join(names)}"


def rebound(bindings: Iterable[Binding], keymap: Mapping[str, str]) -> list[Binding]:
    """Return bindings with the keys that a keymap gives them, one for each key."""
    changed = (
        binding.with_key(keymap[binding.id]) if binding.id is not None and binding.id in keymap else binding
        for binding in bindings
    )
    return list(Binding.make_bindings(changed))
