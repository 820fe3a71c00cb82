"""Looking at dead letters, sending them back, discarding them; `consumer_reset`."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import transaction

from compliance.models import AuditEntry
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.domain import dead_letters, oversight, payloads, returning
from streaming.domain.oversight import NobodyDecides
from streaming.domain.payloads import PayloadDenied
from streaming.domain.publishing import publish
from streaming.models import DeadLetter
from tests.streaming.contract.subject import Subject
from tests.streaming.runtime.conftest import TOPIC, Pipeline
from tests.streaming.runtime.counting import Counting, misbehave
from tests.waiting import eventually

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def refused(pipeline: Pipeline) -> Pipeline:
    """Three dead letters, and a worker that by now would take such messages."""
    pipeline.topic(partitions=1)
    pipeline.append(["invalid 0", "invalid 1", "invalid 2", "good"])
    running = pipeline.start(Counting(fail=misbehave))
    pipeline.wait_for_effects(["good"])
    running.stop()
    return pipeline


def test_pages_follow_each_other_by_id(refused: Pipeline):
    first = dead_letters.page(actor=None, consumer="counting", size=2)
    assert [row.offset for row in first] == [2, 1]
    second = dead_letters.page(actor=None, before=first[-1].id, size=2)
    assert [(row.offset, row.state, row.topic) for row in second] == [(0, "open", TOPIC)]
    assert dead_letters.get(second[0].id, actor=None) == second[0]
    assert dead_letters.page(actor=None, consumer="another") == []
    assert dead_letters.counts() == {"counting": 3}


def test_a_resubmitted_message_reaches_the_consumer_that_refused_it_and_no_other(refused: Pipeline):
    other = Counting()
    other.name = "other"
    refused.start(other)
    eventually(lambda: len(refused.effects()) == 5, "what the other consumer makes of the topic")
    ids = [row.id for row in dead_letters.page(actor=None)][:2]
    assert dead_letters.resubmit(ids, actor=None, by_name="alice", now=NOW) == 2
    assert dead_letters.resubmit(ids, actor=None, by_name="alice", now=NOW) == 0
    refused.start()
    eventually(lambda: len(refused.effects()) == 7, "the resubmitted messages")
    (retried,) = {topic for (topic,) in refused.rows("SELECT topic FROM effect WHERE topic <> %s", TOPIC)}
    assert retried == "retry.counting"
    row = dead_letters.get(ids[0], actor=None)
    assert (row.state, row.decided_by, row.decided_at) == ("resubmitted", "alice", NOW)


def test_a_message_that_is_refused_again_says_where_it_first_stood(refused: Pipeline):
    row = dead_letters.page(actor=None)[0]
    dead_letters.resubmit([row.id], actor=None, by_name="alice", now=NOW)
    refused.start(Counting(fail=misbehave))
    eventually(lambda: len(dead_letters.page(actor=None, state=None)) == 4, "the second refusal")
    again = dead_letters.page(actor=None)[0]
    assert (again.topic, again.offset) == ("retry.counting", 0)
    (record,) = Subject(refused.log).read_topic("retry.counting")
    headers = dict(record.headers)
    assert headers["headwater-topic"] == TOPIC.encode()
    assert headers["headwater-offset"] == b"%d" % row.offset


def test_discarded_messages_stay_discarded(refused: Pipeline):
    ids = dead_letters.open_ids("counting")
    assert dead_letters.discard(ids, actor=None, by_name="bob", now=NOW) == 3
    assert dead_letters.resubmit(ids, actor=None, by_name="bob", now=NOW) == 0
    assert {row.state for row in dead_letters.page(actor=None, state=None)} == {"discarded"}


def test_each_transaction_publishes_once_and_last(refused: Pipeline, monkeypatch: pytest.MonkeyPatch):
    ids = dead_letters.open_ids("counting")
    seen: list[tuple[int, int]] = []
    trail = AuditEntry.objects.filter(action="dead_letters.resubmit")
    before = trail.count()

    def watched(records: list[NewRecord], *, writer: str) -> None:
        seen.append((len(records), trail.count() - before))
        publish(records, writer=writer)

    monkeypatch.setattr(dead_letters, "_AT_ONCE", 2)
    monkeypatch.setattr(returning, "publish", watched)
    assert dead_letters.resubmit(ids, actor=None, by_name="alice", now=NOW) == 3
    assert seen == [(2, 1), (1, 2)], "the records of a transaction at once, after its row of the trail"
    assert len(Subject(refused.log).read_topic("retry.counting")) == 3
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        dead_letters.resubmit(ids, actor=None, by_name="alice", now=NOW)


def test_without_oversight_no_reason_shows_and_nobody_decides(
    refused: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(oversight, "_oversight", oversight._Nobody())
    rows = dead_letters.page(actor="alice")
    assert [row.reason for row in rows] == [None, None, None]
    assert dead_letters.get(rows[0].id, actor="alice").reason is None
    for decide in (dead_letters.resubmit, dead_letters.discard):
        with pytest.raises(NobodyDecides):
            decide([rows[0].id], actor="alice", by_name="alice", now=NOW)
    assert dead_letters.counts() == {"counting": 3}


def test_payloads_are_shown_to_nobody_unless_somebody_decides_so(
    refused: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(payloads, "_may_open", payloads._nobody_may)
    row = dead_letters.page(actor=None)[0]
    with pytest.raises(PayloadDenied, match=f"dead letter {row.id}"):
        dead_letters.payload(row.id, actor="alice")
    asked: list[tuple[object, str]] = []

    def may_open(actor: object, what: str, content: bytes) -> bool:
        assert content == b"invalid 2"
        asked.append((actor, what))
        return True

    monkeypatch.setattr(payloads, "_may_open", may_open)
    assert dead_letters.payload(row.id, actor="alice").value == b"invalid 2"
    assert asked == [("alice", f"dead letter {row.id}")]


def test_publishing_outside_a_batch_is_part_of_the_transaction(pipeline: Pipeline):
    pipeline.log.create_topics([TopicSpec("orders", 1)])
    record = NewRecord("orders", b"k", b"v")
    with pytest.raises(transaction.TransactionManagementError):
        publish([record], writer="admin")
    with transaction.atomic():
        publish([record], writer="admin")
        transaction.set_rollback(True)
    assert pipeline.published("orders") == []
    with transaction.atomic():
        publish([record], writer="admin")
    assert pipeline.published("orders") == ["v"]


def test_consumer_lag_as_text_and_as_json(refused: Pipeline, capsys: pytest.CaptureFixture[str]):
    import json

    call_command("consumer_lag")
    assert "lag            0" in capsys.readouterr().out
    call_command("consumer_lag", "--json")
    (document,) = json.loads(capsys.readouterr().out)
    assert (document["consumer"], document["lag"], document["dead_letters"]) == ("counting", 0, 3)


def test_a_letter_that_the_log_would_never_take_is_named(refused: Pipeline):
    letter = DeadLetter.objects.order_by("id").first()
    assert letter is not None
    DeadLetter.objects.filter(pk=letter.pk).update(value=b"x" * (4 * 1024 * 1024))
    with pytest.raises(returning.Unsendable, match=f"dead letter {letter.pk} would be 4,194,"):
        dead_letters.resubmit([letter.pk], actor=None, by_name="alice", now=NOW)
    assert dead_letters.counts() == {"counting": 3}
