"""Records as bytes of a segment: length, CRC-32, payload; and what can be read of a segment that was torn or damaged."""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streaming.contracts.records import NewRecord

MAX_PAYLOAD = 16 * 1024 * 1024
_FRAME = struct.Struct("<II")
_PAYLOAD = struct.Struct("<qHi")  # received_at in microseconds, length of topic, length of key (-1: none)
# What may begin a frame: a length of at most 16 MiB that is not 0, four bytes of checksum, a moment before the year 2112.
_MAY_BEGIN = re.compile(rb"(?=(?!\x00{4})[\s\S]{3}[\x00\x01][\s\S]{4}[\s\S]{6}[\x00-\x0f]\x00)")


class SpooledRecord(NamedTuple):
    """A record in the spool, and when it was received (seconds since 1970)."""

    received_at: float
    record: NewRecord


class Frame(NamedTuple):
    """An intact record of a segment and the offset behind it."""

    spooled: SpooledRecord
    end: int


class Damage(NamedTuple):
    """Bytes of a segment that are no intact record: a torn tail, or what a disk changed."""

    begin: int
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


def salvage(data: bytes, start: int = 0) -> Iterator[Frame | Damage]:
    """All of the segment from `start` on, in order and without a gap."""
    position = start
    while position < len(data):
        if (frame := _frame_at(data, position)) is not None:
            yield frame
            position = frame.end
        else:
            begin, position = position, _next_intact(data, position + 1)
            yield Damage(begin, position)


def decode_frames(data: bytes, start: int = 0) -> Iterator[Frame]:
    """The intact records from `start` on."""
    return (each for each in salvage(data, start) if isinstance(each, Frame))


def _frame_at(data: bytes, position: int) -> Frame | None:
    """The intact record that begins at this offset, if one does."""
    begin = position + _FRAME.size
    if begin > len(data):
        return None
    length, checksum = _FRAME.unpack_from(data, position)
    end = begin + length
    if not _PAYLOAD.size <= length <= MAX_PAYLOAD or end > len(data) or not _fits(data, begin, length):
        return None
    payload = data[begin:end]
    return Frame(_decode(payload), end) if zlib.crc32(payload) == checksum else None


def _next_intact(data: bytes, start: int) -> int:
    """Where the next intact record begins; the end of the data when there is none."""
    for candidate in _MAY_BEGIN.finditer(data, start):
        if _frame_at(data, candidate.start()) is not None:
            return candidate.start()
    return len(data)


def _fits(data: bytes, begin: int, length: int) -> bool:
    """Whether topic and key have room in the payload: known before a checksum is computed over megabytes."""
    _, topic_length, key_length = _PAYLOAD.unpack_from(data, begin)
    return bool(key_length >= -1 and _PAYLOAD.size + topic_length + max(key_length, 0) <= length)


def _decode(payload: bytes) -> SpooledRecord:
    microseconds, topic_length, key_length = _PAYLOAD.unpack_from(payload)
    key_at = _PAYLOAD.size + topic_length
    value_at = key_at + max(key_length, 0)
    topic = payload[_PAYLOAD.size : key_at].decode()
    key = None if key_length < 0 else payload[key_at:value_at]
    return SpooledRecord(microseconds / 1_000_000, NewRecord(topic, key, payload[value_at:]))
