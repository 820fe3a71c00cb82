"""Reconciliations are asked for, made by one process at a time, cancelled, and gone on with by another."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from cdp_site.models import Reconciliation
from cdp_site.reconciliation import jobs, queries
from cdp_site.reconciliation.enums import RunState
from compliance.access import AccessDenied, Actor
from compliance.actors import NOBODY
from compliance.models import AuditEntry
from tests.cdp_site.reconciliation.conftest import BY, found, fresh_event

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_one_is_made_at_a_time_and_can_be_cancelled(pipeline):
    now = datetime.now(UTC)
    asked = jobs.ask(by=BY, now=now)
    assert jobs.ask(by=BY, now=now).pk == asked.pk
    jobs.cancel(asked.pk, by=BY)
    assert jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=lambda: now) is None
    asked.refresh_from_db()
    assert asked.state == RunState.CANCELLED

    asked = jobs.ask(by=BY, now=now)
    ticks = itertools.count()
    pipeline.append(fresh_event(user_id="u1"))

    def clock() -> datetime:
        Reconciliation.objects.filter(pk=asked.pk).update(cancel_asked=True)
        return now + timedelta(seconds=next(ticks))

    with pytest.raises(jobs.ReconciliationFailed, match="cancelled"):
        jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=clock)
    asked.refresh_from_db()
    assert (asked.state, asked.hours.count()) == (RunState.CANCELLED, 0)


def test_whoever_makes_one_is_alone_with_it_and_leaves_it_to_another_who_asks(pipeline):
    now = datetime.now(UTC)
    asked = jobs.ask(by=BY, now=now)
    with jobs.alone(asked.pk) as is_alone:
        assert is_alone
        assert jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=lambda: now) is None
        Reconciliation.objects.update(state=RunState.RUNNING, started_at=now, progressed_at=now)
    jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=lambda: now)
    asked.refresh_from_db()
    assert asked.state == RunState.BALANCED
    assert jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=lambda: now) is None


def test_one_that_nobody_goes_on_with_is_found(pipeline):
    now = datetime.now(UTC)
    asked = jobs.ask(by=BY, now=now)
    assert jobs.abandoned(now=now + 2 * jobs.SILENT) == []
    Reconciliation.objects.update(state=RunState.RUNNING, progressed_at=now)
    assert jobs.abandoned(now=now) == []
    assert jobs.abandoned(now=now + jobs.SILENT) == [asked.pk]
    assert jobs.abandoned(now=now + jobs.RESUMED_FOR) == []


def test_asking_and_looking_need_the_permission_and_leave_a_trace(pipeline):
    with pytest.raises(AccessDenied):
        jobs.ask(by=NOBODY, now=NOW)
    run = pipeline.reconcile()
    with pytest.raises(AccessDenied):
        _ = found_as(NOBODY, run)
    found(run)
    assert AuditEntry.objects.filter(action="pipeline.reconcile", target=str(run), actor=BY.name).count() == 2


def found_as(by: Actor, run: Reconciliation) -> object:
    return queries.findings(run, queries.Place(), by=by)
