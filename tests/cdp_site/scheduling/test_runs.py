"""Runs of periodic jobs: recorded and sent together, once a number, under the term that holds."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from cdp_site.scheduling import lease, runs
from cdp_site.scheduling.runs import KEPT_RUNS, NotDispatched, dispatch, last_numbers

pytestmark = pytest.mark.usefixtures("fresh_database")
NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture
def sent() -> list[int]:
    return []


@pytest.fixture(autouse=True)
def _job(fresh_database) -> None:
    PeriodicTask.objects.create(
        name="job", task="job", interval=IntervalSchedule.objects.create(every=1, period="days")
    )


def run(number: int, sent: list[int], *, term: int = 1, within: bool = True) -> None:
    dispatch("job", number, lambda: sent.append(number), term=term, at=NOW, within=within)


def test_a_run_is_dispatched_once(sent):
    lease.take("a")
    run(1, sent)
    with pytest.raises(NotDispatched, match="run 1 of 'job' was dispatched before"):
        run(1, sent)
    run(2, sent)
    assert sent == [1, 2]
    assert last_numbers() == {"job": 2}
    job = PeriodicTask.objects.get(name="job")
    assert (job.last_run_at, job.total_run_count) == (NOW, 2)


@pytest.mark.parametrize("within", [True, False])
def test_who_lost_the_lease_dispatches_nothing(sent, within):
    lease.take("frozen")
    lease.release(1)
    assert lease.take("other") == 2
    with pytest.raises(NotDispatched, match="the lease of term 1 was lost"):
        run(1, sent, within=within)
    assert (sent, last_numbers()) == ([], {})


def test_a_run_that_could_not_be_sent_was_never_recorded(sent):
    lease.take("a")
    with pytest.raises(ZeroDivisionError):
        dispatch("job", 1, lambda: 1 / 0, term=1, at=NOW, within=True)
    assert last_numbers() == {}
    run(1, sent)
    assert sent == [1]


def test_with_a_broker_elsewhere_it_is_sent_once_it_is_recorded():
    lease.take("a")
    in_transaction = []
    dispatch(
        "job", 1, lambda: in_transaction.append(connection.in_atomic_block), term=1, at=NOW, within=False
    )
    assert in_transaction == [False]


def test_old_runs_are_forgotten(sent, monkeypatch):
    assert KEPT_RUNS >= 10
    monkeypatch.setattr(runs, "KEPT_RUNS", 3)
    lease.take("a")
    for number in range(1, 8):
        run(number, sent)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM scheduler_run ORDER BY 1")
        assert [row[0] for row in cursor.fetchall()] == [5, 6, 7]
