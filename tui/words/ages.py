"""Ages and waits in words that stay true for minutes, so that an idle screen need not be painted again."""

import math

from tui.words.facts import plural
from tui.words.sync_state import clock

_STEP = 300  # seconds
_HOUR = 3600
_DAY = 86400


def ago(moment: float, now: float) -> tuple[str, float | None]:
    """Say how long ago something was.

    Args:
        moment: Unix seconds.
        now: Unix seconds.

    Returns:
        The words, and the seconds for which they stay true; None if that is for good.
    """
    age = max(0.0, now - moment)
    if age < _STEP:
        return "<5 min ago", _STEP - age
    if age < _HOUR:
        return f"{int(age // _STEP) * 5} min ago", _STEP - age % _STEP
    if age < _DAY:
        return f"{int(age // _HOUR)} h ago", _HOUR - age % _HOUR
    if age < 30 * _DAY:
        return f"{plural(int(age // _DAY), 'day')} ago", _DAY - age % _DAY
    return clock(int(moment)), None


def within(seconds: float) -> str:
    """Say when something comes: the words hold until it does."""
    if seconds <= 60:
        return f"within {max(1, math.ceil(seconds / 5)) * 5} s"
    if seconds <= _HOUR:
        return f"within {math.ceil(seconds / 60)} min"
    return f"within {math.ceil(seconds / _HOUR)} h"
