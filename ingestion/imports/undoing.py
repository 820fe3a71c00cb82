"""Undoing an import. Port: what is stored of its events is another app's to take away; until it is connected, nothing can be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from compliance.access import Actor, require
from compliance.enums import Operation
from ingestion.enums import ImportState
from ingestion.imports import ledger
from ingestion.imports.jobs import ImportConflict
from ingestion.models import FileImport

# Rows are received by the clock of whoever runs the import, which may be a little off.
CLOCKS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Undone:
    """How far an undoing is: `state` is `running`, `stopped` or `done`; figures are of events, people and links."""

    state: str
    phase: str
    fraction: float
    events: int
    people: int
    links: int
    by: str
    begun_at: datetime
    ended_at: datetime | None
    failed: str


class Undoing(Protocol):
    """Who takes away what is stored of an import's events. Refusals are ValueErrors that say why."""

    def begin(self, actor: Actor, import_id: int, since: datetime, until: datetime, now: datetime) -> None:
        """Let nobody take its events any more, and take away what is stored, in the background."""

    def stop(self, actor: Actor, import_id: int) -> None:
        """Stop it, to go on later."""

    def resume(self, actor: Actor, import_id: int) -> None:
        """Let it go on."""

    def progress(self, import_id: int) -> Undone | None:
        """How far it is; None when it was never begun."""


_undoing: list[Undoing] = []


def register_undoing(undoing: Undoing) -> None:
    """Have `undoing` take away what is stored of imports."""
    _undoing[:] = [undoing]


def undo_import(*, file_import: FileImport, by: Actor, now: datetime) -> None:
    """Have all that the import brought taken back; its rows are then not in, so that the file can be imported again.

    Raises ImportConflict while it has not ended, or when it was undone before; AccessDenied.
    """
    require(by, Operation.IMPORTS_RUN)
    if not _undoing:
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
            _undoing[0].begin(by, file_import.pk, since, until, now)
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
        for undoing in _undoing:
            what(undoing)
    except ValueError as refused:
        raise ImportConflict(str(refused)) from refused


def undoing_of(import_id: int) -> Undone | None:
    """How far the undoing of this import is; None when it was never begun."""
    return _undoing[0].progress(import_id) if _undoing else None


def is_undone(import_id: int) -> bool:
    """Whether an undoing of this import was begun: then it brings nothing in any more."""
    return undoing_of(import_id) is not None
