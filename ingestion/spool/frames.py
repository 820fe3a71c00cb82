"""Records as bytes of a segment: length, CRC-32, payload; a reader keeps exactly the intact prefix."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streaming.contracts.records import NewRecord

MAX_PAYLOAD = 16 * 1024 * 1024
_FRAME = struct.Struct("<II")
_PAYLOAD = struct.Struct("<qHi")  # received_at in microseconds, length of topic, length of key (-1: none)


class SpooledRecord(NamedTuple):
    """A record in the spool, and when it was received (seconds since 1970)."""

    received_at: float
    record: NewRecord


class Frame(NamedTuple):
    """An intact record of a segment and the offset behind it."""

    spooled: SpooledRecord
    end: int


def encode_frames(records: Sequence[NewRecord], received_at: float) -> bytes:
    """The frames of these records, one after the other."""
    microseconds = int(received_at * 1_000_000)
    parts: list[bytes] = []
    for record in records:
        topic, key = record.topic.encode(), record.key
        head = _PAYLOAD.pack(microseconds, len(topic), -1 if key is None else len(key))
        payload = b"".join((head, topic, key or b"", record.value or b""))
        parts.append(_FRAME.pack(len(payload), zlib.crc32(payload)))
        parts.append(payload)
    return b"".join(parts)


def decode_frames(data: bytes | memoryview, start: int = 0) -> Iterator[Frame]:
    """The intact records from `start` on, up to the first torn or damaged one."""
    position = start
    while position + _FRAME.size <= len(data):
        length, checksum = _FRAME.unpack_from(data, position)
        begin, position = position + _FRAME.size, position + _FRAME.size + length
        if not _PAYLOAD.size <= length <= MAX_PAYLOAD or position > len(data):
            return
        payload = bytes(data[begin:position])
        if zlib.crc32(payload) != checksum:
            return
        yield Frame(_decode(payload), position)


def _decode(payload: bytes) -> SpooledRecord:
    microseconds, topic_length, key_length = _PAYLOAD.unpack_from(payload)
    key_at = _PAYLOAD.size + topic_length
    value_at = key_at + max(key_length, 0)
    topic = payload[_PAYLOAD.size : key_at].decode()
    key = None if key_length < 0 else payload[key_at:value_at]
    return SpooledRecord(microseconds / 1_000_000, NewRecord(topic, key, payload[value_at:]))
