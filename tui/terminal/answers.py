"""Tells what a terminal answers from what a person types: an answer may come late, and is never a key."""

import codecs
import re

_APC = r"_G[^\x1b]*"  # to a Kitty graphics command
_DCS = r"P(?:[>!]\||[01][$+]r)[^\x1b]*"  # its name, its settings
_OSC = r"\]\d+;[^\x07\x1b]*"  # its colours
_CSI = r"\[(?:[?>][\d;]*[cS]|[4689];\d+;\d+t)"  # its kind; its size, but not 48: a resize, told unasked
_ANSWER = re.compile(rf"\x1b(?:(?:{_APC}|{_DCS})\x1b\\|{_OSC}(?:\x1b\\|\x07)|{_CSI})")
_STRINGS = rf"(?:{_APC}|{_DCS}|{_OSC})?\x1b?|_|P(?:[>!]|[01][$+]?)?|\]\d*"
_BEGINNING = re.compile(rf"\x1b(?:{_STRINGS}|\[(?:[?>][\d;]*|[4689](?:;\d*){{0,2}})?)\Z")
_LONGEST = 4096  # characters: no answer is longer


class Answers:
    """Takes input apart as it comes, cut anywhere.

    Attributes:
        got: the answers so far.
    """

    def __init__(self) -> None:
        self.got: list[str] = []
        self._held = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    @property
    def waits(self) -> bool:
        """Whether something is held back that may turn out to be an answer, or a key."""
        return bool(self._held)

    def feed(self, raw: bytes) -> str:
        """Take in some input.

        Args:
            raw: as it was read.

        Returns:
            What was typed, as far as that is sure.
        """
        data, self._held = self._held + self._decode(raw), ""
        typed = []
        end = 0
        for answer in _ANSWER.finditer(data):
            typed.append(data[end : answer.start()])
            self.got.append(answer[0])
            end = answer.end()
        rest = data[end:]
        begun = _BEGINNING.search(rest)
        if begun is not None and len(begun[0]) <= _LONGEST:
            rest, self._held = rest[: begun.start()], begun[0]
        return "".join(typed) + rest

    def release(self) -> str:
        """Return what was held back, as nothing has followed: typed, unless an answer has clearly begun."""
        held, self._held = self._held, ""
        if len(held) > len("\x1b]") and held[1] in "_P]":
            self._held = held
            return ""
        return held
