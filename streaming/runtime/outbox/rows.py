"""Rows of `outbox_record`: into COPY's binary format, and out of it as records for the log."""

from collections.abc import Iterable
from struct import Struct
from typing import Any

from streaming.contracts.records import NewRecord, TopicPartition
from streaming.postgres.rows import SIGNATURE, TRAILER, decode_headers, encode_headers, field
from streaming.runtime.outbox.marks import LANE_HEADER, LaneNumber

COLUMNS = "lane, number, incarnation, predecessor, topic, partition, key, value, headers"
_start = Struct("!hiqiqiiiq").pack
_partition = Struct("!ii").pack
_COLUMN_COUNT = 9

Numbered = tuple[LaneNumber, TopicPartition, NewRecord]


def copy_data(rows: Iterable[Numbered]) -> bytes:
    """Everything that COPY … FROM STDIN (FORMAT binary) needs for these rows."""
    pieces = [SIGNATURE]
    add = pieces.extend
    for (incarnation, lane, number, predecessor), (topic, partition), record in rows:
        add((
            _start(_COLUMN_COUNT, 8, lane, 8, number, 4, incarnation, 8, predecessor), field(topic.encode()),
            _partition(4, partition), field(record.key), field(record.value), field(encode_headers(record.headers)),
        ))  # fmt: skip
    pieces.append(TRAILER)
    return b"".join(pieces)


def record_of(lane: int, row: tuple[Any, ...]) -> NewRecord:
    """The record to send for a row without its lane, which it carries as a header."""
    number, incarnation, predecessor, topic, partition, key, value, headers = row
    place = LaneNumber(incarnation, lane, number, predecessor).header
    return NewRecord(topic, key, value, (*decode_headers(headers), (LANE_HEADER, place)), partition)
