"""The one function that makes a text from outside fit for a screen, a log or a terminal."""

import unicodedata

# control, format (bidi among them), surrogate, private, unassigned; line and paragraph separators
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str | bytes) -> str:
    r"""Return a name or a message with all that could act on a terminal, or deceive a reader, as escapes.

    The result is for eyes only: it is never turned back into a path, and it is still to be given to a
    widget as `Text` or `Content`, since it may hold markup.

    Args:
        text: a raw path, a file name, EXIF text, a key, the text of an exception.

    Returns:
        The same with `\xNN`, `\uNNNN` and `\UNNNNNNNN` for what must not be shown as it is.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(_escape(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as Python holds it in a `str`
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
