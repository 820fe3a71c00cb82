"""Starting and cancelling jobs. Rules: docs/adr/0023-resubmissions.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from streaming.domain.oversight import record_decision, require_decider
from streaming.domain.queries.resubmissions import UnknownResubmission
from streaming.domain.resubmissions.telling import tell_cancelled
from streaming.domain.running import consumer_names
from streaming.enums import DeadLetterState, ResubmissionState
from streaming.models import DeadLetter, Resubmission

MIN_RATE, MAX_RATE = 0.01, 10_000.0

# In the order of `returning.ORIGINAL_ORDER`. A letter that another decision takes meanwhile is looked at again and
# passed over.
_CLAIM = """
UPDATE dead_letter letter SET state = 'queued', resubmission_id = %(job)s, resubmission_number = chosen.number,
    decided_at = %(now)s, decided_by = %(by)s
FROM (
    SELECT id, row_number() OVER (ORDER BY coalesce(origin_topic, topic), coalesce(origin_partition, partition),
        coalesce(origin_offset, "offset"), id) AS number
    FROM dead_letter WHERE consumer = %(consumer)s AND state = 'open'
        AND (%(reason)s::text IS NULL OR reason = %(reason)s) AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
) chosen
WHERE letter.id = chosen.id AND letter.state = 'open'
"""


class NothingToResubmit(LookupError):
    """No dead letter is open that the job would send."""


class WrongRate(ValueError):
    """The rate is none; the text says what it may be."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Open letters of a consumer: all, those with one reason, or those of the ids."""

    consumer: str
    reason: str | None = None
    ids: Sequence[int] | None = None


def start(choice: Choice, *, rate: float | None, actor: Any, by_name: str, now: datetime) -> int:
    """Make a job of them and return its id; from now on nothing else sends or discards them.

    `rate` is letters per second at most. Raises NothingToResubmit, WrongRate, UnknownConsumer, and what
    `oversight.require_decider` raises. Somebody has to run the job: see `running.run`.
    """
    require_decider(actor)
    consumer_names([choice.consumer])
    if rate is not None and not MIN_RATE <= rate <= MAX_RATE:
        raise WrongRate(f"the rate should be {MIN_RATE:g} to {MAX_RATE:,.0f} letters a second, not {rate:g}")
    with transaction.atomic(durable=True):
        job = Resubmission.objects.create(
            consumer=choice.consumer, rate=rate, asked=0, created_at=now, created_by=by_name
        )  # fmt: skip
        job.asked = _claim(job, choice, by_name, now)
        if not job.asked:
            raise NothingToResubmit(f"no dead letter of {choice.consumer} is open that this would send back")
        if choice.reason is not None:
            job.alike = job.letters.order_by("-id").values_list("id", flat=True).first()
        job.save(update_fields=["asked", "alike"])
        record_decision(
            actor, action="dead_letters.resubmit", target=f"resubmission {job.pk}",
            detail={"consumer": choice.consumer, "asked": job.asked, "rate": rate},
        )  # fmt: skip
    return int(job.pk)


def _claim(job: Resubmission, choice: Choice, by_name: str, now: datetime) -> int:
    ids = None if choice.ids is None else list(choice.ids)
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "job": job.pk,
                "now": now,
                "by": by_name,
                "consumer": choice.consumer,
                "reason": choice.reason,
                "ids": ids,
            },
        )
        return int(cursor.rowcount)


def cancel(resubmission_id: int, *, actor: Any, by_name: str, now: datetime) -> int:
    """End the job; returns how many letters are open again. What was sent stays sent. Raises UnknownResubmission."""
    require_decider(actor)
    with transaction.atomic(durable=True):
        jobs = Resubmission.objects.filter(pk=resubmission_id)
        job = jobs.select_for_update().first()
        if job is None:
            raise UnknownResubmission(f"there is no resubmission {resubmission_id}")
        if job.state not in ResubmissionState.active():
            return 0
        jobs.update(state=ResubmissionState.CANCELLED, ended_at=now, lease_owner=None, lease_until=None)
        letters = DeadLetter.objects.filter(resubmission=resubmission_id, state=DeadLetterState.QUEUED)
        opened = reopen(letters)
        record_decision(
            actor, action="dead_letters.cancel", target=f"resubmission {resubmission_id}", detail={"open": opened}
        )  # fmt: skip
        tell_cancelled(job, opened, by_name=by_name, now=now)
    return opened


def reopen(letters: Any) -> int:
    """Have these wait for a decision again, in the open transaction."""
    return int(
        letters.update(
            state=DeadLetterState.OPEN,
            resubmission=None,
            resubmission_number=None,
            decided_at=None,
            decided_by="",
        )
    )
