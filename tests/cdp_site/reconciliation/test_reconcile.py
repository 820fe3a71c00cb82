"""The balance names what is missing, and only that."""

from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from cdp_site.reconciliation.balance import State
from cdp_site.reconciliation.run import reconcile
from compliance.access import Actor
from compliance.models import AuditEntry
from compliance.suppression import suppress, unsuppress
from ingestion.spool.aside import set_expired_aside
from ingestion.spool.spool import Spool
from streaming.contracts.events import encode_event
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.postgres.log import PostgresLog
from streaming.runtime import message_seen
from tests.profiles.builder.driver import START, Driver, event

TOPIC = "events.test"
BY = Actor.system("test")


class Pipeline:
    """A log with one topic of events, and a builder that reads it."""

    def __init__(self, database, spool: Path) -> None:
        self.database, self.spool = database, spool
        self.log = PostgresLog(database.conninfo)
        self.log.create_topics([TopicSpec(TOPIC, 1), TopicSpec("rejections", 1)])
        self.builder = Driver(database)

    def append(self, *events: Any) -> None:
        values = [each if isinstance(each, bytes) else encode_event(each) for each in events]
        self.log.append([NewRecord(TOPIC, b"k", value) for value in values])

    def build(self) -> None:
        """Apply all, and say so in the position and the dead letters, as the runtime does."""
        records = self.log.tail([TopicPartition(TOPIC, 0)], 1000)
        batch = self.builder.process(records)
        self.execute(
            "INSERT INTO consumer_position (consumer, topic, partition, next_offset, log_identity, began_at)"
            " VALUES ('profiles', %s, 0, %s, '', 0)",
            TOPIC,
            records[-1].offset + 1,
        )
        for record, reason in batch.rejected:
            self.execute(
                'INSERT INTO dead_letter (consumer, topic, partition, "offset", value, headers, reason, appended_at,'
                " created_at) VALUES ('profiles', %s, 0, %s, %s, '[]', %s, now(), now())",
                TOPIC,
                record.offset,
                record.value,
                reason,
            )

    def execute(self, statement: str, *parameters: object) -> None:
        with self.database.connect(autocommit=True) as connection:
            connection.execute(statement, parameters)

    def reconcile(self):
        return reconcile(log=self.log, spool=self.spool, by=BY)

    def close(self) -> None:
        self.builder.close()
        self.log.close()


@pytest.fixture
def pipeline(fresh_database, tmp_path):
    made = Pipeline(fresh_database, tmp_path / "spool")
    yield made
    made.close()


def test_everything_applied_is_even_and_duplicates_stand_apart(pipeline):
    first, second = event(user_id="u1"), event(user_id="u2", client_time=None)
    pipeline.append(first, second, first)
    pipeline.build()
    balance = pipeline.reconcile()
    assert balance.is_even
    assert balance.total(State.APPLIED) == 2
    assert sum(count.duplicates for count in balance.counts) == 1


def test_what_became_too_old_for_the_relay_is_pending(pipeline):
    waiting = NewRecord(TOPIC, b"k", encode_event(event(user_id="u9")))
    spool = Spool(pipeline.spool, "host-1", limit=1 << 20)
    spool.append([waiting], START.timestamp()).result(10)
    segment = spool.take_sealed()
    assert segment is not None
    set_expired_aside(segment.path)
    spool.close()
    assert pipeline.reconcile().total(State.PENDING) == 1


def test_what_is_not_read_yet_is_pending_in_the_log_and_in_the_spool(pipeline):
    pipeline.append(event(user_id="u1"))
    pipeline.build()
    pipeline.append(event(user_id="u2"))
    spool = Spool(pipeline.spool, "host-1", limit=1 << 20)
    waiting = [
        NewRecord(TOPIC, b"k", encode_event(event(user_id="u3"))),
        NewRecord("rejections", b"k", b"{}"),
    ]
    spool.append(waiting, START.timestamp()).result(10)
    balance = pipeline.reconcile()
    assert (balance.total(State.APPLIED), balance.total(State.PENDING), balance.is_even) == (1, 2, True)
    spool.close()


def test_an_unreadable_record_is_balanced_by_its_dead_letter(pipeline):
    pipeline.append(b"not an event", event(user_id="u1"))
    pipeline.build()
    balance = pipeline.reconcile()
    assert balance.total(State.DEAD_LETTERED) == 1
    assert balance.is_even
    pipeline.execute("DELETE FROM dead_letter")
    [missing] = pipeline.reconcile().missing
    assert missing.place == f"{TOPIC}/0/0"
    assert missing.finding.startswith("passed over")


def test_a_message_without_its_row_is_named(pipeline):
    lost, kept = event(user_id="u1", message_id="lost-1"), event(user_id="u2")
    pipeline.append(lost, kept)
    pipeline.build()
    pipeline.execute("DELETE FROM profiles_timeline WHERE message_id = 'lost-1'")
    balance = pipeline.reconcile()
    assert [(each.message_id, each.source_id) for each in balance.missing] == [("lost-1", 1)]
    assert "not in the timeline" in balance.missing[0].finding
    assert balance.total(State.MISSING) == 1


def test_a_message_that_could_be_applied_again_is_named(pipeline):
    pipeline.append(event(user_id="u1", message_id="again-1"))
    pipeline.build()
    with pipeline.database.connect() as connection:
        for table in message_seen.kept_tables(connection):
            connection.execute(sql.SQL("DELETE FROM {}").format(table))
    [missing] = pipeline.reconcile().missing
    assert missing.message_id == "again-1"
    assert "apply it again" in missing.finding


def test_suppressed_people_are_suppressed_and_not_missing(pipeline):
    suppress("user_id", "gone", by=BY, now=START)
    pipeline.append(event(user_id="gone"), event(user_id="here"))
    pipeline.build()
    balance = pipeline.reconcile()
    assert (balance.total(State.SUPPRESSED), balance.total(State.APPLIED), balance.is_even) == (1, 1, True)


def test_what_was_suppressed_is_not_missing_once_the_suppression_is_lifted(pipeline):
    suppress("user_id", "gone", by=BY, now=START)
    pipeline.append(event(user_id="gone", message_id="gone-1"), event(user_id="here"))
    pipeline.build()
    unsuppress("user_id", "gone", by=BY)
    balance = pipeline.reconcile()
    assert (balance.total(State.SUPPRESSED), balance.total(State.APPLIED), balance.is_even) == (1, 1, True)
    pipeline.execute("DELETE FROM profiles_suppressed_message")
    assert [each.message_id for each in pipeline.reconcile().missing] == ["gone-1"]


def test_reconciling_is_audited_and_leaves_nothing_behind(pipeline):
    pipeline.append(event(user_id="u1"))
    pipeline.reconcile()
    assert AuditEntry.objects.filter(action="pipeline.reconcile", actor=BY.name).count() == 1
    with pipeline.database.connect() as connection:
        assert connection.execute("SELECT to_regclass('accepted'), to_regclass('message')").fetchone() == (
            None,
            None,
        )
