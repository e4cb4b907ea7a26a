"""Checks one by one: lazily, by their needs, with a time-out, and with an end when somebody cancels."""

import threading

from catalog.checkup import Check, Status, failed, ok, run_checks, skipped, warning


def test_a_check_is_made_when_its_result_is_asked_for():
    made = []

    def look(name):
        made.append(name)
        return ok(f"{name}.")

    results = run_checks([Check("one", lambda: look("one")), Check("two", lambda: look("two"))])
    assert made == []
    assert next(results)[:4] == ("one", "ok", "one.", "")
    assert made == ["one"]
    assert [result.name for result in results] == ["two"]


def test_without_what_it_needs_a_check_is_skipped():
    def never():
        raise AssertionError

    checks = [
        Check("broken", lambda: failed("It is broken", "Mend it.")),
        Check("second", never, ("broken",)),
        Check("third", never, ("second",)),
        Check("untold", lambda: skipped("Nobody tells.")),
        Check("fourth", never, ("untold",)),
        Check("weak", lambda: warning("It is weak.", "Feed it.")),
        Check("fifth", lambda: ok("Well."), ("weak",)),
    ]
    results = {result.name: result for result in run_checks(checks)}
    assert results["broken"].found == "It is broken."
    assert results["second"].found == "Not tried without broken."
    assert {name: result.status.value for name, result in results.items()} == {
        "broken": "failed", "second": "skipped", "third": "skipped", "untold": "skipped", "fourth": "skipped",
        "weak": "warning", "fifth": "ok",
    }  # fmt: skip


def test_what_a_check_raises_is_its_failure():
    (result,) = run_checks([Check("one", lambda: 1 / 0)])
    assert (result.status, result.found) == ("failed", "division by zero.")


def test_a_check_that_hangs_is_left_behind_and_the_next_one_made():
    go_on = threading.Event()
    checks = [
        Check("hangs", lambda: ok(str(go_on.wait(30))), patience=0.1),
        Check("next", lambda: ok("Well.")),
    ]
    results = list(run_checks(checks))
    go_on.set()
    assert [result.status for result in results] == [Status.FAILED, Status.OK]
    assert "No answer for 0.1 s" in results[0].found
    assert results[0].seconds < 10


def test_a_cancel_ends_a_check_that_hangs():
    go_on, cancel = threading.Event(), threading.Event()

    def hang():
        cancel.set()
        return ok(str(go_on.wait(30)))

    assert list(run_checks([Check("hangs", hang), Check("next", lambda: ok("Well."))], cancel)) == []
    go_on.set()
