"""Begin, pause, resume and cancel imports. Whoever calls `start_import` also sees to it that somebody runs it."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from ingestion.enums import ImportState
from ingestion.imports.columns import Mapping
from ingestion.imports.content import fingerprint
from ingestion.imports.detection import detect_format
from ingestion.imports.formats import FileFormat
from ingestion.imports.ledger import known_imports
from ingestion.imports.proposal import propose_mapping
from ingestion.imports.reading import first_block
from ingestion.models import FileImport, Source

MAX_NAME = 200


class ImportConflict(ValueError):
    """The import cannot do this now; the message says why and what to do instead."""


def draft_import(
    *, path: Path, name: str, source: Source, by: Actor, now: datetime, uploaded: bool = False
) -> FileImport:
    """Look at a file and propose how to import it. Raises UnreadableFile."""
    require(by, Operation.IMPORTS_RUN)
    file_format = detect_format(path)
    mark = fingerprint(path)
    mapping = propose_mapping(name, file_format, first_block(path, file_format).rows)
    return FileImport.objects.create(
        name=name[:MAX_NAME],
        source=source,
        path=str(path.resolve()),
        uploaded=uploaded,
        file_hash=mark.sha256,
        content_bytes=mark.content_bytes,
        format=file_format.to_json(),
        mapping=mapping.to_json(),
        created_at=now,
        created_by=by.name,
    )


def discard_draft(file_import: FileImport) -> None:
    """Forget an import that never started, with our copy of its file."""
    deleted, _ = FileImport.objects.filter(pk=file_import.pk, state=ImportState.DRAFT).delete()
    if deleted and file_import.uploaded:
        Path(file_import.path).unlink(missing_ok=True)


def start_import(*, file_import: FileImport, mapping: Mapping, by: Actor, elsewhere: bool = False) -> None:
    """Have a drafted import run with this mapping. Raises MappingError or ImportConflict.

    The same file may go into another source only if `elsewhere` says that this is meant: every event of it is then
    there twice.
    """
    require(by, Operation.IMPORTS_RUN)
    mapping.check(FileFormat.from_json(file_import.format))
    _refuse_a_second_time(file_import, elsewhere=elsewhere)
    with transaction.atomic():
        _move(file_import, {ImportState.DRAFT}, ImportState.QUEUED, mapping=mapping.to_json())
        detail = {
            "source": file_import.source_id,
            "bytes": file_import.content_bytes,
            "hash": file_import.file_hash,
        }
        _record(by, "import.start", file_import, detail)


def pause_import(*, file_import: FileImport, by: Actor) -> None:
    """Stop within a moment, to be resumed; what is in stays in."""
    _change(file_import, by, "import.pause", {ImportState.QUEUED, ImportState.RUNNING}, ImportState.PAUSED)


def resume_import(*, file_import: FileImport, by: Actor) -> None:
    """Go on where it stopped or failed."""
    stopped = {ImportState.PAUSED, ImportState.FAILED}
    if file_import.file_deleted_at is not None:
        raise ImportConflict(
            "the uploaded file was deleted by now: upload it again, rows that are in are skipped"
        )
    _change(file_import, by, "import.resume", stopped, ImportState.QUEUED, failure="", ended_at=None)


def cancel_import(*, file_import: FileImport, by: Actor, now: datetime) -> None:
    """Stop for good; what is in stays in, and a later import of the same file takes the rest."""
    going = {ImportState.DRAFT, ImportState.QUEUED, ImportState.RUNNING, ImportState.PAUSED}
    _change(file_import, by, "import.cancel", going, ImportState.CANCELLED, ended_at=now)


def unfinished_import(*, file_hash: str, source: Source) -> FileImport | None:
    """The import of this file into this source that was begun and has not ended, if there is one."""
    begun = [ImportState.QUEUED, ImportState.RUNNING, ImportState.PAUSED]
    return (
        FileImport.objects.filter(file_hash=file_hash, source=source, state__in=begun).order_by("pk").first()
    )


def _refuse_a_second_time(file_import: FileImport, *, elsewhere: bool) -> None:
    other = unfinished_import(file_hash=file_import.file_hash, source=file_import.source)
    if other is not None:
        raise ImportConflict(f"import {other.pk} of the same file has not ended: resume or cancel that one")
    for known in known_imports(file_import.file_hash):
        if known.source_id != file_import.source_id and not elsewhere:
            raise ImportConflict(
                f"this file was imported into {known.source.name} (import {known.first_import}): import it there "
                "again, which adds only what is missing, or confirm that everything should be there twice"
            )


def _change(
    file_import: FileImport,
    by: Actor,
    action: str,
    expected: set[ImportState],
    to: ImportState,
    **also: object,
) -> None:
    require(by, Operation.IMPORTS_RUN)
    with transaction.atomic():
        _move(file_import, expected, to, **also)
        _record(by, action, file_import, {"rows": file_import.row})


def _move(file_import: FileImport, expected: set[ImportState], to: ImportState, **also: object) -> None:
    """Change the state if it is one of those expected, whoever else is changing it."""
    if not FileImport.objects.filter(pk=file_import.pk, state__in=expected).update(state=to, **also):
        file_import.refresh_from_db()
        raise ImportConflict(f"import {file_import.pk} is {file_import.get_state_display().lower()} by now")
    file_import.refresh_from_db()


def _record(by: Actor, action: str, file_import: FileImport, detail: dict[str, object]) -> None:
    record_change(by, action=action, target=f"import:{file_import.pk}", detail=detail)
