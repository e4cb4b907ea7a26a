"""Which photo the cursor goes to when a filter or an order brings others: its own, or else the next."""

from collections.abc import Sequence

from tui.work.rows import PackedKeys

_FEW, _NEAR, _MANY = 5000, 100, 50_000  # photos: to look each of many up takes too long for a key


def following(keys: Sequence[bytes], before: Sequence[bytes], cursor: int) -> bytes | None:
    """Return the key of the photo under the cursor or, if that is not among those that come, of the next.

    Args:
        keys: of those that come.
        before: of those that were there.
        cursor: index of the one under it, of those that were there.

    Returns:
        None if no near one is among them; of many, whichever was under the cursor.
    """
    key = before[cursor]
    if key in keys or len(keys) > _MANY:
        return key
    few = len(keys) <= _FEW or not isinstance(keys, PackedKeys)
    there = set(keys) if few else keys  # of more than a few, the next that passes is near
    near = range(cursor, min(len(before), cursor + (_MANY if few else _NEAR)))
    return next((key for key in map(before.__getitem__, near) if key in there), None)
