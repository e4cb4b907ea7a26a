"""A device is wiped; a new one is given the bucket, and every starred original comes back, over HTTP."""

import json

import pytest

from tests.conftest import draw_album
from tui.demo.server import DemoServer
from tui.main import main


@pytest.fixture
def photolala(tmp_path, monkeypatch, capsys):
    """Run a command for a device; each has a catalog of its own."""
    with DemoServer() as server:
        server.create_bucket("bucket")
        for name, value in {**server.environment(), "PHOTOLALA_REMOTE": "s3://bucket/library"}.items():
            monkeypatch.setenv(name, value)

        def run(device: str, *arguments: object) -> list[dict]:
            monkeypatch.setenv("PHOTOLALA_CATALOG", str(tmp_path / f"{device}.sqlite"))
            monkeypatch.setenv("PHOTOLALA_DEVICE_NAME", device)
            status = main([*map(str, arguments), "--json"])
            out, err = capsys.readouterr()
            assert (status, err) == (0, "")
            return [json.loads(line) for line in out.splitlines()]

        yield run


def test_every_starred_original_comes_back_under_its_own_name(photolala, tmp_path):
    album = draw_album(tmp_path / "album")
    large = album / "2024" / "panorama.jpg"
    large.write_bytes((album / "2024" / "Home" / "cat.jpg").read_bytes() + bytes(17 << 20))
    starred = [large, *(album / "2023 Dolomites").iterdir(), *(album / "2024" / "Home").iterdir()]
    photolala("nas", "scan", album)
    photolala("nas", "star", *starred)
    (report,) = photolala("nas", "backup")
    assert (report["outcome"], report["uploaded"], report["failed"]) == ("done", 8, 0)
    (report,) = photolala("nas", "verify")
    assert (report["outcome"], report["starred"], report["uploaded"], report["verified"]) == ("safe", 8, 8, 8)
    (status,) = photolala("nas", "status")
    assert status["backup"] == {"queued": 0, "uploading": 0, "uploaded": 8, "verified": 8, "failed": 0}

    new = tmp_path / "new album"  # the old device is gone: nothing but the bucket's address is left of it
    (plan,) = photolala("new", "restore", "--to", new, "--dry-run")
    assert (plan["chosen"], new.exists()) == (8, False)
    (report,) = photolala("new", "restore", "--to", new)
    assert (report["outcome"], report["restored"]) == ("done", 8)
    back = {path.relative_to(new): path.read_bytes() for path in new.rglob("*") if path.is_file()}
    once = {
        path.read_bytes(): path for path in sorted(starred, reverse=True)
    }  # of two copies of a photo, one
    assert sorted(back.values()) == sorted(once)
    assert all((album / path).read_bytes() == data for path, data in back.items())
    assert len(photolala("new", "list", "--starred")) == 8
    (report,) = photolala("new", "verify", "--deep")
    assert (report["outcome"], report["read"]) == ("safe", 8)
    (report,) = photolala("new", "restore", "--to", new)
    assert report["chosen"] == 0  # nothing is missing here
