"""The wire between a store and an S3 server: watched, changed and cut."""

import contextlib
import os
import queue
import re
import signal
import socket
import threading
from collections import Counter
from typing import NamedTuple


class Answer(NamedTuple):
    """An answer on its way back, the body in pieces."""

    status: str
    headers: list[tuple[str, str]]
    body: list[bytes]


class Wire:
    """WSGI middleware: counts what passes, and two hooks that may change it, wait, or hang up.

    Attributes:
        requests: "METHOD /path?query" of each, as they came.
        methods: how many requests, by method.
        bytes_up: of bodies that came.
        bytes_down: of bodies that went.
        hook: called with each request before it is served; a status that it returns is the answer.
        after: called with each request and its answer once it is served; returns the answer that goes out.

    Either hook may raise `ConnectionError`: then nobody hears of an answer.
    """

    PARTS = re.compile(r"partNumber=(\d+)")

    def __init__(self):
        self._lock = threading.Lock()
        self.forget()

    def forget(self):
        """Begin anew: nothing has passed, and nothing goes wrong."""
        self.requests: list[str] = []
        self.methods = Counter()
        self.bytes_up = self.bytes_down = 0
        self.hook = lambda request: None
        self.after = lambda request, answer: answer

    def __call__(self, application):
        def passing(environ, start_response):
            method = environ["REQUEST_METHOD"]
            request = f"{method} {environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
            with self._lock:
                self.requests.append(request)
                self.methods[method] += 1
                self.bytes_up += int(environ.get("CONTENT_LENGTH") or 0)
            status = self.hook(request)
            answer = told_so(status) if status else self.after(request, answer_of(application, environ))
            with self._lock:
                self.bytes_down += 0 if method == "HEAD" else sum(map(len, answer.body))
            start_response(answer.status, answer.headers)
            return answer.body

        return passing

    def parts(self) -> list[int]:
        """The numbers of the parts that were sent, in order."""
        return sorted(
            int(found[1]) for r in self.requests if r[:3] == "PUT" and (found := self.PARTS.search(r))
        )

    def count(self, start: str) -> int:
        return sum(request.startswith(start) for request in self.requests)


def told_so(status: int) -> Answer:
    """An error of a server that was told to fail."""
    body = b"<Error><Code>ToldSo</Code><Message>As told.</Message></Error>"
    return Answer(f"{status} Told So", [("Content-Type", "application/xml")], [body])


def answer_of(application, environ) -> Answer:
    begun = []
    body = list(application(environ, lambda status, headers, _=None: begun.append((status, headers))))
    return Answer(*begun[-1], body)


class Proxy:
    """A TCP proxy on loopback, of which each kind says in `ways` what passes.

    A way is called with each piece, where it came from and where it goes, and returns whether it may go there:
    otherwise the connection breaks off.
    """

    def __init__(self, address: str):
        host, _, port = address.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def ways(self):
        """The ways of a new connection: that of what the client sends, and that of the answers."""
        raise NotImplementedError

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                up, down = self.ways()
                for source, target, way in ((client, server, up), (server, client, down)):
                    threading.Thread(target=self._pump, args=(source, target, way), daemon=True).start()

    @staticmethod
    def _pump(source, target, way):
        with contextlib.suppress(OSError):
            while (data := source.recv(65536)) and way(data, source, target):
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self):
        self._listener.close()


class Cutting(Proxy):
    """Breaks off connections, each in turn after so many bytes from the client, or of the server's answers."""

    def __init__(self, address: str, after: list[int] = (), answer_after: list[int] = ()):
        self.after = list(after or answer_after)
        self._answers = not after
        super().__init__(address)

    def ways(self):
        cut, free = _within(self.after.pop(0) if self.after else None), _within(None)
        return (free, cut) if self._answers else (cut, free)


def _within(most: int | None):
    left = most

    def way(data, *_):
        nonlocal left
        if left is not None:
            left -= len(data)
        return left is None or left >= 0

    return way


class LastWord(Proxy):
    """Kills whoever sends a CompleteMultipartUpload: once all of it is sent, and before any answer."""

    def __init__(self, address: str, *, reaches: bool):
        """Set it up.

        Args:
            address: of the server.
            reaches: whether the request reaches the server; if so, it has done it when `kill` is over.
        """
        self._reaches = reaches
        self._victim = queue.SimpleQueue()
        self._over = threading.Event()
        super().__init__(address)

    def kill(self, process: int):
        """Let a process not live to hear the answer."""
        self._victim.put(process)
        assert self._over.wait(60)

    def ways(self):
        killed = threading.Event()

        def up(data, client, server):
            if not data.startswith(b"POST ") or b"uploadId=" not in data.partition(b"\r\n")[0]:
                return True
            request = _whole(data, client)
            os.kill(self._victim.get(timeout=60), signal.SIGKILL)
            killed.set()
            if self._reaches:
                server.sendall(request)
                self._over.wait(60)
            self._over.set()
            return False

        def down(*_):
            if killed.is_set():
                self._over.set()
            return True

        return up, down


def _whole(data: bytes, client: socket.socket) -> bytes:
    """Return a request with its body, of which the first piece has come."""
    while (end := data.find(b"\r\n\r\n") + 4) < 4:
        data += client.recv(65536)
    length = int(re.search(rb"(?i)content-length: *(\d+)", data)[1])
    while len(data) < end + length:
        data += client.recv(65536)
    return data
