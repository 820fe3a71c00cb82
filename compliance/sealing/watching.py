"""Unusual access is told: many people in an hour, outside the hours of work, or somebody who is looked after closely.

What was sealed since the last look is looked through, block by block. Each member of staff, and each program, is told of once
a day for each reason.
"""

from datetime import datetime
from urllib.parse import urlencode

from django.db import connection, transaction
from django.urls import reverse

from compliance.enums import ActorKind
from compliance.models import AccessWatch
from compliance.notices import notify
from compliance.sealing.unusual import Unusual, forget_former_days, unusual_looks

KIND = "unusual_access"
BLOCK, BLOCKS = 10_000, 10

_LAST = "SELECT coalesce(max(sealed_seq), 0) FROM compliance_auditentry WHERE sealed_seq > %s AND sealed_seq <= %s"
_NEWEST = "SELECT coalesce(max(sealed_seq), 0) FROM compliance_auditentry"


def watch_access(*, now: datetime) -> None:
    """Look through what was sealed since, for so many blocks at most. May be repeated at any time, by several at once."""
    for _ in range(BLOCKS):
        if not _watch_block(now):
            return


def _watch_block(now: datetime) -> bool:
    """Whether there may be more."""
    with transaction.atomic():
        AccessWatch.objects.get_or_create(pk=1)
        watch = AccessWatch.objects.select_for_update(skip_locked=True).first()
        if watch is None:
            return False
        seen = _one(_NEWEST) if watch.seen_seq is None else watch.seen_seq  # the first time: from now on
        last = _one(_LAST, seen, seen + BLOCK)
        if last > seen:
            for unusual in unusual_looks(watch, seen, last):
                _tell(unusual, now)
            forget_former_days()
        AccessWatch.objects.filter(pk=1).update(seen_seq=max(seen, last))
    return last - seen == BLOCK


def _tell(unusual: Unusual, now: datetime) -> None:
    is_program = unusual.kind == ActorKind.TOKEN.value
    who = f"The program {unusual.actor}" if is_program else unusual.actor
    asked = "ask who is responsible for it what for" if is_program else "ask them what for"
    notify(
        KIND,
        f"{who} {unusual.text}",
        f"On {unusual.day}. The trail says what they did; {asked}. What counts as unusual is set under Audit trail, Alerts.",
        link=f"{reverse('admin:audit')}?{urlencode({'by': unusual.actor})}",
        key=f"{unusual.reason}:{unusual.day}:{unusual.kind}:{unusual.actor}",
        now=now,
    )


def _one(query: str, *values: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])
