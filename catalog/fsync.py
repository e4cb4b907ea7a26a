"""Names on the disk: those just given outlive a power cut only once their folder itself is synced."""

import os
from contextlib import suppress


def fsync_folder(folder: bytes) -> None:
    """Wait until the names that were just given in a folder are on the disk, where that can be had.

    Args:
        folder: raw path.

    Raises:
        OSError: it cannot be opened.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # some file systems cannot sync folders
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
