"""The lock of a partition: whoever appends to it or deletes from it holds it until the transaction ends."""

from collections.abc import Iterable
from typing import Any

import psycopg

_LOG = 0x4857 << 48
_PARTITION_BITS = 16


def lock_keys(partitions: Iterable[tuple[int, int]]) -> list[int]:
    """The advisory locks of these (topic id, partition), in the order in which all take them."""
    return sorted(_LOG | topic_id << _PARTITION_BITS | partition for topic_id, partition in partitions)


def lock_partitions(cursor: psycopg.Cursor[Any], partitions: Iterable[tuple[int, int]]) -> None:
    """Lock these (topic id, partition) for the rest of the transaction."""
    cursor.execute(
        "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [lock_keys(partitions)]
    )
