"""The database is away for a while: the collector goes on, consumers wait, and nothing becomes a dead letter."""

import time

import pytest

from cdp_site.postgres.server import EmbeddedPostgres
from tests.faults.databases import kill_server
from tests.faults.places import on_postgres
from tests.faults.trial import Trial
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(500)]


@on_postgres
@pytest.mark.fault_row(10)
def test_the_database_dies_for_a_while(trial, server):
    _die(trial, server, 15.0)


@on_postgres
@pytest.mark.fault_suite
@pytest.mark.fault_row(10)
def test_the_database_dies_for_a_minute(trial, server):
    _die(trial, server, 60.0)


def _die(trial: Trial, server: EmbeddedPostgres, seconds: float) -> None:
    system = trial.system
    with trial.in_operation(pause=0.05) as load, trial.fault("PostgreSQL killed"):
        kill_server(server)
        gone = time.monotonic()
        eventually(lambda: not server.is_running(), seconds=30)
        load.wait_for(100, seconds=90)
        eventually(lambda: time.monotonic() - gone > seconds, seconds=2 * seconds)
        load.wait_for(50)
        assert system.spooled(), "what was acknowledged meanwhile is on disk"
        assert not system.consumers[0].died(), "consumers wait for the database"
        assert server.restart_if_dead()
    eventually(lambda: system.applied() > len(load.ledger.acknowledged) // 2, seconds=120)
    trial.settle()
