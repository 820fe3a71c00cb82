"""Every consumer that is registered has a way for what it cannot read, and leaves the rest to the runtime."""

import ast
from datetime import UTC, datetime

import pytest

from streaming.contracts.records import Record
from streaming.registry import registered_consumers
from streaming.runtime.consumer import Batch, Consumer, InvalidMessage
from tests.architecture.source_tree import modules

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAMES = sorted(registered_consumers())
ONLOOKERS = {"catalogue"}
"""They only look at topics whose unreadable records another consumer answers for: one dead letter is enough."""


def test_the_consumers_are_known():
    assert {"profiles", "rejections"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_consumer_is_registered_under_its_name_and_reads_something(name):
    consumer = registered_consumers()[name]()
    assert isinstance(consumer, Consumer)
    assert consumer.name == name
    assert consumer.topics


def test_an_onlooker_reads_nothing_alone():
    consumers = {name: factory() for name, factory in registered_consumers().items()}
    answering = {topic for name in set(NAMES) - ONLOOKERS for topic in consumers[name].topics}
    assert all(set(consumers[name].topics) <= answering for name in ONLOOKERS)


@pytest.mark.parametrize("name", sorted(set(NAMES) - ONLOOKERS))
def test_what_cannot_be_read_becomes_a_dead_letter(name, fresh_database):
    consumer = registered_consumers()[name]()
    topic = consumer.topics[0].replace("*", "order_completed")
    record = Record(topic, 0, 7, b"key", b"\xff no event", (), NOW)
    with fresh_database.connect() as session:
        batch = Batch([record], session, NOW, prepared=consumer.prepare([record]))
        try:
            consumer.process(batch)
        except InvalidMessage as invalid:
            batch.reject(record, invalid.reason)
        session.rollback()
    [(rejected, reason)] = batch.rejected
    assert rejected is record
    assert reason


@pytest.mark.parametrize("name", NAMES)
def test_a_consumer_hides_no_failure_from_the_runtime(name):
    """What is unknown must reach the runtime, which finds the message that causes it."""
    module = modules()[type(registered_consumers()[name]()).__module__]
    broad = [
        node.lineno
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]
    assert broad == []
