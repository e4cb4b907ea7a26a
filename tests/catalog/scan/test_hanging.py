"""A disk that does not answer: neither the scan nor the end of the process waits for it."""

import ctypes
import os
import signal
import subprocess
import sys
import threading

import pytest

from catalog.patience import patiently
from catalog.scan import chosen, reading
from catalog.scan.chosen import scan_file
from catalog.scan.scanner import RootOfflineError
from tests.catalog.conftest import md5_at, raw, start_python
from tests.catalog.conftest import scan as patient_scan
from tests.conftest import draw_photo


def scan(*arguments):
    """Scan on a thread of its own, so that a test fails if it never comes back."""
    return patiently(lambda _: patient_scan(*arguments, patience=0.5), patience=30)


@pytest.fixture
def go():
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def hang(monkeypatch, go):
    """Make calls of a function hang for some of its first arguments, as long as the test lasts."""

    def at(module, name, *paths):
        real, reached = getattr(module, name), threading.Event()

        def hanging(path, *arguments, **named):
            if not paths or os.fspath(path) in paths:
                reached.set()
                go.wait()
            return real(path, *arguments, **named)

        monkeypatch.setattr(module, name, hanging)
        return reached

    return at


def test_a_folder_that_does_not_answer_is_told_and_the_rest_is_scanned(catalog, library, hang):
    scan(catalog, library)
    draw_photo(library / "2024" / "new.jpg", 9)
    hang(os, "scandir", raw(library / "2023"))
    report = scan(catalog, library)
    assert report.problems == [(raw(library / "2023"), "the folder cannot be read: No answer for 0.5 s")]
    assert (report.complete, report.new, report.missing, report.photos) == (True, 1, 0, 4)
    assert catalog.stats().files == 5


def test_a_file_that_does_not_answer_costs_its_own_row(catalog, library, hang):
    hang(reading, "read_facts", raw(library / "a.jpg"))
    report = scan(catalog, library)
    assert report.problems == [(raw(library / "a.jpg"), "cannot be read: No answer for 0.5 s")]
    assert (report.complete, report.new, report.failed) == (True, 2, 1)


def test_a_root_that_does_not_answer_is_offline(catalog, library, hang):
    scan(catalog, library)
    hang(os, "scandir")
    with pytest.raises(RootOfflineError, match=r"cannot be reached \(No answer for 0.5 s\)"):
        scan(catalog, library)
    assert catalog.stats().files == 4


def test_a_mount_that_goes_silent_while_it_is_read_is_offline_and_what_was_read_is_kept(
    catalog, library, hang
):
    for number in range(50):
        draw_photo(library / "later" / f"{number}.jpg", number + 100)
    scan(catalog, library / "2023")
    hang(reading, "read_facts")
    with pytest.raises(RootOfflineError, match="does not answer any more"):
        scan(catalog, library)
    assert md5_at(catalog, raw(library / "2023" / "c.jpg"))


def test_a_scan_can_be_cancelled_while_nothing_answers(catalog, library, go, hang):
    reached, asked, reports = hang(reading, "read_facts"), threading.Event(), []
    scanning = threading.Thread(
        target=lambda: reports.append(patient_scan(catalog, library, cancelled=asked.is_set)), daemon=True
    )
    scanning.start()
    assert reached.wait(20)
    asked.set()
    scanning.join(20)
    assert not go.is_set()
    assert [report.complete for report in reports] == [False]


def test_a_star_on_a_file_that_does_not_answer_is_an_error_in_time(catalog, library, hang):
    hang(chosen, "read_facts")
    with pytest.raises(TimeoutError, match="No answer"):
        scan_file(catalog, raw(library / "a.jpg"), patience=0.2)


def test_the_process_ends_while_threads_hang(catalog, library):
    code = """
import os, sys, threading
from pathlib import Path
from catalog.scan.scanner import RootOfflineError, Scan
from catalog.store import SqlCatalog
catalog = SqlCatalog(Path(sys.argv[1]))
os.scandir = lambda path: threading.Event().wait()
try:
    Scan(catalog, os.fsencode(sys.argv[2]), patience=0.2).run()
except RootOfflineError as error:
    print(error)
"""
    process = start_python(code, catalog.path, library)
    told, errors = process.communicate(timeout=60)
    assert "cannot be reached" in told
    assert (errors, process.returncode) == ("", 0)


SILENT_MOUNT = """
import ctypes, os, sys
server = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={server},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}".encode()
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"silent", os.fsencode(sys.argv[1]), b"fuse.silent", 0, options):
    raise OSError(ctypes.get_errno(), "cannot mount")
print("mounted", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def silent(library):
    """A real file system in the library's folder `silent`, whose server answers nothing."""
    place = library / "silent"
    place.mkdir()
    server = start_python(SILENT_MOUNT, place)
    assert server.stdout is not None
    if server.stdout.readline() != "mounted\n":
        server.communicate()
        pytest.skip("a file system cannot be mounted here")
    yield place
    ctypes.CDLL(None).umount2(os.fsencode(place), 2)  # MNT_DETACH
    server.send_signal(signal.SIGKILL)  # whoever waits for the server gets an error now
    server.communicate()


def test_a_real_mount_whose_server_does_not_answer(catalog, library, silent):
    code = """
import os, sys
from pathlib import Path
from catalog.scan.scanner import RootOfflineError, Scan
from catalog.store import SqlCatalog
catalog = SqlCatalog(Path(sys.argv[1]))
report = Scan(catalog, os.fsencode(sys.argv[2]), patience=0.5).run()
print(report.complete, report.new, report.problems[0][1])
try:
    Scan(catalog, os.fsencode(sys.argv[2]) + b"/silent", patience=0.5).run()
except RootOfflineError as error:
    print(error)
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, catalog.path, library],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert ran.stdout.splitlines() == [
        "True 3 the folder cannot be read: No answer for 0.5 s",
        f"{silent} cannot be reached (No answer for 0.5 s). Its photos stay in the catalog as they are.",
    ]
