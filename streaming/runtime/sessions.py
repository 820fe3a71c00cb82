"""Database sessions of a worker, and which failures of theirs mean "not now"."""

from collections.abc import Sequence
from typing import Any, Protocol

import psycopg

from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import TopicPartition
from streaming.runtime.consumer import MessageRejected

Connection = psycopg.Connection[Any]

# Connections, transactions rolled back (deadlocks, serialisation), resources, the operator, the system.
_PASSING_CLASSES = ("08", "40", "53", "57", "58")
_PASSING_CODES = frozenset({"25006", "55006", "55P03"})  # read-only server, object in use, lock not available


class Connect(Protocol):
    """Opens a session of the caller's own. Raises psycopg.OperationalError when the database is away."""

    def __call__(self, *, autocommit: bool, application_name: str) -> Connection:
        """Connect."""


def columns(places: Sequence[TopicPartition]) -> tuple[list[str], list[int]]:
    """The places as the two arrays that statements unnest."""
    return [place.topic for place in places], [place.partition for place in places]


def is_of_no_use(connection: Connection, error: BaseException) -> bool:
    """Whether another session may do what this one cannot: it broke, or its server takes no writes any more."""
    elsewhere = isinstance(error, psycopg.errors.ReadOnlySqlTransaction)
    return connection.closed or connection.broken or elsewhere


def is_not_now(error: BaseException) -> bool:
    """Whether the same work may succeed later: it is neither the message's fault nor the program's.

    What a statement itself did wrong (its data, its SQL, a limit that the data exceeded) is not among it.
    """
    if isinstance(error, (MessageRejected, LogUnavailable, psycopg.InterfaceError)):
        return True
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)  # the connection, not a statement
    return error.sqlstate.startswith(_PASSING_CLASSES) or error.sqlstate in _PASSING_CODES
