"""The two spellings that Unicode has for a text: Macs write a name's ü as u and a mark, keyboards do not."""

from unicodedata import normalize


def spellings(text: str) -> list[str]:
    """Return a text as it is, and as a name on a disk may spell it: composed (NFC), or taken apart (NFD)."""
    return list(dict.fromkeys([text, normalize("NFC", text), normalize("NFD", text)]))


def composed(text: str) -> str:
    """Return a text in the one spelling (NFC) in which texts are compared."""
    return text if text.isascii() else normalize("NFC", text)
