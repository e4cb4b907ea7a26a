"""Threads for transfers that nobody need wait for: a silent server does not hold up a cancel.

What a cancelled transfer still does on its thread is harmless: an object or a part arrives that was wanted.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Workers:
    """A few daemon threads that do what is submitted, in turn."""

    def __init__(self, count: int, name: str) -> None:
        """Start them.

        Args:
            count: how many.
            name: of the threads, for people who debug.
        """
        self._count = count
        self._tasks: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        for number in range(count):
            threading.Thread(target=self._work, name=f"{name} {number}", daemon=True).start()

    def submit(self, task: Callable[[], T]) -> "Future[T]":
        """Queue a task; its result, or what it raises, will be in the future."""
        future: Future[T] = Future()
        self._tasks.put((future, task))
        return future

    def for_each(self, items: Iterable[T], do: Callable[[T], object]) -> None:
        """Do something with each of many items, as threads are free; none of those that wait is a task yet.

        Args:
            items: in their order.
            do: raises nothing.
        """
        rest = deque(items)

        def work() -> None:
            while rest:
                try:
                    item = rest.popleft()
                except IndexError:
                    return  # another thread was quicker
                do(item)

        for _ in range(self._count):
            self.submit(work)

    def end(self) -> None:
        """Let the threads end after what they are doing; does not wait for them."""
        for _ in range(self._count):
            self._tasks.put(None)

    def _work(self) -> None:
        while (order := self._tasks.get()) is not None:
            future, task = order
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(task())
            except BaseException as error:
                future.set_exception(error)
            del future, task, order  # they may hold megabytes
