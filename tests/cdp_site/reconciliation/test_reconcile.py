"""A reconciliation names what is missing, and only that."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from cdp_site.models import Reconciliation
from cdp_site.reconciliation import jobs
from cdp_site.reconciliation.enums import RunState
from compliance.access import AccessDenied, Actor
from compliance.actors import NOBODY
from compliance.models import AuditEntry
from compliance.suppression import suppress, unsuppress
from ingestion.models import CollectorProcess
from ingestion.spool.aside import set_expired_aside
from ingestion.spool.spool import Spool
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.event_log import close_event_log
from streaming.runtime.discovery import retry_topic
from tests.cdp_site.reconciliation.conftest import BY, TOPIC, found, fresh_event, named, record_of, totals

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


def spooled_on(host: str, records: int) -> None:
    now = datetime.now(UTC)
    CollectorProcess.objects.create(
        name=f"{host}-1", host=host, pid=1, started_at=now, heartbeat_at=now, spooled_records=records,
        oldest_spooled_at=now - timedelta(minutes=2),
    )  # fmt: skip


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


@pytest.fixture
def three(pipeline):
    """Three events that were applied, of which the middle one is lost somewhere; its id."""
    events = [fresh_event(user_id=f"u{number}") for number in range(3)]
    pipeline.append(*events)
    pipeline.build()
    assert found(pipeline.reconcile()) == []
    return events[1]["message_id"]


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
    unsuppress("user_id", "gone", by=BY)
    assert totals(pipeline.reconcile()).suppressed == 1
    pipeline.rows("DELETE FROM profiles_suppressed_message")
    assert found(pipeline.reconcile()) == [(gone["message_id"], "not_stored")]


def test_who_is_erased_is_suppressed_and_not_missing(pipeline):
    """An erasure suppresses first, then deletes what was applied; Kafka keeps the records for a while."""
    pipeline.append(fresh_event(user_id="gone"), fresh_event(user_id="here"))
    pipeline.build()
    suppress("user_id", "gone", by=BY, now=NOW)
    pipeline.rows("DELETE FROM profiles_timeline WHERE id = (SELECT min(id) FROM profiles_timeline)")
    run = pipeline.reconcile()
    assert (totals(run).suppressed, totals(run).applied, run.state) == (1, 1, RunState.BALANCED)


def test_one_is_made_at_a_time_and_can_be_cancelled(pipeline):
    now = datetime.now(UTC)
    asked = jobs.ask(by=BY, now=now)
    assert jobs.ask(by=BY, now=now).pk == asked.pk
    jobs.cancel(asked.pk, by=BY)
    assert jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=lambda: now) is None
    asked.refresh_from_db()
    assert asked.state == RunState.CANCELLED

    asked = jobs.ask(by=BY, now=now)
    ticks = itertools.count()
    pipeline.append(fresh_event(user_id="u1"))

    def clock() -> datetime:
        Reconciliation.objects.filter(pk=asked.pk).update(cancel_asked=True)
        return now + timedelta(seconds=next(ticks))

    with pytest.raises(jobs.ReconciliationFailed, match="cancelled"):
        jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=clock)
    asked.refresh_from_db()
    assert (asked.state, asked.hours.count()) == (RunState.CANCELLED, 0)


def test_whoever_makes_one_is_alone_with_it_and_leaves_it_to_another_who_asks(pipeline):
    now = datetime.now(UTC)
    asked = jobs.ask(by=BY, now=now)
    with jobs.alone(asked.pk) as is_alone:
        assert is_alone
        assert jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=lambda: now) is None
        Reconciliation.objects.update(state=RunState.RUNNING, started_at=now, progressed_at=now)
    jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=lambda: now)
    asked.refresh_from_db()
    assert asked.state == RunState.BALANCED
    assert jobs.perform(asked.pk, by=BY, log=pipeline.log, clock=lambda: now) is None


def test_one_that_nobody_goes_on_with_is_found(pipeline):
    now = datetime.now(UTC)
    asked = jobs.ask(by=BY, now=now)
    assert jobs.abandoned(now=now + 2 * jobs.SILENT) == []
    Reconciliation.objects.update(state=RunState.RUNNING, progressed_at=now)
    assert jobs.abandoned(now=now) == []
    assert jobs.abandoned(now=now + jobs.SILENT) == [asked.pk]
    assert jobs.abandoned(now=now + jobs.RESUMED_FOR) == []


def test_asking_and_looking_need_the_permission_and_leave_a_trace(pipeline):
    with pytest.raises(AccessDenied):
        jobs.ask(by=NOBODY, now=NOW)
    run = pipeline.reconcile()
    with pytest.raises(AccessDenied):
        _ = found_as(NOBODY, run)
    found(run)
    assert AuditEntry.objects.filter(action="pipeline.reconcile", target=str(run), actor=BY.name).count() == 2


def found_as(by: Actor, run: Reconciliation) -> object:
    from cdp_site.reconciliation import queries

    return queries.findings(run, queries.Place(), by=by)


class TestTheCommand:
    """It says with its exit code whether all is balanced."""

    @pytest.fixture(autouse=True)
    def _closed(self):
        yield
        close_event_log()

    def test_balanced(self, pipeline, capsys):
        pipeline.append(fresh_event(user_id="u1"))
        pipeline.build()
        call_command("reconcile")
        assert "balanced: every accepted event" in capsys.readouterr().out

    def test_what_it_could_not_compare(self, pipeline, three, settings, capsys):
        settings.HOST_NAME = "web-1"
        spooled_on("web-2", 12)
        call_command("reconcile")
        said = capsys.readouterr().out
        assert "not compared: 12 events wait in the spool of web-2" in said
        assert "balanced, apart from the spool of web-2: every accepted event" in said
        pipeline.forget(three)
        with pytest.raises(SystemExit):
            call_command("reconcile", "--json")
        assert '"host":"web-2"' in capsys.readouterr().out

    def test_not_balanced(self, pipeline, three, capsys):
        pipeline.forget(three)
        with pytest.raises(SystemExit) as exit_:
            call_command("reconcile", "--json")
        assert exit_.value.code == 1
        assert three in capsys.readouterr().out

    def test_not_known(self, pipeline, settings):
        settings.EVENT_LOG = "kafka://127.0.0.1:1"
        with pytest.raises(CommandError) as failed:
            call_command("reconcile")
        assert failed.value.returncode == 2
        assert Reconciliation.objects.get().state == RunState.FAILED
