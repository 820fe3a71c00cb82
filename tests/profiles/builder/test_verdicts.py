"""The collector and the builder stop the same events: one table for both."""

from typing import Any

import orjson
import pytest

from compliance import suppression
from compliance.access import Actor
from compliance.identifiers import normalise
from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.suppressions import is_suppressed, may_name_suppressed
from profiles.builder.arrival import Reader
from profiles.builder.extraction import Extractor
from profiles.builder.screening import screen
from profiles.models import Namespace
from tests.profiles.builder.driver import START, record_of
from tests.profiles.builder.model import book_of

SUPPRESSED = (
    ("user_id", "u1"), ("anonymous_id", "a1"), ("email", "jane@x.org"), ("customer_number", "K1"), ("device_id", "d1"),
    ("group_id", "g1"), ("household", "h1"), ("address", "1234 AB, 12, NL"), ("landline", "+31207946012"),
    ("member_card", "M1"),
)  # fmt: skip
EMAIL, HOME = {"email": " Jane@X.org"}, {"postcode": "1234ab", "house_number": "12"}
CARD = {"loyalty": {"card": "M1"}}

EVENTS: list[tuple[dict[str, Any], bool]] = [
    ({"userId": "u1"}, True),
    ({"userId": "u\u200b1"}, True),
    ({"userId": "u2", "anonymousId": "a1"}, False),
    ({"userId": "null", "anonymousId": "a1"}, True),
    ({"anonymousId": "a1"}, True),
    ({"userId": "u2", "traits": EMAIL}, True),
    ({"userId": "u2", "context": {"traits": EMAIL}}, True),
    ({"userId": "u2", "traits": {"customerNumber": "K1"}}, True),
    ({"userId": "u2", "traits": {"customer_number": ["K1"]}}, False),
    ({"userId": "u2", "context": {"device": {"id": "d1"}}}, False),
    ({"anonymousId": "a2", "context": {"device": {"id": "d1"}}}, True),
    ({"anonymousId": "a2", "traits": {"household": "h1"}}, True),
    ({"userId": "u2", "traits": {"household": "h1"}}, False),
    ({"anonymousId": "a2", "traits": HOME}, True),
    ({"userId": "u2", "traits": HOME}, False),
    ({"anonymousId": "a2", "traits": {"landline": "+31 20 794 6012"}}, True),
    ({"type": "group", "anonymousId": "a2", "groupId": "g1"}, True),
    ({"type": "group", "userId": "u2", "groupId": "g1"}, False),
    ({"type": "group", "userId": "u2", "groupId": "g2", "traits": EMAIL}, False),
    ({"type": "alias", "userId": "u2", "previousId": "u1"}, True),
    ({"type": "alias", "userId": "u2", "previousId": "a1"}, False),
    ({"type": "alias", "userId": "0", "previousId": "a1"}, True),
    ({"type": "track", "event": "E", "userId": "u2", "properties": CARD}, True),
    ({"type": "track", "event": "E", "userId": "u2", "properties": {"notes": "jane@x.org"}}, False),
    ({"userId": "u2", "anonymousId": "a2", "traits": {"plan": "gold"}}, False),
]


@pytest.fixture
def suppressions(database):
    Namespace.objects.create(
        key="member_card", name="Card", level="person", priority=20, paths=["properties.loyalty.card"]
    )
    for namespace, value in SUPPRESSED:
        suppression.suppress(namespace, value, by=Actor.system("test"), now=START)
    yield suppression.snapshot()
    Namespace.objects.filter(key="member_card").delete()


def test_both_stop_the_same_events(suppressions, database):
    with database.connect() as connection:
        book = book_of(connection)
    reader = Reader(book, Extractor(book.namespaces, normalise))
    for fields, stopped in EVENTS:
        event = accept_item({"type": "identify", **fields}, Envelope(source_id=1, received_at=START))
        arrival = reader.read(record_of(event))
        assert (is_suppressed(event, suppressions), not screen([arrival], reader, suppressions)) == (
            stopped, stopped,
        ), fields  # fmt: skip
        if stopped:
            assert may_name_suppressed(fields, Envelope(source_id=1, received_at=START), suppressions), fields


def test_what_is_let_through_names_nobody_suppressed(suppressions, database):
    with database.connect() as connection:
        book = book_of(connection)
    reader = Reader(book, Extractor(book.namespaces, normalise))
    for fields, stopped in EVENTS:
        if stopped:
            continue
        event = accept_item({"type": "identify", **fields}, Envelope(source_id=1, received_at=START))
        for arrival in screen([reader.read(record_of(event))], reader, suppressions):
            kept = orjson.loads(arrival.wire)
            again = reader.read(record_of(kept))
            rules = book.namespaces.by_id
            named = [*again.identifiers, *(each.identifier for each in again.found)]
            assert not [each for each in named if suppressions.has(rules[each.namespace].key, each.value)], (
                fields
            )
