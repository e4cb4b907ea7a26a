"""`import` and `export` keep their word to people and to scripts."""

import json
from pathlib import Path

import pytest

from tests.catalog.photolala.by_hand import everything, lay, lay_bytes, line, md5
from tests.conftest import draw_photo, permissions_that_count
from tests.tui.words.test_shown import hidden_in
from tui.main import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("PHOTOLALA_CATALOG", str(tmp_path / "catalog.sqlite"))

    def run(*arguments: object):
        status = main([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [
        line("a1", "one.jpg"),
        line("a2", "two.jpg"),
        line("a3", "\x1b]0;x\x07.jpg", "x"),
        line("A4".lower()),
    ]
    return lay_bytes(tmp_path / "photos", {"a": "\n".join(lines).replace("a4", "A4", 1).encode()})


def test_an_import_reports_what_it_met(run, folder):
    before = everything(folder)
    status, out, err = run("import", folder, "--json")
    told = json.loads(out)
    assert (status, err) == (0, "")
    assert (told["read"], told["imported"], told["mended"], told["skipped"]) == (4, 3, 1, 1)
    assert told["problems"][0] == {
        "shard": "a",
        "line": 3,
        "kind": "skipped",
        "why": "its size is not a whole number",
    }
    assert everything(folder) == before
    status, out, _ = run("import", folder / ".photolala")
    assert status == 0
    assert "shard a, line 3: skipped: its size is not a whole number" in out
    assert "0 photos imported, 3 known already" in out
    assert not hidden_in(out.replace("\n", ""))


def test_all_catalogs_of_a_tree_are_imported(run, tmp_path):
    tree = tmp_path / "tree"
    lay_bytes(tree / "2023" / "May", {"a": line("a1", "one.jpg").encode()})
    lay_bytes(tree / "2024", {"b": line("b1", "two.jpg").encode()})
    (tree / "2025").mkdir()
    status, out, err = run("import", tree, "--json")
    told = [json.loads(report) for report in out.splitlines()]
    assert (status, err) == (0, "")
    assert [(report["source"], report["imported"]) for report in told] == [
        (str(tree / "2023" / "May"), 1),
        (str(tree / "2024"), 1),
    ]
    status, out, _ = run("import", tree)
    assert out.count("1 known already") == 2
    assert f"{tree}/2024:" in out
    lay_bytes(tree, {"c": line("c1", "three.jpg").encode()})
    assert len(run("import", tree, "--json")[1].splitlines()) == 1  # its own is what is meant


def test_an_import_that_is_not_whole_fails(run, folder):
    (folder / ".photolala" / "a.csv").chmod(0)
    with permissions_that_count():
        status, out, err = run("import", folder, "--json")
    assert (status, json.loads(out)["complete"]) == (1, False)
    assert "could be read" in err


@pytest.mark.parametrize("source", ["nowhere", "s3://bucket/catalogs/me", "."])
def test_what_cannot_be_imported_is_one_sentence(run, tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    status, out, err = run("import", source)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("photolala: ")


def test_an_export_is_written_and_told(run, tmp_path):
    folder = tmp_path / "photos"
    photo = draw_photo(folder / "one.jpg", 1)
    draw_photo(folder / "below" / "two.jpg", 2)
    assert run("scan", folder)[0] == run("star", photo)[0] == 0
    lay(folder, [line("a1", "unknown.jpg")])
    status, out, err = run("export", folder, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == {
        "folder": str(folder), "photos": 2, "stars": 1, "kept": 1, "below": 1, "written": True,
    }  # fmt: skip
    status, out, _ = run("export", folder)
    assert (status, out.splitlines()[0]) == (0, f"2 photos and 1 star there already in {folder}/.photolala.")
    assert md5("a1") in (folder / ".photolala" / "a.csv").read_text()


def test_a_folder_that_nothing_is_known_of_is_not_exported(run, tmp_path):
    status, out, err = run("export", tmp_path)
    assert (status, out) == (1, "")
    assert "scan" in err
