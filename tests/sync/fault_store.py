"""A bad way to a good remote: it loses requests, loses answers, lies, breaks off, and kills whoever calls."""

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from sync.stores.objectstore import (
    ConditionFailedError,
    DeniedError,
    Fetched,
    Listed,
    ObjectStore,
    RemoteError,
    UnclearError,
    UnreachableError,
)


class Fault(StrEnum):
    """What goes wrong with one call."""

    LOST_REQUEST = "the request is lost"
    LOST_ANSWER = "the answer is lost, the thing was done"
    LATE = "no answer, and the request arrives later"
    CONFLICT = "409, not done"
    DONE_412 = "412, though it was done"
    ERROR_500 = "500, not done"
    SLOW_DOWN = "503, not done"
    RESET = "reset in the middle of the body"
    STALE_LIST = "a listing from before the last write"
    DENIED = "403"
    UNREACHABLE = "no connection"
    KILLED_BEFORE = "the process dies before the request leaves"
    KILLED_AFTER = "the process dies before it hears the answer"


DONE_ALL_THE_SAME = frozenset({Fault.LOST_ANSWER, Fault.DONE_412, Fault.KILLED_AFTER})
OF_ANY_CALL = (Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.ERROR_500, Fault.SLOW_DOWN, Fault.RESET)
OF_A_PUT = (*OF_ANY_CALL, Fault.CONFLICT, Fault.DONE_412)


class Killed(BaseException):
    """Stands for SIGKILL: no handler for errors sees it."""


class FaultStore:
    """An `ObjectStore` around another one.

    Faults come by script (`fail`, `before`) or by chance: `rates` says how probable each is. A dead
    store, one that has killed its caller once, kills whoever calls it again.
    """

    def __init__(
        self,
        store: ObjectStore,
        seed: int = 0,
        rates: Mapping[Fault, float] | None = None,
        late: list[Callable[[], object]] | None = None,
    ):
        """Stand before a store; requests that are late wait in `late` until the test lets them arrive."""
        self.store = store
        self.late = [] if late is None else late
        self.url = store.url
        self.traffic = store.traffic
        self.log = getattr(store, "log", [])
        self.calls: list[tuple[str, str]] = []
        self.injected: list[tuple[str, str, Fault]] = []
        self._rates = dict(rates or {})
        self._random = random.Random(seed)
        self._script: list[dict[str, Any]] = []
        self._dead = False
        self._lock = threading.Lock()
        self._listings: dict[str, list[Listed]] = {}
        if self._rates:
            print(f"FaultStore(seed={seed})")  # pytest shows it when the test fails

    def fail(self, fault: Fault, method: str = "*", key: str = "*", *, nth: int = 1, times: int = 1):
        """Let the nth call (and further ones, `times` in all) that matches go wrong."""
        self._script.append(
            {"fault": fault, "call": (method, key), "from": nth, "to": nth + times, "seen": 0}
        )
        return self

    def before(self, do: Callable[[], object], method: str = "*", key: str = "*", *, nth: int = 1):
        """Do something just before the nth call that matches."""
        self._script.append({"do": do, "call": (method, key), "from": nth, "to": nth + 1, "seen": 0})
        return self

    def get(self, key: str, *, limit: int, unless_etag: str | None = None) -> Fetched | None:
        return self._call("GET", key, lambda: self.store.get(key, limit=limit, unless_etag=unless_etag))

    def put(self, key: str, data: bytes, **how: Any) -> str:
        return self._call("PUT", key, lambda: self.store.put(key, data, **how))

    def list(self, prefix: str) -> Iterator[Listed]:
        now = self._call("LIST", prefix, lambda: list(self.store.list(prefix)))
        stale = ("LIST", prefix, Fault.STALE_LIST) in self.injected[-1:]
        yield from self._listings.get(prefix, []) if stale else now
        self._listings[prefix] = now

    def head(self, key: str) -> Listed:
        return self._call("HEAD", key, lambda: self.store.head(key))

    def delete(self, key: str) -> None:
        self._call("DELETE", key, lambda: self.store.delete(key))

    def tidy(self) -> None:
        self._call("TIDY", "", self.store.tidy)

    def _call(self, method: str, key: str, do: Callable[[], Any]) -> Any:
        with self._lock:
            if self._dead:
                raise Killed
            self.calls.append((method, key))
            fault, hooks = self._next(method, key)
            if fault:
                self.injected.append((method, key, fault))
                self._dead = fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
        for hook in hooks:
            hook()
        if fault in (None, Fault.STALE_LIST):  # of what is not a listing, nothing is stale
            return do()
        if fault in DONE_ALL_THE_SAME:
            try:
                do()
            except RemoteError:
                if fault is Fault.DONE_412:
                    raise  # it was not done: its own failure is the answer
        if fault is Fault.LATE:
            self.late.append(do)
        raise error_of(fault, key)

    def _next(self, method: str, key: str) -> tuple[Fault | None, Sequence[Callable[[], object]]]:
        fault, hooks = None, []
        for line in self._script:
            if not (fnmatchcase(method, line["call"][0]) and fnmatchcase(key, line["call"][1])):
                continue
            line["seen"] += 1
            if line["from"] <= line["seen"] < line["to"]:
                fault = line.get("fault", fault)
                hooks += [line["do"]] if "do" in line else []
        if fault is None and self._rates:
            possible = [*OF_A_PUT] if method == "PUT" else [*OF_ANY_CALL]
            possible += [Fault.STALE_LIST] if method == "LIST" else []
            dice = self._random.random()
            for candidate in possible:
                dice -= self._rates.get(candidate, 0)
                if dice < 0:
                    return candidate, hooks
        return fault, hooks


def error_of(fault: Fault, key: str) -> BaseException:
    match fault:
        case Fault.CONFLICT | Fault.DONE_412:
            return ConditionFailedError(f"The condition on {key} was refused.")
        case Fault.DENIED:
            return DeniedError("The remote refuses access.")
        case Fault.UNREACHABLE:
            return UnreachableError("The remote cannot be reached.")
        case Fault.KILLED_BEFORE | Fault.KILLED_AFTER:
            return Killed()
        case _:
            return UnclearError(f"The remote did not answer: {fault}.")
