"""A slice of a run: rows are read, made durable in the log, and said to be in, batch by batch."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ingestion.domain.event_names import ensure_base_topics
from ingestion.domain.leases import LeaseLost
from ingestion.enums import Result, RunState
from ingestion.imports.appending import Appender
from ingestion.imports.intake import Intake
from ingestion.imports.rows import BadRow, Block, Position, numbered
from ingestion.imports.running import Outcome
from ingestion.imports.taking import Taken
from ingestion.models import ConnectionRun, Stream
from ingestion.sources import failing
from ingestion.sources.contract import Batch, State, StreamChanged, as_continuous
from ingestion.sources.drift import breaking, drift_of
from ingestion.sources.pacing import Pacing
from ingestion.sources.prefetch import Prefetch
from ingestion.sources.progress import commit_progress, end_run, fail_run, forget_progress, leases
from ingestion.sources.registry import kind_named
from ingestion.sources.selections import selection_of, settings_of
from ingestion.sources.translation import translation_of
from streaming.contracts.log import EventLog
from streaming.runtime.failpoints import reach

ROWS = 5000
HOPELESS = 5000  # rows rejected before the first was taken: the mapping is wrong, not the rows
LISTENS_S = 600.0  # a slice of a source whose rows come by themselves
LASTS = timedelta(days=1)  # of a run of such a source, so that its report stays one of a day
LOOKS_S = 1.0  # how often one that hears nothing looks whether it is still wanted
STEADY_S = 30.0  # a source that answers for so long is no longer in trouble
LEAVES_S = 5.0

Clock = Callable[[], datetime]
Stopping = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Terms:
    """Where rows go, and for how long."""

    log: EventLog
    clock: Clock
    seconds: float | None
    stopping: Stopping


class Slice:
    """What one process runs of a run. While a batch is on its way to the log, the next one is read."""

    def __init__(self, run: ConnectionRun, owner: UUID, terms: Terms) -> None:
        self._run, self._owner = run, owner
        self._log, self._clock, self._is_stopping = terms.log, terms.clock, terms.stopping
        stream = run.stream
        self._kind = kind_named(stream.connection.kind)
        self._settings, self._selection = (
            settings_of(stream.connection, stream.settings),
            selection_of(stream),
        )
        self._intake = Intake(
            source_id=stream.connection.source_id,
            translation=translation_of(stream),
            log=self._log,
            clock=self._clock,
        )
        self._began: tuple[State, State | None, bool] = (run.position or {}, stream.state, stream.is_whole)
        self._is_first = run.read == 0
        self._row = run.read
        self._pacing = Pacing(run.rows_per_second)
        self._appender = Appender(self._log, self._renew)
        self._submitted: Batch | None = None
        self._committed_at = self._clock()

    def until(self, deadline: datetime) -> Outcome:
        """Go on until there are no more rows, to the deadline, or until it is held up or cancelled."""
        ensure_base_topics(self._log)
        # What has no catalogue is described by a sample: then a further slice learns by reading whether anything has changed.
        if self._is_first or not self._kind.stream_fields:
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
                if (self._clock() >= deadline or self._is_stopping()) and not batch.is_last:
                    return Outcome.MORE if self._settle() else Outcome.ENDED
        if self._settle():
            reach("sources.before_end")
            end_run(self._run, self._owner, now=self._clock())
            failing.stream_goes_on(self._run.stream, now=self._clock())
        return Outcome.ENDED

    def listen(self) -> Outcome:
        """Take what comes, each batch durable before the next, until nobody wants it any more or the slice is over."""
        ensure_base_topics(self._log)
        if self._intake.is_held:
            return Outcome.HELD  # what comes meanwhile waits at the source
        began = looked = time.monotonic()
        is_told = False
        with Prefetch(self._read, leave_s=LEAVES_S) as ahead:
            for batch in ahead.batches(self._insist):
                now = time.monotonic()
                if not batch.is_empty and (outcome := self._pass_on(batch)):
                    return outcome
                if not is_told and now - began >= STEADY_S:
                    is_told = True
                    self._tell_that_it_works()
                if batch.is_empty and now - looked >= LOOKS_S:
                    looked = now
                    if not self._is_wanted():
                        return Outcome.ENDED
                if self._is_over():
                    return Outcome.ENDED
                if self._is_stopping() or now - began >= LISTENS_S:
                    return Outcome.MORE
        return Outcome.MORE

    def _pass_on(self, batch: Batch) -> Outcome | None:
        """Have a batch be durable; an outcome when it is not to go on."""
        taken = self._take(batch)
        if self._intake.is_held:
            return Outcome.HELD
        reach("sources.before_append")
        self._appender.submit(taken)
        self._submitted, self._row = batch, taken.end.row
        return None if self._settle() else Outcome.ENDED

    def _tell_that_it_works(self) -> None:
        """Say that neither the source nor this stream is in trouble any more."""
        failing.record_success(self._run.stream.connection, now=self._clock())
        failing.stream_goes_on(self._run.stream, now=self._clock())

    def _is_wanted(self) -> bool:
        """Whether it is still to run, though nothing came for a while."""
        found = leases.held(self._run.pk, self._owner)
        found.exclude(failure="").update(failure="")
        return self._goes_on()

    def _is_over(self) -> bool:
        """End a run that has lasted for a day; the next one goes on."""
        if self._clock() - self._run.created_at < LASTS:
            return False
        reach("sources.before_end")
        end_run(self._run, self._owner, now=self._clock())
        return True

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
        rows = numbered(batch.rows, self._row)
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
        if batch.acknowledge is not None:
            batch.acknowledge()
            reach("sources.after_acknowledge")
        if self._is_hopeless():
            return self._give_up(now)
        return state == RunState.RUNNING

    def _is_hopeless(self) -> bool:
        run = self._run
        return self._is_first and run.rejected >= HOPELESS and not (run.accepted or run.suppressed)

    def _give_up(self, now: datetime) -> bool:
        position, former, is_whole = self._began
        if as_continuous(self._kind):  # what came once does not come again: leave the rest where it is
            return self._stop_listening(now)
        forget_progress(self._run, self._owner, position=position, former=former, is_whole=is_whole)
        reason = (
            f"none of the first {self._run.rejected:,} rows could be taken, so the mapping must be wrong: "
            "look at the rows that were refused, correct it, and run this again; it begins with the same rows"
        )
        fail_run(self._run, self._owner, reason=reason, now=now)
        return False

    def _stop_listening(self, now: datetime) -> bool:
        reason = (
            f"None of the first {self._run.rejected:,} could be taken, so the mapping must be wrong: look at those that "
            "were refused, correct it, and resume this. What comes meanwhile waits at the source."
        )
        failing.stop_stream(self._run.stream, reason, now=now)
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
