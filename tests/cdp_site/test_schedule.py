"""The schedule of periodic jobs."""

import pytest

from cdp_site.celery import app
from cdp_site.schedule import BEAT_SCHEDULE
from cdp_site.scheduling.scheduler import OneActsScheduler


@pytest.fixture(scope="module", autouse=True)
def _all_tasks_are_known() -> None:
    app.loader.import_default_modules()


@pytest.mark.parametrize("name", BEAT_SCHEDULE)
def test_each_entry_names_a_task(name):
    assert BEAT_SCHEDULE[name]["task"] in app.tasks


@pytest.mark.parametrize("name", BEAT_SCHEDULE)
def test_what_was_missed_does_not_pile_up(name):
    entry = BEAT_SCHEDULE[name]
    assert entry["options"]["expire_seconds"] == entry["schedule"].total_seconds()


@pytest.mark.usefixtures("fresh_database")
def test_beat_copies_it_into_the_database():
    from django_celery_beat.models import PeriodicTask

    OneActsScheduler(app=app)._read_anew()  # as it does once it acts
    kept = dict(PeriodicTask.objects.values_list("name", "expire_seconds"))
    for name, entry in BEAT_SCHEDULE.items():
        assert kept[name] == entry["schedule"].total_seconds()
