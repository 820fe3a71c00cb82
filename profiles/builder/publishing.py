"""What a batch tells the world: changes of people, and its events with who they are of."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

import psycopg

from profiles.builder import binary
from profiles.builder.arrival import Arrival
from profiles.builder.outcome import Resolution
from profiles.builder.person import Person
from profiles.builder.places import Place
from profiles.builder.traits import text
from streaming.contracts.profiles import (
    MOST_ANCHORS,
    WIRE_VERSION,
    AnchorMapping,
    ChangeType,
    ProfileChange,
    ProfileValue,
    Version,
    change_record,
    event_record,
    parts_of,
)
from streaming.contracts.records import NewRecord

_INCARNATION = "SELECT incarnation FROM installation"
_ANCHORS = """
SELECT k.profile_id, a.birth_id, a.mapping_version
FROM unnest(%s) AS k(profile_id) CROSS JOIN LATERAL (
    SELECT birth_id::text, mapping_version FROM profiles_anchor WHERE profile_id = k.profile_id LIMIT %s
) a
"""


class _Caused(TypedDict, total=False):
    cause: str


def events(arrivals: Sequence[Arrival], places: Sequence[Place]) -> list[NewRecord]:
    """Every event with its anchor and the profile that it was resolved to."""
    return [
        event_record(place.profile, place.birth_id, place.mapping_version, arrival.wire)
        for arrival, place in zip(arrivals, places, strict=True)
    ]


class Changes:
    """The changes of people in a batch. Each record raises the version of its profile, before rows are stored."""

    def __init__(
        self, connection: psycopg.Connection[Any], resolution: Resolution, now: datetime, cause: str = ""
    ) -> None:
        self._connection = connection
        self._resolution = resolution
        self._at = text(binary.microseconds(now))
        self._cause = cause
        row = connection.execute(_INCARNATION).fetchone()
        assert row is not None
        self._incarnation: int = row[0]

    def records(self, people: Sequence[Person]) -> list[NewRecord]:
        """The records, oldest change first: who fell apart, who became one, who is who, what traits changed.

        Call it when the lifecycle of these people is decided, and store their versions afterwards.
        """
        speaking = [
            person
            for person in people
            if person.gained or person.changed_keys or person.lifecycle is not person.lifecycle_before
        ]
        changes = [*self._splits(), *self._merges()]
        anchors, brought = self._anchors(speaking), self._brought(speaking)
        for person in speaking:
            held, has_many = anchors[person.row], len(anchors[person.row]) > MOST_ANCHORS
            if person.gained or person.is_new:
                told = brought[person.row] if has_many else held
                changes += self._parts("profile.identified.v1", person, told)
            if has_many:
                held = []
            if person.changed_keys:
                (change,) = self._parts("profile.trait_changed.v1", person, held)
                changes.append({**change, "keys": sorted(person.changed_keys)})
            if person.lifecycle is not person.lifecycle_before and not person.is_new:
                changes += self._parts("profile.lifecycle_changed.v1", person, held)
        return [change_record(change) for change in changes]

    def _splits(self) -> Iterable[ProfileChange]:
        for split in self._resolution.splits:
            if not split.parts_people:
                continue
            mappings = [
                AnchorMapping(moved.birth_id, moved.mapping_version, person.public_id if person else None)
                for moved, person in split.anchors
            ]
            number = split.version
            for part, some in parts_of(mappings):
                number += 1
                yield {
                    **self._head("profile.split.v1", split.source, number, some),
                    **part,
                    **self._caused(),
                }
            for person in split.others:
                person.version = max(person.version, number)

    def _merges(self) -> Iterable[ProfileChange]:
        for merge in self._resolution.merges:
            moved = [
                AnchorMapping(each.birth_id, each.mapping_version, merge.target.public_id)
                for each in merge.anchors
            ]
            for change in self._parts("profile.merged.v1", merge.target, moved):
                yield {**change, "source": merge.source, **self._caused()}

    def _parts(
        self, kind: ChangeType, person: Person, anchors: Sequence[AnchorMapping]
    ) -> list[ProfileChange]:
        """The change of a person, in as many records as its anchors need."""
        changes: list[ProfileChange] = []
        for part, some in parts_of(anchors):
            person.version += 1
            changes.append({**self._head(kind, person.public_id, person.version, some), **part})
        changes[-1]["value"] = _value(person)
        return changes

    def _head(self, kind: ChangeType, profile: str, number: int, some: list[AnchorMapping]) -> ProfileChange:
        return {
            "v": WIRE_VERSION,
            "type": kind,
            "profile": profile,
            "version": Version(self._incarnation, number),
            "at": self._at,
            "anchors": some,
        }

    def _caused(self) -> _Caused:
        return {"cause": self._cause} if self._cause else {}

    def _brought(self, people: Collection[Person]) -> Mapping[int, list[AnchorMapping]]:
        """The anchors of these people that are new in the batch, or were nobody's until now."""
        found: dict[int, list[AnchorMapping]] = defaultdict(list)
        rows = {person.row for person in people}
        for anchor in self._resolution.anchors.values():
            person = anchor.person
            if person is not None and person.row in rows:
                found[person.row].append(AnchorMapping(anchor.birth_id, 1, person.public_id))
        for moved, person in self._resolution.adopted:
            found[person.row].append(AnchorMapping(moved.birth_id, moved.mapping_version, person.public_id))
        return found

    def _anchors(self, people: Collection[Person]) -> Mapping[int, list[AnchorMapping]]:
        """The anchors of these people, of each one more than a record has at most.

        Those of new people are of this batch, the others are looked up.
        """
        stored = {person.row: person for person in people if not self._is_all_new(person)}
        found: dict[int, list[AnchorMapping]] = defaultdict(list)
        found.update(self._brought([person for person in people if person.row not in stored]))
        if stored:
            parameters = (binary.bigints(sorted(stored)), MOST_ANCHORS + 1)
            for row, birth_id, version in self._connection.execute(_ANCHORS, parameters, binary=True):
                found[row].append(AnchorMapping(birth_id, version, stored[row].public_id))
        return found

    def _is_all_new(self, person: Person) -> bool:
        return person.is_new and not person.absorbed and not self._resolution.owners


def _value(person: Person) -> ProfileValue:
    return {
        "traits": person.traits,
        "lifecycle": person.lifecycle,
        "first_seen": text(person.first_seen),
        "last_purchase": None if person.last_purchase is None else text(person.last_purchase),
    }
