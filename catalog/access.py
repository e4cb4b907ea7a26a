"""What this process may do to a file or a folder, as the kernel would decide it: without opening any."""

import os
from pathlib import Path


def may(path: "Path | os.DirEntry[bytes]", do: int) -> bool:
    """Return whether this process may do all of something.

    Args:
        path: what it would do it to.
        do: `os.R_OK`, `os.W_OK` and `os.X_OK`, put together.
    """
    return os.access(path, do, effective_ids=True)
