"""A desk with real photo files, backups of it, and a server whose wire can be watched and cut."""

import contextlib
import hashlib
import os
import random
import re
import socket
import threading
from collections import Counter
from pathlib import Path

from catalog.backup_queue import BackupQueue
from catalog.originals import Originals
from catalog.protocol import BackupStatus
from catalog.row import PhotoRow
from catalog.scan.scanner import Scan
from catalog.store import SqlCatalog
from sync.originals.backup import Backup
from sync.originals.restore import Restore
from sync.stores.original_store import original_key

MIB = 1 << 20


class Desk:
    """A device with an album; photos go by their file names."""

    def __init__(self, path: Path, album: Path):
        self.catalog = SqlCatalog(path)
        self.album = album
        self.md5s: dict[str, str] = {}
        album.mkdir(exist_ok=True)

    def write(self, name: str, content: bytes | int, *, star=True) -> str:
        """Write a photo (random bytes if only their number is told), scan it, star it."""
        data = random.Random(name).randbytes(content) if isinstance(content, int) else content
        (self.album / name).write_bytes(data)
        self.scan()
        md5 = self.md5s[name] = hashlib.md5(data).hexdigest()
        if star:
            self.catalog.update_star_status(md5, is_starred=True)
        return md5

    def write_sparse(self, name: str, size: int) -> str:
        """Write a large photo that takes no room: nothing but zeros, and its name at its end."""
        with (self.album / name).open("wb") as file:
            file.truncate(size - len(name))
            file.seek(0, os.SEEK_END)
            file.write(name.encode())
        self.scan()
        with (self.album / name).open("rb") as file:
            md5 = self.md5s[name] = hashlib.file_digest(file, "md5").hexdigest()
        self.catalog.update_star_status(md5, is_starred=True)
        return md5

    def scan(self):
        return Scan(self.catalog, os.fsencode(self.album)).run()

    def back_up(self, store, **options):
        return Backup(self.catalog, store, backoff=0.001, **options).run()

    def restore(self, store, target: Path, *, thaw=False, chosen=None, **options):
        job = Restore(self.catalog, store, os.fsencode(target), backoff=0.001, **options)
        if chosen is None:
            chosen = Originals(self.catalog, store.url).restorable(starred=True)
        planned = job.plan(chosen)
        if thaw:
            job.thaw(planned)
        return job.run(planned)

    def queue(self, store=None):
        return BackupQueue(self.catalog, store.url if store else "")

    def status(self, name: str) -> BackupStatus:
        return self.catalog.find_entry(self.md5s[name]).backup_status

    def counts(self) -> dict[str, int]:
        return {status.value: count for status, count in self.catalog.stats().backup.items() if count}

    def row(self, name: str) -> PhotoRow:
        with self.catalog.reading() as connection:
            columns = ", ".join(PhotoRow._fields)
            query = f"SELECT {columns} FROM photo WHERE md5 = ?"
            return PhotoRow(*connection.exec_driver_sql(query, (self.md5s[name],)).one())

    def key(self, name: str) -> str:
        return original_key(self.md5s[name])


def md5_at(store, key: str) -> str:
    """The MD5 of an object's bytes, fetched."""
    digest = hashlib.md5()
    with store.read(key) as pieces:
        for piece in pieces:
            digest.update(piece)
    return digest.hexdigest()


class Wire:
    """WSGI middleware: a log of requests, and a hook that may answer, wait, change answers or hang up."""

    PARTS = re.compile(r"partNumber=(\d+)")

    def __init__(self):
        self.forget()

    def forget(self):
        self.requests: list[str] = []
        self.sent = Counter()
        self.hook = lambda request: None
        self.after = lambda request, headers: headers
        self._lock = threading.Lock()

    def __call__(self, application):
        def passing(environ, start_response):
            request = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
            with self._lock:
                self.requests.append(request)
                if environ["REQUEST_METHOD"] == "PUT":
                    self.sent[environ["PATH_INFO"]] += int(environ.get("CONTENT_LENGTH") or 0)
            status = self.hook(request)
            if status is not None:
                start_response(f"{status} Told So", [("Content-Type", "application/xml")])
                return [b"<Error><Code>ToldSo</Code><Message>As told.</Message></Error>"]
            return application(
                environ,
                lambda status, headers, info=None: start_response(status, self.after(request, headers), info),
            )

        return passing

    def parts(self) -> list[int]:
        """The numbers of the parts that were sent, in order."""
        return sorted(
            int(found[1]) for r in self.requests if r[:3] == "PUT" and (found := self.PARTS.search(r))
        )

    def count(self, start: str) -> int:
        return sum(request.startswith(start) for request in self.requests)


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
