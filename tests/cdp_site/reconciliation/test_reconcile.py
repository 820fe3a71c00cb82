"""A reconciliation names what is missing, and only that."""

from datetime import UTC, datetime

from cdp_site.reconciliation.enums import RunState
from compliance.suppression import suppress
from ingestion.models import CollectorProcess
from ingestion.spool.aside import set_expired_aside
from ingestion.spool.spool import Spool
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.runtime.discovery import retry_topic
from tests.cdp_site.reconciliation.conftest import (
    BY,
    TOPIC,
    found,
    fresh_event,
    named,
    record_of,
    spooled_on,
    totals,
)
from tests.compliance.suppressions import lift

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_everything_applied_is_balanced_and_duplicates_stand_apart(pipeline):
    first, second = fresh_event(user_id="u1"), fresh_event(user_id="u2", client_time=None)
    pipeline.append(first, second, first)
    pipeline.append(fresh_event(), partition=1)  # of nobody, and yet an event
    pipeline.build()
    run = pipeline.reconcile()
    assert (run.state, found(run)) == (RunState.BALANCED, [])
    assert (totals(run).applied, totals(run).duplicates) == (3, 1)
    assert [(each.topic, each.source_id) for each in run.hours.all()] == [(TOPIC, 1)]


def test_what_is_not_read_yet_is_pending_in_the_log_and_in_the_spool(pipeline):
    pipeline.append(fresh_event(user_id="u1"))
    pipeline.build()
    pipeline.append(fresh_event(user_id="u2"))
    spool = Spool(pipeline.spool, "host-1", limit=1 << 20)
    waiting = [
        record_of(fresh_event(user_id="u3")),
        NewRecord("rejections", b"k", b"{}"),
    ]
    spool.append(waiting, datetime.now(UTC).timestamp()).result(10)
    run = pipeline.reconcile()
    spool.close()
    assert (totals(run).applied, totals(run).pending, run.state) == (1, 2, RunState.BALANCED)


def test_hosts_whose_spool_cannot_be_read_from_here_are_named_and_nothing_of_it_is_lost(pipeline, settings):
    settings.HOST_NAME = "web-1"
    pipeline.append(fresh_event(user_id="u1"))
    pipeline.build()
    spooled_on("web-1", 4)
    spooled_on("web-2", 12)
    run = pipeline.reconcile()
    assert (run.state, run.hosts_elsewhere, run.elsewhere[0]["records"]) == (RunState.BALANCED, ["web-2"], 12)
    CollectorProcess.objects.update(spooled_records=0)
    assert pipeline.reconcile().hosts_elsewhere == []


def test_what_became_too_old_for_the_relay_is_pending(pipeline):
    spool = Spool(pipeline.spool, "host-1", limit=1 << 20)
    spool.append([record_of(fresh_event(user_id="u9"))], NOW.timestamp()).result(10)
    segment = spool.take_sealed()
    assert segment is not None
    set_expired_aside(segment.path)
    spool.close()
    assert totals(pipeline.reconcile()).pending == 1


def test_a_copy_that_is_still_to_come_excuses_nothing(pipeline):
    twice = fresh_event(user_id="u1")
    pipeline.append(twice)
    pipeline.build()
    pipeline.append(twice)
    pipeline.rows("DELETE FROM profiles_timeline")
    assert found(pipeline.reconcile()) == [(twice["message_id"], "not_stored")]


def test_an_unreadable_record_is_balanced_by_its_dead_letter(pipeline):
    pipeline.append(b"not an event", fresh_event(user_id="u1"))
    pipeline.build()
    run = pipeline.reconcile()
    assert (totals(run).dead_lettered, run.state) == (1, RunState.BALANCED)
    pipeline.rows("DELETE FROM dead_letter")
    lost = named(pipeline.reconcile())
    assert (lost.topic, lost.partition, lost.offset, lost.kind) == (TOPIC, 0, 0, "passed_over")


def test_a_dead_letter_that_comes_back_is_one_message(pipeline):
    pipeline.append(fresh_event(user_id="u1"))
    pipeline.build()
    mended = fresh_event(user_id="u2")
    pipeline.append(mended, topic=retry_topic("profiles"))
    assert totals(pipeline.reconcile()).pending == 1
    pipeline.build()
    run = pipeline.reconcile()
    assert (totals(run).applied, totals(run).duplicates, run.state) == (2, 0, RunState.BALANCED)


def test_what_a_wrong_clock_received_long_ago_is_compared_too(pipeline):
    old = fresh_event(user_id="u1", received_at="2001-02-03T04:05:06.000000Z")
    pipeline.append(old, fresh_event(user_id="u2"))
    pipeline.build()
    run = pipeline.reconcile()
    assert (totals(run).applied, run.state) == (2, RunState.BALANCED)
    pipeline.rows("DELETE FROM profiles_timeline WHERE message_id = %s", old["message_id"])
    assert found(pipeline.reconcile()) == [(old["message_id"], "not_stored")]


def test_what_retention_took_is_no_finding(pipeline):
    events = [fresh_event(user_id=f"u{number}") for number in range(6)]
    for each in events:
        pipeline.append(each)
    pipeline.build()
    pipeline.log.delete_before({TopicPartition(TOPIC, 0): 4})
    run = pipeline.reconcile()
    assert (run.state, totals(run).applied) == (RunState.BALANCED, 2)


def test_what_retention_takes_while_the_log_is_read_is_no_finding(pipeline, monkeypatch):
    for number in range(6):
        pipeline.append(fresh_event(user_id=f"u{number}"))
    pipeline.build()
    made = pipeline.log.reader

    def reader():
        pipeline.log.delete_before({TopicPartition(TOPIC, 0): 4})
        return made()

    monkeypatch.setattr(pipeline.log, "reader", reader)
    assert found(pipeline.reconcile()) == []


def test_a_consumer_that_retention_overtook_is_named(pipeline):
    pipeline.append(fresh_event(user_id="u1"))
    pipeline.build()
    pipeline.append(*(fresh_event(user_id=f"u{number}") for number in range(3)))
    pipeline.log.delete_before({TopicPartition(TOPIC, 0): 3})
    lost = [each for each in pipeline.reconcile().found.all() if each.consumer == "profiles"]
    assert [(each.kind, each.topic, each.offset, each.records) for each in lost] == [
        ("overtaken", TOPIC, 1, 2)
    ]


def test_a_topic_that_was_made_anew_is_said_once_and_its_past_is_no_finding(pipeline):
    pipeline.append(fresh_event(user_id="u1"))
    pipeline.build()
    assert pipeline.reconcile().state == RunState.BALANCED
    pipeline.log.delete_topic(TOPIC)
    pipeline.log.create_topics([TopicSpec(TOPIC, 2)])
    pipeline.append(fresh_event(user_id="u2"))
    run = pipeline.reconcile()
    assert {(each.kind, each.topic) for each in run.found.all()} == {("recreated", TOPIC)}
    assert totals(run).pending == 1


def test_suppressed_people_are_suppressed_and_not_missing(pipeline):
    suppress("user_id", "gone", by=BY, now=NOW)
    pipeline.append(fresh_event(user_id="gone"), fresh_event(user_id="here"))
    pipeline.build()
    run = pipeline.reconcile()
    assert (totals(run).suppressed, totals(run).applied, run.state) == (1, 1, RunState.BALANCED)


def test_what_was_suppressed_is_not_missing_once_the_suppression_is_lifted(pipeline):
    suppress("user_id", "gone", by=BY, now=NOW)
    gone = fresh_event(user_id="gone")
    pipeline.append(gone, fresh_event(user_id="here"))
    pipeline.build()
    lift("user_id", "gone", by=BY)
    assert totals(pipeline.reconcile()).suppressed == 1
    pipeline.rows("DELETE FROM profiles_suppressed_message")
    assert found(pipeline.reconcile()) == [(gone["message_id"], "not_stored")]


def test_what_is_stored_without_a_suppressed_device_is_applied(pipeline):
    suppress("anonymous_id", "tablet", by=BY, now=NOW)
    pipeline.append(fresh_event(user_id="here", anonymous_id="tablet"))
    pipeline.build()
    run = pipeline.reconcile()
    assert (totals(run).suppressed, totals(run).applied, run.state) == (0, 1, RunState.BALANCED)


def test_who_is_erased_is_suppressed_and_not_missing(pipeline):
    """An erasure suppresses first, then deletes what was applied; Kafka keeps the records for a while."""
    pipeline.append(fresh_event(user_id="gone"), fresh_event(user_id="here"))
    pipeline.build()
    suppress("user_id", "gone", by=BY, now=NOW)
    pipeline.rows("DELETE FROM profiles_timeline WHERE id = (SELECT min(id) FROM profiles_timeline)")
    run = pipeline.reconcile()
    assert (totals(run).suppressed, totals(run).applied, run.state) == (1, 1, RunState.BALANCED)
