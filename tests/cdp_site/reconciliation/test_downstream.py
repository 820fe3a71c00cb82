"""Consumers against the log: of whom something is expected, and of whom nothing is."""

from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import TopicPartition
from tests.cdp_site.reconciliation.conftest import BY, TOPIC, fresh_event

_POSITION = """
INSERT INTO consumer_position (consumer, topic, partition, next_offset, log_identity, began_at)
VALUES (%s, %s, %s, 0, %s, 0)
"""
_RETIRE = "INSERT INTO consumer_retirement (consumer, retired_at, retired_by) VALUES (%s, now(), %s)"


def misfits(pipeline) -> list[tuple[str, str]]:
    found = pipeline.reconcile().found.exclude(consumer="")
    return sorted(found.values_list("consumer", "kind"))


def test_what_a_retired_consumer_never_read_is_no_finding(pipeline):
    pipeline.append(*(fresh_event(user_id="u1") for _ in range(3)))
    pipeline.build()
    count = pipeline.log.topics()[EVENTS_TOPIC]
    bounds = pipeline.log.bounds([TopicPartition(EVENTS_TOPIC, number) for number in range(count)])
    [place] = [place for place, each in bounds.items() if each.end]
    pipeline.rows(_POSITION, "social", *place, pipeline.log.identity(EVENTS_TOPIC))
    pipeline.log.delete_before({place: 2})
    assert misfits(pipeline) == [("social", "overtaken")]
    pipeline.rows(_RETIRE, "social", BY.name)
    assert misfits(pipeline) == []
    assert pipeline.reconcile().state == "balanced"


def test_a_position_of_a_consumer_that_is_not_installed_any_more_is_no_finding(pipeline):
    pipeline.append(fresh_event(user_id="u1"))
    pipeline.build()
    pipeline.rows(_POSITION, "order_totals", TOPIC, 0, "former")
    assert misfits(pipeline) == []
    pipeline.rows(_POSITION, "social", EVENTS_TOPIC, 0, "former")
    assert misfits(pipeline) == [("social", "recreated")]
