"""Uploaded files: kept under random names that only Headwater reads, and deleted once they are imported."""

import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from compliance.access import Actor
from ingestion.imports.formats import UnreadableFile
from ingestion.imports.jobs import draft_import
from ingestion.imports.storage import fresh_place, uploads_directory
from ingestion.models import FileImport, Source

SPARE_DISK_BYTES = 512 << 20
KEPT_AFTER_THE_END = timedelta(days=1)
KEPT_WITHOUT_IMPORT = timedelta(days=1)


def receive_upload(
    *, chunks: Iterable[bytes], name: str, source: Source, by: Actor, now: datetime
) -> FileImport:
    """Keep an uploaded file and propose how to import it. Raises UnreadableFile, and then keeps nothing."""
    path = _store(chunks)
    try:
        return draft_import(path=path, name=name, source=source, by=by, now=now, uploaded=True)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def keep_copy(path: Path) -> Path:
    """A copy among the uploads, for an import that a worker runs."""
    with path.open("rb") as file:
        return _store(iter(lambda: file.read(1 << 20), b""))


def delete_old_uploads(*, now: datetime) -> int:
    """Delete the files of imports that ended some time ago, and those that never became one. Returns how many."""
    needed = set(
        FileImport.objects.filter(uploaded=True, file_deleted_at=None)
        .exclude(ended_at__lt=now - KEPT_AFTER_THE_END)
        .exclude(state="draft", created_at__lt=now - KEPT_WITHOUT_IMPORT)
        .values_list("path", flat=True)
    )
    kept = {str(path): path for path in uploads_directory().iterdir()}
    known = set(FileImport.objects.filter(path__in=kept).values_list("path", flat=True))
    gone = [
        name for name, path in kept.items() if name not in needed and (name in known or _is_old(path, now))
    ]
    for name in gone:
        kept[name].unlink(missing_ok=True)
    FileImport.objects.filter(path__in=gone).update(file_deleted_at=now)
    return len(gone)


def _is_old(path: Path, now: datetime) -> bool:
    """Whether it has become no import for a day; one that somebody else deleted meanwhile is."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) <= now - KEPT_WITHOUT_IMPORT
    except FileNotFoundError:
        return True


def _store(chunks: Iterable[bytes]) -> Path:
    path = fresh_place()
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            for chunk in chunks:
                _refuse_too_much(file.tell() + len(chunk))
                file.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _refuse_too_much(size: int) -> None:
    if size > settings.MAX_UPLOAD_MB << 20:
        raise UnreadableFile(
            f"the file is larger than {settings.MAX_UPLOAD_MB:,} MB: import it with `manage.py send_events`"
        )
    if shutil.disk_usage(uploads_directory()).free < SPARE_DISK_BYTES:
        raise UnreadableFile("the disk of the server is nearly full: nothing was kept")
