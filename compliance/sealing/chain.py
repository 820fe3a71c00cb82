"""The form of the chain: what is hashed of a row, and how a row is linked to the one before it.

The hash of a row is SHA-256 over the hash of the row before and the fields of this one, each with its length in four bytes
before it, the largest first. This is how PostgreSQL writes a row in its binary format, so it is taken as it comes.
"""

import struct
from collections.abc import Iterator
from hashlib import sha256

from django.db import connection

GENESIS = sha256(b"headwater audit chain 1").digest()
HASH_BYTES = 32

# Numbers and times are eight bytes, a time in microseconds since 2000-01-01 UTC; everything else is text in UTF-8, of
# lists and JSON as PostgreSQL writes it, which is the same for the same value.
FIELDS = "id, at, actor_kind, actor, address, action, target, subjects::text, categories::text, purpose, detail::text"
_NUMBER = struct.Struct(">iq")
_HEADER = b"PGCOPY\n\xff\r\n\0"
_HEADER_BYTES = len(_HEADER) + 8
_END = b"\xff\xff"


def link(previous: bytes, canonical: bytes) -> bytes:
    """The hash of the row with this canonical form behind the row with the hash `previous`."""
    return sha256(previous + canonical).digest()


def canonical_form(seq: int, fields: bytes) -> bytes:
    """What is hashed of the row at this place in the chain."""
    return _NUMBER.pack(8, seq) + fields


def read_number(fields: bytes, at: int = 0) -> tuple[int, int]:
    """The number that begins there with its length, and where it ends."""
    return _NUMBER.unpack_from(fields, at)[1], at + _NUMBER.size


def rows(query: str) -> Iterator[bytes]:
    """The fields of each row of the query, each with its length; they are read as they come and never kept."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as copy,
    ):
        for block in copy:
            row = bytes(block)
            if row.startswith(_HEADER):
                row = row[_HEADER_BYTES:]
            if row and row != _END:
                yield row[2:]  # without the number of fields
