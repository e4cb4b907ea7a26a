"""moto's S3 behind an HTTP server that keeps connections alive, answers in turn and can be stopped.

Imports moto, which takes a second, so `tui.demo.server` imports this module only on start.
"""

from __future__ import annotations

import io
import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from moto.backends import get_backend
from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from werkzeug.serving import ThreadedWSGIServer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

store_lock = threading.Lock()
"""Held by whoever touches moto's store. There is one store in a process, so there is one lock."""


def s3_application() -> WSGIApplication:
    """Make the WSGI application: moto's S3, one request at a time.

    moto checks the condition of a conditional PUT and then writes, with nothing in between to
    keep other requests out. With the lock, one of several racing writers wins, as on real S3.

    Returns:
        An application that may be called from many threads.
    """
    moto = create_backend_app("s3")

    def in_turn(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with store_lock:
            return _whole(moto(environ, start_response))

    return in_turn


def empty_store() -> None:
    """Forget all buckets, and close the temporary files behind their objects."""
    for account in get_backend("s3").values():
        account.reset()


def _whole(answer: Iterable[bytes]) -> list[bytes]:
    """Read a WSGI answer to its end, and close it as that protocol asks."""
    try:
        return list(answer)
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()


class Server(ThreadedWSGIServer):
    """werkzeug's threaded server, which on closing also ends the connections that are still open."""

    # Used on the serving thread alone: it accepts connections, and closes the server when done.
    _open: dict[threading.Thread, socket.socket] = {}  # replaced, never changed

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection from a thread that `server_close` will find."""
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name="demo-s3 connection",
            daemon=True,
        )
        alive = {worker: connection for worker, connection in self._open.items() if worker.is_alive()}
        self._open = {**alive, thread: request}
        thread.start()

    def server_close(self) -> None:
        """Close the listening socket, hang up on every client, and wait for their threads."""
        super().server_close()
        for thread, connection in self._open.items():
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)
            thread.join()


class Handler(MotoRequestHandler):
    """Answers many requests on one connection, where werkzeug closes it after each."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # it would hold the body back until the head is acknowledged, 40 ms

    def run_wsgi(self) -> None:
        """Answer one request; werkzeug calls this for every method."""
        try:
            self._respond(self._request())
        except ConnectionError:  # the client's, or a fault that the middleware wants
            self.close_connection = True

    def log(self, *_: object) -> None:
        """Say nothing: stderr belongs to the app's screen."""

    def _request(self) -> WSGIEnvironment:
        """Read the request to its end: before the lock is taken, and so that the next one begins cleanly."""
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(HTTPStatus.CONTINUE)
            self.end_headers()
        environ = self.make_environ()
        if environ.get("wsgi.input_terminated"):  # chunked: werkzeug knows where it ends
            body = environ["wsgi.input"].read()
        else:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:
                raise ConnectionAbortedError("the client hung up in the middle of its request")
        environ["wsgi.input"] = io.BytesIO(body)
        return environ

    def _respond(self, environ: WSGIEnvironment) -> None:
        """Ask the application, and send what it says; should it fail, an S3 error that says why."""
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Any:
            said.append((status, headers))

        try:
            body = b"".join(_whole(self.server.app(environ, start_response)))
            status, headers = said[-1]
        except ConnectionError:
            raise
        except Exception as error:
            status, headers = "500 Internal Server Error", [("Content-Type", "application/xml")]
            message = escape(repr(error))
            body = f"<Error><Code>InternalError</Code><Message>{message}</Message></Error>".encode()
        self._send(int(status.split()[0]), headers, body)

    def _send(self, code: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send one answer so that both sides agree on where it ends."""
        announced = next((int(value) for name, value in headers if name.lower() == "content-length"), None)
        bodiless = self.command == "HEAD" or code in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        if announced is None and not bodiless:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not bodiless:
            self.wfile.write(body)
            # A body cut short on purpose: the client learns of it by our hanging up.
            self.close_connection |= announced is not None and len(body) < announced
