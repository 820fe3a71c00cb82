"""What was accepted: the records of the log and of this host's spool, as rows to be compared."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from compliance.suppression import Suppressions
from ingestion.spool.aside import waiting_segments
from ingestion.spool.frames import decode_frames
from profiles.builder import reading
from profiles.builder.arrival import Arrival, Reader
from profiles.builder.binary import as_time
from profiles.builder.screening import screen
from streaming.contracts.events import EVENT_TOPICS
from streaming.contracts.log import EventLog
from streaming.contracts.records import Record, TopicPartition
from streaming.runtime.message_seen import columns_of

READ_AT_ONCE = 5000
POLL_S = 1.0
_PREFIX = EVENT_TOPICS.rstrip("*")


class Accepted(NamedTuple):
    """One record. `offset` is empty while it is in the spool; the message is empty when it cannot be read."""

    topic: str
    partition: int | None
    offset: int | None
    minute: datetime
    source_id: int | None = None
    client_time: int | None = None
    hash: UUID | None = None
    message_id: str | None = None
    suppressed: bool = False


def spooled(root: Path, reader: Reader, suppressions: Suppressions) -> Iterator[list[Accepted]]:
    """What waits in the spool of this host, whoever wrote it, and however old it became."""
    for path in waiting_segments(root):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # the log has it by now
        for records in _groups(_event_records(data)):
            yield _rows(records, reader, suppressions)


def _event_records(data: bytes) -> Iterator[Record]:
    for spooled_record, _ in decode_frames(data):
        received_at, record = spooled_record
        if record.topic.startswith(_PREFIX):
            at = datetime.fromtimestamp(received_at, UTC)
            yield Record(record.topic, -1, -1, record.key, record.value, (), at)


def _groups(records: Iterable[Record]) -> Iterator[list[Record]]:
    remaining = iter(records)
    while group := list(islice(remaining, READ_AT_ONCE)):
        yield group


def logged(log: EventLog, reader: Reader, suppressions: Suppressions) -> Iterator[list[Accepted]]:
    """What the log holds at this moment, in the topics of events."""
    places = [
        TopicPartition(topic, partition)
        for topic, partitions in log.topics().items()
        if topic.startswith(_PREFIX)
        for partition in range(partitions)
    ]
    bounds = {place: each for place, each in log.bounds(places).items() if each.start < each.end}
    source = log.reader()
    try:
        source.assign({place: each.start for place, each in bounds.items()})
        while any(source.positions()[place] < each.end for place, each in bounds.items()):
            records = source.poll(READ_AT_ONCE, POLL_S)
            yield _rows(
                [r for r in records if r.offset < bounds[r.topic_partition].end], reader, suppressions
            )
    finally:
        source.close()


def _rows(records: Sequence[Record], reader: Reader, suppressions: Suppressions) -> list[Accepted]:
    found = reading.read(reader, records)
    admitted = {id(arrival.record) for arrival in screen(found.arrivals, reader, suppressions)}
    rows = [_of_arrival(arrival, suppressed=id(arrival.record) not in admitted) for arrival in found.arrivals]
    return rows + [Accepted(*_place(record), _minute(record.appended_at)) for record, _ in found.unusable]


def _of_arrival(arrival: Arrival, *, suppressed: bool) -> Accepted:
    client_time, source_id, digest = columns_of(arrival.key)
    minute = _minute(as_time(arrival.received))
    return Accepted(
        *_place(arrival.record), minute, source_id, client_time, digest, arrival.order.message_id, suppressed
    )


def _place(record: Record) -> tuple[str, int | None, int | None]:
    return (
        (record.topic, record.partition, record.offset) if record.offset >= 0 else (record.topic, None, None)
    )


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
