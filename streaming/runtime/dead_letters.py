"""Dead letters: rows of `dead_letter`, committed with the position, and copies of them in the log."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from streaming.contracts.partitioning import MAX_RECORD_BYTES, size_of
from streaming.contracts.records import Headers, NewRecord, Record, TopicPartition
from streaming.runtime.discovery import dead_letters_topic, retry_topic
from streaming.runtime.failures import storable
from streaming.runtime.outbox.marks import LANE_HEADER
from streaming.runtime.outbox.writing import LANE_HEADER_BYTES
from streaming.runtime.sessions import Connection, columns

TOPIC_HEADER = "headwater-topic"
PARTITION_HEADER = "headwater-partition"
OFFSET_HEADER = "headwater-offset"
REASON_HEADER = "headwater-reason"
OMITTED_HEADER = "headwater-value-omitted"
DEAD_LETTER_HEADER = "headwater-dead-letter"
EDIT_HEADER = "headwater-edit"
_OWN_HEADERS = frozenset(
    {
        LANE_HEADER,
        TOPIC_HEADER,
        PARTITION_HEADER,
        OFFSET_HEADER,
        REASON_HEADER,
        OMITTED_HEADER,
        DEAD_LETTER_HEADER,
        EDIT_HEADER,
    }
)

_STORE = """
INSERT INTO dead_letter (consumer, topic, partition, "offset", key, value, headers, reason, appended_at, created_at,
    former, origin_topic, origin_partition, origin_offset)
VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s)
"""

_RIGHT_BEFORE = """
SELECT count(*) FROM dead_letter letter
JOIN unnest(%s::text[], %s::int[], %s::bigint[]) AS position (topic, partition, next_offset)
    ON letter.topic = position.topic AND letter.partition = position.partition
    AND letter."offset" < position.next_offset AND letter."offset" >= position.next_offset - %s
WHERE letter.consumer = %s AND letter.state = 'open'
GROUP BY letter.topic, letter.partition
"""

_NO_HISTORY = (None, None, None, None)
_INTEGER_DIGITS, _BIGINT_DIGITS = 9, 18  # that certainly fit

Refusal = tuple[Record, str]


def store(connection: Connection, consumer: str, refusals: Sequence[Refusal], now: datetime) -> None:
    """Store the messages with their reasons in the open transaction."""
    rows = [
        (
            consumer, record.topic, record.partition, record.offset, record.key, record.value,
            _headers_json(record.headers), storable(reason), record.appended_at, now,
            *(_history(record) if record.topic == retry_topic(consumer) else _NO_HISTORY),
        )
        for record, reason in refusals
    ]  # fmt: skip
    connection.cursor().executemany(_STORE, rows)


def _history(record: Record) -> tuple[int | None, str | None, int | None, int | None]:
    """Which dead letter a message was before it was sent back, and where it first stood: its headers say both."""
    headers = dict(record.headers)
    former = _number(headers.get(DEAD_LETTER_HEADER), _BIGINT_DIGITS)
    partition = _number(headers.get(PARTITION_HEADER), _INTEGER_DIGITS)
    offset = _number(headers.get(OFFSET_HEADER), _BIGINT_DIGITS)
    topic = headers.get(TOPIC_HEADER)
    if topic is None or partition is None or offset is None:
        return former, None, None, None
    return former, storable(topic.decode(errors="replace")), partition, offset


def _number(content: bytes | None, digits: int) -> int | None:
    """A number that fits the column; anybody may write anything into a header."""
    return int(content) if content and content.isdigit() and len(content) <= digits else None


def _headers_json(headers: Headers) -> str:
    """PostgreSQL's JSON knows no NUL, and Kafka's names may hold one."""
    pairs = [[storable(name), b64encode(value).decode()] for name, value in headers]
    return orjson.dumps(pairs).decode()


def copies(consumer: str, refusals: Sequence[Refusal]) -> list[NewRecord]:
    """The copies to publish, which say where the message stood and why it was refused."""
    return [_copy(dead_letters_topic(consumer), record, reason) for record, reason in refusals]


def _copy(topic: str, record: Record, reason: str) -> NewRecord:
    headers = (*original_headers(record), (REASON_HEADER, storable(reason).encode()))
    copy = NewRecord(topic, record.key, record.value, headers)
    if size_of(copy) > MAX_RECORD_BYTES - LANE_HEADER_BYTES:  # the row has it all
        return NewRecord(topic, None, None, (*_place_headers(record), (OMITTED_HEADER, b"too large")))
    return copy


def original_headers(record: Record) -> Headers:
    """The headers of a record that goes out again: its own, and where it first stood."""
    own = tuple(pair for pair in record.headers if pair[0] not in _OWN_HEADERS)
    earlier = {
        name: value
        for name, value in record.headers
        if name in (TOPIC_HEADER, PARTITION_HEADER, OFFSET_HEADER)
    }
    return (
        *own,
        *(earlier.items() if len(earlier) == len(_place_headers(record)) else _place_headers(record)),
    )


def _place_headers(record: Record) -> Headers:
    return (
        (TOPIC_HEADER, record.topic.encode()),
        (PARTITION_HEADER, b"%d" % record.partition),
        (OFFSET_HEADER, b"%d" % record.offset),
    )


def in_a_row(
    connection: Connection, consumer: str, positions: Mapping[TopicPartition, int], most: int
) -> int:
    """About how many open dead letters in a row end at one of these positions, so that a restart forgets none."""
    return min(max(_right_before(connection, consumer, positions, most), default=0), most - 1)


def among_the_last(
    connection: Connection, consumer: str, positions: Mapping[TopicPartition, int], most: int
) -> int:
    """How many of the last `most` messages before each of these positions are open dead letters, in all."""
    return sum(_right_before(connection, consumer, positions, most))


def _right_before(
    connection: Connection, consumer: str, positions: Mapping[TopicPartition, int], most: int
) -> list[int]:
    """The open dead letters among the last `most` offsets before each position, where there are any."""
    topics, partitions = columns(list(positions))
    rows = connection.execute(
        _RIGHT_BEFORE, [topics, partitions, list(positions.values()), most, consumer]
    ).fetchall()
    return [int(count) for (count,) in rows]
