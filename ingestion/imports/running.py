"""Run an import: from where it stands, for as long as it may, and so that a kill at any moment costs nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from ingestion.domain.event_names import ensure_base_topics
from ingestion.enums import ImportState
from ingestion.imports import lease
from ingestion.imports.appending import Appender
from ingestion.imports.columns import Mapping
from ingestion.imports.formats import FileFormat, UnreadableFile
from ingestion.imports.intake import Intake
from ingestion.imports.ledger import open_ledger
from ingestion.imports.making import making_rows
from ingestion.imports.progress import commit_progress, end_import, fail_import
from ingestion.imports.reading import read_blocks
from ingestion.imports.rows import Position
from ingestion.imports.translation import translation_of
from ingestion.models import FileImport
from streaming.contracts.log import EventLog, LogUnavailable
from streaming.runtime.failpoints import reach

HOPELESS = 5000  # rows rejected before the first was taken: the mapping is wrong, not the rows

Clock = Callable[[], datetime]


class Outcome(StrEnum):
    """How a run ended."""

    ENDED = "ended"
    """Nothing is left to do: done, failed, paused or cancelled."""
    MORE = "more"
    """The time was up: run it again."""
    WAITING = "waiting"
    """The log cannot be reached: run it again in a while."""
    HELD = "held"
    """Consumers have to catch up first, before retention takes what they have not read: run it again in a while."""
    BUSY = "busy"
    """Somebody else runs it, or it is not to be run."""


def run_import(import_id: int, *, log: EventLog, clock: Clock, seconds: float | None = None) -> Outcome:
    """Run the import until it ends, or for `seconds` and at least one block of rows, unless it is held up.

    Rows are made durable in the log first; then one transaction says so in the import, its errors and the ledger.
    A kill between the two sends those rows again, with the same message ids: consumers drop what they applied.
    Database errors are raised; running it again is always right.
    """
    owner = lease.take_lease(import_id)
    if owner is None:
        return Outcome.BUSY
    file_import = FileImport.objects.get(pk=import_id)
    try:
        deadline = (
            datetime.max.replace(tzinfo=UTC) if seconds is None else clock() + timedelta(seconds=seconds)
        )
        with making_rows():
            return _Run(file_import, owner, log, clock).until(deadline)
    except (UnreadableFile, OSError) as error:
        fail_import(file_import, owner, reason=_reason(error), now=clock())
        return Outcome.ENDED
    except lease.LeaseLost:
        return Outcome.BUSY
    except LogUnavailable:
        return Outcome.WAITING
    finally:
        lease.release_lease(import_id, owner)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "the file is no longer there; the rows so far are in"
    if isinstance(error, OSError):
        return f"the file cannot be read: {error.strerror or error}; the rows so far are in"
    return f"{error}; the rows so far are in"


class _Run:
    """One process's run. While a block is on its way to the log, the next one is read."""

    def __init__(self, file_import: FileImport, owner: UUID, log: EventLog, clock: Clock) -> None:
        self._import, self._owner, self._log, self._clock = file_import, owner, log, clock
        self._format = FileFormat.from_json(file_import.format)
        mapping = Mapping.from_json(file_import.mapping)
        self._intake = Intake(
            source_id=file_import.source_id,
            translation=translation_of(mapping, self._format, file_import.file_hash),
            log=log,
            clock=clock,
            ledger=open_ledger(file_import, now=clock()),
            import_id=file_import.pk,
        )
        self._position = Position(file_import.offset, file_import.line, file_import.row)
        self._appender = Appender(log, lambda: lease.renew_lease(file_import.pk, owner))
        self._committed_at = clock()

    def until(self, deadline: datetime) -> Outcome:
        """Go on to the end of the file, to the deadline, or until it is held up, paused or cancelled."""
        ensure_base_topics(self._log)
        for block in read_blocks(Path(self._import.path), self._format, self._position):
            taken = self._intake.take(block, self._position)
            if not self._settle():
                return Outcome.ENDED
            if self._intake.is_held:
                return Outcome.HELD
            reach("imports.before_append")
            self._appender.submit(taken)
            self._position = block.end
            if self._clock() >= deadline:
                return Outcome.MORE if self._settle() else Outcome.ENDED
        if self._settle():
            end_import(self._import, self._owner, now=self._clock())
        return Outcome.ENDED

    def _settle(self) -> bool:
        """Commit what is durable by now. False when the import is not to go on."""
        taken = self._appender.settled()
        if taken is None:
            return True
        reach("imports.after_append")
        now = self._clock()
        state = commit_progress(
            self._import, self._owner, taken, seconds=(now - self._committed_at).total_seconds(), now=now
        )
        self._committed_at = now
        reach("imports.after_commit")
        if self._is_hopeless():
            reason = f"none of the first {self._import.rejected:,} rows could be taken, so the mapping must be wrong"
            fail_import(self._import, self._owner, reason=reason, now=now)
            return False
        return state == ImportState.RUNNING

    def _is_hopeless(self) -> bool:
        row = self._import
        return row.rejected >= HOPELESS and not (row.accepted or row.repeated or row.suppressed)
