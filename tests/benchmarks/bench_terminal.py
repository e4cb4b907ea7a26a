"""The app on the screen, beside ranger and mc: how soon it answers, what a key costs, and what rest costs.

Run by `make bench`. Driven by the pty benchmark that lies beside this repository; without it, or without the
peers, there is nothing to compare with. All take turns in one run; the ratios are what counts.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[3] / "shared" / "tools"
ROUNDS = os.environ.get("ROUNDS", "3")
GOALS = [  # (what, folder, peer, where tuibench keeps it, at most this part of the peer's)
    ("1,000 photos: painted, and answering keys", "1k", "ranger", ("early", "interactive_ms"), 1.0),
    ("100,000 photos: painted, and answering keys", "100k", "mc", ("early", "interactive_ms"), 1.0),
    ("one key down: ms", "1k", "ranger", ("down", "last_ms", "p50"), 2.0),
    ("one key down: bytes", "1k", "ranger", ("down_move", "bytes", "p50"), 1.2),
    ("one key down, the list scrolls: bytes", "1k", "ranger", ("down_scroll", "bytes", "p50"), 1.2),
    ("200 keys at once: settled ms", "1k", "ranger", ("burst", "settled_ms"), 1.0),
    ("200 keys at once: bytes", "1k", "ranger", ("burst", "bytes"), 0.05),
    ("100,000 photos: memory", "100k", "ranger", ("mem", "peak_rss_kb"), 0.25),
]


@pytest.mark.skipif(
    not (TOOLS / "tuibench.py").exists() or not (shutil.which("ranger") and shutil.which("mc")),
    reason="needs the pty benchmark, ranger and mc",
)
def test_the_screen_beside_its_peers(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Path(os.environ.get("SCREEN_BENCH", tmp_path_factory.getbasetemp() / "screen"))
    app = [sys.executable, "-P", "-m", "tui.main", "{dir}"]  # without -P Python itself lists the folder
    subprocess.run([sys.executable, TOOLS / "tui_peers.py", work, *app], check=True, capture_output=True)
    config = json.loads((work / "bench.json").read_text())
    home = {"HOME": str(work / "home" / "photolala"), "PYTHONPATH": str(Path(__file__).parents[2])}
    next(c for c in config["commands"] if c["name"] == "photolala")["env"] = home
    (work / "bench.json").write_text(json.dumps(config))
    for folder in ("1k", "100k"):
        scan = [sys.executable, "-m", "tui.main", "scan", work / folder]
        subprocess.run(scan, env={**os.environ, **home}, check=True, capture_output=True)
    results = work / "results.jsonl"
    results.unlink(missing_ok=True)
    subprocess.run(
        [sys.executable, TOOLS / "tuibench.py", "table", work / "bench.json", "--dirs", "1k,100k", "--calm", "0",
         "--only", "ranger,mc,photolala", "-r", ROUNDS, "--json", results],
        check=True, capture_output=True,
    )  # fmt: skip
    runs = [json.loads(line) for line in results.read_text().splitlines()]
    with capsys.disabled():
        for what, folder, peer, path, goal in GOALS:
            print(f"\n{what}: {told(runs, folder, peer, path)}, goal {goal}", end="")
        idle = [(run["idle"]["bytes"], run["idle"]["cpu_ms"]) for run in runs if run["name"] == "photolala"]
        print(f"\n5 seconds of rest, (bytes, ms of CPU) of each run: {idle}, goal (0, 0)")


def told(runs: list[dict], folder: str, peer: str, path: tuple[str, ...]) -> str:
    """Ours, the peer's, and the ratio of the medians, with the spread of each."""
    sides = []
    for name in ("photolala", peer):
        values = []
        for run in runs:
            if (run["name"], run["dirname"]) == (name, folder):
                value = run
                for key in path:
                    value = (value or {}).get(key)
                values.append(float(value or "nan"))
        sides.append((statistics.median(values), min(values), max(values)))
    (ours, *spread), (theirs, *others) = sides
    return (
        f"{ours:.0f} ({spread[0]:.0f} to {spread[1]:.0f}) / {peer} {theirs:.0f} "
        f"({others[0]:.0f} to {others[1]:.0f}) = {ours / theirs:.2f}"
    )
