"""kill -9 at each point of a run: another process goes on, and nothing is lost or doubled."""

import pytest

from ingestion.enums import RunState
from ingestion.imports.running import Outcome
from ingestion.models import ConnectionRun
from ingestion.sources.connections import create_connection
from tests.ingestion.sources.conftest import BY, NOW
from tests.ingestion.sources.killing import assert_killed, run_to_be_killed

POINTS = (
    "sources.before_append=kill@2",
    "sources.after_append=kill@2",
    "sources.after_commit=kill@2",
    "sources.before_end=kill",
)
ROWS = 60


@pytest.mark.fault
def test_a_run_that_is_killed_anywhere_is_finished_by_another_process(producer, fresh_database):
    runs = {}
    for number, point in enumerate(POINTS):
        table = f"customers_{number}"
        producer.crm.execute(
            f"CREATE TABLE {table} (id integer PRIMARY KEY, email text, plan text, updated_at timestamp)"
        )
        for row in range(ROWS):
            producer.crm.execute(
                f"INSERT INTO {table} VALUES ({number * 1000 + row}, 'x', 'gold', '2026-01-05 10:{row // 10}0:00')"
            )
        producer.connection = create_connection(  # those of one connection are read in turn
            name=f"CRM {number}", kind="sql", source="CRM", typed=producer.crm.settings, by=BY, now=NOW
        )
        run = producer.start(producer.stream(table))
        ConnectionRun.objects.filter(pk=run.pk).update(rows_per_second=30)  # several batches, each of so many
        runs[point] = run
    assert_killed(run_to_be_killed(fresh_database, runs))
    for run in runs.values():
        run.refresh_from_db()
        assert run.state == RunState.RUNNING
        assert run.read <= ROWS
        ConnectionRun.objects.filter(pk=run.pk).update(lease_until=NOW, rows_per_second=None)
        assert producer.go(run) == Outcome.ENDED
        assert (run.state, run.read) == (RunState.DONE, ROWS)
    messages = {(event["user_id"], event["message_id"], event["client_time"]) for event in producer.events()}
    assert sorted(int(user) for user, *_ in messages) == [
        number * 1000 + row for number in range(4) for row in range(ROWS)
    ]
