"""Values in PostgreSQL's binary format, packed a column at a time: per-value adaptation costs too much here."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import ClassVar

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL counts microseconds from here
MICROSECONDS_PER_DAY = 86_400_000_000
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = b"\xff\xff"

_ONE = timedelta(microseconds=1)
_ARRAY_HEADER = struct.Struct(">iiIii")


def microseconds(time: datetime) -> int:
    """A time as PostgreSQL stores it."""
    since = time - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def as_time(value: int) -> datetime:
    """The time behind PostgreSQL's microseconds."""
    return EPOCH + value * _ONE


class BinaryArray:
    """An array parameter of which the bytes are ready to send; one class per type of element."""

    element_oid: ClassVar[int]
    __slots__ = ("data",)

    def __init__(self, length: int, elements: bytes, *, nulls: bool = False) -> None:
        header = _ARRAY_HEADER.pack(1, int(nulls), self.element_oid, length, 1)
        self.data = header + elements if length else struct.pack(">iiI", 0, 0, self.element_oid)


class _ReadyDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: BinaryArray) -> Buffer | None:
        return obj.data


def _array_type(name: str, element_oid: int, array_oid: int) -> type[BinaryArray]:
    array = type(name, (BinaryArray,), {"element_oid": element_oid, "__slots__": ()})
    psycopg.adapters.register_dumper(array, type(f"{name}Dumper", (_ReadyDumper,), {"oid": array_oid}))
    return array


_Smallints = _array_type("Smallints", 21, 1005)
_Integers = _array_type("Integers", 23, 1007)
_Bigints = _array_type("Bigints", 20, 1016)
_Times = _array_type("Times", 1184, 1185)
_Dates = _array_type("Dates", 1082, 1182)
_Texts = _array_type("Texts", 25, 1009)
_ByteStrings = _array_type("ByteStrings", 17, 1001)
_Uuids = _array_type("Uuids", 2950, 2951)
_Documents = _array_type("Documents", 3802, 3807)


def bigints(values: Sequence[int | None]) -> BinaryArray:
    """A bigint[] parameter."""
    return _Bigints(len(values), _numbers(values, "q", 8), nulls=None in values)


def integers(values: Sequence[int]) -> BinaryArray:
    """An integer[] parameter."""
    return _Integers(len(values), _numbers(values, "i", 4))


def smallints(values: Sequence[int]) -> BinaryArray:
    """A smallint[] parameter."""
    return _Smallints(len(values), _numbers(values, "h", 2))


def times(values: Sequence[int | None]) -> BinaryArray:
    """A timestamptz[] parameter, from PostgreSQL's microseconds."""
    return _Times(len(values), _numbers(values, "q", 8), nulls=None in values)


def days(values: Sequence[int]) -> BinaryArray:
    """A date[] parameter, from days since 2000."""
    return _Dates(len(values), _numbers(values, "i", 4))


def texts(values: Sequence[str]) -> BinaryArray:
    """A text[] parameter."""
    return _Texts(len(values), _strings([value.encode() for value in values]))


def byte_strings(values: Sequence[bytes]) -> BinaryArray:
    """A bytea[] parameter."""
    return _ByteStrings(len(values), _strings(values))


def uuids(values: Sequence[bytes]) -> BinaryArray:
    """A uuid[] parameter, from their 16 bytes."""
    return _Uuids(len(values), _strings(values))


def uuid_bytes(text: str) -> bytes:
    """The 16 bytes of an id."""
    return bytes.fromhex(text.replace("-", ""))


def documents(values: Sequence[bytes | None]) -> BinaryArray:
    """A jsonb[] parameter, from JSON; None is SQL's null."""
    parts = [None if value is None else b"\x01" + value for value in values]
    elements = b"".join(
        b"\xff\xff\xff\xff" if part is None else len(part).to_bytes(4, "big") + part for part in parts
    )
    return _Documents(len(values), elements, nulls=None in values)


def _numbers(values: Sequence[int | None], code: str, size: int) -> bytes:
    pack = struct.Struct(f">i{code}").pack
    if None in values:
        return b"".join([b"\xff\xff\xff\xff" if value is None else pack(size, value) for value in values])
    return b"".join(map(pack, repeat(size), values))


def _strings(values: Sequence[bytes]) -> bytes:
    return b"".join([len(value).to_bytes(4, "big") + value for value in values])
