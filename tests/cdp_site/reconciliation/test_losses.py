"""What was deleted behind the pipeline's back is named by its id, wherever it was."""

import pytest

from cdp_site.reconciliation.enums import RunState
from streaming.contracts.profiles import EVENTS_TOPIC
from tests.cdp_site.reconciliation.conftest import TOPIC, found, named, totals


def test_a_row_deleted_from_the_timeline_is_named(pipeline, three):
    pipeline.rows("DELETE FROM profiles_timeline WHERE message_id = %s", three)
    run = pipeline.reconcile()
    assert (found(run), run.state, run.findings) == ([(three, "not_stored")], RunState.UNBALANCED, 1)
    lost = named(run)
    assert (lost.source_id, lost.topic, lost.partition, lost.offset) == (1, TOPIC, 0, 1)
    assert totals(run).missing == 1


def test_a_row_deleted_from_what_is_remembered_is_named(pipeline, three):
    pipeline.forget(three)
    run = pipeline.reconcile()
    assert found(run) == [(three, "not_remembered")]
    assert totals(run).applied == 3


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_a_row_deleted_from_the_log_is_named(pipeline, three, offset):
    order = dict(
        pipeline.rows(
            "SELECT row_number() OVER (ORDER BY id) - 1, message_id FROM profiles_timeline ORDER BY id"
        )
    )
    topic = 'topic_id = (SELECT id FROM log_topic WHERE name = %s) AND partition = 0 AND "offset" = %s'
    pipeline.rows(f"DELETE FROM log_record WHERE {topic}", TOPIC, offset)
    run = pipeline.reconcile()
    assert [each for each in found(run) if each[0]] == [(order[offset], "not_logged")]
    # The end of the log moved: its consumers stop, and each is named.
    assert bool([each for each in found(run) if not each[0]]) == (offset == 2)
    assert totals(run).missing == 1


def test_a_row_deleted_from_both_is_named(pipeline, three):
    pipeline.forget(three)
    pipeline.rows("DELETE FROM profiles_timeline WHERE message_id = %s", three)
    assert found(pipeline.reconcile()) == [(three, "passed_over")]


def test_an_effect_that_was_had_twice_is_named(pipeline, three):
    columns = (
        "anchor_id, event_id, timestamp, received_at, client_time, source_id, message_id, properties, context"
    )
    pipeline.rows(
        f"INSERT INTO profiles_timeline ({columns}) SELECT {columns} FROM profiles_timeline WHERE message_id = %s",
        three,
    )
    assert found(pipeline.reconcile()) == [(three, "stored_twice")]


def test_what_the_builder_never_published_is_named(pipeline, three):
    topic = "(SELECT id FROM log_topic WHERE name = %s)"
    pipeline.rows(
        f"DELETE FROM log_record WHERE topic_id = {topic} AND position(%s::bytea IN value) > 0",
        EVENTS_TOPIC,
        three.encode(),
    )
    assert found(pipeline.reconcile()) == [(three, "not_published")]


def test_what_was_published_and_lost_everywhere_else_is_named(pipeline, three):
    pipeline.forget(three)
    pipeline.rows("DELETE FROM profiles_timeline WHERE message_id = %s", three)
    topic = "topic_id = (SELECT id FROM log_topic WHERE name = %s)"
    pipeline.rows(f'DELETE FROM log_record WHERE {topic} AND partition = 0 AND "offset" = 1', TOPIC)
    assert found(pipeline.reconcile()) == [(three, "not_applied")]
