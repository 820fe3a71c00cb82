"""The schedule of periodic jobs."""

import pytest
from django.conf import settings

from cdp_site.celery import app
from cdp_site.schedule import BEAT_SCHEDULE
from cdp_site.scheduling.scheduler import OneActsScheduler
from ingestion import tasks
from ingestion.sources import runs


@pytest.fixture(scope="module", autouse=True)
def _all_tasks_are_known() -> None:
    app.loader.import_default_modules()


@pytest.mark.parametrize("name", BEAT_SCHEDULE)
def test_each_entry_names_a_task(name):
    assert BEAT_SCHEDULE[name]["task"] in app.tasks


@pytest.mark.parametrize("name", BEAT_SCHEDULE)
def test_what_was_missed_does_not_pile_up(name):
    entry = BEAT_SCHEDULE[name]
    assert entry["options"]["expire_seconds"] == expected(name)


def expected(name):
    """In how many seconds a run is dropped: sealing waits for a thread, for a worker may have none for longer than a second."""
    return 60 if name == "Seal the audit trail" else BEAT_SCHEDULE[name]["schedule"].total_seconds()


def test_a_worker_has_time_for_all_of_them():
    """A worker of two threads takes up two jobs each time it looks; what comes faster would wait, and be dropped."""
    due_each_second = sum(1 / entry["schedule"].total_seconds() for entry in BEAT_SCHEDULE.values())
    looks_each_second = 1 / settings.CELERY_BROKER_TRANSPORT_OPTIONS["polling_interval"]
    assert 2 * due_each_second < 2 * looks_each_second


def test_a_run_that_finds_no_thread_is_dropped_before_the_next_look_sends_it_again(monkeypatch):
    sent = []
    monkeypatch.setattr(runs, "start_continuous_runs", lambda **_: [])
    monkeypatch.setattr(tasks, "waiting_runs", lambda **_: [7])
    monkeypatch.setattr(tasks.run_connection, "apply_async", lambda **options: sent.append(options))
    tasks.resume_connection_runs()
    [entry] = [each for each in BEAT_SCHEDULE.values() if each["task"] == tasks.resume_connection_runs.name]
    assert sent == [{"kwargs": {"run_id": 7}, "expires": entry["schedule"].total_seconds()}]


@pytest.mark.usefixtures("fresh_database")
def test_beat_copies_it_into_the_database():
    from django_celery_beat.models import PeriodicTask

    OneActsScheduler(app=app)._read_anew()  # as it does once it acts
    kept = dict(PeriodicTask.objects.values_list("name", "expire_seconds"))
    for name in BEAT_SCHEDULE:
        assert kept[name] == expected(name)
