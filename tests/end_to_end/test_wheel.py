"""The wheel in an environment that has nothing else: it installs, and what it brings works."""

import json
import os
import pwd
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import draw_album
from tests.terminal import Terminal
from tui import __version__

ROOT = Path(__file__).parents[2]
NO_NETWORK = re.compile("dns|resolve|connect|network|offline|timed out", re.IGNORECASE)


def uv(*arguments: object) -> None:
    """Run uv with the cache of whoever runs the tests; without an index there is nothing to test."""
    cache = os.environ.get("UV_CACHE_DIR", str(Path(pwd.getpwuid(os.getuid()).pw_dir) / ".cache" / "uv"))
    done = subprocess.run(
        [Path(sys.executable).with_name("uv"), *map(str, arguments)],
        env=dict(os.environ) | {"UV_CACHE_DIR": cache},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 and NO_NETWORK.search(done.stderr):
        pytest.skip(f"no package index: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


def test_the_wheel_runs_where_nothing_else_is_installed(tmp_path):
    uv("build", "--wheel", "--quiet", "--out-dir", tmp_path / "dist")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv = tmp_path / "venv"
    uv("venv", "--quiet", "--python", sys.executable, venv)
    uv("pip", "install", "--quiet", "--python", venv / "bin" / "python", wheel)
    program = venv / "bin" / "photolala"
    environment = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    album = draw_album(tmp_path / "album")

    def told(*arguments: object) -> str:
        return subprocess.run(
            [program, *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    assert told("--version") == f"photolala {__version__}\n"
    assert "exit status" in told("--help")
    assert json.loads(told("scan", album, "--json"))["files"] == 14
    assert len(told("list", "--json").splitlines()) == 13
    assert "complete -" in told("completion", "bash")
    page = (venv / "share" / "man" / "man1" / "photolala.1").read_text()
    assert page.startswith(".TH PHOTOLALA 1")
    assert r"photolala serve\-demo\-s3" in page
    assert not list(venv.rglob("manual_hook.py"))
    with Terminal([str(program), str(album / "2023 Dolomites")], env=environment) as terminal:
        terminal.wait_for("IMG_0001")
        terminal.press("q")
        assert terminal.wait_exit() == 0
