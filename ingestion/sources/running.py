"""Run a connection: from where it stands, for as long as it may, and so that a kill at any moment costs nothing."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from compliance.secrets import SecretsUnreadable
from ingestion.domain.event_names import ensure_base_topics
from ingestion.domain.leases import LeaseLost
from ingestion.domain.mappings import MappingInvalid
from ingestion.enums import Result, RunState
from ingestion.imports.appending import Appender
from ingestion.imports.intake import Intake
from ingestion.imports.rows import BadRow, Block, Position, Row
from ingestion.imports.running import Outcome
from ingestion.imports.taking import Taken
from ingestion.models import ConnectionRun, Stream
from ingestion.sources import failing
from ingestion.sources.contract import Batch, SourceError, SourceUnavailable, State, StreamChanged
from ingestion.sources.drift import breaking, drift_of
from ingestion.sources.pacing import Pacing
from ingestion.sources.prefetch import Prefetch
from ingestion.sources.progress import commit_progress, end_run, fail_run, forget_progress, leases
from ingestion.sources.registry import kind_named
from ingestion.sources.selections import selection_of, settings_of
from ingestion.sources.translation import translation_of
from streaming.contracts.log import EventLog, LogUnavailable
from streaming.runtime.failpoints import reach

ROWS = 5000
HOPELESS = 5000  # rows rejected before the first was taken: the mapping is wrong, not the rows

Clock = Callable[[], datetime]


def run_connection(run_id: int, *, log: EventLog, clock: Clock, seconds: float | None = None) -> Outcome:
    """Run it until there are no more rows, or for `seconds` and at least one batch, unless it is held up.

    Rows are made durable in the log first; then one transaction says so in the run and moves the stream's state. A kill
    between the two sends those rows again, with the same message ids: consumers drop what they applied. Errors of our
    own database are raised; running it again is always right.
    """
    owner = leases.take(run_id)
    if owner is None:
        return Outcome.BUSY
    try:
        run = ConnectionRun.objects.select_related("stream__connection").get(pk=run_id)
        return _run(run, owner, log, clock, seconds)
    except LeaseLost:
        return Outcome.BUSY
    except LogUnavailable:
        return Outcome.WAITING
    finally:
        leases.release(run_id, owner)


def _run(run: ConnectionRun, owner: UUID, log: EventLog, clock: Clock, seconds: float | None) -> Outcome:
    connection = run.stream.connection
    if connection.retry_at is not None and connection.retry_at > clock():
        return Outcome.WAITING
    deadline = datetime.max.replace(tzinfo=UTC) if seconds is None else clock() + timedelta(seconds=seconds)
    try:
        outcome = _Run(run, owner, log, clock).until(deadline)
    except (MappingInvalid, SecretsUnreadable, LookupError) as error:
        fail_run(run, owner, reason=_reason(run, str(error)), now=clock())
        return Outcome.ENDED
    except StreamChanged as changed:
        failing.stop_stream(run.stream, str(changed), now=clock())
        fail_run(run, owner, reason=_reason(run, str(changed)), now=clock())
        return Outcome.ENDED
    except SourceUnavailable as away:
        failing.record_failure(connection, str(away), now=clock())
        leases.held(run.pk, owner).update(failure=str(away))
        return Outcome.WAITING
    except SourceError as refused:
        failing.record_failure(connection, str(refused), now=clock())
        fail_run(run, owner, reason=_reason(run, str(refused)), now=clock())
        return Outcome.ENDED
    failing.record_success(connection, now=clock())
    return outcome


def _reason(run: ConnectionRun, said: str) -> str:
    run.refresh_from_db(fields=["read"])
    return f"After row {run.read:,}: {said} The rows so far are in."


class _Run:
    """One process's run. While a batch is on its way to the log, the next one is read."""

    def __init__(self, run: ConnectionRun, owner: UUID, log: EventLog, clock: Clock) -> None:
        self._run, self._owner, self._log, self._clock = run, owner, log, clock
        stream = run.stream
        self._kind = kind_named(stream.connection.kind)
        self._settings, self._selection = settings_of(stream.connection), selection_of(stream)
        self._intake = Intake(
            source_id=stream.connection.source_id, translation=translation_of(stream), log=log, clock=clock
        )
        self._began: tuple[State, State | None, bool] = (run.position or {}, stream.state, stream.is_whole)
        self._is_first = run.read == 0
        self._row = run.read
        self._pacing = Pacing(run.rows_per_second)
        self._appender = Appender(log, self._renew)
        self._submitted: Batch | None = None
        self._committed_at = clock()

    def until(self, deadline: datetime) -> Outcome:
        """Go on until there are no more rows, to the deadline, or until it is held up or cancelled."""
        ensure_base_topics(self._log)
        self._look()
        with Prefetch(self._read) as ahead:
            for batch in ahead.batches(self._insist):
                taken = self._take(batch)
                if not self._settle():
                    return Outcome.ENDED
                if self._intake.is_held:
                    return Outcome.HELD
                if not self._pacing.wait(taken.end.row - taken.start.row, time.sleep, self._goes_on):
                    return Outcome.ENDED
                reach("sources.before_append")
                self._appender.submit(taken)
                self._submitted, self._row = batch, taken.end.row
                if self._clock() >= deadline and not batch.is_last:
                    return Outcome.MORE if self._settle() else Outcome.ENDED
        if self._settle():
            reach("sources.before_end")
            end_run(self._run, self._owner, now=self._clock())
            failing.stream_goes_on(self._run.stream, now=self._clock())
        return Outcome.ENDED

    def _look(self) -> None:
        """See how the stream is now. Raises StreamChanged when it is not what was chosen."""
        run = self._run
        drift = drift_of(run.stream, self._kind.describe(self._settings, self._selection.stream))
        Stream.objects.filter(pk=run.stream_id).update(drift=drift)
        if broken := breaking(drift):
            raise StreamChanged(
                f"{self._selection.stream} has changed: {broken}. Choose its columns again, then resume it."
            )
        notes = [*run.notes, *(f"column {each['column']} {each['words']}" for each in drift)]
        expected = run.expected
        if expected is None:
            expected = self._kind.remaining(self._settings, self._selection, self._began[0])
        found = leases.held(run.pk, self._owner)
        if not found.update(notes=list(dict.fromkeys(notes)), expected=expected):
            raise LeaseLost
        run.refresh_from_db(fields=["notes", "expected"])

    def _read(self) -> Iterator[Batch]:
        return self._kind.read(self._settings, self._selection, self._began[0], rows=self._pacing.batch(ROWS))

    def _take(self, batch: Batch) -> Taken:
        start = Position(row=self._row)
        first_refused = self._row + len(batch.rows) + 1
        rows = [Row(number, 0, row) for number, row in enumerate(batch.rows, self._row + 1)]
        end = Position(row=self._row + len(rows) + len(batch.refused))
        taken = self._intake.take(Block(end, rows), start)
        taken.bad += [
            BadRow(number, 0, refused.reason, self._intake.shown(refused.values))
            for number, refused in enumerate(batch.refused, first_refused)
        ]
        if batch.refused:
            taken.counts["", "(row)", Result.REJECTED] += len(batch.refused)
        return taken

    def _settle(self) -> bool:
        """Commit what is durable by now. False when the run is not to go on."""
        taken, batch = self._appender.settled(), self._submitted
        if taken is None or batch is None:
            return True
        self._submitted = None
        reach("sources.after_append")
        now = self._clock()
        state = commit_progress(
            self._run, self._owner, taken, batch.state, notes=batch.notes,
            seconds=(now - self._committed_at).total_seconds(), now=now,
        )  # fmt: skip
        self._committed_at = now
        reach("sources.after_commit")
        if self._is_hopeless():
            return self._give_up(now)
        return state == RunState.RUNNING

    def _is_hopeless(self) -> bool:
        run = self._run
        return self._is_first and run.rejected >= HOPELESS and not (run.accepted or run.suppressed)

    def _give_up(self, now: datetime) -> bool:
        position, former, is_whole = self._began
        forget_progress(self._run, self._owner, position=position, former=former, is_whole=is_whole)
        reason = (
            f"none of the first {self._run.rejected:,} rows could be taken, so the mapping must be wrong: "
            "look at the rows that were refused, correct it, and run this again; it begins with the same rows"
        )
        fail_run(self._run, self._owner, reason=reason, now=now)
        return False

    def _renew(self) -> None:
        leases.renew(self._run.pk, self._owner)

    def _insist(self) -> None:
        """Keep the lease while the source works. Raises LeaseLost when nobody wants its answer any more."""
        if not self._goes_on():
            raise LeaseLost

    def _goes_on(self) -> bool:
        """Whether it is still to run; asked during long pauses, which keep the lease."""
        self._renew()
        return ConnectionRun.objects.filter(pk=self._run.pk, state=RunState.RUNNING).exists()
