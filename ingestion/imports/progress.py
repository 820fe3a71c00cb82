"""How far an import has come: committed with its errors and the ledger, and told to those who watch."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from compliance.notices import notify, only
from ingestion.domain.counters import CountKey, add_counts, minute_of
from ingestion.enums import ImportState
from ingestion.imports import ledger
from ingestion.imports.lease import LEASE, LeaseLost
from ingestion.imports.row_errors import add_row_errors
from ingestion.imports.taking import Taken
from ingestion.models import FileImport


def commit_progress(
    file_import: FileImport, owner: UUID, taken: Taken, *, seconds: float, now: datetime
) -> ImportState:
    """Say that a block is in: all in one transaction. Returns the state that the import has by now.

    Raises LeaseLost, with nothing said, when somebody else has taken over. A pause or a cancellation that came
    meanwhile does not hold it up: what is in the log is in.
    """
    with transaction.atomic():
        held = FileImport.objects.filter(pk=file_import.pk, lease_owner=owner).update(
            offset=taken.end.offset, line=taken.end.line, row=taken.end.row,
            accepted=F("accepted") + len(taken.records), rejected=F("rejected") + len(taken.bad),
            suppressed=F("suppressed") + len(taken.suppressed), repeated=F("repeated") + taken.repeated,
            running_seconds=F("running_seconds") + seconds, lease_until=Now() + LEASE,
        )  # fmt: skip
        if not held:
            raise LeaseLost
        add_row_errors(file_import, taken.bad)
        if taken.end.row > taken.start.row:
            ledger.enter(file_import, first=taken.start.row + 1, last=taken.end.row, not_in=taken.not_in)
            ledger.keep_runs(file_import, taken.brought)
        minute = minute_of(now)
        add_counts(
            {
                CountKey(file_import.source_id, minute, kind, name, result.value): events
                for (kind, name, result), events in taken.counts.items()
            }
        )
    file_import.refresh_from_db()
    return ImportState(file_import.state)


def end_import(file_import: FileImport, owner: UUID, *, now: datetime) -> None:
    """The file is read to its end."""
    with transaction.atomic():
        ended = FileImport.objects.filter(pk=file_import.pk, lease_owner=owner, state=ImportState.RUNNING)
        if ended.update(state=ImportState.DONE, ended_at=now):
            ledger.complete(file_import)
            file_import.refresh_from_db()
            body = f"Events that went in: {file_import.accepted:,}."
            if file_import.rejected:
                body += f" Rows that were refused: {file_import.rejected:,}; the page has their errors."
            _tell(file_import, "ended", body, now)


def fail_import(file_import: FileImport, owner: UUID, *, reason: str, now: datetime) -> None:
    """The rest of the file cannot be imported; what is in stays in."""
    with transaction.atomic():
        held = FileImport.objects.filter(pk=file_import.pk, lease_owner=owner, state=ImportState.RUNNING)
        if held.update(state=ImportState.FAILED, failure=reason, ended_at=now):
            _tell(file_import, "failed", reason, now)


def _tell(file_import: FileImport, what: str, body: str, now: datetime) -> None:
    """Tell whoever started it."""
    notify(
        "job_finished", f"The import of {file_import.name} {what}", body,
        link=f"/admin/imports/{file_import.pk}/", audience=only(file_import.created_by), now=now,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """For screens: the share of the file that is done, the rate, and the time that is left at this rate."""

    fraction: float
    rows_per_second: float
    remaining_seconds: float | None


def progress_of(file_import: FileImport) -> Progress:
    """How far the import has come."""
    rows = file_import.format.get("rows", 0)
    wide = 2 if str(file_import.format.get("encoding", "")).startswith("utf-16") else 1
    if rows:
        fraction = min(1.0, file_import.row / rows)
    elif file_import.content_bytes:
        fraction = min(1.0, file_import.offset * wide / file_import.content_bytes)
    else:
        fraction = 0.0
    if file_import.state == ImportState.DONE:
        fraction = 1.0
    seconds = file_import.running_seconds
    rate = file_import.row / seconds if seconds else 0.0
    remaining = seconds * (1 - fraction) / fraction if fraction and seconds else None
    return Progress(fraction, rate, None if file_import.has_ended else remaining)
