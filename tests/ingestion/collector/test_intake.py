"""What is kept of items that name suppressed people: nothing, accepted or not."""

from datetime import UTC, datetime

import orjson
import pytest

from compliance import suppression
from compliance.access import Actor
from ingestion.collector.intake import Taken, take
from ingestion.collector.tally import Tally
from ingestion.domain.configuration import load_configuration
from ingestion.domain.events import Envelope
from ingestion.domain.plans.loading import load_rules
from ingestion.models import Source

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BROKEN = {"type": "track", "event": "Jane bought", "messageId": ["jane-1"]}

pytestmark = pytest.mark.django_db


def taken(*items: object, **fields: object) -> Taken:
    envelope = Envelope(**{"source_id": 1, "received_at": NOW, **fields})  # type: ignore[arg-type]
    return take(list(items), envelope, load_configuration(), Tally())


def suppress(namespace: str, value: str) -> None:
    suppression.suppress(namespace, value, by=Actor.system("test"), now=NOW)


def kept(found: Taken) -> bytes:
    """All that would be stored."""
    values = [record.value or b"" for record in found.records]
    return b" ".join([*values, repr([*found.samples, *found.others]).encode()])


@pytest.mark.parametrize(
    "named",
    [
        {"userId": "jane"},
        {"userId": "u2", "traits": {"email": "Jane@example.com"}},
        {"anonymousId": "a2", "context": {"traits": {"email": "jane@example.com"}}},
        {"userId": "u2", "traits": ["jane"]},
    ],
    ids=str,
)
def test_of_a_rejected_item_of_a_suppressed_person_only_the_rule_is_kept(named):
    suppress("user_id", "jane")
    suppress("email", "jane@example.com")
    found = taken({**BROKEN, **named})
    assert b"jane" not in kept(found).lower()
    [record] = found.records
    row = orjson.loads(record.value or b"")
    assert (row["type"], row["name"], row["message_id"], row["raw"], row["raw_bytes"]) == (
        "track",
        "",
        "",
        "",
        0,
    )
    assert row["reason"].endswith("its content is not kept, because it may name somebody who is suppressed")
    assert found.refused == 1
    assert found.counts == {(1, "track", "track", "rejected"): 1}


def test_rejected_items_of_others_are_kept_as_received():
    suppress("user_id", "jane")
    item = {**BROKEN, "userId": "u2"}
    [record] = taken(item).records
    row = orjson.loads(record.value or b"")
    assert orjson.loads(row["raw"]) == item
    assert row["code"] == "bad_message_id"


def test_while_nobody_is_suppressed_every_rejected_item_is_kept():
    [record] = taken("no object").records
    assert orjson.loads(orjson.loads(record.value or b"")["raw"]) == "no object"


def test_a_suppressed_address_stops_an_event_beside_a_user_id():
    suppress("email", "jane@example.com")
    found = taken({"type": "identify", "userId": "u2", "traits": {"email": "jane@example.com"}})
    assert found.records == []
    assert b"jane" not in kept(found)
    assert found.counts == {(1, "identify", "identify", "suppressed"): 1}


def test_an_event_that_refuses_what_its_source_collects_for_is_kept_as_a_refusal_alone():
    source = Source.objects.create(name="Ads", created_at=NOW, purpose="advertising")
    consent = {"consent": {"categoryPreferences": {"C0004": False}}}
    fields = {"source_id": source.pk, "rules": load_rules()[source.pk]}
    item = {"type": "identify", "userId": "u2", "traits": {"email": "jane@example.com"}, "context": consent}
    found = taken(item, **fields)
    (record,) = found.records
    assert record.value
    assert (record.topic, orjson.loads(record.value)["event"]) == ("events.other", "Consent Refused")
    assert b"jane" not in kept(found)
    assert found.counts == {(source.pk, "track", "track", "suppressed"): 1}
    assert "refuses the purpose" in found.others[0].reason
    granted = {**item, "context": {"consent": {"categoryPreferences": {"C0004": True}}}}
    assert taken(granted, **fields).counts == {(source.pk, "identify", "identify", "accepted"): 1}
