"""What the tests of photo files share: a machine that can be moved to another time zone."""

import time

import pytest


@pytest.fixture
def zone(monkeypatch):
    """Return a function that moves this machine to another time zone."""

    def move(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()
