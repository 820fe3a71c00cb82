"""Traits: the newest value per key wins, by (time, source, message); null deletes."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Protocol

import orjson
import psycopg

from compliance.consent import narrowed
from compliance.key_paths import shared_name
from profiles.builder import binary
from profiles.builder.arrival import Arrival
from profiles.builder.person import Person

_STORE = """
INSERT INTO {table} AS v
    ({owner}, key, source_id, import_id, value, timestamp, message_id, purposes)
SELECT k.owner, k.key, k.source_id, k.import_id, k.value, k.timestamp, k.message_id,
    CASE WHEN k.purposes = '' THEN '{{}}'::text[] ELSE string_to_array(k.purposes, E'\\x1f') END
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s)
    AS k(owner, key, source_id, import_id, value, timestamp, message_id, purposes)
ON CONFLICT ({owner}, key, source_id, import_id) DO UPDATE SET
    value = excluded.value, timestamp = excluded.timestamp,
    message_id = excluded.message_id, purposes = excluded.purposes
WHERE (v.timestamp, v.message_id) < (excluded.timestamp, excluded.message_id)
"""
_STORE_OF_ANCHORS = _STORE.format(table="profiles_trait_version", owner="anchor_id")
_STORE_OF_GROUPS = _STORE.format(table="profiles_group_trait_version", owner="identifier_id")
_OF_ANCHORS = """
SELECT anchor_id, key, value, timestamp, source_id, message_id, purposes
FROM profiles_trait_version WHERE anchor_id = ANY(%s)
"""


class Holder(Protocol):
    """Whoever has traits: a person, or a group."""

    traits: dict[str, Any]
    provenance: dict[str, dict[str, Any]]
    touched: bool
    changed_keys: set[str]


Origin = tuple[str, int, str]  # the order key as provenance keeps it: time in ISO 8601, source, message


def origin_of(provenance: Mapping[str, Any]) -> Origin:
    """The order key of a provenance entry."""
    return (provenance["at"], provenance["source"], provenance["message"])


def fold(holder: Holder, key: str, value: Any, provenance: dict[str, Any]) -> None:
    """Let this value of a trait be the holder's unless a newer one is."""
    known = holder.provenance.get(key)
    if known is not None and origin_of(known) >= origin_of(provenance):
        return
    holder.provenance[key] = provenance
    holder.touched = True
    before = holder.traits.get(key)
    if value is None:
        holder.traits.pop(key, None)
    else:
        holder.traits[key] = value
    if before != value or before.__class__ is not value.__class__:
        holder.changed_keys.add(key)


def fold_event(person: Person, arrival: Arrival) -> None:
    """Fold the traits of an identify into the person."""
    fold_values(person, arrival.traits or {}, arrival)


def fold_values(holder: Holder, values: Mapping[str, Any], arrival: Arrival) -> None:
    """Fold what this event says."""
    for key, value in values.items():
        fold(holder, key, value, provenance_of(arrival, key))


def fold_person(person: Person, other: Person) -> None:
    """Fold the traits of someone who is merged into the person."""
    for key, provenance in other.provenance.items():
        fold(person, key, other.traits.get(key), provenance)


def fold_stored(connection: psycopg.Connection[Any], owners: Mapping[int, Person]) -> None:
    """Fold the stored versions of anchors (by id) into who has these anchors now."""
    if not owners:
        return
    rows = connection.execute(_OF_ANCHORS, (binary.bigints(sorted(owners)),), binary=True)
    for anchor, key, value, time, source, message, purposes in rows:
        said = purposes_of(key, purposes)
        fold(owners[anchor], key, value, _provenance(text(binary.microseconds(time)), source, message, said))


def provenance_of(arrival: Arrival, key: str) -> dict[str, Any]:
    """Where the value of this trait of the event comes from, and what it may be used for."""
    said = purposes_of(key, arrival.purposes)
    return _provenance(text(arrival.time), arrival.source_id, arrival.order.message_id, said)


def purposes_of(key: str, recorded: Sequence[str]) -> list[str]:
    """What is recorded of a trait, by what is recorded of its event or of the trait."""
    return narrowed(recorded, (f"traits.{shared_name(key)}",)) if recorded else []


def _provenance(at: str, source: int, message: str, purposes: list[str]) -> dict[str, Any]:
    provenance = {"at": at, "source": source, "message": message}
    return {**provenance, "purposes": purposes} if purposes else provenance


def text(time: int) -> str:
    """A time as provenance keeps it: ISO 8601 in UTC of fixed width, so that it sorts as text."""
    return binary.as_time(time).isoformat(timespec="microseconds")[:26] + "Z"


def store(connection: psycopg.Connection[Any], versions: Iterable[tuple[int, Arrival]]) -> None:
    """Store the trait versions of events, each with the id of its anchor; in order of key."""
    told = ((anchor, arrival, arrival.traits or {}) for anchor, arrival in versions)
    _store(connection, _STORE_OF_ANCHORS, told)


def store_of_groups(
    connection: psycopg.Connection[Any], versions: Iterable[tuple[int, Arrival, Mapping[str, Any]]]
) -> None:
    """The same for what group calls say, each with the id of the group's identifier and the traits."""
    _store(connection, _STORE_OF_GROUPS, versions)


def _store(
    connection: psycopg.Connection[Any],
    statement: str,
    versions: Iterable[tuple[int, Arrival, Mapping[str, Any]]],
) -> None:
    newest: dict[tuple[int, str, int, int], tuple[Arrival, Any]] = {}
    for owner, arrival, values in versions:
        for key, value in values.items():
            place = (owner, key, arrival.source_id, arrival.import_id)
            known = newest.get(place)
            if known is None or known[0].order < arrival.order:
                newest[place] = (arrival, value)
    if not newest:
        return
    newest_in_order = sorted(newest.items(), key=itemgetter(0))
    places, told = zip(*newest_in_order, strict=True)
    parameters = (
        binary.bigints([place[0] for place in places]),
        binary.texts([place[1] for place in places]),
        binary.integers([place[2] for place in places]),
        binary.bigints([place[3] for place in places]),
        binary.documents([None if value is None else orjson.dumps(value) for _, value in told]),
        binary.times([arrival.time for arrival, _ in told]),
        binary.texts([arrival.order.message_id for arrival, _ in told]),
        binary.texts(
            [
                "\x1f".join(purposes_of(key, arrival.purposes))
                for (_, key, *_), (arrival, _) in newest_in_order
            ]
        ),
    )
    connection.execute(statement, parameters)
