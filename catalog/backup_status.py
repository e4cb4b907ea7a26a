"""How far a photo's backup has come, as SQL: told from what is known, so that nothing has to be kept in step.

The column `backup_status` says only what a backup under way, or the last one, has made of a photo:
"uploading", "failed", or "none". Whether a photo is queued is a question to its star, its files and
`uploaded`, whoever has changed them: a key, a scan, or another device. Imports no ORM.
"""

from catalog.search.indexes import WAITING

QUEUED = f"{WAITING} AND places > 0"
"""The photos whose original should be in the bucket and is not, and of which a file is here."""

BACKUP_STATUS = f"""CASE
WHEN uploaded IS NOT NULL THEN 'uploaded'
WHEN backup_status <> 'none' THEN backup_status
WHEN {QUEUED} THEN 'queued'
ELSE 'none' END"""
"""One of `BackupStatus`, for a row of the table `photo`."""
