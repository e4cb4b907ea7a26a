"""JSON that anybody may have written: parsed within bounds, then taken value by value, each of its kind."""

import json
import math
import re
from typing import Any, TypeVar

Sized = TypeVar("Sized", dict[str, Any], list[Any])

_MAX_DEPTH = 20
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)


class WrongValueError(Exception):
    """Something is not what it must be; the text names it, without a full stop."""


def parse(data: bytes) -> Any:
    """Parse JSON that can be written back as it is: no key twice, no deep nests, half characters or infinity.

    Args:
        data: UTF-8, of a size that is bounded already.

    Raises:
        WrongValueError: it is not that.
    """
    try:
        value = json.loads(data.decode(), object_pairs_hook=_no_key_twice)
        _check_writable(value, _MAX_DEPTH)
    except (ValueError, RecursionError) as error:
        raise WrongValueError(f"it is not the JSON that it must be ({error})") from error
    return value


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key stands twice")
    return values


def _check_writable(value: Any, depth: int) -> None:
    if not depth:
        raise ValueError("it nests too deep")
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for inner in value:
            _check_writable(inner, depth - 1)
    elif isinstance(value, str):
        value.encode()
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is beyond all numbers")


def number_of(values: dict[str, Any], name: str, most: int = 1 << 62) -> int:
    """Return an integer from 0 to `most`.

    Raises:
        WrongValueError: there is none under this name.
    """
    value = values.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise WrongValueError(f"{name} is not a number in its range")
    return value


def hex_of(values: dict[str, Any], name: str, most: int, *, empty: bool = False) -> str:
    """Return a text of 1 to `most` small hex digits, or of none if it may be empty.

    Raises:
        WrongValueError: there is none under this name.
    """
    value = values.get(name)
    if empty and value == "":
        return ""
    if not isinstance(value, str) or len(value) > most or not _HEX.fullmatch(value):
        raise WrongValueError(f"{name} is not a hex number")
    return value


def table_of(values: dict[str, Any], name: str, most: int) -> dict[str, Any]:
    """Return an object of at most so many keys.

    Raises:
        WrongValueError: there is none under this name.
    """
    return _sized(values, name, most, dict)


def list_of(values: dict[str, Any], name: str, most: int) -> list[Any]:
    """Return a list of at most so many values.

    Raises:
        WrongValueError: there is none under this name.
    """
    return _sized(values, name, most, list)


def _sized(values: dict[str, Any], name: str, most: int, kind: type[Sized]) -> Sized:
    value = values.get(name)
    if not isinstance(value, kind) or len(value) > most:
        raise WrongValueError(name)
    return value
