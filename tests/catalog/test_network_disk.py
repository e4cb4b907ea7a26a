"""Which disks are reached over a network, as Linux tells of its mounts."""

from pathlib import Path

import pytest

from catalog.network_disk import network_disk

MOUNTS = r"""
22 28 0:21 / /proc rw,nosuid shared:14 - proc proc rw
28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
31 28 0:44 / /home rw,relatime shared:2 - nfs4 nas:/home rw,vers=4.2
32 31 259:3 / /home/local rw - ext4 /dev/nvme0n1p3 rw
33 28 0:45 / /mnt/my\040disk rw - fuse.sshfs me@nas:/ rw
34 28 0:46 / /mnt/both rw - cifs //nas/photos rw
35 28 259:4 / /mnt/both rw - xfs /dev/sda1 rw
""".lstrip()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/catalog.sqlite", "nfs4"),
        ("/home/local/catalog.sqlite", None),
        ("/homes/catalog.sqlite", None),
        ("/mnt/my disk/catalog.sqlite", "fuse.sshfs"),
        ("/mnt/both/catalog.sqlite", None),
    ],
)
def test_a_disk_is_known_by_the_mount_that_holds_the_file(
    tmp_path: Path, path: str, kind: str | None
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert network_disk(Path(path), mounts) == kind


def test_where_nobody_tells_nothing_is_said(tmp_path: Path) -> None:
    assert network_disk(tmp_path / "catalog.sqlite", tmp_path / "none") is None
    assert network_disk(tmp_path / "catalog.sqlite") is None
