"""Which file names may hold a photo, told by their suffix alone: needed before any picture library is."""

# What the cameras of Canon, Nikon, Sony, Fujifilm, Olympus, Panasonic, Pentax and Samsung, and Adobe's DNG
# converter, write before a picture is developed.
RAW_SUFFIXES = frozenset(
    {".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2", ".pef", ".srw"},
)

PHOTO_SUFFIXES = RAW_SUFFIXES | {
    *(".jpg", ".jpeg", ".jpe", ".jfif"),
    *(".png", ".apng"),
    ".webp",
    ".gif",
    *(".tif", ".tiff"),
    ".bmp",
    *(".heic", ".heif", ".hif"),
    ".avif",
}
"""Lowercase suffixes, with their dot, of the files that the scanner looks at."""


def suffix_of(name: str | bytes) -> str:
    """Return the lowercase suffix of a file name with its dot, or "" if it has none.

    Args:
        name: a file's name or path, as text or as the file system's own bytes.
    """
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    stem, dot, suffix = text.rpartition("/")[2].rpartition(".")
    return (dot + suffix).lower() if stem else ""


def is_photo_name(name: str | bytes) -> bool:
    """Tell whether a file of this name may hold a photo.

    Args:
        name: a file's name or path, as text or as the file system's own bytes.
    """
    return suffix_of(name) in PHOTO_SUFFIXES
