"""Anchors learn the sources of events that were stored by who does not keep them, and of those that came while some went."""

from datetime import timedelta

from django.db import connection, transaction

from profiles.builder import sources
from profiles.builder.rules import RULES_LOCK
from profiles.models import Anchor, SourceDoubt, SourceGap
from streaming.database import django_session

STEP = 1_000  # anchors, each with all of its events
QUIET = timedelta(minutes=1)  # without such events, until which whoever stores them may still be there

# Only what is visible is taken together: what is noted from now on is a gap of its own.
_BEGIN = """
WITH gone AS (
    DELETE FROM profiles_sourcegap WHERE NOT EXISTS (
        SELECT FROM profiles_sourcegap WHERE cursor IS NOT NULL OR noted_at > now() - make_interval(secs => %s)
    ) RETURNING id
)
INSERT INTO profiles_sourcegap (noted_at, cursor) SELECT now(), 0 WHERE EXISTS (SELECT FROM gone)
"""
_BARRIER = "SELECT pg_advisory_xact_lock(%s)"


def learn_sources() -> bool:
    """Take one bounded step; whether there may be more to do. Raises database errors; taking it again is always right."""
    return _settle_doubts() or _close_gaps()


def _settle_doubts() -> bool:
    """Complete anchors that lost a source, once the batches that were under way then are over."""
    doubts = dict(SourceDoubt.objects.order_by("id").values_list("id", "anchor_id")[:STEP])
    if not doubts:
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BARRIER, [RULES_LOCK])
    with transaction.atomic():
        sources.complete(django_session(), set(doubts.values()))
        SourceDoubt.objects.filter(id__in=doubts).delete()
    return len(doubts) == STEP


def _close_gaps() -> bool:
    with transaction.atomic():
        gap = SourceGap.objects.select_for_update(skip_locked=True).filter(cursor__isnull=False).first()
        if gap is None:
            return _begin()
        found = Anchor.objects.filter(id__gt=gap.cursor).order_by("id").values_list("id", flat=True)
        anchors = list(found[:STEP])
        if anchors:
            sources.complete_between(django_session(), anchors[0], anchors[-1])
            gap.cursor = anchors[-1]
            gap.save(update_fields=["cursor"])
        else:
            gap.delete()
    return True


def _begin() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [QUIET.total_seconds()])
        return bool(cursor.rowcount)
