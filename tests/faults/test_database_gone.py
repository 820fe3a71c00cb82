"""The database is away for a minute: the collector goes on, consumers wait, and nothing becomes a dead letter."""

import time

import pytest

from tests.faults.databases import kill_server
from tests.faults.places import on_postgres
from tests.ingestion.collector.serving import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]
AWAY_S = 60.0


@on_postgres
@pytest.mark.fault_row(10)
def test_the_database_dies_for_a_minute(trial, server):
    system = trial.system
    system.web.start()
    consumers = system.consume()
    with trial.load(pause=0.05) as load:
        load.wait_for(100)
        eventually(system.applied, seconds=60)
        with trial.fault("PostgreSQL killed"):
            kill_server(server)
            gone = time.monotonic()
            eventually(lambda: not server.is_running(), seconds=30)
            load.wait_for(200, seconds=AWAY_S)
            eventually(lambda: time.monotonic() - gone > AWAY_S, seconds=2 * AWAY_S)
            load.wait_for(50)
            assert system.spooled(), "what was acknowledged meanwhile is on disk"
            assert not consumers.died(), "consumers wait for the database"
            assert server.restart_if_dead()
        load.wait_for(100)
    eventually(lambda: system.applied() > len(load.ledger.acknowledged) // 2, seconds=90)
    trial.settle()
