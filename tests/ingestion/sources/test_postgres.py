"""A real PostgreSQL as the source: its types, its refusals, and tables that change while they are read."""

from datetime import timedelta

import pytest

from compliance.models import Notice
from ingestion.enums import RunState
from ingestion.imports.running import Outcome
from ingestion.models import Stream
from ingestion.sources import slices
from ingestion.sources.connections import discover_streams, try_settings
from ingestion.sources.contract import SourceRefused, SourceUnavailable
from ingestion.sources.streams import StreamInvalid
from tests.ingestion.sources.conftest import BY

ORDERS = """
CREATE TABLE orders (
    id bigint PRIMARY KEY, customer_id int, total numeric(12, 2), placed_at timestamptz, day date, details jsonb,
    token uuid DEFAULT '11111111-2222-3333-4444-555555555555', gift boolean, note text, raw bytea
)
"""
TRACK = {
    "type": "track", "event": "Order Completed", "user_id": "customer_id", "timestamp": "placed_at",
    "properties": {"total": "total", "details": "details", "day": "day", "token": "token", "gift": "gift", "note": "note"},
}  # fmt: skip


def test_orders_become_events_with_the_types_they_have(postgres_producer):
    producer, execute = postgres_producer, postgres_producer.crm.execute
    execute(ORDERS)
    execute(
        "INSERT INTO orders VALUES (1, 42, 19.90, '2026-01-05 10:00:00.123456+01', '2026-01-05', '{\"sku\": [1, 2]}')"
    )
    execute(
        "INSERT INTO orders VALUES (2, 43, 'NaN', 'infinity', '0044-03-15 BC', NULL, NULL, true, E'a\\tb')"
    )
    execute("INSERT INTO orders VALUES (3, NULL, 1, '2026-01-05 11:00+00')")
    stream = producer.stream("orders", mapping=TRACK, cursor="id")
    run = producer.run(stream)
    assert (run.state, run.accepted, run.rejected) == (RunState.DONE, 1, 2)
    [event] = producer.events()
    assert event["properties"] == {
        "total": 19.9, "details": {"sku": [1, 2]}, "day": "2026-01-05", "token": "11111111-2222-3333-4444-555555555555",
    }  # fmt: skip
    assert event["timestamp"] == "2026-01-05T09:00:00.123456Z"
    assert [error.reason for error in run.row_errors.all()] == [
        "timestamp: is not a time", "user_id: the record has no value that says who it is about",
    ]  # fmt: skip


def test_what_the_database_refuses_is_said_in_a_sentence_without_the_password(postgres_producer):
    producer, settings = postgres_producer, postgres_producer.crm.settings

    def refused(kind, **changes):
        with pytest.raises(kind) as raised:
            try_settings(kind="sql", typed={**settings, **changes}, connection=None, by=BY)
        assert settings["password"] not in str(raised.value)
        return str(raised.value)

    assert "refused the user name or the password" in refused(SourceRefused, password="wrong")
    producer.crm.execute("ALTER ROLE crm_reader VALID UNTIL '2020-01-01'")
    assert "may be wrong, or have expired" in refused(SourceRefused)
    producer.crm.execute("ALTER ROLE crm_reader VALID UNTIL 'infinity'")
    assert "no database of this name" in refused(SourceRefused, database="nowhere")
    assert "Nothing answers at this host and port" in refused(SourceUnavailable, port="1")
    assert "sockets and lists are not taken" in refused(SourceRefused, host="/tmp")
    assert "The login works: 1 table" in try_settings(kind="sql", typed=settings, connection=None, by=BY)
    producer.crm.execute("REVOKE SELECT ON customers FROM crm_reader")
    stream = producer.stream()
    failed = producer.run(stream)
    assert failed.state == RunState.FAILED
    assert "grant SELECT on it" in failed.failure
    assert failed.stream.connection.failures == 1


def test_a_table_that_changes_halfway_stops_with_the_good_rows_in_and_says_what_and_where(
    postgres_producer, monkeypatch
):
    monkeypatch.setattr(slices, "ROWS", 10)
    producer = postgres_producer
    producer.crm.fill(1, 25)
    run = producer.start(producer.stream(every_seconds=60))
    assert producer.go(run, seconds=-1) == Outcome.MORE
    producer.crm.execute("ALTER TABLE customers ADD COLUMN phone text")
    assert producer.go(run, seconds=-1) == Outcome.MORE
    assert "column phone is new (TEXT) and not read" in run.notes
    producer.crm.execute("ALTER TABLE customers DROP COLUMN plan")
    assert producer.go(run, seconds=-1) == Outcome.ENDED
    assert run.state == RunState.FAILED
    assert run.failure.startswith(f"After row {run.read}: customers has changed: column plan is gone.")
    assert producer.users() == list(range(1, run.accepted + 1))
    assert run.stream.paused_at is not None
    assert run.stream.connection.failures == 0, "other streams of it are read on"
    assert "is no longer what was chosen" in Notice.objects.get(kind="source_failing", ended_at=None).subject
    with pytest.raises(StreamInvalid, match="no column plan"):
        producer.stream(columns=["id", "plan", "updated_at"])
    [info] = discover_streams(connection=producer.connection, by=BY)
    assert [column.name for column in info.columns] == ["id", "email", "updated_at", "phone"]


def test_a_source_that_is_down_waits_while_another_is_read(postgres_producer):
    producer = postgres_producer
    producer.crm.fill(1, 3)
    stream = producer.stream()
    down = producer.start(stream)
    settings = dict(producer.connection.settings)
    type(producer.connection).objects.update(settings={**settings, "port": "1"})
    for _ in range(3):
        assert producer.go(down) == Outcome.WAITING
        producer.now += timedelta(minutes=20)
    assert (down.state, "Nothing answers" in down.failure) == (RunState.RUNNING, True)
    type(producer.connection).objects.update(settings=settings, retry_at=None)
    producer.crm.execute("CREATE TABLE others (id int PRIMARY KEY)")
    other = producer.stream("others", mapping={"type": "identify", "user_id": "id"}, cursor="id")
    producer.crm.execute("INSERT INTO others VALUES (9)")
    assert producer.run(other).accepted == 1
    assert producer.go(down) == Outcome.ENDED
    assert (down.accepted, down.failure) == (3, "")
    assert Stream.objects.get(pk=stream.pk).is_whole
