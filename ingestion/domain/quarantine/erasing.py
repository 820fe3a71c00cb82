"""Taking people out of quarantine: an event that names an erased identifier leaves only that there was one."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F

from compliance.erasers import Erased, Identifier
from compliance.suppression import Suppressions, suppressions_of
from ingestion.domain.suppressions import is_suppressed
from ingestion.enums import QuarantineState, ResendState
from ingestion.models import PlanViolation, Quarantined, Resend
from streaming.contracts.events import UndecodableEvent, decode_event

STORE = "ingestion_quarantined"
_AT_ONCE = 2000
_BY = "erasure"


def erase(identifiers: Collection[Identifier], place: int, now: datetime) -> Erased:
    """Look through the next events that are kept with their content. See `compliance.erasers`."""
    people = suppressions_of(identifiers)
    with transaction.atomic():
        _hold_jobs()
        kept = Quarantined.objects.exclude(value="").filter(pk__gt=place).order_by("pk")
        rows = list(kept.select_for_update()[:_AT_ONCE])
        theirs = [row for row in rows if _names(row, people)]
        if theirs:
            _take_out(theirs, now)
    return Erased(len(theirs), rows[-1].pk if len(rows) == _AT_ONCE else None)


def _hold_jobs() -> None:
    """Have jobs wait: each locks its own row before those of its events."""
    active = Resend.objects.filter(state__in=[ResendState.QUEUED, ResendState.RUNNING])
    list(active.select_for_update().order_by("pk").values_list("pk", flat=True))


def _names(row: Quarantined, people: Suppressions) -> bool:
    """Whether it is of one of them. What nobody can read any more could be: it goes too."""
    try:
        return is_suppressed(decode_event(row.value.encode()), people)
    except (UndecodableEvent, KeyError, TypeError, ValueError, AttributeError):
        return True


def _take_out(rows: Collection[Quarantined], now: datetime) -> None:
    queued = Counter(
        row.resend_id for row in rows if row.resend_id is not None and row.state == QuarantineState.QUEUED
    )
    for job, events in queued.items():
        Resend.objects.filter(pk=job).update(suppressed=F("suppressed") + events)
    ids, sources = {row.message_id for row in rows}, {row.source_id for row in rows}
    PlanViolation.objects.filter(source__in=sources, message_id__in=ids).update(message_id="")
    Quarantined.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=QuarantineState.SUPPRESSED, value="", name="", message_id="", decided_at=now, decided_by=_BY
    )
