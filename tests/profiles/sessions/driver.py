"""Runs the `sessions` consumer as the runtime would, on what the builder published."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from profiles.consumers.sessions import SessionsConsumer
from profiles.sessions.closing import close
from streaming.contracts.combined import CombinedRecord, decode_combined, is_newer
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import NewRecord, Record
from streaming.runtime.consumer import Batch
from tests.profiles.builder.driver import START, Driver, event

LATER = START + timedelta(days=400)


class Combiner:
    """One consumer on one connection. `published` is all that it told, in order."""

    def __init__(self, database, timeouts: dict[int, timedelta] | None = None) -> None:
        self.connection = database.connect()
        self.timeouts = timeouts or {}
        self.consumer = SessionsConsumer(partitions=1, timeouts=lambda _connection: self.timeouts)
        self.published: list[CombinedRecord] = []
        self.rejected: list[tuple[Record, str]] = []
        self._offset = 0

    def send(self, records: Sequence[NewRecord | bytes]) -> None:
        """Process these records as one batch, and commit."""
        values = [each if isinstance(each, bytes) else each.value for each in records]
        read = [Record(EVENTS_TOPIC, 0, self._next(), b"", value, (), START) for value in values]
        batch = Batch(read, self.connection, LATER, prepared=self.consumer.prepare(read))
        with self.connection.transaction():
            self.consumer.process(batch)
        self._publish(batch.published)
        self.rejected += batch.rejected

    def close(self, upto: datetime = LATER) -> int:
        """End what ended before `upto`; returns how many visits were looked at."""
        with self.connection.transaction():
            closed = close(self.connection, upto, self.timeouts, now=LATER)
        self._publish(closed.records)
        return closed.looked_at

    def told(self) -> dict[str, dict[str, Any]]:
        """What a reader of the topic holds: the value of each visit that was not withdrawn."""
        kept: dict[str, CombinedRecord] = {}
        for record in self.published:
            former = kept.get(record["id"])
            if is_newer(record, former and former["version"]):
                kept[record["id"]] = record
        return {id_: record["value"] for id_, record in kept.items() if "value" in record}

    def _publish(self, records: Sequence[NewRecord]) -> None:
        self.published += [decode_combined(each.value) for each in records]

    def _next(self) -> int:
        self._offset += 1
        return self._offset


class Pipeline:
    """The builder and the consumer behind it."""

    def __init__(self, database, timeouts: dict[int, timedelta] | None = None) -> None:
        self.builder, self.combiner = Driver(database), Combiner(database, timeouts)

    def build(self, *events: dict) -> list[NewRecord]:
        """Have people built of these events; returns what the consumer is to read."""
        return [each for each in self.builder.send(*events).published if each.topic == EVENTS_TOPIC]

    def send(self, *events: dict) -> None:
        """Process these events as one batch of each consumer."""
        self.combiner.send(self.build(*events))

    def visits(self) -> list[tuple[Any, ...]]:
        """What is stored, comparable and the oldest first: minutes from START, the sums, and how it began and ended."""
        with self.combiner.connection.transaction():
            rows = self.combiner.connection.execute(_ROWS).fetchall()
        return [(_minutes(row[0]), _minutes(row[1]), *row[2:]) for row in rows]

    def stop(self) -> None:
        self.builder.close()
        self.combiner.connection.close()


_ROWS = """
SELECT first_at, last_at, events, pages, first_mark, last_mark, due_at IS NULL, source_id, key, entry_page, exit_page,
    purposes, id::text, entry_at, exit_at
FROM profiles_session ORDER BY source_id, first_at, last_at, first_mark, id
"""


def _minutes(time: datetime) -> float:
    return (time - START) / timedelta(minutes=1)


def start(minutes: float, **fields: Any) -> Any:
    """An explicit start of a visit."""
    return seen(minutes, name="Session Started", **fields)


def end(minutes: float, **fields: Any) -> Any:
    """An explicit end of a visit."""
    return seen(minutes, name="Session Ended", **fields)


def seen(minutes: float, **fields: Any) -> Any:
    """An event of a visitor."""
    return event(minutes=minutes, **{"anonymous_id": "a1", "received_at": RECEIVED, **fields})


RECEIVED = (START + timedelta(days=1)).isoformat(timespec="microseconds")[:26] + "Z"


def page(minutes: float, path: str, name: str | None = None) -> Any:
    """A page that a visitor saw."""
    return _view("page", minutes, name, path=path)


def screen(minutes: float, name: str | None) -> Any:
    """A screen that a visitor saw."""
    return _view("screen", minutes, name)


def _view(type_: str, minutes: float, name: str | None, **properties: str) -> Any:
    """As the collector makes it, which puts the name into the properties too."""
    known = {"name": name} if name else {}
    return event(
        type_,
        minutes=minutes,
        name=name,
        anonymous_id="a1",
        received_at=RECEIVED,
        properties={**known, **properties},
    )


def shuffled(items: Sequence[Any], chance: random.Random) -> list[Any]:
    found = list(items)
    chance.shuffle(found)
    return found
