"""Runs the profile builder as the runtime would: a transaction per batch, on a connection of its own."""

import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from profiles.builder.consumer import ProfileBuilder
from streaming.contracts.events import encode_event, record_key
from streaming.contracts.records import NewRecord, Record
from streaming.runtime.consumer import Batch

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
_offsets = itertools.count()
_ids = itertools.count(1)


def at(minutes: float = 0) -> str:
    """A time in the wire's form, so many minutes after START."""
    return (START + timedelta(minutes=minutes)).isoformat(timespec="microseconds")[:26] + "Z"


def event(type_: str = "track", minutes: float = 0, **fields: Any) -> Any:
    """An event as the collector writes it."""
    name = fields.pop("name", "Page Viewed" if type_ == "track" else None)
    return {
        "v": 1, "message_id": f"m-{next(_ids)}", "type": type_, "event": name, "anonymous_id": None, "user_id": None,
        "group_id": None, "previous_id": None, "properties": {}, "traits": {}, "context": {}, "integrations": {},
        "original_timestamp": at(minutes), "sent_at": None, "received_at": at(minutes + 1), "timestamp": at(minutes),
        "client_time": at(minutes), "source_id": 1, **fields,
    }  # fmt: skip


def record_of(content: Any) -> Record:
    value = content if isinstance(content, bytes) else encode_event(content)
    is_event = isinstance(content, dict) and {"anonymous_id", "user_id"} <= content.keys()
    key = record_key(content["anonymous_id"], content["user_id"]) if is_event else b""
    return Record("events.test", 0, next(_offsets), key, value, (), START)


class Driver:
    """One builder on one connection."""

    def __init__(self, database, now: datetime = START + timedelta(days=1)) -> None:
        self.connection = database.connect()
        self.consumer = ProfileBuilder(connect=lambda: database.connect(autocommit=True))
        self.now = now
        self.published: list[NewRecord] = []
        self.rejected: list[tuple[Record, str]] = []

    def send(self, *events: dict | bytes) -> Batch:
        """Process these events as one batch, and commit."""
        return self.process([record_of(each) for each in events])

    def process(self, records: Sequence[Record]) -> Batch:
        batch = Batch(records, self.connection, self.now, prepared=self.consumer.prepare(records))
        with self.connection.transaction():
            self.consumer.process(batch)
        self.published += batch.published
        self.rejected += batch.rejected
        return batch

    def send_each(self, events: Iterable[dict], size: int = 1) -> None:
        """Process these events in batches of `size`."""
        for batch in (
            itertools.batched(events, size) if hasattr(itertools, "batched") else _batched(events, size)
        ):
            self.send(*batch)

    def close(self) -> None:
        self.connection.close()


def _batched(events: Iterable[dict], size: int) -> Iterable[tuple[dict, ...]]:
    iterator = iter(events)
    while part := tuple(itertools.islice(iterator, size)):
        yield part
