"""Ending visits that inactivity ended, by the clock of the pipeline: a backlog never ends one too early."""

from datetime import datetime

import psycopg
from django.db import connection, transaction

from profiles.domain.visit_timeouts import visit_timeouts
from profiles.models import SessionClock
from profiles.sessions.closing import close
from streaming.contracts.log import EventLog
from streaming.domain.following import Following
from streaming.domain.publishing import publish
from streaming.event_log import event_log

UPSTREAM, READER = "profiles", "sessions"
STEP = 5000


def end_visits(*, now: datetime, steps: int = 100) -> int:
    """End what may be ended now, a step in a transaction; returns how many visits were looked at. Raises LogError."""
    upto, done = _upto(event_log(), now), 0
    for _ in range(steps if upto else 0):
        assert upto is not None
        looked_at = _step(upto, now)
        done += looked_at
        if not looked_at:
            break
    return done


def _step(upto: datetime, now: datetime) -> int:
    with transaction.atomic():
        session = connection.connection
        assert isinstance(session, psycopg.Connection)
        closed = close(session, upto, visit_timeouts(session), now=now, limit=STEP)
        publish(closed.records, writer=READER)
        return closed.looked_at


def _upto(log: EventLog, now: datetime) -> datetime | None:
    """Up to which moment all that was accepted has been applied to visits; None while that is not known."""
    with transaction.atomic():
        clock, _ = SessionClock.objects.select_for_update().get_or_create(pk=1)
        waiting = (
            Following.kept(clock.waiting) if clock.waiting else Following.begin(UPSTREAM, log=log, now=now)
        )
        arrived = waiting.arrived(READER, log=log)
        if arrived is not None:
            clock.upto = max(arrived, clock.upto or arrived)
        clock.waiting = None if arrived is not None else waiting.keep()
        clock.save()
        return clock.upto
