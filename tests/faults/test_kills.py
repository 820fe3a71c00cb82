"""kill -9 between any two steps, of any process: every acknowledged event has its effect exactly once afterwards."""

import signal

import pytest

from tests.faults.checking import check
from tests.ingestion.collector.serving import eventually

pytestmark = pytest.mark.fault

CONSUMER_STEPS = (
    "consumer.after_read=kill@2", "consumer.after_effects=kill@2", "consumer.before_commit=kill@2",
    "consumer.after_commit=kill@2", "lease.before_claim=kill", "lease.after_claim=kill", "lease.before_renewal=kill",
)  # fmt: skip
WEB_STEPS = ("collector.before_append", "collector.after_append", "collector.before_answer")


@pytest.mark.parametrize("step", CONSUMER_STEPS)
def test_a_consumer_is_killed(system, step):
    system.web.start()
    with system.load() as load:
        load.wait_for(50)
        consumers = system.consume(HEADWATER_FAILPOINTS=step)
        eventually(consumers.died, seconds=60)
        assert consumers.process.returncode == -signal.SIGKILL
        load.wait_for(50)
    system.drain()
    check(system.database, load.ledger)


@pytest.mark.parametrize("step", WEB_STEPS)
def test_the_web_server_is_killed(system, step):
    system.web.start(HEADWATER_FAILPOINTS=f"{step}=kill@20")
    consumers = system.consume()
    with system.load() as load:
        eventually(system.web.died, seconds=60)
        system.web.stop()
        system.web.start()
        load.wait_for(50)
    consumers.signal(signal.SIGTERM)
    assert consumers.wait(60) == 0
    system.drain()
    check(system.database, load.ledger)


def test_a_frozen_consumer_is_overtaken_and_fenced(system):
    system.web.start()
    with system.load() as load:
        load.wait_for(50)
        frozen = system.consume(HEADWATER_FAILPOINTS="consumer.after_effects=stop@2")
        eventually(system.applied, seconds=60)
        other = system.consume()
        seen = system.applied()
        eventually(lambda: system.applied() > seen + 100, seconds=60)
        frozen.signal(signal.SIGCONT)
        load.wait_for(100)
    for consumers in (frozen, other):
        consumers.signal(signal.SIGTERM)
        consumers.wait(60)
    system.drain()
    check(system.database, load.ledger)
