"""Deciding about quarantined events: discard them, or have a job mend them and send them on. docs/adr/0095."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from ingestion.domain.quarantine.groups import Group
from ingestion.domain.quarantine.mending import read_steps
from ingestion.domain.quarantine.telling import tell_cancelled
from ingestion.enums import QuarantineState, ResendState
from ingestion.models import Quarantined, Resend

KEPT_OPEN = timedelta(days=90)
KEPT_DECIDED = timedelta(days=35)  # longer than any log keeps the record of it
_AT_ONCE = 5000
_BY_AGE = "retention"


class NothingThere(LookupError):
    """No event of the group waits for a decision any more."""


def start_resend(group: Group, steps: object, *, by: Actor, now: datetime) -> Resend:
    """Make a job of all events of the group that wait; nothing else decides about them from now on.

    Raises MendingError, NothingThere, AccessDenied. Somebody has to run it: see `resending.run`.
    """
    require(by, Operation.SOURCES_MANAGE)
    read = read_steps(steps)
    with transaction.atomic():
        job = Resend.objects.create(
            source_id=group.source_id, type=group.type, name=group.name, reason=group.reason, steps=read,
            created_at=now, created_by=by.name,
        )  # fmt: skip
        job.asked = group.open().update(
            state=QuarantineState.QUEUED, resend=job, decided_at=now, decided_by=by.name
        )
        if not job.asked:
            raise NothingThere("none of these events waits for a decision any more")
        job.save(update_fields=["asked"])
        _audit(by, "quarantine.resend", group, resend=job.pk, asked=job.asked, steps=len(read))
    return job


def cancel_resend(job: Resend, *, by: Actor, now: datetime) -> int:
    """End the job; returns how many events wait for a decision again. What went on is gone on."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        active = Resend.objects.select_for_update(of=["self"]).select_related("source")
        held = active.filter(pk=job.pk, state__in=[ResendState.QUEUED, ResendState.RUNNING]).first()
        if held is None:
            return 0
        opened = reopen(held)
        Resend.objects.filter(pk=job.pk).update(
            state=ResendState.CANCELLED, ended_at=now, lease_owner=None, lease_until=None
        )
        record_change(by, action="quarantine.cancel", target=f"resend:{job.pk}", detail={"open": opened})
        tell_cancelled(held, opened, by_name=by.name, now=now)
    return opened


def reopen(job: Resend, ids: list[int] | None = None) -> int:
    """Have the events of the job that did not go on wait for a decision again; all of them, or those of the ids."""
    queued = Quarantined.objects.filter(resend=job, state=QuarantineState.QUEUED)
    if ids is not None:
        queued = queued.filter(pk__in=ids)
    return queued.update(state=QuarantineState.OPEN, resend=None, decided_at=None, decided_by="")


def discard(group: Group, *, by: Actor, now: datetime) -> int:
    """Throw the events of the group away; returns how many. Only that there were such events is kept."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        discarded = group.open().update(
            state=QuarantineState.DISCARDED, value="", decided_at=now, decided_by=by.name
        )
        if discarded:
            _audit(by, "quarantine.discard", group, discarded=discarded)
    return discarded


def forget_old(*, now: datetime) -> int:
    """Discard what nobody decided about in time, and forget what was decided long ago; returns how many rows it was.

    A piece at a time: call it again while it returns anything.
    """
    overdue = Quarantined.objects.filter(state=QuarantineState.OPEN, quarantined_at__lt=now - KEPT_OPEN)
    discarded = Quarantined.objects.filter(pk__in=overdue.values("pk")[:_AT_ONCE]).update(
        state=QuarantineState.DISCARDED, value="", decided_at=now, decided_by=_BY_AGE
    )
    decided = Quarantined.objects.exclude(state__in=[QuarantineState.OPEN, QuarantineState.QUEUED])
    old = decided.filter(decided_at__lt=now - KEPT_DECIDED).values("pk")[:_AT_ONCE]
    forgotten, _ = Quarantined.objects.filter(pk__in=old).delete()
    return discarded + forgotten


def _audit(by: Actor, action: str, group: Group, **detail: Any) -> None:
    record_change(
        by,
        action=action,
        target=f"source:{group.source_id}",
        detail={"event": group.type, "reason": group.reason, **detail},
    )
