"""What is asked of the database while a batch becomes visits, each in one statement for all of the batch."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

import psycopg

from profiles.combining.version import next_version
from profiles.sessions import rows, storing, timeline
from profiles.sessions.points import Keyed
from profiles.sessions.rows import Span, Stored
from profiles.sessions.storing import Row
from streaming.contracts.profiles import Version

Ids = Sequence[tuple[int, bytes]]  # anchor, and id of a visit


class Tables(Protocol):
    """The open transaction, as `combine` needs it."""

    def lock(self, births: Collection[str]) -> dict[str, int]:
        """The anchors of these birth ids that can have visits, locked."""

    def in_reach(self, spans: Sequence[Span]) -> list[Stored]:
        """The visits without an id of an SDK that lie in these spans or begin in them, and the last before each."""

    def named(self, ids: Ids) -> list[Stored]:
        """The visits with these ids."""

    def events(self, spans: Sequence[Span]) -> list[list[Keyed]]:
        """All events of each span that the timeline has."""

    def delete(self, ids: Ids) -> None:
        """Delete visits."""

    def update(self, visits: Sequence[Row]) -> None:
        """Renew visits that are stored."""

    def insert(self, visits: Sequence[Row]) -> None:
        """Store new visits."""

    def version(self) -> Version:
        """The version of what is published of it; taken when all is locked."""


class SessionTables:
    """The tables in PostgreSQL."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def lock(self, births: Collection[str]) -> dict[str, int]:
        """See Tables."""
        return rows.lock_anchors(self._connection, births)

    def in_reach(self, spans: Sequence[Span]) -> list[Stored]:
        """See Tables."""
        return rows.in_reach(self._connection, spans)

    def named(self, ids: Ids) -> list[Stored]:
        """See Tables."""
        return rows.named(self._connection, ids)

    def events(self, spans: Sequence[Span]) -> list[list[Keyed]]:
        """See Tables."""
        return timeline.points_of(self._connection, spans)

    def delete(self, ids: Ids) -> None:
        """See Tables."""
        storing.delete(self._connection, ids)

    def update(self, visits: Sequence[Row]) -> None:
        """See Tables."""
        storing.update(self._connection, visits)

    def insert(self, visits: Sequence[Row]) -> None:
        """See Tables."""
        storing.insert(self._connection, visits)

    def version(self) -> Version:
        """See Tables."""
        return next_version(self._connection)
