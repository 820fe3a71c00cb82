"""Runs a consumer of `profiles.events` as the runtime would: a transaction for each batch."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st
from psycopg import Connection

from streaming.contracts.combined import CombinedRecord, decode_combined, is_newer
from streaming.contracts.events import encode_event
from streaming.contracts.profiles import EVENTS_TOPIC, event_record
from streaming.contracts.records import NewRecord, Record
from streaming.runtime.consumer import Batch, Consumer
from tests.profiles.builder.driver import START, Driver, event

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


class Kept:
    """What a consumer keeps in some tables, on a connection on which ANCHORS are known."""

    def __init__(self, connection: Connection[Any], *tables: str) -> None:
        self.connection, self._tables = connection, tables

    def rows(self) -> list[list[Any]]:
        """Of each table all rows, in an order of their own."""
        queries = [f"SELECT to_jsonb(t) FROM {table} t ORDER BY 1" for table in self._tables]
        return [self.connection.execute(query).fetchall() for query in queries]

    def clear(self) -> None:
        """Keep nothing."""
        self.connection.execute("; ".join(f"DELETE FROM {table}" for table in self._tables))
        self.connection.commit()


@contextmanager
def keeping(database: Any, *tables: str) -> Iterator[Kept]:
    """A connection for a test, whose effects are cleared at its end."""
    with database.connect() as connection:
        connection.execute("SET synchronous_commit = off")
        add_anchors(connection)
        kept = Kept(connection, *tables)
        yield kept
        kept.clear()


def as_record(new: NewRecord) -> Record:
    return Record(new.topic, 0, next(_offsets), new.key, new.value, (), START)


def record_of(content: Any, anchor: str = ANCHORS[0]) -> Record:
    """An event as it stands on `profiles.events`."""
    return as_record(event_record(None, anchor, 1, encode_event(content)))


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


@st.composite
def histories(draw: Any, events: st.SearchStrategy[dict[str, Any]], most: int) -> list[Record]:
    """Up to so many events of ANCHORS, each a message of its own."""
    drawn = draw(st.lists(events, min_size=1, max_size=most))
    return [
        record_of(event(message_id=f"m{number}", **each), draw(st.sampled_from(ANCHORS)))
        for number, each in enumerate(drawn)
    ]


def require_same_whatever_the_order(
    consumer: Callable[[], Consumer], kept: Kept, records: Sequence[Record], data: Any
) -> None:
    """Have the records read as they are, and in some other way, each batch by a new consumer; both come to the same."""
    outcomes = []
    for batches in ([records], some_batches(records, data)):
        kept.clear()
        published = [new for batch in batches for new in run(consumer(), kept.connection, batch).published]
        values = {id_: record["value"] for id_, record in true_now(published).items()}
        outcomes.append((kept.rows(), values))
    assert outcomes[0] == outcomes[1]


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
