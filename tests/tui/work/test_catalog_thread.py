"""What is asked of the catalog is done in order, and every failure is told in a sentence."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.scan.chosen import scan_file
from catalog.store import SqlCatalog
from tests.conftest import draw_photo
from tui.work.catalog_thread import CatalogThread


class Asked:
    """A thread on a catalog, and all that it has told."""

    def __init__(self, path: Path) -> None:
        self.refusals: list[str] = []
        self.told: list[object] = []
        self.thread = CatalogThread(path, self.refusals.append)

    def ask(self, job: Callable[[SqlCatalog], object]) -> None:
        self.thread.ask(lambda catalog: self.told.append(job(catalog)), self.told.append)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    asked = Asked(tmp_path / "catalog.sqlite")
    asked.thread.start()
    yield asked
    asked.thread.finish()


def test_jobs_are_done_in_the_order_of_asking(asked: Asked) -> None:
    for number in range(100):
        asked.ask(lambda _, number=number: number)
    asked.thread.finish()
    assert asked.told == list(range(100))
    assert asked.refusals == []


def test_what_is_asked_before_the_start_is_done_after_it(tmp_path: Path) -> None:
    asked = Asked(tmp_path / "catalog.sqlite")
    asked.ask(lambda catalog: catalog.stats().photos)
    assert asked.told == []
    asked.thread.start()
    asked.thread.finish()
    assert asked.told == [0]


def test_all_jobs_run_on_one_thread_and_it_is_not_the_callers(asked: Asked) -> None:
    for _ in range(3):
        asked.ask(lambda _: threading.current_thread())
    asked.thread.finish()
    assert len(set(asked.told)) == 1
    assert asked.told[0] is not threading.current_thread()


def test_asking_does_not_wait_and_finishing_does(asked: Asked) -> None:
    go = threading.Event()
    asked.ask(lambda _: go.wait(10))
    asked.ask(lambda _: "the last")
    assert asked.told == []
    threading.Timer(0.05, go.set).start()
    asked.thread.finish()
    assert asked.told == [True, "the last"]


def test_finishing_twice_or_without_a_start_is_no_fault(tmp_path: Path, asked: Asked) -> None:
    asked.thread.finish()
    asked.thread.finish()
    CatalogThread(tmp_path / "never.sqlite", pytest.fail).finish()
    assert not (tmp_path / "never.sqlite").exists()


def test_a_star_is_on_the_disk_when_finishing_comes_back(asked: Asked, tmp_path: Path) -> None:
    photo = draw_photo(tmp_path / "a.jpg", 1)

    def star(catalog: SqlCatalog) -> bool:
        return catalog.update_star_status(scan_file(catalog, bytes(photo)), is_starred=True)

    asked.ask(star)
    asked.thread.finish()
    other = SqlCatalog(tmp_path / "catalog.sqlite")
    assert [entry.filename for entry in other.starred_entries()] == ["a.jpg"]
    other.close()


def test_a_job_that_fails_is_told_in_a_sentence_and_the_next_is_done(asked: Asked, tmp_path: Path) -> None:
    def wrong_query(catalog: SqlCatalog) -> None:
        with catalog.reading() as connection:
            connection.exec_driver_sql("SELECT x FROM nowhere")

    def silent(_: SqlCatalog) -> None:
        raise RuntimeError

    asked.ask(lambda catalog: scan_file(catalog, bytes(tmp_path / "missing.jpg")))
    asked.ask(lambda catalog: catalog.update_star_status("0" * 32, is_starred=True))
    asked.ask(wrong_query)
    asked.ask(silent)
    asked.ask(lambda _: "and on")
    asked.thread.finish()
    missing, unknown, wrong, nameless, after = map(str, asked.told)
    assert missing == "No such file or directory"
    assert unknown.startswith("No photo 000")
    assert "no such table" in wrong
    assert str(tmp_path / "catalog.sqlite") in wrong
    assert "sqlalche.me" not in wrong
    assert nameless == "RuntimeError"
    assert after == "and on"


def test_a_catalog_that_cannot_be_opened_fails_each_job_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"no database " * 1000)
    asked = Asked(path)
    asked.thread.start()
    for _ in range(2):
        asked.ask(lambda _: pytest.fail("there is no catalog"))
    asked.thread.finish()
    (refusal,) = asked.refusals
    assert str(path) in refusal
    assert asked.told == [refusal, refusal]
    assert path.read_bytes() == b"no database " * 1000, "it is left as it was"
