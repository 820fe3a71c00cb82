"""Brokers die, freeze and disappear from the network, while events come in."""

import time

import pytest

from tests.faults.places import behind_proxies, on_kafka
from tests.faults.proxy import Toxic
from tests.faults.test_kills import check_published
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(500)]
FROZEN_S = 45.0
GONE_S = 60.0


@on_kafka
@pytest.mark.fault_row(1)
def test_a_broker_is_killed(trial):
    system, brokers = trial.system, trial.place.brokers
    system.web.start()
    system.consume()
    with trial.load() as load:
        load.wait_for(50)
        eventually(system.applied, seconds=90)
        with trial.fault("broker 1 killed"):
            brokers.kill(1)
            try:
                load.wait_for(200, seconds=90)
            finally:
                brokers.restart(1)
        load.wait_for(50)
    trial.settle()
    check_published(trial)


@on_kafka
@pytest.mark.fault_suite
@pytest.mark.fault_row(1)
def test_brokers_are_killed_five_times(trial):
    system, brokers = trial.system, trial.place.brokers
    system.web.start()
    system.consume()
    with trial.load() as load:
        load.wait_for(50)
        for number in range(5):
            node = 1 + number % 3
            with trial.fault(f"broker {node} killed"):
                brokers.kill(node)
                try:
                    load.wait_for(60, seconds=90)
                finally:
                    brokers.restart(node)
            load.wait_for(60)
    assert not trial.ledger.refused, "no client saw an error"
    trial.settle()
    check_published(trial)


@on_kafka
@pytest.mark.fault_suite
@pytest.mark.fault_row(2)
def test_a_broker_is_frozen(trial):
    system, brokers = trial.system, trial.place.brokers
    system.web.start()
    system.consume()
    with trial.load(pause=0.1) as load:
        load.wait_for(50)
        with trial.fault("broker 2 frozen"):
            brokers.pause(2)
            try:
                _pass(FROZEN_S, load)
            finally:
                brokers.resume(2)
                brokers.wait_ready(brokers.nodes)
        load.wait_for(50)
    assert not trial.ledger.refused, "no client saw an error"
    trial.settle()
    check_published(trial)


@behind_proxies
@pytest.mark.fault_suite
@pytest.mark.fault_row(3)
@pytest.mark.parametrize(
    "toxic", [Toxic(timeout=True), Toxic(reset_peer=True)], ids=["dropping", "resetting"]
)
def test_kafka_is_gone(trial, toxic):
    trial.note = f"{GONE_S:.0f} s instead of 10 min"
    system, brokers = trial.system, trial.place.brokers
    system.web.start()
    system.consume()
    with trial.load(pause=0.1) as load:
        load.wait_for(50)
        with trial.fault("Kafka gone"):
            brokers.be(toxic)
            try:
                _pass(GONE_S, load)
                assert system.spooled(), "what was acknowledged meanwhile is on disk"
            finally:
                brokers.heal()
        load.wait_for(100)
    assert not trial.ledger.refused, "no client saw an error"
    trial.settle(seconds=240)
    check_published(trial)


@behind_proxies
@pytest.mark.fault_suite
@pytest.mark.fault_row(3)
@pytest.mark.system(SPOOL_LIMIT_MB="1")
def test_kafka_is_gone_until_the_spool_is_full(trial):
    system, brokers = trial.system, trial.place.brokers
    system.web.start()
    system.consume()
    with trial.load(pause=0.001) as load:
        load.wait_for(50)
        with trial.fault("Kafka gone, the spool reaches its cap"):
            brokers.be(Toxic(down=True))
            try:
                eventually(lambda: trial.ledger.refused > 10, seconds=120)
            finally:
                brokers.heal()
        load.wait_for(50)
    assert {status for _, status in trial.ledger.refusals} == {503}
    assert trial.ledger.retry_after, "the answer says when to try again"
    trial.settle(seconds=240)


@behind_proxies
@pytest.mark.fault_suite
@pytest.mark.fault_row(3)
def test_the_network_of_kafka_is_bad(trial):
    system, brokers = trial.system, trial.place.brokers
    system.web.start()
    system.consume()
    with trial.load(pause=0.05) as load:
        load.wait_for(50)
        with trial.fault("100 ms of latency, 375 KB/s, in slices"):
            brokers.be(Toxic(latency=0.1, bandwidth=375_000, slicer=16_384))
            try:
                load.wait_for(200, seconds=120)
            finally:
                brokers.heal()
        load.wait_for(50)
    trial.settle()
    check_published(trial)


def _pass(seconds, load):
    """Let the fault last so long, and see that events are acknowledged all the while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        load.wait_for(1, seconds=40)
