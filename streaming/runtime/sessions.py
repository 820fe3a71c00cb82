"""Database sessions of a worker, and which failures of theirs mean "not now"."""

from collections.abc import Sequence
from typing import Any, Protocol

import psycopg

from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import TopicPartition
from streaming.runtime.consumer import MessageRejected

Connection = psycopg.Connection[Any]

# MessageRejected is the consumer's own word; the others are connections, deadlocks, serialisation, read-only
# servers. What a statement itself did wrong (its data, its SQL) is not among them.
NOT_NOW: tuple[type[Exception], ...] = (
    MessageRejected,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
    LogUnavailable,
)


class Connect(Protocol):
    """Opens a session of the caller's own. Raises psycopg.OperationalError when the database is away."""

    def __call__(self, *, autocommit: bool, application_name: str) -> Connection:
        """Connect."""


def columns(places: Sequence[TopicPartition]) -> tuple[list[str], list[int]]:
    """The places as the two arrays that statements unnest."""
    return [place.topic for place in places], [place.partition for place in places]
