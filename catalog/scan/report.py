"""What a scan tells of itself, while it runs and at its end."""

from dataclasses import dataclass, field


@dataclass
class ScanReport:
    """What a scan found. Counts are of files under the scanned folder, except `photos` and `new`.

    Attributes:
        files: files that may hold a photo, by their name.
        photos: different photos that lie there, as far as is known.
        new: photos that the catalog did not know before.
        changed: files that were read because they are new or not what they were.
        unchanged: files that were not read again.
        moved: those of the unchanged ones that lay elsewhere before, or under another name.
        missing: files known before and gone now, and not moved.
        failed: files that could not be read at all.
        skipped: other files, left alone.
        damaged: photos that were read, and that something is wrong with.
        bytes_read: bytes.
        seconds: wall time.
        problems: (path, reason) of failed and damaged files and unreadable folders.
        complete: whether it came to its end; if not, what is gone is left for the next scan to find.
    """

    files: int = 0
    photos: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: int = 0
    missing: int = 0
    failed: int = 0
    skipped: int = 0
    damaged: int = 0
    bytes_read: int = 0
    seconds: float = 0.0
    problems: list[tuple[bytes, str]] = field(default_factory=list)
    complete: bool = False
