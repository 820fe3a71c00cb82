"""A piece of work: records that one transaction takes, as they were read or as a part of that."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from streaming.contracts.records import Record, TopicPartition

Place = tuple[str, int, int]


class Unprepared:
    """Stands for the work of `Consumer.prepare` where it has not been done for exactly these records."""


UNPREPARED = Unprepared()


@dataclass(frozen=True, slots=True)
class PreparationFailed:
    """What `Consumer.prepare` raised; it is raised again where `process` would be called."""

    error: Exception


def place_of(record: Record) -> Place:
    """Where the record stands."""
    return record.topic, record.partition, record.offset


def ends_of(records: Sequence[Record]) -> dict[TopicPartition, int]:
    """The positions right behind these records."""
    return {record.topic_partition: record.offset + 1 for record in records}


@dataclass(slots=True)
class Piece:
    """Records in order, and the positions that a commit of them moves to.

    `refused` are those among them that become dead letters, with their reasons: `process` does not see them.
    """

    records: Sequence[Record]
    ends: Mapping[TopicPartition, int]
    prepared: Any = UNPREPARED
    refused: dict[Place, str] = field(default_factory=dict)

    @property
    def active(self) -> Sequence[Record]:
        """What `process` is to see."""
        if not self.refused:
            return self.records
        return [record for record in self.records if place_of(record) not in self.refused]

    def refuse(self, record: Record, reason: str) -> None:
        """Have the record become a dead letter."""
        self.refused[place_of(record)] = reason
        self.forget_preparation()

    def forget_preparation(self) -> None:
        """Have the next attempt prepare anew: what was prepared may be what failed, or may be out of date."""
        self.prepared = UNPREPARED

    def after(self, earlier: Self) -> "Piece":
        """This piece with an earlier one in front of it."""
        return Piece(
            [*earlier.records, *self.records],
            {**earlier.ends, **self.ends},
            UNPREPARED,
            earlier.refused | self.refused,
        )

    def halves(self) -> tuple["Piece", "Piece"]:
        """Two pieces that together are this one, each with about half of the active records."""
        active = self.active
        middle = self.records.index(active[len(active) // 2])
        first, second = self.records[:middle], self.records[middle:]
        return self._part(first, ends_of(first)), self._part(second, self.ends)

    def by_partition(self) -> list["Piece"]:
        """One piece for each partition, which together are this one."""
        return [
            self._part([record for record in self.records if record.topic_partition == place], {place: end})
            for place, end in self.ends.items()
        ]

    def without(self, places: Container[TopicPartition]) -> "Piece | None":
        """This piece without what it has of these partitions; None when nothing is left."""
        ends = {place: end for place, end in self.ends.items() if place not in places}
        if len(ends) == len(self.ends):
            return self
        records = [record for record in self.records if record.topic_partition not in places]
        return self._part(records, ends) if ends else None

    def _part(self, records: Sequence[Record], ends: Mapping[TopicPartition, int]) -> "Piece":
        places = {place_of(record) for record in records} if self.refused else set()
        refused = {place: reason for place, reason in self.refused.items() if place in places}
        return Piece(records, ends, UNPREPARED, refused)
