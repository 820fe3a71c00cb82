"""The timeline rows of a batch, in one binary COPY."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from profiles.builder.arrival import Arrival
from profiles.builder.binary import COPY_HEADER, COPY_TRAILER
from profiles.builder.event_names import Kind
from profiles.builder.places import Place

_COPY = """
COPY profiles_timeline (anchor_id, event_id, timestamp, received_at, client_time, source_id, import_id,
    message_id, properties, context, traits, purposes, evidence) FROM STDIN (FORMAT binary)
"""
_START = struct.Struct(">hiqii")
_COLUMNS = 13
_NULL = b"\xff\xff\xff\xff"
_BIGINT = 20


def rows(
    arrivals: Sequence[Arrival],
    places: Sequence[Place],
    names: Mapping[Kind, int],
    evidence: Mapping[bytes, int],
) -> bytes:
    """The rows of events, each with its place, ready to be stored."""
    pieces = [COPY_HEADER]
    add = pieces.extend
    start = _START.pack
    for arrival, place in zip(arrivals, places, strict=True):
        links = arrival.links
        shown = _ids([evidence[key] for key, _ in links]) if links else _NULL
        add((start(_COLUMNS, 8, place.anchor, 4, names[arrival.kind]), arrival.row, shown))
    pieces.append(COPY_TRAILER)
    return b"".join(pieces)


def store(connection: psycopg.Connection[Any], ready: bytes) -> None:
    """Store rows. Raises psycopg.errors.CheckViolation when the table of a month is missing."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(ready)


def _ids(ids: list[int]) -> bytes:
    """A bigint[] field."""
    count = len(ids)
    elements = b"".join([b"\x00\x00\x00\x08" + each.to_bytes(8, "big") for each in ids])
    return struct.pack(">iiiIii", 20 + 12 * count, 1, 0, _BIGINT, count, 1) + elements
