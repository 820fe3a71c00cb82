"""Rows of `log_record` in COPY's binary format, and record headers as bytes.

The columns stand in the order of COLUMNS, so that all that is equal for the rows of one append to one
partition is a single constant in front of each row.
"""

from collections.abc import Sequence
from struct import Struct

from streaming.contracts.records import Headers, NewRecord

COLUMNS = 'topic_id, partition, day, appended_at, "offset", key, value, headers'
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
POSTGRES_EPOCH_MICROSECONDS = 946_684_800_000_000  # 2000-01-01, in microseconds of Unix time

_NULL = b"\xff\xff\xff\xff"
_constant = Struct("!hiiiiiiiqi").pack
_place = Struct("!qi").pack
_size = Struct("!i").pack
_header_size = Struct("!II")


def row_start(topic_id: int, partition: int, day: int, appended_at: int) -> bytes:
    """What all rows of one append to one partition begin with; `appended_at` in microseconds of Unix time."""
    moment = appended_at - POSTGRES_EPOCH_MICROSECONDS
    return _constant(8, 4, topic_id, 4, partition, 4, day, 8, moment, 8)


def copy_rows(constant: bytes, first: int, records: Sequence[NewRecord]) -> list[bytes]:
    """Pieces that joined are the rows of these records, with offsets from `first` on."""
    pieces: list[bytes] = []
    add = pieces.extend
    for offset, record in enumerate(records, first):
        key, value = record.key, record.value
        if key is None or value is None or record.headers:
            add((constant, offset.to_bytes(8), field(key), field(value), _headers_field(record.headers)))
        else:
            add((constant, _place(offset, len(key)), key, _size(len(value)), value, _NULL))
    return pieces


def field(content: bytes | None) -> bytes:
    """A column of a row: its size and its bytes."""
    return _NULL if content is None else _size(len(content)) + content


def _headers_field(headers: Headers) -> bytes:
    return field(encode_headers(headers)) if headers else _NULL


def encode_headers(headers: Headers) -> bytes:
    """Headers as they are stored: length of name, length of value, name, value, of each."""
    pieces = []
    for name, value in headers:
        encoded = name.encode()
        pieces += [_header_size.pack(len(encoded), len(value)), encoded, value]
    return b"".join(pieces)


def decode_headers(stored: bytes | None) -> Headers:
    """What `encode_headers` made."""
    if not stored:
        return ()
    headers, at = [], 0
    while at < len(stored):
        name_size, value_size = _header_size.unpack_from(stored, at)
        at += _header_size.size
        name = stored[at : at + name_size].decode()
        at += name_size
        headers.append((name, stored[at : at + value_size]))
        at += value_size
    return tuple(headers)
