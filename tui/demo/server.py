"""An S3 server on this machine, for the demo and the tests: started, pointed to and stopped."""

from __future__ import annotations

import http.client
import signal
import socket
import sys
import threading
import urllib.request
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from socketserver import BaseServer
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication

REGION = "us-east-1"
PREFIX = "library"  # where in the bucket `serve` proposes to keep the catalog

# moto has one store in a process: servers side by side share it, and the last to stop empties it.
_running: set[DemoServer] = set()


class DemoUnavailable(Exception):  # noqa: N818 - a state to tell the user about, not a fault
    """The demo's S3 server is not installed; the text says what to do about it."""


class DemoServer:
    """An S3 server on 127.0.0.1, empty when it starts and forgotten when it stops.

    Use it as a context manager, or call `start` and `stop`. Servers in one process that run at
    the same time show the same buckets, so a test can look behind a faulty one with a sound one.
    """

    url: str = ""
    """Where it listens, like "http://127.0.0.1:43211"; empty until `start`."""

    def __init__(
        self, middleware: Callable[[WSGIApplication], WSGIApplication] | None = None, *, port: int = 0
    ) -> None:
        """Prepare a server; nothing is imported or opened yet.

        Args:
            middleware: Wraps the WSGI application from outside the lock, to inject faults. It may
                raise `ConnectionError` to hang up without an answer (before or after it has called
                the application), or return a body shorter than its Content-Length to cut it off. It
                must return at last: `stop` waits for it.
            port: The TCP port, or 0 for any free one.
        """
        self._middleware = middleware
        self._port = port
        self._server: BaseServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, and serve from a thread of its own. The first time takes a second: moto's import.

        Raises:
            DemoUnavailable: moto is not installed.
            OSError: The port is taken.
        """
        try:
            from tui.demo import moto_http
        except ModuleNotFoundError as error:
            raise DemoUnavailable(
                "The demo's S3 server is not installed: pip install 'photolala[demo]'"
            ) from error

        application = moto_http.s3_application()
        if self._middleware:
            application = self._middleware(application)
        # Bound here, because werkzeug answers a taken port by leaving the process.
        with socket.create_server(("127.0.0.1", self._port)) as listener:
            port = listener.getsockname()[1]
            self._server = moto_http.Server(
                "127.0.0.1", port, application, moto_http.Handler, fd=listener.fileno()
            )
        self.url = f"http://127.0.0.1:{port}"
        with moto_http.store_lock:
            _running.add(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="demo-s3", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Hang up on every client, close the socket, end the threads and forget the buckets."""
        if self._server is None or self._thread is None:
            return
        from tui.demo import moto_http

        self._server.shutdown()
        self._thread.join()
        self._server = self._thread = None
        self.url = ""
        with moto_http.store_lock:
            _running.discard(self)
            if not _running:
                moto_http.empty_store()

    def environment(self) -> dict[str, str]:
        """Say what makes boto3 talk to this server.

        Returns:
            Environment variables, for this process or for a child.
        """
        variables = {
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ACCESS_KEY_ID": "demo-access-key",
            "AWS_SECRET_ACCESS_KEY": "demo-secret-key",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        proxies = urllib.request.getproxies_environment()
        if proxies:  # or botocore would ask the proxy for 127.0.0.1
            variables["no_proxy"] = ",".join(filter(None, [proxies.get("no"), "127.0.0.1"]))
        return variables

    def create_bucket(self, name: str) -> None:
        """Create a bucket, unless it is there.

        Args:
            name: 3 to 63 lowercase letters, digits and hyphens.

        Raises:
            ValueError: The server refuses the name.
        """
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        try:
            connection.request("PUT", f"/{name}")
            status = connection.getresponse().status
        finally:
            connection.close()
        if status not in (HTTPStatus.OK, HTTPStatus.CONFLICT):
            raise ValueError(f"the demo's S3 server refuses a bucket named {name!r}: HTTP {status}")


def serve(port: int = 0, bucket: str = "photolala-demo") -> int:
    """Serve S3 until Ctrl-C or SIGTERM: the command `photolala serve-demo-s3`.

    Lines to paste into a shell go to stdout, words for the person to stderr.

    Args:
        port: The TCP port on 127.0.0.1, or 0 for any free one.
        bucket: The bucket to create.

    Returns:
        The exit status: 0, or 1 if it cannot be served.
    """
    ends = {signal.SIGINT, signal.SIGTERM}
    server = DemoServer(port=port)
    # Blocked before any thread is born, so that the signal waits for sigwait and kills nobody.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        with server:
            server.create_bucket(bucket)
            remote = {"PHOTOLALA_REMOTE": f"s3://{bucket}/{PREFIX}"}
            print("In the shell where you run photolala, paste:\n", file=sys.stderr)
            for name, value in (server.environment() | remote).items():
                print(f"export {name}={value}", flush=True)
            print("\nServing S3 from memory until Ctrl-C; then all is forgotten.", file=sys.stderr)
            signal.sigwait(ends)
    except (DemoUnavailable, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return 0
