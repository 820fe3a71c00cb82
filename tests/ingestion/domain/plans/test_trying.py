"""What a draft would do to what came last: counted once, looked for within bounds, and told as it is known."""

from typing import Any

import pytest

from ingestion.domain.events import Envelope, accept_item, encode_accepted
from ingestion.domain.plans import trying
from ingestion.domain.plans.trying import try_plan
from ingestion.domain.sources import create_source
from streaming.contracts.records import NewRecord
from tests.ingestion.domain.quarantine.conftest import BY, NOW, planned_shop

TOPIC = "events.other"


@pytest.fixture
def shop(fresh_database, settings):
    """A source with a plan, on a log with six partitions of a topic."""
    settings.EVENT_PARTITIONS = 6
    with planned_shop(fresh_database) as made:
        yield made


def send(shop, amount, source=None, **fields: Any):
    envelope = Envelope(source_id=(source or shop.source).pk, received_at=NOW)
    items = [{"type": "track", "event": "Order", "userId": f"u{n}", **fields} for n in range(amount)]
    values = [encode_accepted(accept_item(dict(item), envelope), item) for item in items]
    shop.log.append([NewRecord(TOPIC, f"u{n}".encode(), value) for n, value in enumerate(values)])


def tried(shop, properties=None, only=""):
    schema = {"properties": properties or {}}
    plan = {"policy": {"wrong": "tag"}, "events": {"track:Order": schema, "track:Other": schema}}
    return try_plan(BY, shop.source, plan, log=shop.log, only=only)


def test_an_event_in_quarantine_counts_for_nothing_else(shop):
    send(shop, 3, properties={"total": "x", "note": 1})
    send(shop, 2, properties={"note": 1})
    strict = {"type": "number", "x-on-violation": "quarantine"}
    found = tried(shop, {"total": strict, "note": {"type": "string"}})
    assert (found.looked_at, found.breaking, found.actions) == (5, 5, {"quarantine": 3, "tag": 2})


def test_no_more_records_are_read_than_are_told_and_it_is_said_among_how_many(shop, monkeypatch):
    monkeypatch.setattr(trying, "NEWEST", 8)
    monkeypatch.setattr(trying, "_MOST_PLACES", 4)
    send(shop, 1)
    send(shop, 100, source=create_source(name="Busy", by=BY, now=NOW))
    found = tried(shop)
    assert (found.searched, found.looked_at) == (8, 0)


def test_events_of_another_name_do_not_crowd_out_those_that_wait(shop, monkeypatch):
    monkeypatch.setattr(trying, "_FROM_QUARANTINE", 1)
    shop.fill(1)
    shop.hold(*shop.records({"messageId": "newer", "event": "Other", "userId": "u"}))
    assert tried(shop, only="track:Order").looked_at == 1
    assert (tried(shop).looked_at, tried(shop).searched) == (1, 0)
