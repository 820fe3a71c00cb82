"""Storing people after a batch: rows, names for search, and those who are no more."""

from collections.abc import Collection, Sequence
from typing import Any

import orjson
import psycopg

from profiles.builder import binary
from profiles.builder.person import Person

# The traits that a person is called by, in the order of the line that is searched.
NAME_KEYS = (
    "name", "firstName", "first_name", "middleName", "middle_name", "lastName", "last_name", "fullName", "full_name",
    "displayName", "display_name", "username",
)  # fmt: skip
MAX_NAME = 400

_INSERT = """
INSERT INTO profiles_profile
    (id, public_id, traits, provenance, lifecycle, first_seen, last_purchase, cluster_id, version, incarnation)
SELECT k.*, i.incarnation FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s) k, installation i
"""
_UPDATE = """
UPDATE profiles_profile p SET
    public_id = k.public_id, traits = k.traits, provenance = k.provenance, lifecycle = k.lifecycle,
    first_seen = k.first_seen, last_purchase = k.last_purchase, cluster_id = k.cluster_id, version = k.version,
    incarnation = i.incarnation
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s)
    AS k(id, public_id, traits, provenance, lifecycle, first_seen, last_purchase, cluster_id, version), installation i
WHERE p.id = k.id
"""
_DELETE = "DELETE FROM profiles_profile WHERE id = ANY(%s)"
_UNNAME = "DELETE FROM profiles_profilename WHERE profile_id = ANY(%s)"
_NAME = """
INSERT INTO profiles_profilename (profile_id, name) SELECT * FROM unnest(%s, %s)
ON CONFLICT (profile_id) DO UPDATE SET name = excluded.name
"""


def store(
    connection: psycopg.Connection[Any],
    people: Sequence[Person],
    gone: Collection[int],
) -> None:
    """Store these people, all locked or new, and delete the rows of those who are no more."""
    if gone:
        rows = binary.bigints(sorted(gone))
        connection.execute(_DELETE, (rows,))
        connection.execute(_UNNAME, (rows,))
    for statement, part in (
        (_INSERT, [person for person in people if person.is_new]),
        (_UPDATE, [person for person in people if not person.is_new]),
    ):
        if part:
            connection.execute(statement, _columns(part))
    _store_names(connection, [person for person in people if not person.changed_keys.isdisjoint(NAME_KEYS)])


def _columns(people: Sequence[Person]) -> tuple[binary.BinaryArray, ...]:
    return (
        binary.bigints([person.row for person in people]),
        binary.uuids([binary.uuid_bytes(person.public_id) for person in people]),
        binary.documents([orjson.dumps(person.traits) for person in people]),
        binary.documents([orjson.dumps(person.provenance) for person in people]),
        binary.texts([person.lifecycle for person in people]),
        binary.times([person.first_seen for person in people]),
        binary.times([person.last_purchase for person in people]),
        binary.bigints([person.cluster for person in people]),
        binary.bigints([person.version for person in people]),
    )


def name_line(person: Person) -> str:
    """The names of a person in one lower-case line, each part once."""
    parts = [value.lower() for key in NAME_KEYS if (value := person.traits.get(key)).__class__ is str]
    return " ".join(dict.fromkeys(" ".join(parts).split()))[:MAX_NAME]


def _store_names(connection: psycopg.Connection[Any], people: Sequence[Person]) -> None:
    lines = sorted((person.row, name_line(person)) for person in people)
    if nameless := [row for row, line in lines if not line]:
        connection.execute(_UNNAME, (binary.bigints(nameless),))
    if named := [(row, line) for row, line in lines if line]:
        rows, names = zip(*named, strict=True)
        connection.execute(_NAME, (binary.bigints(rows), binary.texts(names)))
