"""Where anchors live once values were blocked or unblocked: with their user id if that is usable, else their anonymous id.

An anchor is at home where the rules of its first event said. Its facts must not be lost when that value stops
identifying anybody, so homes move first; who holds them is decided afterwards (profiles.builder.reconsider).
"""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, NamedTuple

import psycopg

from profiles.identity.rules import Rules

STEP = 2_000  # anchors that one transaction moves at most
MOST_HOMES = 1_000

# Those that may have to leave one of the values, and those that one of them may be the home of.
_CONCERNED = """
SELECT a.id, a.home_id, a.user_id, u.namespace_id, u.value,
    a.anonymous_id, n.namespace_id, n.value, a.other_id, o.namespace_id, o.value
FROM (
    SELECT * FROM profiles_anchor WHERE user_id = ANY(%(ids)s)
    UNION SELECT * FROM profiles_anchor WHERE anonymous_id = ANY(%(ids)s)
    UNION SELECT * FROM profiles_anchor WHERE other_id = ANY(%(ids)s) AND profile_id IN (
        SELECT profile_id FROM profiles_identifier WHERE id = ANY(%(ids)s)
    )
    UNION SELECT * FROM profiles_anchor WHERE other_id = ANY(%(ids)s) AND profile_id IS NULL
) a
LEFT JOIN profiles_identifier u ON u.id = a.user_id
LEFT JOIN profiles_identifier n ON n.id = a.anonymous_id
LEFT JOIN profiles_identifier o ON o.id = a.other_id
"""
_MOVE = """
UPDATE profiles_anchor a SET home_id = m.home_id
FROM unnest(%(ids)s::bigint[], %(homes)s::bigint[]) AS m(id, home_id) WHERE a.id = m.id
"""
# Links lead to nearly all of them; these are for those of which the link is withdrawn.
_ASTRAY = """
SELECT DISTINCT a.home_id FROM (
    SELECT home_id, profile_id FROM profiles_anchor WHERE user_id = ANY(%(ids)s)
    UNION ALL SELECT home_id, profile_id FROM profiles_anchor WHERE anonymous_id = ANY(%(ids)s)
) a
JOIN profiles_identifier i ON i.id = a.home_id
WHERE a.profile_id IS DISTINCT FROM i.profile_id LIMIT %(most)s
"""
_HELD = """
SELECT a.id, a.profile_id, a.home_id, a.birth_id = p.public_id
FROM profiles_profile p JOIN profiles_anchor a ON a.profile_id = p.id WHERE p.id = ANY(%(rows)s)
"""


class Rehoming(NamedTuple):
    """An anchor that should live elsewhere; `home` is None when none of its values identifies anybody."""

    anchor: int
    home: int | None


class HeldAnchor(NamedTuple):
    """An anchor of a person (by row). `is_birth` says that the person has its id."""

    row: int
    home: int | None
    is_birth: bool


def held_anchors(
    connection: psycopg.Connection[Any], rows: Collection[int], identifiers: Collection[int], rules: Rules
) -> list[HeldAnchor]:
    """The anchors of these people, as if those of the identifiers were at home already."""
    homes = {each.anchor: each.home for each in rehomings(connection, identifiers, rules)}
    return [
        HeldAnchor(row, homes.get(anchor, home), is_birth)
        for anchor, row, home, is_birth in connection.execute(_HELD, {"rows": sorted(rows)})
    ]


def rehomings(
    connection: psycopg.Connection[Any], identifiers: Collection[int], rules: Rules
) -> Iterator[Rehoming]:
    """Which anchors of these identifiers are not where the rules say. Changes nothing; reads as it is read."""
    with connection.cursor("rehomings") as cursor:
        cursor.execute(_CONCERNED, {"ids": sorted(identifiers)})
        for anchor, home, *ends in cursor:
            usable = (
                end
                for end, namespace, value in (ends[0:3], ends[3:6], ends[6:9])
                if end is not None and _is_usable(namespace, value, rules)
            )
            right = next(usable, None)
            if right != home:
                yield Rehoming(anchor, right)


def rehome(connection: psycopg.Connection[Any], identifiers: Collection[int], rules: Rules) -> bool:
    """Move up to STEP anchors of these identifiers home. Whether all of them are at home now."""
    found = list(islice(rehomings(connection, identifiers, rules), STEP + 1))
    if moves := found[:STEP]:
        parameters = {"ids": [each.anchor for each in moves], "homes": [each.home for each in moves]}
        connection.execute(_MOVE, parameters)
    return len(found) <= STEP


def astray(connection: psycopg.Connection[Any], identifiers: Collection[int]) -> list[int]:
    """Homes of anchors of these identifiers that are somebody else's than the anchors; at most MOST_HOMES."""
    parameters = {"ids": sorted(identifiers), "most": MOST_HOMES}
    return [home for (home,) in connection.execute(_ASTRAY, parameters)]


def _is_usable(namespace: int, value: str, rules: Rules) -> bool:
    rule = rules.by_id[namespace]
    return rule.level.resolves and not rule.blocks(value)
