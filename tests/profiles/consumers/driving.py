"""Runs a consumer of `profiles.events` as the runtime would: a transaction for each batch."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hypothesis import strategies as st
from psycopg import Connection

from streaming.contracts.combined import CombinedRecord, decode_combined, is_newer
from streaming.contracts.events import encode_event
from streaming.contracts.profiles import EVENTS_TOPIC, event_record
from streaming.contracts.records import NewRecord, Record
from streaming.runtime.consumer import Batch, Consumer
from tests.profiles.builder.driver import START, Driver

_offsets = itertools.count()
ANCHORS = ("00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b")
_ADD_ANCHOR = """
INSERT INTO profiles_anchor (key, birth_id, home_id, mapping_version, first_seen) VALUES (%s, %s, 1, 1, now())
"""


def add_anchors(connection: Connection[Any]) -> None:
    """Anchors of nobody in particular, for events that no builder has seen."""
    for anchor in ANCHORS:
        connection.execute(_ADD_ANCHOR, [anchor.encode(), anchor])
    connection.commit()


def as_record(new: NewRecord) -> Record:
    return Record(new.topic, 0, next(_offsets), new.key, new.value, (), START)


def record_of(event: Any, anchor: str = ANCHORS[0]) -> Record:
    """An event as it stands on `profiles.events`."""
    return as_record(event_record(None, anchor, 1, encode_event(event)))


def run(consumer: Consumer, connection: Connection[Any], records: Sequence[Record]) -> Batch:
    """Process these records as one batch, and commit."""
    batch = Batch(records, connection, START, prepared=consumer.prepare(records))
    with connection.transaction():
        consumer.process(batch)
    return batch


def true_now(published: Iterable[NewRecord]) -> dict[str, CombinedRecord]:
    """What somebody holds who follows the topic: of each id the highest version, without what was withdrawn."""
    held: dict[str, CombinedRecord] = {}
    for new in published:
        record = decode_combined(new.value)
        assert new.topic != EVENTS_TOPIC
        assert new.key == record["anchor"].encode()
        known = held.get(record["id"])
        assert is_newer(record, known and known["version"])
        held[record["id"]] = record
    return {id_: record for id_, record in held.items() if "value" in record}


def some_batches(records: Sequence[Record], data: Any) -> Iterator[list[Record]]:
    """The records in another order, some of them twice, in batches of any size, as hypothesis draws it."""
    deck = data.draw(st.permutations([*records, *records[:3]]))
    while deck:
        size = data.draw(st.integers(1, len(deck)))
        yield deck[:size]
        deck = deck[size:]


def follow(consumer: Consumer, driver: Driver) -> list[NewRecord]:
    """Have the consumer read all that the builder published; returns what it published itself."""
    events = [as_record(new) for new in driver.published if new.topic == EVENTS_TOPIC]
    return run(consumer, driver.connection, events).published
