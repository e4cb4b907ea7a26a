"""A sync costs no picture library, no screen, and no boto3 until there is an S3 to talk to."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sync

HEAVY = ("boto3", "botocore", "textual", "PIL")
MODULES = sorted(path for path in Path(sync.__file__).parent.rglob("*.py"))


def loaded_by(module):
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_the_engine_loads_nothing_heavy():
    assert not loaded_by("sync.engine").intersection(HEAVY)


def test_the_s3_store_loads_boto3_and_no_more():
    assert loaded_by("sync.stores.s3").intersection(HEAVY) == {"boto3", "botocore"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_the_s3_store_knows_of_boto3(path):
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    tops = {name.partition(".")[0] for name in names}
    assert tops.isdisjoint({"textual", "PIL", "tui", "sqlmodel", "sqlalchemy"})
    assert ("boto3" in tops) == (path.stem == "s3")
    assert ("botocore" in tops) == (path.stem in ("s3", "s3_errors"))
