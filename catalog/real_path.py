"""The real path of what people name: the catalog knows a folder by no other, whatever links lead to it.

Under two paths each photo would be two files, and one of them would pass for a copy. Both functions ask the
file system, and may block.
"""

import os

from catalog.raw_path import path_in


def real_folder(path: bytes) -> bytes:
    """Return the real path of a folder, of what is not there as far as it is; `..` is the folder above it.

    Args:
        path: raw; from the working directory if it is not absolute.
    """
    return os.path.realpath(path)


def real_file(path: bytes) -> bytes:
    """Return the path of a file in its real folder: a link to a file is one of that folder's files itself.

    Args:
        path: raw; from the working directory if it is not absolute.
    """
    folder, name = os.path.split(path)
    return real_folder(path) if name in (b"", b".", b"..") else path_in(real_folder(folder), name)
