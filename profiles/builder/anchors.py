"""Anchors: the new ones of a batch, and moving those of people who merge or split."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import psycopg

from profiles.builder import binary
from profiles.builder.attempt import Restart
from profiles.builder.ids import new_id

if TYPE_CHECKING:
    from profiles.builder.nodes import Node
    from profiles.builder.person import Person

_INSERT = """
INSERT INTO profiles_anchor
    (key, birth_id, anonymous_id, user_id, other_id, home_id, profile_id, live_id, mapping_version, first_seen, sources)
SELECT key, birth_id, anonymous_id, user_id, other_id, home_id, profile_id,
    CASE WHEN profile_id IS NOT NULL THEN live_id END, 1, first_seen, array_remove(ARRAY[source], NULL)
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::int[])
    AS k(key, birth_id, anonymous_id, user_id, other_id, home_id, profile_id, live_id, first_seen, source)
ON CONFLICT (key) DO NOTHING
RETURNING key, id
"""
_OF_PROFILES = "SELECT id, birth_id::text, home_id, first_seen, profile_id FROM profiles_anchor WHERE profile_id = ANY(%s)"
_OF_NOBODY = """
SELECT id, birth_id::text, home_id, first_seen, profile_id FROM profiles_anchor
WHERE home_id = ANY(%s) AND profile_id IS NULL
"""
_HOMES = "SELECT DISTINCT profile_id, home_id FROM profiles_anchor WHERE profile_id = ANY(%s)"
_FOLLOW = """
UPDATE profiles_anchor a
SET profile_id = m.target, live_id = m.live_id, mapping_version = a.mapping_version + 1
FROM unnest(%s, %s, %s) AS m(source, target, live_id) WHERE a.profile_id = m.source
RETURNING a.id, a.birth_id::text, m.source, a.mapping_version
"""
_MOVE = """
UPDATE profiles_anchor a
SET profile_id = m.target, live_id = m.live_id, mapping_version = a.mapping_version + 1
FROM unnest(%s, %s, %s::uuid[]) AS m(id, target, live_id) WHERE a.id = m.id
RETURNING a.id, a.birth_id::text, a.mapping_version
"""
_SEEN_EARLIER = """
UPDATE profiles_anchor a SET first_seen = m.first_seen
FROM unnest(%s, %s) AS m(id, first_seen) WHERE a.id = m.id AND m.first_seen < a.first_seen
"""
_NO_ID = bytes(16)


class NewAnchor:
    """An anchor that the batch brings; `key` is the digest of its identifiers, `source` is that of its first event, if any."""

    __slots__ = ("anonymous", "birth_id", "first_seen", "home", "id", "key", "other", "source", "user")

    def __init__(self, key: bytes, first_seen: int, source: int | None = None) -> None:
        self.key = key
        self.first_seen = first_seen
        self.source = source
        self.birth_id = new_id()
        self.id: int | None = None
        self.anonymous: Node | None = None
        self.user: Node | None = None
        self.other: Node | None = None
        self.home: Node | None = None

    @property
    def person(self) -> "Person | None":
        """Who holds it."""
        return self.home.person if self.home else None


class StoredAnchor(NamedTuple):
    """An anchor of somebody who is taken apart."""

    id: int
    birth_id: str
    home: int | None
    first_seen: int
    profile: int | None


class Moved(NamedTuple):
    """An anchor that changed hands."""

    id: int
    birth_id: str
    mapping_version: int


def insert(connection: psycopg.Connection[Any], anchors: Collection[NewAnchor]) -> None:
    """Store new anchors, in order of key. Raises Restart when another was faster with one of nobody."""
    if not anchors:
        return
    ordered = sorted(anchors, key=lambda anchor: anchor.key)
    people = [anchor.person for anchor in ordered]
    parameters = (
        binary.byte_strings([anchor.key for anchor in ordered]),
        binary.uuids([binary.uuid_bytes(anchor.birth_id) for anchor in ordered]),
        *(
            binary.bigints([node.id if (node := getattr(anchor, end)) else None for anchor in ordered])
            for end in ("anonymous", "user", "other", "home")
        ),
        binary.bigints([person.row if person else None for person in people]),
        binary.uuids([binary.uuid_bytes(person.public_id) if person else _NO_ID for person in people]),
        binary.times([anchor.first_seen for anchor in ordered]),
        [anchor.source for anchor in ordered],
    )
    ids = dict(connection.execute(_INSERT, parameters, binary=True).fetchall())
    if len(ids) < len(ordered):
        raise Restart
    for anchor in ordered:
        anchor.id = ids[anchor.key]


def of_profiles(connection: psycopg.Connection[Any], rows: Collection[int]) -> list[StoredAnchor]:
    """All anchors of these profile rows."""
    return _read(connection, _OF_PROFILES, rows)


def of_nobody(connection: psycopg.Connection[Any], homes: Collection[int]) -> list[StoredAnchor]:
    """The anchors that live with these identifiers (by id) and belong to nobody yet."""
    return _read(connection, _OF_NOBODY, homes)


def _read(connection: psycopg.Connection[Any], query: str, ids: Collection[int]) -> list[StoredAnchor]:
    if not ids:
        return []
    return [
        StoredAnchor(row, birth, home, binary.microseconds(seen), profile)
        for row, birth, home, seen, profile in connection.execute(
            query, (binary.bigints(sorted(ids)),), binary=True
        )
    ]


def homes_of(connection: psycopg.Connection[Any], rows: Collection[int]) -> list[tuple[int, int | None]]:
    """Where the anchors of these profile rows live: (row, identifier), each once."""
    if not rows:
        return []
    return connection.execute(_HOMES, (binary.bigints(sorted(rows)),), binary=True).fetchall()


def follow(connection: psycopg.Connection[Any], merged: Mapping[int, "Person"]) -> dict[int, list[Moved]]:
    """Give all anchors of merged profile rows to who took them over; returns what moved, by former row."""
    moved: dict[int, list[Moved]] = {source: [] for source in merged}
    if merged:
        sources = sorted(merged)
        parameters = (
            binary.bigints(sources),
            binary.bigints([merged[source].row for source in sources]),
            binary.uuids([binary.uuid_bytes(merged[source].public_id) for source in sources]),
        )
        for row, birth, source, version in connection.execute(_FOLLOW, parameters, binary=True):
            moved[source].append(Moved(row, birth, version))
    return moved


def move(connection: psycopg.Connection[Any], owners: Mapping[int, "Person | None"]) -> dict[int, Moved]:
    """Give single anchors (by id) to people, or to nobody."""
    if not owners:
        return {}
    ids = sorted(owners)
    people = [owners[anchor] for anchor in ids]
    parameters = (
        binary.bigints(ids),
        binary.bigints([person.row if person else None for person in people]),
        [UUID(person.public_id) if person else None for person in people],
    )
    return {row[0]: Moved(*row) for row in connection.execute(_MOVE, parameters, binary=True)}


def seen_earlier(connection: psycopg.Connection[Any], times: Iterable[tuple[int, int]]) -> None:
    """Lower the first times of anchors: (id, microseconds)."""
    ordered = sorted(times)
    if ordered:
        ids, first = zip(*ordered, strict=True)
        connection.execute(_SEEN_EARLIER, (binary.bigints(ids), binary.times(first)))
