"""The wire between a store and an S3 server: watched, changed and cut."""

import contextlib
import re
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


class Cutting:
    """A TCP proxy on loopback that breaks off connections, each in turn after so many bytes from the client.

    Or after so many bytes of the server's answers.
    """

    def __init__(self, address: str, after: list[int] = (), answer_after: list[int] = ()):
        host, _, port = address.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self.after = list(after or answer_after)
        self._answers = not after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                limit = self.after.pop(0) if self.after else None
                server = socket.create_connection(self._target)
                up, down = (None, limit) if self._answers else (limit, None)
                for source, target, most in ((client, server, up), (server, client, down)):
                    threading.Thread(target=self._pump, args=(source, target, most), daemon=True).start()

    @staticmethod
    def _pump(source, target, most):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if most is not None and (most := most - len(data)) < 0:
                    break
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self):
        self._listener.close()
