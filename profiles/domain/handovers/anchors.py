"""Anchors of an identifier that was given to another person: those of the new holder beside those of the former."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from profiles.builder.digests import anchor_key
from profiles.builder.ids import new_id
from profiles.domain.handovers.telling import Owner
from profiles.identity.evidence import Identifier
from profiles.identity.values import plain

Connection = psycopg.Connection[Any]

_READ = """
SELECT x.id, x.birth_id, x.live_id::text, x.mapping_version, x.first_seen, x.anonymous_id, x.user_id, x.other_id,
    a.namespace_id, a.value, u.namespace_id, u.value, o.namespace_id, o.value
FROM profiles_anchor x
LEFT JOIN profiles_identifier a ON a.id = x.anonymous_id
LEFT JOIN profiles_identifier u ON u.id = x.user_id
LEFT JOIN profiles_identifier o ON o.id = x.other_id
WHERE x.id = %s
"""
_BY_KEY = "SELECT id FROM profiles_anchor WHERE key = %s"
_BECOME = """
UPDATE profiles_anchor SET key = %(key)s,
    anonymous_id = CASE WHEN anonymous_id = %(one)s THEN %(other)s ELSE anonymous_id END,
    user_id = CASE WHEN user_id = %(one)s THEN %(other)s ELSE user_id END,
    other_id = CASE WHEN other_id = %(one)s THEN %(other)s ELSE other_id END
WHERE id = %(id)s
"""
# It stays at home with the former until all has followed: until then nobody's facts change hands.
_INSERT = """
INSERT INTO profiles_anchor
    (key, birth_id, anonymous_id, user_id, other_id, home_id, profile_id, live_id, mapping_version, first_seen)
SELECT %(key)s, %(birth)s, CASE WHEN anonymous_id = %(one)s THEN %(other)s ELSE anonymous_id END,
    CASE WHEN user_id = %(one)s THEN %(other)s ELSE user_id END,
    CASE WHEN other_id = %(one)s THEN %(other)s ELSE other_id END, home_id, profile_id, live_id, 1,
    (SELECT min(first_at) FROM profiles_daily_counter WHERE anchor_id = %(id)s AND day >= %(day)s)
FROM profiles_anchor WHERE id = %(id)s
RETURNING id
"""
_FIRST = """
UPDATE profiles_anchor SET first_seen = least(first_seen, (
    SELECT min(first_at) FROM profiles_daily_counter WHERE anchor_id = %(id)s
)) WHERE id = %(id)s
"""
_OF = """
SELECT id FROM profiles_anchor WHERE user_id = %(one)s
UNION SELECT id FROM profiles_anchor WHERE anonymous_id = %(one)s
UNION SELECT id FROM profiles_anchor WHERE other_id = %(one)s AND profile_id = (
    SELECT profile_id FROM profiles_identifier WHERE id = %(one)s
)
UNION SELECT id FROM profiles_anchor WHERE other_id = %(one)s AND home_id = %(one)s AND profile_id IS NULL
"""
_RENAME = f"""
UPDATE profiles_anchor SET
    anonymous_id = CASE WHEN anonymous_id = %(one)s THEN %(other)s ELSE anonymous_id END,
    user_id = CASE WHEN user_id = %(one)s THEN %(other)s ELSE user_id END,
    other_id = CASE WHEN other_id = %(one)s THEN %(other)s ELSE other_id END,
    home_id = CASE WHEN home_id = %(one)s THEN %(other)s ELSE home_id END
WHERE id IN ({_OF})
"""
_MOVE_HOME = """
UPDATE profiles_anchor SET home_id = %(other)s
WHERE home_id = %(one)s AND (user_id = %(other)s OR anonymous_id = %(other)s OR other_id = %(other)s) AND (
    profile_id = (SELECT profile_id FROM profiles_identifier WHERE id = %(one)s) OR profile_id IS NULL
)
"""


class Anchor(NamedTuple):
    """An anchor with its identifiers, each with the id of its row."""

    id: int
    birth_id: UUID
    live_id: str | None
    mapping_version: int
    first_seen: datetime
    ends: tuple[tuple[int, Identifier] | None, ...]  # anonymous, user, other

    def is_of(self, identifier: int) -> bool:
        """Whether it is made of this identifier."""
        return any(end is not None and end[0] == identifier for end in self.ends)

    def key_with(self, one: int, other: Identifier) -> bytes:
        """Its key, were it made of another identifier instead of that one."""
        anonymous, user, rest = (end and (other if end[0] == one else end[1]) for end in self.ends)
        return anchor_key(anonymous, user, rest)

    @property
    def owner(self) -> Owner:
        """As records name it."""
        anonymous, user, _ = (end and plain(end[1].value) for end in self.ends)
        return Owner(self.live_id, str(self.birth_id), self.mapping_version, anonymous, user)


def read(connection: Connection, anchor: int) -> Anchor:
    """An anchor by its row."""
    row = connection.execute(_READ, (anchor,)).fetchone()
    assert row is not None
    ends = tuple(
        (id_, Identifier(row[8 + 2 * at], row[9 + 2 * at])) if id_ is not None else None
        for at, id_ in enumerate(row[5:8])
    )
    id_, birth_id, live_id, version, first_seen = row[:5]
    return Anchor(id_, birth_id, live_id, version, first_seen, ends)


def heir_of(
    connection: Connection, anchor: Anchor, one: int, other: tuple[int, Identifier], since: datetime
) -> int:
    """The anchor that has the new holder's identifier instead; it is made if there is none.

    Of an anchor without facts of the former holder it is the anchor itself, which keeps its id.
    """
    key = anchor.key_with(one, other[1])
    given = {"key": key, "one": one, "other": other[0], "id": anchor.id, "day": since.date()}
    known = connection.execute(_BY_KEY, (key,)).fetchone()
    if known is not None or anchor.first_seen >= since:
        heir = int(known[0]) if known else anchor.id
        connection.execute(_BECOME, {**given, "id": heir})
        return heir
    row = connection.execute(_INSERT, {**given, "birth": UUID(new_id())}).fetchone()
    assert row is not None
    return int(row[0])


def seen_first(connection: Connection, anchor: int) -> None:
    """Have the anchor know when its first event was."""
    connection.execute(_FIRST, {"id": anchor})


def of(connection: Connection, one: int) -> list[int]:
    """The anchors of an identifier, by row."""
    return [row for (row,) in connection.execute(_OF, {"one": one})]


def move_home(connection: Connection, one: int, other: int) -> None:
    """Have the anchors of the other identifier, which live with the one, live with the other."""
    connection.execute(_MOVE_HOME, {"one": one, "other": other})


def rename(connection: Connection, one: int, other: int) -> None:
    """Have all anchors of the one identifier be of the other, and live with it; their keys stay."""
    connection.execute(_RENAME, {"one": one, "other": other})
