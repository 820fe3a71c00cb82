"""Storing people once it is decided who is who, and what to tell the world of it."""

from datetime import datetime
from typing import Any

import psycopg

from profiles.builder import merging, people, publishing, purchases, splitting, statistics
from profiles.builder.cause import Cause
from profiles.builder.outcome import Resolution
from profiles.builder.person import Person
from profiles.builder.rules import RuleBook
from profiles.builder.statistics import Tally
from profiles.enums import CauseKind
from streaming.contracts.records import NewRecord


class Renewal:
    """The people that have to be stored, and the records of what changed. Make it when all was folded into them."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        resolution: Resolution,
        book: RuleBook,
        cause: Cause,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._resolution = resolution
        self._cause = cause
        self._now = now
        self._changed = self._changed_people(book)
        self.records: list[NewRecord] = []
        if self._changed or resolution.splits:
            changes = publishing.Changes(connection, resolution, now, cause.kind)
            self.records = changes.records(self._changed)

    @property
    def tally(self) -> Tally:
        """How many people changed."""
        resolution = self._resolution
        splits = [split for split in resolution.splits if split.anchors]  # others lost identifiers only
        return Tally(merges=len(resolution.merges), splits=len(splits), refused=resolution.refused)

    def store(self) -> None:
        """Store people, merges and splits. Asks nothing, so that it may be part of a pipeline.

        A builder counts itself what it did with a batch; all others are counted here.
        """
        if self._cause.kind is not CauseKind.EVENT:
            statistics.add(self._connection, self.tally, (), self._now)
        merging.store(self._connection, self._resolution.merges, self._cause, self._now)
        splitting.store(self._connection, self._resolution.splits, self._cause, self._now)
        people.store(self._connection, self._changed, self._resolution.gone)

    def _changed_people(self, book: RuleBook) -> list[Person]:
        resolution = self._resolution
        changed = [
            person
            for row, person in resolution.people.items()
            if row not in resolution.gone and (person.is_new or person.touched or person.gained)
        ]
        for person in changed:
            person.compare()
            person.lifecycle = purchases.lifecycle(person, book.lifecycle, self._now)
        return changed
