"""Undoing an import: its rows are given back at once, and what is stored of them is taken away in the background."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from compliance.access import Actor, require
from compliance.enums import Operation
from ingestion.enums import ImportState
from ingestion.imports import ledger
from ingestion.imports.jobs import ImportConflict
from ingestion.imports.undone import Undoing, connected
from ingestion.models import FileImport

# Rows are received by the clock of whoever runs the import, which may be a little off.
CLOCKS = timedelta(hours=1)


def undo_import(*, file_import: FileImport, by: Actor, now: datetime) -> None:
    """Have all that the import brought taken back; its rows are then not in, so that the file can be imported again.

    Raises ImportConflict while it has not ended, or when it was undone before; AccessDenied.
    """
    require(by, Operation.IMPORTS_RUN)
    if not connected():
        raise ImportConflict("nobody is connected who could take back what is stored")
    if (
        not (file_import.has_ended or file_import.state == ImportState.PAUSED)
        or file_import.started_at is None
    ):
        raise ImportConflict(f"import {file_import.pk} has not ended: pause or cancel it first")
    try:
        with transaction.atomic():
            if file_import.state == ImportState.PAUSED:
                FileImport.objects.filter(pk=file_import.pk).update(state=ImportState.CANCELLED, ended_at=now)
            ledger.give_back(file_import)
            since, until = file_import.started_at - CLOCKS, (file_import.ended_at or now) + CLOCKS
            connected()[0].begin(by, file_import.pk, since, until, now)
    except ImportConflict:
        raise
    except ValueError as refused:
        raise ImportConflict(str(refused)) from refused
    file_import.refresh_from_db()


def stop_undoing(*, file_import: FileImport, by: Actor) -> None:
    """Stop after the step under way. What is taken back stays so. Raises ImportConflict."""
    _do(lambda undoing: undoing.stop(by, file_import.pk))


def resume_undoing(*, file_import: FileImport, by: Actor) -> None:
    """Go on. Raises ImportConflict."""
    _do(lambda undoing: undoing.resume(by, file_import.pk))


def _do(what: Callable[[Undoing], None]) -> None:
    try:
        for undoing in connected():
            what(undoing)
    except ValueError as refused:
        raise ImportConflict(str(refused)) from refused
