"""The scheduler itself, in one process: when it dispatches, and that a run that was had is not due again."""

import signal
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from cdp_site.celery import app
from cdp_site.schedule import BEAT_SCHEDULE
from cdp_site.scheduling import lease, runs
from cdp_site.scheduling.scheduler import OneActsScheduler


@pytest.fixture
def scheduler(fresh_database, monkeypatch):
    """One that has a single job, which is due once a day, and sends nothing anywhere."""
    daily = IntervalSchedule.objects.create(every=1, period="days")
    yesterday = timezone.now() - timedelta(days=2)
    PeriodicTask.objects.create(name="daily", task="daily", interval=daily, last_run_at=yesterday)
    monkeypatch.setattr(OneActsScheduler, "apply_async", lambda *_args, **_options: None)
    monkeypatch.setattr(OneActsScheduler, "producer", None)
    made = OneActsScheduler(app=app)
    made._read_anew()
    made._is_stale = True
    PeriodicTask.objects.exclude(name="daily").delete()
    return made


def test_a_run_that_was_had_is_not_due_again_when_the_heap_is_made_anew(scheduler):
    for _ in range(5):
        scheduler.tick()
        scheduler._heap_invalidated = True
    assert runs.last_numbers() == {"daily": 1}


def test_a_scheduler_without_the_lease_dispatches_nothing_until_it_has_it(scheduler):
    other = lease.take("other")
    assert other is not None
    assert scheduler.tick() > 0
    assert runs.last_numbers() == {}
    lease.release(other)
    scheduler.tick()
    assert runs.last_numbers() == {"daily": 1}


def test_who_lost_the_lease_unnoticed_dispatches_nothing(scheduler, fresh_database):
    scheduler._acts()
    with fresh_database.connect(autocommit=True) as session:
        session.execute("UPDATE scheduler_lease SET term = term + 1")
    scheduler.tick()
    assert runs.last_numbers() == {}
    assert scheduler._term is None


def test_it_lets_another_one_act_when_it_ends(scheduler):
    scheduler.tick()
    scheduler.close()
    assert lease.take("other") == 2


def test_told_to_end_in_the_middle_of_a_statement_it_ends_and_lets_another_one_act(scheduler, monkeypatch):
    """Beat's handler of SIGTERM closes the scheduler, and leaves what is at work; then Beat closes it again."""

    def told_to_end(_signal, _frame):
        scheduler.close()
        raise SystemExit

    def works_long(*_args, **_options):
        with transaction.atomic(), connection.cursor() as cursor:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(runs, "dispatch", works_long)
    before = signal.signal(signal.SIGALRM, told_to_end)
    try:
        with pytest.raises(SystemExit):
            scheduler.tick()
    finally:
        signal.signal(signal.SIGALRM, before)
    scheduler.close()
    assert lease.take("other") == 2


def test_a_session_that_broke_while_the_jobs_were_written_leaves_none_out(fresh_database, monkeypatch):
    """As when the database is killed in that moment: the job at which it broke would never have run."""
    monkeypatch.setattr(OneActsScheduler, "apply_async", lambda *_args, **_options: None)
    monkeypatch.setattr(OneActsScheduler, "producer", None)
    scheduler = OneActsScheduler(app=app)
    with fresh_database.connect(autocommit=True) as session:
        session.execute(_BREAK_AT_SEALING)
        assert scheduler.tick() > 0
        session.execute("DROP FUNCTION break_session CASCADE")
    scheduler.tick()
    assert set(BEAT_SCHEDULE) <= set(PeriodicTask.objects.values_list("name", flat=True))


_BREAK_AT_SEALING = """
CREATE FUNCTION break_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
CREATE TRIGGER break_session BEFORE INSERT ON django_celery_beat_periodictask FOR EACH ROW
    WHEN (NEW.name = 'Seal the audit trail') EXECUTE FUNCTION break_session()
"""


def test_without_a_database_it_waits(scheduler):
    scheduler.tick()
    connection.close()
    former = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = "1"
    try:
        scheduler._renewed_at = float("-inf")
        assert scheduler.tick() > 0
    finally:
        connection.settings_dict["PORT"] = former
