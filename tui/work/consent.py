"""Whether a person is asked before originals are uploaded: a small backup goes without a word."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.originals.plan import Plan

_PHOTOS, _BYTES = 200, 10**9
_GROWN = 1.5


class Consent:
    """What a person has agreed to in this session; one half as large again is asked for again."""

    def __init__(self) -> None:
        self._photos, self._bytes = float(_PHOTOS), float(_BYTES)

    def asks(self, plan: "Plan") -> bool:
        """Tell whether a backup is larger than what goes without a question."""
        return plan.photos > self._photos or plan.bytes > self._bytes

    def given(self, plan: "Plan") -> None:
        """Note that a person has agreed to a backup."""
        self._photos = max(self._photos, plan.photos * _GROWN)
        self._bytes = max(self._bytes, plan.bytes * _GROWN)
