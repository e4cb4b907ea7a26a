"""Raw paths, absolute and as the file system has them: put together and taken apart, `/` among them."""


def path_in(folder: bytes, name: bytes) -> bytes:
    """Return the path of what has a name in a folder."""
    return folder.rstrip(b"/") + b"/" + name


def folder_and_name(path: bytes) -> tuple[bytes, bytes]:
    """Return the folder in which something lies, and the name that it has there."""
    folder, _, name = path.rpartition(b"/")
    return folder or b"/", name


def is_inside(folder: bytes, outer: bytes) -> bool:
    """Tell whether a folder is another one, or lies anywhere below it."""
    return path_in(folder, b"").startswith(path_in(outer, b""))
