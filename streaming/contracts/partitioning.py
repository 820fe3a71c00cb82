"""Which partition a record goes to, and how large it may be: the same on every back end."""

from itertools import count
from zlib import crc32

from streaming.contracts.records import Headers, NewRecord

MAX_RECORD_BYTES = 4 * 1024 * 1024
_HEADER_OVERHEAD = 8
_turns = count()


def partition_of(record: NewRecord, partitions: int) -> int:
    """The record's partition: its own choice, else a stable hash of its key (librdkafka's `consistent`).

    Records without a key are spread; nothing orders them.
    """
    if record.partition is not None:
        return record.partition
    if record.key is None:
        return next(_turns) % partitions
    return crc32(record.key) % partitions


def size_of(record: NewRecord) -> int:
    """The bytes that count against MAX_RECORD_BYTES."""
    return len(record.key or b"") + len(record.value or b"") + headers_size(record.headers)


def headers_size(headers: Headers) -> int:
    """The bytes of the headers with their lengths."""
    return sum(_HEADER_OVERHEAD + len(name.encode()) + len(value) for name, value in headers)
