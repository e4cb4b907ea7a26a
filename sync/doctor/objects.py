"""Checks of what each remote must do for objects, in a folder of their own under the prefix.

What is put there bears a name by which a sync's garbage collection knows it, should this machine die here.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice

from catalog.checkup import Check, Finding, failed, ok, skipped, warning
from sync.manifest import KEY, MAX_BYTES, ManifestError, UpgradeError, decode
from sync.shard import WAY_OUT
from sync.stores.objectstore import NotThereError, RemoteError
from sync.stores.original_store import About, Body, OriginalStore, StartedUpload, md5_of_key
from sync.stores.probe import Conditions, new_folder, probe
from sync.stores.rate import LimitedStore, RateLimit

_TEXT = "application/octet-stream"
_PROBE = b"photolala was here to see whether it may write, and will take this away.\n"
_GETS = 5
_LISTED = 1000  # objects or uploads: one request
_SLOW = 1.0  # seconds
_NO_REMOVAL = "It could not be taken away again, so nothing was put"

Why = Callable[[RemoteError, str], Finding]
"""Tells why a request was not done that needs some permission, such as "s3:PutObject"."""


class ObjectChecks:
    """Checks that share one object, which the first of them puts there and the last takes away."""

    def __init__(
        self,
        store: Callable[[], OriginalStore],
        why: Why,
        *,
        needs: tuple[str, ...],
        sandbox: Callable[[], OriginalStore] | None = None,
        seq_seen: int | None = None,
        single_writer: bool = False,
    ) -> None:
        """Prepare them.

        Args:
            store: gives the remote, always the same.
            why: see `Why`.
            needs: the checks without which none of these makes sense.
            sandbox: gives the store in which objects are put for a try; None is the remote itself.
            seq_seen: the newest commit that this device has seen there, None if it has never synced with it.
            single_writer: whether the user says that no other device writes there.
        """
        self._store = store
        self._sandbox = sandbox or store
        self._why = why
        self._needs = needs
        self._seq_seen = seq_seen
        self._single_writer = single_writer
        self.folders = (new_folder(), new_folder())
        self._key, self._large = (
            f"{self.folders[0]}/created",
            f"{self.folders[0]}/updated",
        )  # R2 counts by key
        self._put = self._begun = self._removable = False
        self._upload: str | None = None
        self._named: dict[str, int] = {}

    def checks(self) -> list[Check]:
        """Return the checks."""
        return [
            Check("list", self._list, self._needs),
            Check("delete", self._delete, self._needs),
            Check("write", self._write, self._needs),
            Check("read", self._read, self._needs),
            Check("multipart", self._multipart, ("write",)),
            Check("conditions", self._conditions, ("write", "delete"), patience=60),
            Check("latency", self._latency, ("read",)),
            Check("manifest", self._manifest, self._needs),
            Check("shards", self._shards, ("list", "manifest")),
        ]

    def clean_up(self) -> None:
        """Take away what is left of the checks; without a request if nothing is.

        Raises:
            RemoteError: it could not be taken away.
        """
        if self._upload is not None:
            self._abort(self._sandbox())
        if self._begun:
            self._sandbox().delete(self._key)
            self._begun = self._put = False

    def cleanup(self) -> Finding:
        """Take away what is left of the checks, and look whether anything is."""
        where, store = " and ".join(self.folders), self._sandbox()
        try:
            self.clean_up()
        except RemoteError as error:
            return warning(f"Something is left in {where}: {error}", "Remove it by hand.")
        with suppress(RemoteError):  # it may not be listed
            if any(True for folder in self.folders for _ in store.list(f"{folder}/")):
                return warning(f"Something is left in {where}.", "Syncs remove it after five weeks or more.")
        return ok("Nothing is left of these checks.")

    def _list(self) -> Finding:
        try:
            found = sum(1 for _ in islice(self._store().list(""), _LISTED))
        except RemoteError as error:
            finding = self._why(error, "s3:ListBucket")
            more = " Without it a missing object looks like a forbidden one, and a first sync fails."
            return finding._replace(advice=finding.advice + more)
        return ok(f"Objects can be listed: {_many(found)} under the prefix.")

    def _delete(self) -> Finding:
        try:
            with suppress(NotThereError):
                self._sandbox().delete(self._key)  # it is not there yet: so nothing is put that has to stay
        except RemoteError as error:
            return self._why(error, "s3:DeleteObject")
        self._removable = True
        return ok("Objects can be deleted.")

    def _write(self) -> Finding:
        store = self._sandbox()
        try:
            if not self._removable:
                self._begin(store)
                with suppress(RemoteError):
                    self._abort(store)
                return skipped(f"{_NO_REMOVAL}.")
            self._begun = True  # it may be there even if the answer is lost
            store.put(self._key, _PROBE, content_type=_TEXT)
            self._put = True
        except RemoteError as error:
            return self._why(error, "s3:PutObject")
        return ok("Objects can be written.")

    def _read(self) -> Finding:
        store, key = self._sandbox(), self._key if self._put else KEY
        try:
            size = store.head(key).size
            fetched = store.get(key, limit=MAX_BYTES)
        except NotThereError:
            if self._put:
                return failed("An object that was just put is not there.", "Look into the server's log.")
            return skipped("There is no object to read.")
        except RemoteError as error:
            return self._why(error, "s3:GetObject")
        if self._put and (size != len(_PROBE) or fetched is None or fetched.data != _PROBE):
            return failed(
                "An object comes back with other bytes than were put.",
                "Trust it with no photos: a proxy on the way may change what passes.",
            )
        return ok(
            "Objects can be read, and come back as they were put." if self._put else "Objects can be read."
        )

    def _multipart(self) -> Finding:
        store = self._sandbox()
        steps: dict[str, Callable[[], object]] = {
            "s3:PutObject": lambda: store.put_part(self._large, self._begin(store), 1, 0, Body(_PROBE)),
            "s3:ListMultipartUploadParts": lambda: store.parts(self._large, self._upload or ""),
            "s3:AbortMultipartUpload": lambda: self._abort(store),
        }
        for permission, step in steps.items():
            try:
                step()
            except RemoteError as error:
                with suppress(RemoteError):
                    self._abort(store)
                return self._why(error, permission)
        try:
            found = [one for one in islice(store.uploads(), _LISTED) if md5_of_key(one.key)]
        except RemoteError as error:
            finding = self._why(error, "s3:ListBucketMultipartUploads")
            return warning(
                "Parts can be sent, but not found again if nobody goes on with them.", finding.advice
            )
        return _told_uploads(found)

    def _begin(self, store: OriginalStore) -> str:
        self._upload = store.begin_upload(self._large, About(_TEXT, {}))
        return self._upload

    def _abort(self, store: OriginalStore) -> None:
        if self._upload is not None:
            store.abort_upload(self._large, self._upload)
            self._upload = None

    def _conditions(self) -> Finding:
        try:
            found = probe(LimitedStore(self._sandbox(), RateLimit(burst=64)), self.folders[1])
        except RemoteError as error:
            return warning(f"Whether they are honoured could not be told: {error}", "Try again.")
        if found is Conditions.BARE:
            return ok("Conditional writes are honoured, with ETags without their quotes.")
        if found is Conditions.QUOTED:
            return ok("Conditional writes are honoured, also by several writers at once.")
        if self._single_writer:
            return warning(
                "Conditional writes are ignored; single_writer = true lets this device write all the same.",
                "Let no other device ever write there, or choose a server that honours them.",
            )
        return warning(
            "Conditional writes are ignored: devices could undo each other's work, so it is only read.",
            "If only one device ever writes there, set single_writer = true under [sync] in config.toml; "
            "else choose a server that honours them (see sync/PROVIDERS.md).",
        )

    def _latency(self) -> Finding:
        store, key = self._sandbox(), self._key if self._put else KEY
        took = []
        for _ in range(_GETS):
            begun = time.monotonic()
            store.get(key, limit=MAX_BYTES)
            took.append(time.monotonic() - begun)
        median = statistics.median(took)
        found = f"A small object is there after {median * 1000:.0f} ms (median of {_GETS})."
        if median > _SLOW:
            return warning(found, "Syncs and backups take long: a region nearer by is quicker.")
        return ok(found)

    def _manifest(self) -> Finding:
        seen = self._seq_seen
        try:
            fetched = self._store().get(KEY, limit=MAX_BYTES)
        except NotThereError:
            if seen is None:
                return ok("There is no catalog yet: the first sync begins it.")
            return failed(
                f"The manifest has vanished, and commit {seen} was seen here.",
                f"Put {KEY} back from manifests/, or choose a new prefix for the remote.",
            )
        except RemoteError as error:
            return self._why(error, "s3:GetObject and s3:ListBucket")
        assert fetched is not None
        try:
            manifest = decode(fetched.data)
        except UpgradeError as error:
            return failed(str(error), "Upgrade photolala on this machine.")
        except ManifestError as error:
            return failed(str(error), f"Put {KEY} back from the newest file in manifests/.")
        if seen is not None and manifest.seq < seen:
            return failed(
                f"The remote has gone back to commit {manifest.seq}, and commit {seen} was seen here.",
                f"Put the newer manifest back from manifests/{seen}-….",
            )
        for shard in manifest.shards.values():
            self._named[shard.key] = shard.bytes
            self._named |= {delta.key: delta.bytes for delta in shard.deltas}
        devices = ", ".join(sorted(device.name for device in manifest.devices.values()))
        return ok(f"Commit {manifest.seq}, photos: {manifest.photo_count}, written by {devices or 'nobody'}.")

    def _shards(self) -> Finding:
        """Look whether all that the manifest names is there, in its size; its bytes a sync checks."""
        if not self._named:
            return ok("There are none yet.")
        try:
            listed = [one for prefix in ("shards/", "deltas/") for one in self._store().list(prefix)]
        except RemoteError as error:
            return self._why(error, "s3:ListBucket")
        lost = sorted(self._named.items() - {(one.key, one.size) for one in listed})
        if lost:
            more = f", and {len(lost) - 1} more" if len(lost) > 1 else ""
            return failed(f"Missing or of another size: {lost[0][0]}{more}.", WAY_OUT)
        return ok(f"All that the manifest names is there: {len(self._named)} objects.")


def _many(count: int) -> str:
    return f"{_LISTED} or more" if count >= _LISTED else str(count)


def _told_uploads(found: Sequence[StartedUpload]) -> Finding:
    """Tell of the uploads of originals that were begun and not ended."""
    works = "Large originals can be uploaded in parts."
    if not found:
        return ok(works)
    oldest = time.strftime("%Y-%m-%d", time.localtime(min(upload.begun for upload in found)))
    return ok(
        f"{works} Begun and not ended: {_many(len(found))}, the oldest on {oldest}.",
        "A backup goes on with them; those that nobody goes on with it drops after a week or two.",
    )
