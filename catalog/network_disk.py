"""Tells a disk of this machine from one over a network, where two machines would damage an SQLite file.

Linux says it in /proc/self/mountinfo (proc_pid_mountinfo(5)); elsewhere nothing is told.
"""

import os
import re
from pathlib import Path

_KINDS = re.compile(r"nfs4?|cifs|smb\w*|afs|ceph|lustre|glusterfs|fuse\.(sshfs|rclone|glusterfs|s3fs)")
_ESCAPED = re.compile(rb"\\([0-7]{3})")


def network_disk(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """Return the kind of network file system that holds a file.

    Args:
        path: the file.
        mounts: what the kernel tells of its mounts.

    Returns:
        Such as "nfs4"; None if it lies on this machine, or if nobody tells.
    """
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return None
    place, holder, kind = os.fsencode(path.resolve()), b"", ""
    for line in lines:
        about, _, system = line.partition(b" - ")
        point = _ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), about.split(b" ")[4])
        inside = place == point or place.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= len(holder):  # of two on one point, the later lies over the other
            holder, kind = point, system.split(b" ")[0].decode(errors="replace")
    return kind if _KINDS.fullmatch(kind) else None
