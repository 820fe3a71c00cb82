"""What a tracking plan keeps out is accounted for: while it waits, when it is decided about, and when it is lost."""

from datetime import UTC, datetime

from cdp_site.reconciliation.enums import FindingKind, RunState
from compliance.access import Actor
from compliance.suppression import suppress
from ingestion.consumers import QuarantineConsumer
from ingestion.models import Quarantined, Source
from ingestion.spool.spool import Spool
from streaming.contracts.events import QUARANTINE_TOPIC
from streaming.contracts.records import TopicSpec
from tests.cdp_site.reconciliation.conftest import TOPIC, fresh_event, named, record_of, totals
from tests.waiting import eventually

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def held_event(**fields):
    return fresh_event(user_id="u", quarantined="`total` is missing", schema_version="1", **fields)


def test_an_event_in_quarantine_is_accounted_for_until_it_is_lost(pipeline):
    Source.objects.create(pk=1, name="Shop", created_at=NOW)
    pipeline.log.create_topics([TopicSpec(QUARANTINE_TOPIC, 1)])
    first, second, third = (held_event(message_id=f"q{n}") for n in range(3))
    pipeline.append(first, second, first, third, topic=QUARANTINE_TOPIC)
    spool = Spool(pipeline.spool, "host-1", limit=1 << 20)
    spool.append(
        [record_of(held_event(message_id="spooled"), QUARANTINE_TOPIC)], datetime.now(UTC).timestamp()
    ).result(10)
    run = pipeline.reconcile()
    assert (totals(run).pending, totals(run).quarantined, run.state) == (4, 0, RunState.BALANCED)
    pipeline.start(QuarantineConsumer())
    eventually(lambda: pipeline.rows("SELECT count(*) FROM ingestion_quarantined") == [(3,)], "all are kept")
    pipeline.stop()
    run = pipeline.reconcile()
    assert (totals(run).pending, totals(run).quarantined, run.state) == (1, 3, RunState.BALANCED)
    # Sent on: applied like any other, and one message.
    pipeline.rows("UPDATE ingestion_quarantined SET state = 'sent', value = '' WHERE message_id = 'q0'")
    pipeline.append({key: value for key, value in first.items() if key != "quarantined"})
    run = pipeline.reconcile()
    assert (totals(run).pending, totals(run).quarantined, run.state) == (2, 2, RunState.BALANCED)
    pipeline.build()
    run = pipeline.reconcile()
    assert (totals(run).applied, totals(run).duplicates, totals(run).quarantined) == (1, 0, 2)
    assert {each.topic for each in run.hours.filter(applied=1)} == {TOPIC}
    pipeline.rows("DELETE FROM ingestion_quarantined WHERE message_id = 'q1'")
    run = pipeline.reconcile()
    spool.close()
    assert run.state == RunState.UNBALANCED
    assert (named(run).kind, named(run).message_id) == (FindingKind.PASSED_OVER, "q1")


def test_of_who_was_suppressed_on_the_way_nothing_is_kept_and_nothing_is_missing(pipeline):
    Source.objects.create(pk=1, name="Shop", created_at=NOW)
    pipeline.log.create_topics([TopicSpec(QUARANTINE_TOPIC, 1)])
    pipeline.append(held_event(message_id="q0", event="Jane's order"), topic=QUARANTINE_TOPIC)
    suppress("user_id", "u", by=Actor.system("tests"), now=NOW)
    pipeline.start(QuarantineConsumer())
    eventually(
        lambda: pipeline.rows("SELECT count(*) FROM ingestion_quarantined") == [(1,)], "it to be stored"
    )
    pipeline.stop()
    kept = Quarantined.objects.get()
    assert (kept.state, kept.name, kept.message_id, kept.value) == ("suppressed", "", "", "")
    run = pipeline.reconcile()
    assert (totals(run).quarantined, run.state) == (1, RunState.BALANCED)
