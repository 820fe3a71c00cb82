"""Running a job: from where it stands, so that a kill at any moment costs nothing. docs/adr/0023-resubmissions.md."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Length, Now

from streaming.contracts.log import LogUnavailable
from streaming.domain.publishing import publish
from streaming.domain.resubmissions.leasing import LEASE, release_lease, take_lease
from streaming.domain.resubmissions.starting import reopen
from streaming.domain.resubmissions.telling import tell_done
from streaming.domain.returning import fits, returned
from streaming.enums import DeadLetterState, ResubmissionState
from streaming.event_log import event_log
from streaming.models import DeadLetter, Resubmission
from streaming.runtime.discovery import own_topics
from streaming.runtime.failpoints import reach

AT_ONCE = 200
_BYTES_AT_ONCE = 8 * 1024 * 1024
_RETRY_SECONDS = 10.0
_LONGEST_PAUSE = 5.0  # longer ones are waited for without holding a worker

Clock = Callable[[], datetime]
Pause = Callable[[float], None]


class _LeaseLost(Exception):
    """Somebody else runs the job by now, or it was cancelled."""


def run(resubmission_id: int, *, clock: Clock, pause: Pause, seconds: float) -> float | None:
    """Run the job for about `seconds`; returns after how many seconds to run it again, None for not at all.

    Each transaction marks the next letters as sent and publishes them, so that each goes back once, in the order of
    the job, whoever runs it. `pause` waits so many seconds. Database errors are raised; running again is always right.
    """
    owner = take_lease(resubmission_id)
    if owner is None:
        return None
    try:
        job = Resubmission.objects.get(pk=resubmission_id)
        event_log().create_topics(own_topics(job.consumer))
        return _Run(job, owner, clock, pause).until(clock() + timedelta(seconds=seconds))
    except _LeaseLost:
        return None
    except LogUnavailable:
        return _RETRY_SECONDS
    finally:
        release_lease(resubmission_id, owner)


class _Run:
    def __init__(self, job: Resubmission, owner: UUID, clock: Clock, pause: Pause) -> None:
        self._id, self._rate, self._by = job.pk, job.rate, job.created_by
        self._owner, self._clock, self._pause = owner, clock, pause
        self._next_at = job.next_at

    def until(self, deadline: datetime) -> float | None:
        """See `run`."""
        while True:
            wait = self._wait()
            if wait > _LONGEST_PAUSE:
                return wait
            if self._clock() >= deadline:
                return wait
            if wait:
                self._pause(wait)
            if not self._send_next():
                return None

    def _wait(self) -> float:
        """The seconds until the rate allows the next letters."""
        if self._next_at is None:
            return 0.0
        return max(0.0, (self._next_at - self._clock()).total_seconds())

    def _send_next(self) -> bool:
        """Send the next letters in one transaction. False when there are none, which ends the job."""
        now = self._clock()
        with transaction.atomic(durable=True):
            self._hold()
            letters = self._next_letters()
            if not letters:
                self._change(state=ResubmissionState.DONE, ended_at=now)
                tell_done(self._id, now=now)
                return False
            records = [(letter.pk, returned(letter)) for letter in letters]
            sent = [number for number, record in records if fits(record)]
            kept = [number for number, record in records if not fits(record)]
            DeadLetter.objects.filter(pk__in=sent).update(
                state=DeadLetterState.RESUBMITTED, decided_at=now, decided_by=self._by
            )
            if kept:
                reopen(DeadLetter.objects.filter(pk__in=kept))
            self._note(len(sent), len(kept), now)
            publish([record for _, record in records if fits(record)], writer="dead_letters")
            reach("resubmission.before_commit")
        reach("resubmission.after_commit")
        return True

    def _hold(self) -> None:
        """Lock the job's row, which a cancellation and another runner need too. Raises _LeaseLost."""
        held = Resubmission.objects.select_for_update().filter(
            pk=self._id, lease_owner=self._owner, state=ResubmissionState.RUNNING
        )
        if not held.exists():
            raise _LeaseLost

    def _next_letters(self) -> Sequence[DeadLetter]:
        """As many as the rate allows in a second and as memory should hold, in the order of the job; one at least."""
        most = AT_ONCE if self._rate is None else max(1, min(AT_ONCE, int(self._rate)))
        queue = DeadLetter.objects.filter(resubmission=self._id, state=DeadLetterState.QUEUED)
        sized = queue.order_by("resubmission_number").values_list(
            "pk", Coalesce(Length("key"), 0) + Coalesce(Length("value"), 0)
        )
        chosen: list[int] = []
        total = 0
        for number, size in sized[:most]:
            total += size
            if chosen and total > _BYTES_AT_ONCE:
                break
            chosen.append(number)
        return list(DeadLetter.objects.filter(pk__in=chosen).order_by("resubmission_number"))

    def _note(self, sent: int, kept: int, now: datetime) -> None:
        if self._rate is not None:
            begun = now if self._next_at is None else max(now, self._next_at)
            self._next_at = begun + timedelta(seconds=sent / self._rate)
        self._change(
            sent=F("sent") + sent, left_open=F("left_open") + kept, next_at=self._next_at, lease_until=Now() + LEASE
        )  # fmt: skip

    def _change(self, **fields: object) -> None:
        Resubmission.objects.filter(pk=self._id).update(**fields)
