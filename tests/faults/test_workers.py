"""Consumers come, go, freeze and wake up again: each event has its effect once."""

import signal
from functools import partial
from operator import lt

import pytest

from tests.faults.places import on_both, on_kafka, on_postgres
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]


@on_postgres
@pytest.mark.fault_row(8)
def test_consumers_come_and_go(trial):
    _storm(trial, rounds=4)


@on_kafka
@pytest.mark.fault_suite
@pytest.mark.fault_row(8)
def test_consumers_come_and_go_on_kafka(trial):
    _storm(trial, rounds=8)


def _storm(trial, *, rounds):
    system = trial.system
    system.web.start()
    running = [system.consume(), system.consume("profiles")]
    with trial.load() as load:
        load.wait_for(50)
        eventually(system.applied, seconds=90)
        with trial.fault("consumers started and killed all the time"):
            for number in range(rounds):
                running.append(system.consume(*(["profiles"] if number % 2 else [])))
                load.wait_for(40)
                leaving = running.pop(0)
                if number % 2:
                    leaving.end()
                else:
                    leaving.kill()
                seen = system.applied()
                eventually(system.applied, until=partial(lt, seen), seconds=90)
        load.wait_for(50)
    trial.settle()


@on_postgres
@pytest.mark.fault_row(9)
def test_a_frozen_consumer_is_overtaken_and_fenced(trial):
    _freeze_in_a_batch(trial)


@on_kafka
@pytest.mark.fault_suite
@pytest.mark.fault_row(9)
def test_a_frozen_consumer_is_overtaken_and_fenced_on_kafka(trial):
    _freeze_in_a_batch(trial)


def _freeze_in_a_batch(trial):
    system = trial.system
    system.web.start()
    with trial.load() as load:
        load.wait_for(50)
        with trial.fault("frozen within a batch"):
            frozen = system.consume("profiles", HEADWATER_FAILPOINTS="consumer.after_effects=stop@2")
            eventually(system.applied, seconds=90)
            other = system.consume("profiles")
            seen = system.applied()
            eventually(lambda: system.applied() > seen + 100, seconds=120)
            frozen.signal(signal.SIGCONT)
        load.wait_for(100)
    frozen.end()
    other.end()
    trial.settle()


@on_both
@pytest.mark.fault_suite
@pytest.mark.fault_row(9)
def test_all_consumers_of_a_host_are_frozen(trial):
    system = trial.system
    system.web.start()
    frozen = system.consume()
    with trial.load() as load:
        load.wait_for(50)
        eventually(system.applied, seconds=90)
        with trial.fault("all consumers of a host frozen"):
            frozen.signal(signal.SIGSTOP)
            seen, other = system.applied(), system.consume()
            eventually(lambda: system.applied() > seen + 100, seconds=120)
            frozen.signal(signal.SIGCONT)
        load.wait_for(100)
        assert not other.died()
    trial.settle()
