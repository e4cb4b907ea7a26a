"""What the doctor finds on a remote in a folder, and that it leaves the folder as it was."""

from pathlib import Path

import pytest

from catalog.checkup import Status
from sync.doctor.remote import check_remote
from sync.stores.directory import DirectoryStore
from tests.conftest import permissions_that_count


def examined(path, **how):
    return {result.name: result for result in check_remote(path.as_uri(), **how)}


def wrong(found):
    return {name for name, result in found.items() if result.status is Status.FAILED}


def tree(path):
    return sorted(path.rglob("*"))


@pytest.fixture
def remote(tmp_path):
    """A remote that has been written to."""
    path = tmp_path / "remote"
    DirectoryStore(path.as_uri()).put("shards/a/one", b"1", content_type="text/plain")
    return path


def test_all_is_well_and_stays_as_it_was(remote):
    before = tree(remote)
    found = examined(remote)
    assert {result.status for name, result in found.items() if name != "remote space"} == {Status.OK}
    assert "1 under the prefix" in found["list"].found
    assert "several writers" in found["conditions"].found
    assert tree(remote) == before


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"x")], ids=["gone", "cut off"])
def test_an_object_that_the_manifest_names_and_that_is_gone_or_cut_off(tmp_path, device, harm):
    remote = tmp_path / "remote"
    laptop = device("laptop").add("a1", "b1")
    laptop.sync(DirectoryStore(remote.as_uri()))
    laptop.star("a1")
    laptop.sync(DirectoryStore(remote.as_uri()))
    assert examined(remote)["shards"].found == "All that the manifest names is there: 17 objects."
    (delta,) = remote.glob("deltas/a/*.gz")
    harm(delta)
    found = examined(remote)
    assert wrong(found) == {"shards"}
    assert found["shards"].found.startswith(f"Missing or of another size: {delta.relative_to(remote)}")
    assert "another address" in found["shards"].advice


def test_a_folder_that_the_first_sync_will_make(tmp_path):
    found = examined(tmp_path / "remote")
    assert wrong(found) == set()
    assert "is not there yet" in found["connection"].found
    assert tree(tmp_path) == []
    assert wrong(examined(tmp_path / "remote", seq_seen=3)) == {"connection"}


def test_a_disk_that_is_not_mounted(tmp_path):
    found = examined(tmp_path / "mnt" / "remote")
    assert wrong(found) == {"connection"}
    assert "is the disk mounted?" in found["connection"].found
    assert found["access"].status is Status.SKIPPED


def test_a_file_in_its_place(tmp_path):
    (tmp_path / "remote").write_text("a file")
    assert "is not a folder" in examined(tmp_path / "remote")["connection"].found


@pytest.mark.parametrize("shut", ["remote", "remote/shards"])
def test_a_folder_that_may_not_be_written(remote, shut):
    place = remote.parent / shut
    place.chmod(0o500)
    try:
        with permissions_that_count():
            found = examined(remote)
    finally:
        place.chmod(0o700)
    assert "access" in wrong(found)
    assert str(place) in found["access"].found
    assert found["write"].status is Status.SKIPPED
