"""The request rate, on a clock that the tests wind."""

import threading
import time

import pytest

from sync.stores.objectstore import ConditionFailedError, UnclearError, UnreachableError
from sync.stores.rate import LimitedStore, RateLimit
from sync.transfer import CancelledError
from tests.sync.memory_store import MemoryStore


class Clock(threading.Event):
    """A cancel event that tells the time as well: whoever waits on it has waited at once."""

    def __init__(self):
        super().__init__()
        self.now = 1e6
        self.lock = threading.Lock()

    def __call__(self):
        return self.now

    def wait(self, timeout=None):
        assert timeout > 0
        with self.lock:
            self.now += timeout
        return self.is_set()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def seconds_for(clock):
    """Tell how long it takes to get some tokens."""

    def measure(limit, tokens):
        begun = clock.now
        for _ in range(tokens):
            limit.take()
        return clock.now - begun

    return measure


def limit_of(clock, *rate, **how):
    return RateLimit(*rate, cancel=clock, clock=clock, **how)


def about(seconds):
    return pytest.approx(seconds, rel=1e-3, abs=1e-6)


def test_a_burst_is_free_and_then_the_rate_holds(clock, seconds_for):
    limit = limit_of(clock, 10, burst=4)
    assert seconds_for(limit, 4) == 0
    assert seconds_for(limit, 1) == about(0.1)
    assert seconds_for(limit, 50) == about(5)


def test_by_default_it_is_twenty_a_second(clock, seconds_for):
    limit = limit_of(clock)
    assert seconds_for(limit, 20) == 0
    assert seconds_for(limit, 60) == about(3)


def test_a_rate_below_one_a_second_still_lets_through(clock, seconds_for):
    assert seconds_for(limit_of(clock, 0.5), 3) == about(4)


def test_a_rest_fills_the_bucket_and_no_more(clock, seconds_for):
    limit = limit_of(clock, 10, burst=4)
    seconds_for(limit, 4)
    clock.now += 0.2
    assert seconds_for(limit, 3) == about(0.1)
    clock.now += 1000
    assert seconds_for(limit, 4) == 0
    assert seconds_for(limit, 1) == about(0.1)


@pytest.mark.parametrize(("rate", "burst"), [(0, None), (-1, None), (5, 0)])
def test_a_rate_that_lets_nothing_through_is_an_error(rate, burst):
    with pytest.raises(ValueError, match="must let something through"):
        RateLimit(rate, burst)


def seconds_to_move(clock, limit, *amounts):
    begun = clock.now
    for amount in amounts:
        limit.take(amount)
    return clock.now - begun


def test_bytes_go_at_their_rate_in_whatever_pieces(clock):
    for amounts in ([250_000] * 12, [1_000_000] * 3, [1, 999_999, 2_000_000], [10_000] * 300):
        limit = limit_of(clock, 100_000)
        moved = seconds_to_move(clock, limit, *amounts, 1)
        assert moved == pytest.approx((3_000_000 - 100_000) / 100_000, rel=0.01)


def test_a_piece_larger_than_the_bucket_goes_when_it_is_full_and_those_after_it_wait(clock):
    limit = limit_of(clock, 100)
    assert seconds_to_move(clock, limit, 1000) == 0
    assert seconds_to_move(clock, limit, 1) == about(9 + 1 / 100)
    assert seconds_to_move(clock, limit, 1000) == about(1)


def test_nothing_is_moved_at_no_cost(clock):
    limit = limit_of(clock, 100)
    assert seconds_to_move(clock, limit, 100, 0) == 0


def test_a_complaint_makes_all_pause_and_go_on_at_half_the_rate(clock, seconds_for):
    limit = limit_of(clock, 16)
    limit.slow_down(5)
    assert seconds_for(limit, 1) == about(5 + 1 / 8)
    assert seconds_for(limit, 8) == pytest.approx(1, rel=0.03)


def test_whoever_waits_already_pauses_too(clock):
    limit = limit_of(clock, 10, burst=1)
    limit.take()
    waited = []

    def wait(timeout):
        if not waited:
            limit.slow_down(5)  # comes while it waits for its tenth of a second
        waited.append(timeout)
        clock.now += timeout
        return False

    clock.wait = wait
    limit.take()
    assert sum(waited) == about(5.2)


def test_the_full_rate_comes_back_step_by_step(clock, seconds_for):
    limit = limit_of(clock, 16)
    limit.slow_down(1)
    rates = []
    for _ in range(5):
        clock.now += 10
        seconds_for(limit, 16)  # what has gathered meanwhile
        rates.append(1 / seconds_for(limit, 1))
    assert rates[0] > 8
    assert rates == sorted(rates)
    assert rates[2] < 16
    assert rates[4] == about(16)


def test_complaints_of_requests_on_their_way_count_once(clock, seconds_for):
    limit = limit_of(clock, 16)
    for seconds in (2, 3, 1):
        limit.slow_down(seconds)
    assert seconds_for(limit, 1) == about(3 + 1 / 8)


def test_complaint_after_complaint_slows_down_to_a_sixteenth(clock, seconds_for):
    limit = limit_of(clock, 16)
    for _ in range(20):
        limit.slow_down(1)
        clock.now += 1
    assert seconds_for(limit, 1) == about(1)


@pytest.mark.parametrize(
    ("asked", "kept"), [(None, 1), (0, 1), (-5, 1), (7, 7), (1e9, 60), (float("inf"), 60), (float("nan"), 1)]
)
def test_a_pause_is_between_a_second_and_a_minute(clock, seconds_for, asked, kept):
    limit = limit_of(clock, 16)
    limit.slow_down(asked)
    assert seconds_for(limit, 1) == about(kept + 1 / 8)


def test_a_cancel_ends_the_wait(clock):
    limit = limit_of(clock, 10, burst=1)
    limit.take()
    clock.set()
    with pytest.raises(CancelledError):
        limit.take()


def test_a_cancel_from_another_thread_ends_a_real_wait():
    cancel = threading.Event()
    limit = RateLimit(1 / 3600, cancel=cancel)
    limit.take()
    ended = threading.Event()

    def wait():
        with pytest.raises(CancelledError):
            limit.take()
        ended.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    assert not ended.is_set()
    cancel.set()
    assert ended.wait(20)
    thread.join()


def test_threads_come_one_after_the_other(clock):
    inside, most = [], []

    def now():
        inside.append(1)
        for _ in range(20):
            time.sleep(0)  # lets another thread go on, if it may
        most.append(len(inside))
        inside.pop()
        return clock.now

    limit = RateLimit(10, burst=5, cancel=clock, clock=now)
    begun = clock.now
    threads = [threading.Thread(target=lambda: [limit.take() for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}
    assert clock.now - begun >= (80 - 5) / 10 - 1e-3


# ---- the store


class Tokens:
    """A limit that notes what is asked of it."""

    def __init__(self):
        self.log = []

    def take(self, amount=1):
        self.log.append("take" if amount == 1 else amount)

    def slow_down(self, seconds):
        self.log.append(seconds)


class Failing(MemoryStore):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def put(self, *_, **__):
        raise self.error

    get = head = delete = tidy = put

    def list(self, prefix):
        yield "one"
        raise self.error


CALLS = [
    lambda store: store.get("key", limit=9),
    lambda store: store.put("key", b"", content_type="text/plain"),
    lambda store: list(store.list("")),
    lambda store: store.head("key"),
    lambda store: store.delete("key"),
    lambda store: store.tidy(),
]


def test_each_request_takes_a_token_and_is_passed_on_as_it_is():
    inner, limit = MemoryStore(), Tokens()
    store = LimitedStore(inner, limit)
    etag = store.put("key", b"one", content_type="text/plain", if_absent=True)
    etag = store.put("key", b"two", content_type="text/plain", if_etag=etag)
    for condition in ({"if_absent": True}, {"if_etag": '"stale"'}):
        with pytest.raises(ConditionFailedError):
            store.put("key", b"lost", content_type="text/plain", **condition)
    assert store.get("key", limit=9).data == b"two"
    assert store.get("key", limit=9, unless_etag=etag) is None
    assert store.head("key") == next(store.list("k"))
    store.delete("key")
    assert [(call.method, call.status) for call in inner.log] == [
        ("PUT", 200), ("PUT", 200), ("PUT", 412), ("PUT", 412), ("GET", 200), ("GET", 304), ("HEAD", 200), ("LIST", 200), ("DELETE", 204),
    ]  # fmt: skip
    assert limit.log == ["take"] * 9
    assert (store.url, store.traffic) == (inner.url, inner.traffic)


def asking_for(seconds, error):
    error.retry_after = seconds
    return error


OTHERS = [
    UnclearError("reset"),
    asking_for(None, UnclearError("500")),
    asking_for(3, UnreachableError("not the remote's own words")),
    KeyError("bug"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("seconds", [0, 7.5])
def test_a_remote_that_asks_to_slow_down_is_obeyed(call, seconds):
    error = asking_for(seconds, UnclearError("503 SlowDown"))
    limit = Tokens()
    with pytest.raises(UnclearError) as caught:
        call(LimitedStore(Failing(error), limit))
    assert caught.value is error
    assert limit.log == ["take", seconds]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("error", OTHERS, ids=str)
def test_other_failures_change_no_rate(call, error):
    limit = Tokens()
    with pytest.raises(type(error)) as caught:
        call(LimitedStore(Failing(error), limit))
    assert caught.value is error
    assert limit.log == ["take"]


def test_no_request_is_sent_once_the_wait_is_cancelled(clock):
    inner = MemoryStore()
    limit = limit_of(clock, 1, burst=1)
    clock.set()
    store = LimitedStore(inner, limit)
    store.delete("key")
    with pytest.raises(CancelledError):
        store.delete("key")
    assert len(inner.log) == 1
