"""What is kept of reconciliations: once of each, and of the newest only."""

from datetime import UTC, datetime

from cdp_site.models import Reconciliation, ReconciliationFinding
from cdp_site.reconciliation import jobs
from cdp_site.reconciliation.enums import RunState
from cdp_site.reconciliation.results import KEPT
from tests.cdp_site.reconciliation.conftest import BY, fresh_event, totals


def test_who_takes_over_after_a_kill_at_the_very_end_keeps_nothing_twice(pipeline):
    lost = fresh_event(user_id="u1")
    pipeline.append(lost, fresh_event(user_id="u2"))
    pipeline.build()
    pipeline.rows("DELETE FROM profiles_timeline WHERE message_id = %s", lost["message_id"])
    run = pipeline.reconcile()
    silent = datetime.now(UTC) - 2 * jobs.SILENT
    Reconciliation.objects.filter(pk=run.pk).update(state=RunState.RUNNING, progressed_at=silent)
    jobs.perform(run.pk, by=BY, log=pipeline.log, clock=lambda: datetime.now(UTC))
    run.refresh_from_db()
    assert (run.state, run.findings, run.found.count()) == (RunState.UNBALANCED, 1, 1)
    assert (totals(run).applied, totals(run).missing) == (1, 1)


def test_those_that_never_came_to_an_end_are_forgotten_too(pipeline):
    made = [
        Reconciliation.objects.create(state=state, asked_by=BY.name, asked_at=datetime.now(UTC))
        for state in (RunState.CANCELLED, RunState.RUNNING, RunState.BALANCED)
        for _ in range(KEPT)
    ]
    ReconciliationFinding.objects.create(reconciliation=made[0], kind="not_logged")
    run = pipeline.reconcile()
    assert (Reconciliation.objects.count(), Reconciliation.objects.first()) == (KEPT, run)
    assert not ReconciliationFinding.objects.exists()
