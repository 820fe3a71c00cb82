"""What a batch tells the world: changes of people, and its events with who they are of."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg

from profiles.builder import binary
from profiles.builder.arrival import Arrival
from profiles.builder.outcome import Resolution
from profiles.builder.person import Person
from profiles.builder.places import Place
from profiles.builder.traits import text
from streaming.contracts.profiles import (
    WIRE_VERSION,
    AnchorMapping,
    ChangeType,
    ProfileChange,
    ProfileValue,
    Version,
    change_record,
    event_record,
)
from streaming.contracts.records import NewRecord

_INCARNATION = "SELECT incarnation FROM installation"
_ANCHORS = """
SELECT profile_id, birth_id::text, mapping_version FROM profiles_anchor WHERE profile_id = ANY(%s) ORDER BY id
"""


def events(arrivals: Sequence[Arrival], places: Sequence[Place]) -> list[NewRecord]:
    """Every event with its anchor and the profile that it was resolved to."""
    return [
        event_record(place.profile, place.birth_id, place.mapping_version, arrival.wire)
        for arrival, place in zip(arrivals, places, strict=True)
    ]


class Changes:
    """The changes of people in a batch. Each record raises the version of its profile, before rows are stored."""

    def __init__(self, connection: psycopg.Connection[Any], resolution: Resolution, now: datetime) -> None:
        self._connection = connection
        self._resolution = resolution
        self._at = text(binary.microseconds(now))
        row = connection.execute(_INCARNATION).fetchone()
        assert row is not None
        self._incarnation: int = row[0]

    def records(self, people: Sequence[Person]) -> list[NewRecord]:
        """The records, oldest change first: who fell apart, who became one, who is who, what traits changed.

        Call it when the lifecycle of these people is decided, and store their versions afterwards.
        """
        changes = [*self._splits(), *self._merges()]
        speaking = [
            person
            for person in people
            if person.gained or person.changed_keys or person.lifecycle is not person.lifecycle_before
        ]
        anchors = self._anchors(speaking)
        for person in speaking:
            if person.gained or person.is_new:
                changes.append(self._change("profile.identified.v1", person, anchors[person.row]))
            if person.changed_keys:
                change = self._change("profile.trait_changed.v1", person, anchors[person.row])
                changes.append({**change, "keys": sorted(person.changed_keys)})
            if person.lifecycle is not person.lifecycle_before and not person.is_new:
                changes.append(self._change("profile.lifecycle_changed.v1", person, anchors[person.row]))
        return [change_record(change) for change in changes]

    def _splits(self) -> Iterable[ProfileChange]:
        for split in self._resolution.splits:
            number = split.version + 1
            for _, person in split.anchors:
                if person is not None:
                    person.version = max(person.version, number)
            yield {
                "v": WIRE_VERSION,
                "type": "profile.split.v1",
                "profile": split.source,
                "version": Version(self._incarnation, number),
                "at": self._at,
                "anchors": [
                    AnchorMapping(moved.birth_id, moved.mapping_version, person.public_id if person else None)
                    for moved, person in split.anchors
                ],
            }

    def _merges(self) -> Iterable[ProfileChange]:
        for merge in self._resolution.merges:
            moved = [
                AnchorMapping(each.birth_id, each.mapping_version, merge.target.public_id)
                for each in merge.anchors
            ]
            yield {**self._change("profile.merged.v1", merge.target, moved), "source": merge.source}

    def _change(self, kind: ChangeType, person: Person, anchors: list[AnchorMapping]) -> ProfileChange:
        person.version += 1
        return {
            "v": WIRE_VERSION,
            "type": kind,
            "profile": person.public_id,
            "version": Version(self._incarnation, person.version),
            "at": self._at,
            "anchors": anchors,
            "value": _value(person),
        }

    def _anchors(self, people: Collection[Person]) -> Mapping[int, list[AnchorMapping]]:
        """All anchors of these people: those of new people are of this batch, the others are looked up."""
        found: dict[int, list[AnchorMapping]] = defaultdict(list)
        ids = {person.row: person.public_id for person in people}
        stored = {person.row for person in people if not self._is_all_new(person)}
        for anchor in self._resolution.anchors.values():
            person = anchor.person
            if person is not None and person.row in ids and person.row not in stored:
                found[person.row].append(AnchorMapping(anchor.birth_id, 1, person.public_id))
        if stored:
            rows = self._connection.execute(_ANCHORS, (binary.bigints(sorted(stored)),), binary=True)
            for row, birth_id, version in rows:
                found[row].append(AnchorMapping(birth_id, version, ids[row]))
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
