"""Styles as a terminal takes them: the shortest sequence that turns one into another.

A style is the parameters of SGR (ECMA-48, 8.3.117) joined by semicolons, such as "1;38;2;255;0;0"; the empty
one is the terminal's default.
"""

from functools import lru_cache

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"}
_COLOURS = {"38": "39", "48": "49"}
_WEIGHTS = ("1", "2")  # bold and dim are switched off together


@lru_cache(4096)
def change(before: str, after: str) -> str:
    """Return the shortest sequence after which a terminal writes in another style; empty if none is needed.

    Args:
        before: the style that is in force.
        after: the wanted one.
    """
    if before == after:
        return ""
    anew = f"\x1b[0;{after}m" if before and after else f"\x1b[{after}m"
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        return anew
    off = {_COLOURS.get(kind) or _OFF[kind] for kind in old.keys() - new.keys()}
    kept = {kind for kind, code in new.items() if old.get(kind) == code}
    if "22" in off:
        kept.difference_update(_WEIGHTS)
    codes = [*sorted(off), *(code for kind, code in new.items() if kind not in kept)]
    return min(anew, f"\x1b[{';'.join(codes)}m", key=len) if codes else ""


def _parts(style: str) -> dict[str, str] | None:
    """Return a style's codes by what they set: "38" the foreground, "48" the background, or an attribute."""
    parts: dict[str, str] = {}
    codes = iter(style.split(";") if style else ())
    for code in codes:
        if code in _COLOURS:
            mode = next(codes, "")
            values = [next(codes, "") for _ in range({"2": 3, "5": 1}.get(mode, 0))]
            parts[code] = ";".join((code, mode, *values))
        elif len(code) > 1 and code[:-1] in ("3", "4", "9", "10"):
            parts["38" if code[:-1] in ("3", "9") else "48"] = code
        elif code in _OFF:
            parts[code] = code
        else:
            return None
    return parts
