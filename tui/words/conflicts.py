"""A conflict as people read it: whose value is which, and which conflicts are alike."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from tui.words.facts import date_of
from tui.words.shown import shown

if TYPE_CHECKING:
    from catalog.conflicts import ConflictEntry

_FIELDS = {"starred": "star", "deleted": "photo"}
_VALUES = {"starred1": "★", "starred0": "no star", "deleted1": "deleted", "deleted0": "kept"}
_STATES = {"mine": "mine, by you", "theirs": "theirs, by you", "dismissed": "left as is"}


def cells(entry: "ConflictEntry") -> dict[str, str]:
    """Return what a table shows of a conflict, by the name of the column; ✓ marks what holds."""
    was, mine, theirs = (value_of(entry.field, value) for value in (entry.base, entry.mine, entry.theirs))
    holds = entry.state if entry.state in ("mine", "theirs") else entry.winner
    return {
        "photo": shown(entry.filename),
        "field": _FIELDS.get(entry.field, entry.field),
        "was": was,
        "mine": f"✓ {mine}" if holds == "mine" else mine,
        "theirs": theirs if holds == "mine" else f"✓ {theirs}",
        "winner": _STATES.get(entry.state, entry.winner),
        "changed by": shown(entry.theirs_device),
        "at": time.strftime("%m-%d %H:%M", time.localtime(entry.recorded_at)),
    }


def told_conflict(entry: "ConflictEntry") -> Text:
    """Return all of a conflict in a sentence."""
    texts = cells(entry)
    decided = "" if entry.state == "open" else f". Decided: {texts['winner']}"
    return Text.assemble(
        (texts["photo"], "bold"), f"  {texts['field']} was {texts['was']}; mine: {texts['mine']}; "
        f"theirs: {texts['theirs']} ({texts['changed by']}, {texts['at']}){decided}"
    )  # fmt: skip


def alike(entries: "Sequence[ConflictEntry]", entry: "ConflictEntry") -> "list[ConflictEntry]":
    """Return the open conflicts in one field between the same devices; of a mark, with its values, too."""

    def kind(one: "ConflictEntry") -> tuple[str, ...]:
        values = (one.mine, one.theirs) if one.field in _FIELDS else ()
        return (one.field, one.mine_device, one.theirs_device, *values)

    return [one for one in entries if one.state == "open" and kind(one) == kind(entry)]


def told_alike(entry: "ConflictEntry") -> str:
    """Return what the conflicts that are like this one have in common."""
    mine, theirs = (value_of(entry.field, value) for value in (entry.mine, entry.theirs))
    values = f": {mine} here, {theirs} there" if entry.field in _FIELDS else ""
    field = _FIELDS.get(entry.field, entry.field)
    return f"the {field}, {entry.mine_device} against {entry.theirs_device}{values}"


def value_of(field: str, value: str) -> str:
    """Return a conflict's value for people; both the value and what it says are a remote's."""
    if field in _FIELDS:
        return _VALUES[field + value]
    if field == "photodate" and value:
        return date_of(int(value)) or value  # a remote may have sent any number
    return shown(value) or "(empty)"
