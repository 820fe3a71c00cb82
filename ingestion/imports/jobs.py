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
from ingestion.imports.formats import FileFormat
from ingestion.imports.ledger import known_imports
from ingestion.imports.opening import open_file
from ingestion.imports.proposal import propose_mapping
from ingestion.imports.reading import first_block
from ingestion.imports.undone import undoing_of
from ingestion.models import FileImport, ImportedFile, Source

MAX_NAME = 200


class ImportConflict(ValueError):
    """The import cannot do this now; the message says why and what to do instead."""


class FileKnown(ImportConflict):
    """The file was imported before; `choice` is what to say if it is meant: `again` or `elsewhere`."""

    def __init__(self, message: str, choice: str) -> None:
        super().__init__(message)
        self.choice = choice


def draft_import(
    *, path: Path, name: str, source: Source, by: Actor, now: datetime, uploaded: bool = False
) -> FileImport:
    """Look at a file and propose how to import it. Raises UnreadableFile."""
    require(by, Operation.IMPORTS_RUN)
    mark = fingerprint(path)
    opened = open_file(path)
    mapping = propose_mapping(name, opened.format, first_block(opened.path, opened.format).rows)
    if opened.is_ours and uploaded:
        path.unlink(missing_ok=True)
    return FileImport.objects.create(
        name=name[:MAX_NAME],
        source=source,
        path=str(opened.path.resolve()),
        uploaded=uploaded or opened.is_ours,
        file_hash=mark.sha256,
        content_bytes=mark.content_bytes,
        format=opened.format.to_json(),
        mapping=mapping.to_json(),
        created_at=now,
        created_by=by.name,
    )


def discard_draft(*, file_import: FileImport, by: Actor) -> None:
    """Forget an import that never started, with our copy of its file. Raises ImportConflict when it did start."""
    require(by, Operation.IMPORTS_RUN)
    with transaction.atomic():
        deleted, _ = FileImport.objects.filter(pk=file_import.pk, state=ImportState.DRAFT).delete()
        if not deleted:
            raise _too_late(file_import)
        _record(by, "import.discard", file_import, {"name": file_import.name})
    if file_import.uploaded:
        Path(file_import.path).unlink(missing_ok=True)


def start_import(
    *, file_import: FileImport, mapping: Mapping, by: Actor, elsewhere: bool = False, again: bool = False
) -> None:
    """Have a drafted import run with this mapping. Raises MappingError, FileKnown or another ImportConflict.

    The same file may go into another source only if `elsewhere` says that this is meant: every event of it is then
    there twice. A file that was imported to its end goes into the same source only if `again` does: what is in is skipped,
    and rows that could not be taken are tried anew.
    """
    require(by, Operation.IMPORTS_RUN)
    mapping.check(FileFormat.from_json(file_import.format))
    _refuse_a_second_time(file_import, elsewhere=elsewhere, again=again)
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
    if undoing_of(file_import.pk) is not None:
        raise ImportConflict(f"import {file_import.pk} was undone: import the file again instead")
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


def _refuse_a_second_time(file_import: FileImport, *, elsewhere: bool, again: bool) -> None:
    other = unfinished_import(file_hash=file_import.file_hash, source=file_import.source)
    if other is not None:
        raise ImportConflict(f"import {other.pk} of the same file has not ended: resume or cancel that one")
    _refuse_while_undone(file_import)
    for known in known_imports(file_import.file_hash):
        told = _told(known)
        if known.source_id != file_import.source_id:
            if not elsewhere:
                raise FileKnown(
                    f"this file {told} into {known.source.name}: import it there again, which adds only what is missing, "
                    "or confirm that everything should be there twice", "elsewhere",
                )  # fmt: skip
        elif known.complete and not again:
            raise FileKnown(
                f"this file {told} into this source: what is in is skipped, so that a second time adds only rows that "
                "could not be taken then; confirm that this is meant", "again",
            )  # fmt: skip


def _refuse_while_undone(file_import: FileImport) -> None:
    """Its messages are forgotten only then: until they are, the same ones would be taken for repetitions."""
    former = FileImport.objects.filter(file_hash=file_import.file_hash, started_at__isnull=False)
    for each in former.order_by("pk"):
        undoing = undoing_of(each.pk)
        if undoing is not None and undoing.state != "done":
            raise ImportConflict(
                f"import {each.pk} of the same file is being undone: wait until that is done"
            )


def _told(known: ImportedFile) -> str:
    """When, by whom and how it was imported first."""
    first = FileImport.objects.filter(pk=known.first_import).first()
    by = f" by {first.created_by}" if first else ""
    return f"was imported on {known.first_imported_at:%d %B %Y}{by} (import {known.first_import})"


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
        raise _too_late(file_import)
    file_import.refresh_from_db()


def _too_late(file_import: FileImport) -> ImportConflict:
    now = FileImport.objects.filter(pk=file_import.pk).first()
    return ImportConflict(
        f"import {file_import.pk} is {now.get_state_display().lower() if now else 'discarded'} by now"
    )


def _record(by: Actor, action: str, file_import: FileImport, detail: dict[str, object]) -> None:
    record_change(by, action=action, target=f"import:{file_import.pk}", detail=detail)
