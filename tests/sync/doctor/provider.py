"""An S3 provider with ways of its own: a layer of refusals and quirks over moto's HTTP server."""

import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

Environ = dict[str, Any]
Rule = Callable[[Environ], tuple[int, str] | None]


class Provider:
    """WSGI middleware. Rules may answer a request with (status, S3 error code); the first that does is heard."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.ignored: set[str] = set()  # headers, as WSGI names them
        self.page: bytes | None = None  # answers all, as a web site would
        self.asked: list[Environ] = []

    def __call__(self, application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        def answer(environ: Environ, start: Any) -> Iterable[bytes]:
            self.asked.append(environ)
            if self.page is not None:
                start("200 OK", [("Content-Type", "text/html"), ("Server", "nginx")])
                return [self.page]
            for rule in self.rules:
                if (refused := rule(environ)) is not None:
                    status, code = refused
                    start(f"{status} No", [("Content-Type", "application/xml")])
                    return [f"<Error><Code>{code}</Code><Message>As told.</Message></Error>".encode()]
            return application({k: v for k, v in environ.items() if k not in self.ignored}, start)

        return answer


def asks(environ: Environ) -> str:
    """Return the permission that a request needs, in IAM's words."""
    method, query = environ["REQUEST_METHOD"], parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
    for parameter in ("versioning", "object-lock", "versions"):
        if parameter in query:
            return parameter
    if method == "GET" and "uploads" in query:
        return "s3:ListBucketMultipartUploads"
    if method == "GET" and "uploadId" in query:
        return "s3:ListMultipartUploadParts"
    if "list-type" in query:
        return "s3:ListBucket"
    if method == "DELETE":
        return "s3:AbortMultipartUpload" if "uploadId" in query else "s3:DeleteObject"
    return "s3:GetObject" if method in ("GET", "HEAD") else "s3:PutObject"


def always(status: int, code: str) -> Rule:
    """Refuse everything."""
    return lambda _: (status, code)


def lacking(*permissions: str) -> Rule:
    """Refuse what needs some permissions."""
    return lambda environ: (403, "AccessDenied") if asks(environ) in permissions else None


def unknown(*parameters: str) -> Rule:
    """Say of some requests that they are not implemented, as R2 and Garage do."""
    return lambda environ: (501, "NotImplemented") if asks(environ) in parameters else None


def hidden(environ: Environ) -> tuple[int, str] | None:
    """Answer 403 for what is not there, as AWS does without s3:ListBucket: to be used on an empty bucket."""
    return (403, "AccessDenied") if asks(environ) == "s3:ListBucket" or _reads_nothing(environ) else None


def _reads_nothing(environ: Environ) -> bool:
    return asks(environ) == "s3:GetObject" and environ["PATH_INFO"].endswith(
        ("catalog_manifest.json", "created")
    )


def no_quotes(environ: Environ) -> tuple[int, str] | None:
    """Refuse an ETag in quotes, as Ceph 16 does."""
    return (412, "PreconditionFailed") if environ.get("HTTP_IF_MATCH", "").startswith('"') else None


def no_conditions(environ: Environ) -> tuple[int, str] | None:
    """Say that conditional writes are not implemented, as B2 does."""
    conditional = environ.keys() & {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}
    return (501, "NotImplemented") if conditional and environ["REQUEST_METHOD"] == "PUT" else None


def no_trailers(environ: Environ) -> tuple[int, str] | None:
    """Refuse the SDK's own checksums behind the body, as R2, B2 and Spaces do."""
    streams = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith("STREAMING")
    return (501, "NotImplemented") if streams or "HTTP_X_AMZ_TRAILER" in environ else None


def once_a_second() -> Rule:
    """Refuse a second write to one key within a second, as R2 does."""
    written: dict[str, float] = {}

    def rule(environ: Environ) -> tuple[int, str] | None:
        key, now = environ["PATH_INFO"], time.monotonic()
        if environ["REQUEST_METHOD"] == "PUT" and now - written.get(key, 0) < 1:
            return 429, "TooManyRequests"
        if environ["REQUEST_METHOD"] == "PUT":
            written[key] = now
        return None

    return rule
