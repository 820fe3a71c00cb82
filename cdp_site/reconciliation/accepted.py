"""What was accepted: the records of the log and of this host's spool, as rows to be compared."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from cdp_site.reconciliation.extents import READ_AT_ONCE
from cdp_site.reconciliation.staging import Accepted
from compliance.suppression import Suppressions
from ingestion.spool.aside import waiting_segments
from ingestion.spool.frames import decode_frames
from profiles.builder import reading
from profiles.builder.arrival import Arrival, Reader, heading
from profiles.builder.binary import as_time
from profiles.builder.decoding import Unusable
from profiles.builder.screening import screen
from streaming.contracts.events import (
    EVENT_TOPICS,
    QUARANTINE_TOPIC,
    UndecodableEvent,
    decode_event,
    record_key,
)
from streaming.contracts.records import Record
from streaming.runtime.message_seen import columns_of

EVENTS_PREFIX = EVENT_TOPICS.rstrip("*")
_EVENT_FIELD = b'"event":'

Rows = Callable[[Sequence[Record]], list[Accepted]]


def spooled(root: Path, rows: Rows) -> Iterator[list[Accepted]]:
    """What waits in the spool of this host, whoever wrote it, and however old it became."""
    for path in waiting_segments(root):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # the log has it by now
        for records in _groups(_event_records(data)):
            yield rows(records)


def _event_records(data: bytes) -> Iterator[Record]:
    for spooled_record, _ in decode_frames(data):
        received_at, record = spooled_record
        if record.topic.startswith(EVENTS_PREFIX) or record.topic == QUARANTINE_TOPIC:
            at = datetime.fromtimestamp(received_at, UTC)
            yield Record(record.topic, -1, -1, record.key, record.value, (), at)


def _groups(records: Iterable[Record]) -> Iterator[list[Record]]:
    remaining = iter(records)
    while group := list(islice(remaining, READ_AT_ONCE)):
        yield group


def rows_of(reader: Reader, suppressions: Suppressions, undone: Collection[int] = ()) -> Rows:
    """How records become rows. While somebody is suppressed it takes longer: then it matters whom events name.

    What came by an import that was `undone` counts as suppressed: nobody takes it, and nobody should.
    """

    def briefly(records: Sequence[Record]) -> list[Accepted]:
        return [_briefly(record, undone) for record in records]

    def fully(records: Sequence[Record]) -> list[Accepted]:
        found = reading.read(reader, records)
        # By message: what is stored without some of what it names is another record.
        admitted = {arrival.key for arrival in screen(found.arrivals, reader, suppressions)}
        rows = [
            _row(each, suppressed=each.key not in admitted or each.import_id in undone)
            for each in found.arrivals
        ]
        return rows + [_unreadable(record) for record, _ in found.unusable]

    return fully if suppressions else briefly


def event_within(record: Record) -> Record:
    """The event that a record of `profiles.events` carries, as the record that it was; without a value if none."""
    value = record.value or b""
    wire = value[value.find(_EVENT_FIELD) + len(_EVENT_FIELD) : -1] if _EVENT_FIELD in value else None
    try:
        event = decode_event(wire)
        key = record_key(event["anonymous_id"], event["user_id"])
    except (UndecodableEvent, KeyError):
        return record._replace(value=None)
    return record._replace(key=key, value=wire)


def _briefly(record: Record, undone: Collection[int]) -> Accepted:
    try:
        arrival = heading(record)
        return _row(arrival, suppressed=arrival.import_id in undone)
    except Unusable:
        return _unreadable(record)


def _row(arrival: Arrival, *, suppressed: bool) -> Accepted:
    client_time, source_id, digest = columns_of(arrival.key)
    received, message = as_time(arrival.received), arrival.order.message_id
    return Accepted(
        *_place(arrival.record), received, source_id, client_time, digest, message, suppressed=suppressed
    )


def _unreadable(record: Record) -> Accepted:
    return Accepted(*_place(record), record.appended_at)


def _place(record: Record) -> tuple[str, int | None, int | None]:
    return (
        (record.topic, record.partition, record.offset) if record.offset >= 0 else (record.topic, None, None)
    )
