"""Running a job: from where it stands, so that a kill at any moment costs nothing. docs/adr/0095-quarantine.md.

Each transaction mends the next events, marks them and publishes them, under the lock of the job's row: each goes on
once, whoever runs it. The message ids are those of the first time, so that even a second record would have no effect.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from compliance import suppression
from ingestion.domain.event_names import ensure_base_topics, load_event_topics, record_names
from ingestion.domain.leases import LEASE, Leases
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.plans.rules import SourceRules
from ingestion.domain.quarantine.deciding import reopen
from ingestion.domain.quarantine.mending import Step, mend
from ingestion.domain.quarantine.telling import tell_done
from ingestion.domain.suppressions import is_suppressed
from ingestion.enums import QuarantineState, ResendState
from ingestion.models import Quarantined, Resend
from streaming.contracts.events import WireEvent, decode_event, encode_event, record_key
from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import NewRecord
from streaming.domain.publishing import publish
from streaming.event_log import event_log
from streaming.runtime.failpoints import reach

AT_ONCE = 200
LEASES = Leases(Resend)
_RETRY_SECONDS = 10.0

Clock = Callable[[], datetime]


class _Over(Exception):
    """Somebody else runs the job by now, or it was cancelled."""


def run(resend_id: int, *, clock: Clock, seconds: float) -> float | None:
    """Run the job for about `seconds`; returns after how many seconds to run it again, None for not at all.

    Database errors are raised; running it again is always right.
    """
    owner = LEASES.take(resend_id)
    if owner is None:
        return None
    try:
        ensure_base_topics(event_log())
        return _Run(Resend.objects.get(pk=resend_id), owner, clock).until(
            clock() + timedelta(seconds=seconds)
        )
    except _Over:
        return None
    except LogUnavailable:
        return _RETRY_SECONDS
    finally:
        LEASES.release(resend_id, owner)


def without_runner() -> list[int]:
    """The jobs that should run and that nobody runs, the oldest first."""
    return list(LEASES.without_runner().values_list("pk", flat=True))


def mended(row: Quarantined, steps: Sequence[Step], rules: SourceRules | None) -> WireEvent:
    """The event of the row as it would go on; it has `quarantined` if it still breaks the plan."""
    event = decode_event(row.value.encode())
    mend(event, steps)
    if rules is None:
        for noted in ("violations", "quarantined"):
            event.pop(noted, None)  # type: ignore[misc]  # each is optional
    else:
        rules.recheck(event)
    return event


@dataclass(slots=True)
class _Sorted:
    """What is to become of a few events, by the ids of their rows."""

    sent: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    suppressed: list[int] = field(default_factory=list)
    events: list[WireEvent] = field(default_factory=list)


class _Run:
    def __init__(self, job: Resend, owner: UUID, clock: Clock) -> None:
        self._job, self._owner, self._clock = job, owner, clock
        self._rules = load_rules().get(job.source_id)
        self._topics = load_event_topics()

    def until(self, deadline: datetime) -> float | None:
        """See `run`."""
        while self._send_next():
            if self._clock() >= deadline:
                return 0.0
        return None

    def _send_next(self) -> bool:
        """Send the next events in one transaction. False when there are none, which ends the job."""
        now = self._clock()
        with transaction.atomic(durable=True):
            self._hold()
            rows = list(self._queue().order_by("pk")[:AT_ONCE])
            if not rows:
                self._end(now)
                return False
            result = self._sort(rows)
            self._mark(result, now)
            record_names(self._unknown(result.events), now=now)
            publish([self._record(event) for event in result.events], writer="quarantine")
            reach("quarantine.before_commit")
        reach("quarantine.after_commit")
        return True

    def _end(self, now: datetime) -> None:
        self._change(state=ResendState.DONE, ended_at=now)
        tell_done(Resend.objects.get(pk=self._job.pk), now=now)

    def _hold(self) -> None:
        """Lock the job's row, which a cancellation and another runner need too. Raises _Over."""
        held = LEASES.held(self._job.pk, self._owner).select_for_update().filter(state=ResendState.RUNNING)
        if not held.exists():
            raise _Over

    def _queue(self) -> QuerySet[Quarantined]:
        return Quarantined.objects.filter(resend=self._job, state=QuarantineState.QUEUED)

    def _sort(self, rows: Sequence[Quarantined]) -> _Sorted:
        """Ask the plan and the suppressions of now: who was suppressed meanwhile stays out."""
        result, suppressions = _Sorted(), suppression.snapshot()
        for row in rows:
            event = mended(row, self._job.steps, self._rules)
            if suppressions and is_suppressed(event, suppressions):
                result.suppressed.append(row.pk)
            elif "quarantined" in event:
                result.kept.append(row.pk)
            else:
                result.sent.append(row.pk)
                result.events.append(event)
        return result

    def _mark(self, result: _Sorted, now: datetime) -> None:
        queue = self._queue()
        queue.filter(pk__in=result.sent).update(state=QuarantineState.SENT, value="", decided_at=now)
        queue.filter(pk__in=result.suppressed).update(
            state=QuarantineState.SUPPRESSED, value="", name="", message_id="", decided_at=now
        )
        reopen(self._job, result.kept)
        self._change(
            sent=F("sent") + len(result.sent),
            kept=F("kept") + len(result.kept),
            suppressed=F("suppressed") + len(result.suppressed),
            lease_until=Now() + LEASE,
        )

    def _unknown(self, events: Sequence[WireEvent]) -> set[tuple[int, str, str]]:
        names = {
            (each["type"], (each["event"] or "") if each["type"] == "track" else each["type"])
            for each in events
        }
        return {(self._job.source_id, *name) for name in names if not self._topics.knows(*name)}

    def _record(self, event: WireEvent) -> NewRecord:
        key = record_key(event["anonymous_id"], event["user_id"])
        return NewRecord(self._topics.destination(event), key, encode_event(event))

    def _change(self, **fields: object) -> None:
        Resend.objects.filter(pk=self._job.pk).update(**fields)
