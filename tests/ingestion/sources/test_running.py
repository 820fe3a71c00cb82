"""Runs of a connection: all rows are in once, however it is interrupted."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from compliance import suppression
from compliance.models import Notice, User
from ingestion.enums import RunState
from ingestion.imports.running import Outcome
from ingestion.models import ConnectionRun, SourceMinute, Stream
from ingestion.sources import slices
from ingestion.sources.runs import RunConflict, cancel_run, start_backfill, start_due_run
from ingestion.sources.streams import pause_stream
from ingestion.sources.turns import waiting_runs
from streaming.contracts.log import LogUnavailable
from tests.ingestion.sources.conftest import BY, NOW


def test_a_table_becomes_events_and_then_only_what_is_new(producer):
    producer.crm.fill(1, 3)
    stream = producer.stream()
    first = producer.run(stream)
    assert (first.state, first.read, first.accepted, first.rejected) == (RunState.DONE, 3, 3, 0)
    [event] = [event for event in producer.events() if event["user_id"] == "2"]
    assert (event["type"], event["traits"]) == ("identify", {"email": "c2@example.com", "plan": "gold"})
    assert event["timestamp"] == "2026-01-05T10:00:00.000000Z"
    assert event["source_id"] == producer.connection.source_id
    assert producer.run(stream).read == 0
    producer.crm.fill(4, 5)  # committed late, with the cursor that the last row had
    producer.crm.execute(
        "UPDATE customers SET plan = 'basic', updated_at = '2026-01-06 09:00:00' WHERE id = 1"
    )
    assert producer.run(stream).accepted == 3
    assert producer.users() == [1, 1, 2, 3, 4, 5]
    assert SourceMinute.objects.get(name="identify").events == 6


def test_a_look_back_finds_what_was_committed_late_and_doubles_nothing(producer):
    producer.crm.fill(2, 3, minute="10:05")
    stream = producer.stream(look_back=600)
    producer.run(stream)
    producer.crm.fill(1, 1, minute="10:00")
    producer.run(stream)
    ids = {(event["message_id"], event["client_time"]) for event in producer.events()}
    assert len(ids) == 3
    assert set(producer.users()) == {1, 2, 3}


def test_a_table_is_read_whole_again_and_what_is_unchanged_is_the_same_message(producer):
    producer.crm.fill(1, 3)
    mapping = {"type": "identify", "user_id": "id", "traits": {"plan": "plan"}}
    stream = producer.stream(mode="full", cursor="", mapping=mapping)
    producer.run(stream)
    producer.crm.execute("UPDATE customers SET plan = 'basic' WHERE id = 2")
    assert producer.run(stream).accepted == 3
    assert len({event["message_id"] for event in producer.events()}) == 4


def test_events_of_a_table_are_not_counted_twice_by_reading_it_whole_again(producer):
    producer.crm.fill(1, 1)
    stream = producer.stream(mode="full", mapping={"type": "track", "event": "Signed Up", "user_id": "id"})
    producer.run(stream)
    with pytest.raises(RunConflict, match="give it a cursor column"):
        producer.start(stream)


def test_an_empty_table_is_no_error(producer):
    run = producer.run(producer.stream())
    assert (run.state, run.read, run.expected) == (RunState.DONE, 0, 0)


def test_bad_rows_are_told_and_the_good_ones_are_in(producer):
    producer.crm.fill(1, 2)
    producer.crm.execute("INSERT INTO customers VALUES (3, 'c3@example.com', 'gold', '1st of May')")
    producer.crm.execute(
        "INSERT INTO customers VALUES (4, CAST(x'63FF34' AS text), NULL, '2026-01-05 11:00:00')"
    )
    producer.crm.execute("INSERT INTO customers VALUES (5, 'c5@example.com', 'gold', NULL)")
    producer.crm.execute(
        f"INSERT INTO customers VALUES (6, '{'x' * 200_000}', 'gold', '2026-01-05 12:00:00')"
    )
    producer.crm.execute("INSERT INTO customers VALUES (7, 'c7@example.com', 'gold', '2099-01-01 00:00:00')")
    run = producer.run(producer.stream())
    assert (run.state, run.accepted, run.rejected) == (RunState.DONE, 3, 3)
    assert producer.users() == [1, 2, 4]
    told = {error.reason: error.raw for error in run.row_errors.all()}
    assert set(told) == {
        "timestamp: is not a time", "an event has at most 32,768 bytes of JSON",
        "updated_at is empty, so that the row has no place among those that are new",
    }  # fmt: skip
    assert "1st of May" in told["timestamp: is not a time"]
    assert all(len(raw) <= 400 for raw in told.values())
    assert "c\ufffd4" in [event["traits"]["email"] for event in producer.events()]
    [note] = run.notes
    assert "updated_at is more than a day in the future, or no time, in 1 of the rows" in note
    producer.crm.fill(8, 8, minute="13:00")
    assert producer.run(run.stream).accepted == 1, "a clock that was wrong once holds nothing up"


def test_rows_that_the_key_does_not_tell_apart_are_told(producer):
    producer.crm.fill(1, 3)
    producer.crm.execute("INSERT INTO customers VALUES (4, 'c4@example.com', NULL, '2026-01-05 10:00:00')")
    run = producer.run(producer.stream(key=["plan"]))
    assert (run.accepted, run.rejected) == (1, 3)
    assert sorted(error.reason[:27] for error in run.row_errors.all()) == [
        "another row has the same up", "another row has the same up", "the value of updated_at and",
    ]  # fmt: skip


def test_of_suppressed_people_nothing_is_kept(producer):
    suppression.suppress("user_id", "2", by=BY, reason="asked for it", now=NOW)
    producer.crm.fill(1, 3)
    producer.crm.execute("INSERT INTO customers VALUES (4, 'c4@example.com', 'gold', '1 never')")
    run = producer.run(producer.stream())
    assert (run.accepted, run.suppressed, run.rejected) == (2, 1, 1)
    assert [error.raw for error in run.row_errors.all()] == [""]


def test_a_mapping_that_is_wrong_stops_early_and_the_next_run_begins_with_the_same_rows(
    producer, monkeypatch
):
    monkeypatch.setattr(slices, "HOPELESS", 10)
    producer.crm.fill(1, 20)
    stream = producer.stream(mapping={**IDENTIFY_BY_NOTHING})
    failed = producer.run(stream)
    assert failed.state == RunState.FAILED
    assert "so the mapping must be wrong" in failed.failure
    stream.refresh_from_db()
    assert (stream.state, stream.is_whole) == (None, False)
    stream.mapping = {"type": "identify", "user_id": "id"}
    stream.save()
    assert producer.run(stream).accepted == 20


IDENTIFY_BY_NOTHING = {"type": "identify", "user_id": "nobody"}


def test_a_slice_stops_in_time_and_the_next_goes_on(producer, monkeypatch):
    monkeypatch.setattr(slices, "ROWS", 10)
    producer.crm.fill(1, 35)
    run = producer.start(producer.stream())
    outcomes: list[Outcome] = []
    while (not outcomes or outcomes[-1] == Outcome.MORE) and len(outcomes) < 9:
        outcomes.append(producer.go(run, seconds=-1))
    assert outcomes == [Outcome.MORE] * 4 + [Outcome.ENDED]
    assert (run.state, run.read, run.accepted) == (RunState.DONE, 35, 35)
    assert producer.users() == list(range(1, 36))


def test_the_state_moves_only_with_what_is_durable(producer, monkeypatch):
    monkeypatch.setattr(slices, "ROWS", 10)
    producer.crm.fill(1, 35)
    run = producer.start(producer.stream())
    passed = []

    class Away:
        def __getattr__(self, name):
            return getattr(log, name)

        def submit(self, records):
            passed.append(len(records))
            if len(passed) > 2:
                raise LogUnavailable("away")
            return log.submit(records)

    log, producer.log = producer.log, Away()
    assert producer.go(run) == Outcome.WAITING
    producer.log = log
    assert (run.state, run.read, run.lease_until) == (RunState.RUNNING, 20, None)
    assert run.stream.state == {"cursor": "2026-01-05 10:00:00", "key": [20]}
    assert waiting_runs(now=NOW) == [run.pk]
    assert producer.go(run) == Outcome.ENDED
    assert producer.users() == list(range(1, 36))


def test_a_run_that_lost_its_lease_says_nothing(producer):
    producer.crm.fill(1, 3)
    run = producer.start(producer.stream())

    class Stolen:
        """The log takes so long that somebody else takes over."""

        def __getattr__(self, name):
            return getattr(log, name)

        def submit(self, records):
            submitted = log.submit(records)
            ConnectionRun.objects.update(lease_until=NOW - timedelta(days=9999))
            producer.log = log
            assert producer.go(ConnectionRun.objects.get(pk=run.pk)) == Outcome.ENDED
            return submitted

    log, producer.log = producer.log, Stolen()
    assert producer.go(run) == Outcome.BUSY
    assert (run.state, run.accepted, run.read) == (RunState.DONE, 3, 3)
    ids = {event["message_id"] for event in producer.events()}
    assert len(ids) == 3


def test_one_run_at_a_time_and_a_cancelled_one_is_gone_on_after(producer, monkeypatch):
    monkeypatch.setattr(slices, "ROWS", 10)
    producer.crm.fill(1, 25)
    run = producer.start(producer.stream())
    with pytest.raises(RunConflict, match="is being read already"):
        producer.start(run.stream)
    producer.go(run, seconds=-1)
    cancel_run(run=run, by=BY, now=NOW)
    assert producer.go(run) == Outcome.BUSY
    with pytest.raises(RunConflict, match="cancelled by now"):
        cancel_run(run=run, by=BY, now=NOW)
    after = producer.run(run.stream)
    assert (run.accepted, after.accepted) == (10, 15)
    assert producer.users() == list(range(1, 26))


def test_a_backfill_reads_again_what_was_asked_for_and_leaves_the_state(producer):
    producer.crm.fill(1, 2, minute="10:00")
    producer.crm.fill(3, 4, minute="11:00")
    producer.crm.fill(5, 6, minute="12:00")
    stream = producer.stream(starts_at="2026-01-05 12:00")
    producer.run(stream)
    assert producer.users() == [5, 6]
    stream.refresh_from_db()
    run = start_backfill(
        stream=stream, begin="2026-01-05 10:00", end="2026-01-05 11:00", rows_per_second=1000, by=BY, now=NOW
    )
    assert producer.go(run) == Outcome.ENDED
    assert (run.state, run.read, run.expected) == (RunState.DONE, 2, 2)
    assert producer.users() == [1, 2, 5, 6]
    state = stream.state
    stream.refresh_from_db()
    assert stream.state == state
    with pytest.raises(RunConflict, match="write it like 2026-01-05 10:20"):
        start_backfill(stream=stream, begin="soon", by=BY, now=NOW)


def test_runs_by_the_schedule_that_found_nothing_are_not_heaped_up(producer):
    producer.crm.fill(1, 1)
    stream = producer.stream(every_seconds=5)
    for _ in range(4):
        run = start_due_run(stream.pk, by=BY, now=NOW)
        assert run is not None
        assert start_due_run(stream.pk, by=BY, now=NOW) is None, "one at a time"
        producer.go(run)
    assert [each.read for each in stream.runs.order_by("pk")] == [1, 0, 0]
    pause_stream(stream=stream, by=BY, now=NOW)
    assert start_due_run(stream.pk, by=BY, now=NOW) is None


def test_a_stream_that_is_chosen_anew_begins_anew_whatever_a_former_run_still_says(producer, monkeypatch):
    monkeypatch.setattr(slices, "ROWS", 10)
    producer.crm.fill(1, 25)
    stream = producer.stream()
    run = producer.start(stream)
    log = producer.log

    class Changed:
        """While rows are on their way to the log somebody chooses another cursor."""

        def __getattr__(self, name):
            return getattr(log, name)

        def submit(self, records):
            Stream.objects.filter(pk=stream.pk).update(cursor="id", state=None)
            return log.submit(records)

    producer.log = Changed()
    producer.go(run, seconds=-1)
    stream.refresh_from_db()
    assert stream.state is None


def test_a_source_that_is_down_is_left_alone_and_told_of_and_holds_up_nobody(producer, tmp_path):
    producer.crm.fill(1, 3)
    run = producer.start(producer.stream())
    path = tmp_path / "crm.db"
    away = path.rename(tmp_path / "away.db")
    path.write_bytes(b"this is no database at all, whatever it says" * 100)
    for failures in (1, 2, 3):
        assert producer.go(run) == Outcome.ENDED
        assert producer.connection.pk == run.stream.connection.pk
        assert run.stream.connection.failures == failures
        assert "The file is no SQLite database" in run.failure
        run = producer.start(run.stream)
        assert producer.go(run) == Outcome.WAITING, "nothing is asked of it for a while"
        assert waiting_runs(now=producer.now) == []
        producer.now += timedelta(minutes=1)
        assert waiting_runs(now=producer.now) == [run.pk]
    assert Notice.objects.get(kind="source_failing", ended_at=None).subject == "CRM cannot be read"
    away.rename(path)
    assert producer.go(run) == Outcome.ENDED
    assert (run.accepted, run.stream.connection.failures) == (3, 0)
    assert not Notice.objects.filter(kind="source_failing", ended_at=None).exists()


def test_whoever_began_a_run_is_told_how_it_ended_and_nobody_of_those_by_schedule(producer):
    User.objects.create(username=BY.name, is_staff=True).groups.add(Group.objects.get(name="administrator"))
    producer.crm.fill(1, 2)
    producer.crm.execute("INSERT INTO customers VALUES (3, 'c3@example.com', 'gold', '1st of May')")
    stream = producer.stream(every_seconds=5)
    run = producer.run(stream)
    notice = Notice.objects.get(kind="job_finished")
    assert notice.subject == "customers of CRM has been read"
    assert notice.body == "Events that went in: 2. Rows that were refused: 1; the page has their errors."
    assert notice.link == f"/admin/connections/runs/{run.pk}/"
    due = start_due_run(stream.pk, by=BY, now=NOW)
    assert due is not None
    producer.go(due)
    assert due.state == RunState.DONE
    assert Notice.objects.filter(kind="job_finished").count() == 1
