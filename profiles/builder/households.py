"""What groups, households and shared values are in themselves: an id for the world, and traits of their own (ADR 0086)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
import psycopg

from profiles.builder import binary, traits
from profiles.builder.arrival import Arrival
from profiles.builder.ids import new_id
from profiles.identity.evidence import Identifier

_PROVIDE = """
INSERT INTO profiles_household (identifier_id, public_id) SELECT * FROM unnest(%s, %s)
ON CONFLICT (identifier_id) DO NOTHING
"""
_FIND = """
SELECT i.namespace_id, i.value, i.id FROM unnest(%s, %s) AS k(namespace_id, value)
JOIN profiles_identifier i ON i.namespace_id = k.namespace_id AND i.value = k.value
"""
_LOCK = """
SELECT identifier_id, traits::text, provenance::text, version FROM profiles_household
WHERE identifier_id = ANY(%s) ORDER BY identifier_id FOR NO KEY UPDATE
"""
_UPDATE = """
UPDATE profiles_household h SET traits = k.traits, provenance = k.provenance, version = k.version
FROM unnest(%s, %s, %s, %s) AS k(id, traits, provenance, version) WHERE h.identifier_id = k.id
"""


_Told = tuple[int, Arrival, Mapping[str, Any]]  # the row of a group, and what a call says of it


class Household:
    """One row, locked: its traits are folded like those of people."""

    __slots__ = ("changed_keys", "provenance", "row", "touched", "traits", "version")

    def __init__(self, row: int, traits: dict[str, Any], provenance: dict[str, Any], version: int) -> None:
        self.row = row
        self.traits = traits
        self.provenance: dict[str, dict[str, Any]] = provenance
        self.version = version
        self.changed_keys: set[str] = set()
        self.touched = False


def provide(connection: psycopg.Connection[Any], identifiers: Collection[int]) -> None:
    """Give each of these identifiers a row and an id, unless it has them."""
    if identifiers:
        rows = sorted(identifiers)
        ids = binary.uuids([binary.uuid_bytes(new_id()) for _ in rows])
        connection.execute(_PROVIDE, (binary.bigints(rows), ids))


def store(
    connection: psycopg.Connection[Any], attached: Collection[int], arrivals: Sequence[Arrival]
) -> None:
    """Give what people are attached to its rows, and keep what group calls say of their groups: newest value first.

    To be called last, when all other facts are stored: a group that everybody names is locked by each batch that has a
    call of it, so that it should be locked for the end of a transaction only. Asks nothing when there is neither.
    """
    told = _told(connection, arrivals)
    provide(connection, {*attached, *(row for row, _, _ in told)})
    if told:
        _store_changed(connection, _folded(connection, told))
        traits.store_of_groups(connection, told)


def _told(connection: psycopg.Connection[Any], calls: Sequence[Arrival]) -> list[_Told]:
    """What the calls say, each of a stored identifier."""
    groups = [(*call.group_traits, call) for call in calls if call.group_traits]
    rows = _rows(connection, {group for group, _, _ in groups}) if groups else {}
    return [(rows[group], call, values) for group, values, call in groups]


def _rows(connection: psycopg.Connection[Any], groups: Iterable[Identifier]) -> dict[Identifier, int]:
    wanted = sorted(groups)
    parameters = (
        binary.smallints([group.namespace for group in wanted]),
        binary.texts([group.value for group in wanted]),
    )
    found = connection.execute(_FIND, parameters, binary=True)
    return {Identifier(namespace, value): row for namespace, value, row in found}


def _folded(connection: psycopg.Connection[Any], told: Sequence[_Told]) -> list[Household]:
    """The rows, locked in order, that the calls change."""
    wanted = binary.bigints(sorted({row for row, _, _ in told}))
    held = {
        row: Household(row, orjson.loads(values), orjson.loads(provenance), version)
        for row, values, provenance, version in connection.execute(_LOCK, (wanted,), binary=True)
    }
    for row, arrival, values in told:
        traits.fold_values(held[row], values, arrival)
    return [each for _, each in sorted(held.items()) if each.touched]


def _store_changed(connection: psycopg.Connection[Any], changed: Sequence[Household]) -> None:
    if changed:
        parameters = (
            binary.bigints([each.row for each in changed]),
            binary.documents([orjson.dumps(each.traits) for each in changed]),
            binary.documents([orjson.dumps(each.provenance) for each in changed]),
            binary.bigints([each.version + 1 for each in changed]),
        )
        connection.execute(_UPDATE, parameters)
