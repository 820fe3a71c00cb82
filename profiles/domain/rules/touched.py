"""Whose identifiers a change of rules may decide anew: a superset, found in bounded steps.

A change is made of parts, one after the other: each walks an index and names identifiers (seeds). Whoever may have
to be decided anew has a seed, or is reached from one by links and profiles.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import psycopg

from profiles.identity.rules import NamespaceRule, Rules

Connection = psycopg.Connection[Any]
PAGE = 10_000  # rows that a step looks at, at most

# Paged by value, which has an index.
_OF_NAMESPACE = """
SELECT id, value FROM profiles_identifier WHERE namespace_id = %(namespace)s AND value > %(after)s
ORDER BY value LIMIT %(page)s
"""
_COUNT = "SELECT count(*) FROM profiles_identifier WHERE namespace_id = %(namespace)s"
# One identifier of each cluster: the cluster leads to all of its people.
_OF_CLUSTERS = """
SELECT c.id, (
    SELECT i.id FROM profiles_profile p JOIN profiles_identifier i ON i.profile_id = p.id
    WHERE p.cluster_id = c.id LIMIT 1
) FROM profiles_cluster c WHERE c.id > %(after)s ORDER BY c.id LIMIT %(page)s
"""
_COUNT_CLUSTERS = "SELECT count(*) FROM profiles_cluster"
_OF_PROFILES = """
SELECT profile_id, min(id), count(*) FROM profiles_identifier
WHERE profile_id > %(after)s AND profile_id <= %(last)s AND namespace_id = %(namespace)s
GROUP BY profile_id ORDER BY profile_id
"""
_LAST_PROFILE = "SELECT coalesce(max(id), 0) FROM profiles_profile"
_OF_CONTENT = """
SELECT e.id, e.a_id FROM profiles_evidence e
JOIN profiles_identifier a ON a.id = e.a_id JOIN profiles_identifier b ON b.id = e.b_id
WHERE e.rule = 'content' AND e.id > %(after)s AND %(namespace)s IN (a.namespace_id, b.namespace_id)
ORDER BY e.id LIMIT %(page)s
"""
_COUNT_CONTENT = "SELECT count(*) FROM profiles_evidence WHERE rule = 'content'"


class Seeds(NamedTuple):
    """Some seeds, how many rows were looked at for them, and where to go on: None when these were the last."""

    ids: list[int]
    examined: int
    cursor: list[Any] | None


class Part(NamedTuple):
    """One part: `walk` takes what comes after a position, and at most so many seeds."""

    count: Callable[[Connection], int]
    start: str | int
    walk: "Callable[[Connection, Any, int], tuple[list[int], int, Any]]"


def touched(connection: Connection, parts: Sequence[Part], cursor: list[Any] | None, *, most: int) -> Seeds:
    """The next seeds of these parts, `most` at the most. There may be none in a step that is not the last."""
    number, after = cursor or (0, None)
    if number >= len(parts):
        return Seeds([], 0, None)
    part = parts[number]
    ids, examined, position = part.walk(connection, part.start if after is None else after, most)
    if position is not None:
        return Seeds(ids, examined, [number, position])
    return Seeds(ids, examined, [number + 1, None] if number + 1 < len(parts) else None)


def parts_of(before: NamespaceRule, after: NamespaceRule, rules: Rules) -> list[Part]:
    """The parts of a change of one namespace; `rules` are all rules with it. Empty: nobody is decided anew."""
    everything = (before.level, before.shareable, before.normaliser) != (
        after.level, after.shareable, after.normaliser,
    )  # fmt: skip
    parts = []
    if everything:
        parts.append(_values(after.id, lambda _value: True))
    elif _matching(before) != _matching(after):
        parts.append(_values(after.id, lambda value: _treated(before, value) != _treated(after, value)))
    if _bounds(before) != _bounds(after):
        parts.append(_crowded(after))
    if before.unique != after.unique:  # a value of these may be shared only now, or no longer
        parts += [
            _values(each.id, lambda _value: True)
            for each in rules.namespaces
            if each.shareable and (each.id != after.id or not everything)
        ]
    if before.content is not after.content:
        parts.append(_content(after.id))
    if everything or _bounds(before) != _bounds(after) or before.priority != after.priority:
        parts.append(_clusters())
    return parts


def total(connection: Connection, parts: Sequence[Part]) -> int:
    """How many rows all parts will look at."""
    return sum(part.count(connection) for part in parts)


def _bounds(rule: NamespaceRule) -> tuple[Any, ...]:
    return (rule.limit, rule.window, rule.unique)


def _matching(rule: NamespaceRule) -> tuple[Any, ...]:
    return (rule.blocked_values, rule.blocked_patterns, rule.shared_patterns)


def _treated(rule: NamespaceRule, value: str) -> tuple[bool, bool]:
    return rule.blocks(value), rule.shares(value)


def _values(namespace: int, is_touched: Callable[[str], bool]) -> Part:
    """The values of a namespace that are touched. Matched here: PostgreSQL's patterns are another dialect."""

    def walk(connection: Connection, after: str, most: int) -> tuple[list[int], int, str | None]:
        ids: list[int] = []
        examined, page, value = 0, most, after
        while examined < PAGE:
            parameters = {"namespace": namespace, "after": value, "page": page}
            rows = connection.execute(_OF_NAMESPACE, parameters).fetchall()
            for row, value in rows:
                examined += 1
                if is_touched(value):
                    ids.append(row)
                    if len(ids) == most:
                        return ids, examined, value
            if len(rows) < page:
                return ids, examined, None
            page = min(page * 4, PAGE)  # where few are touched, many are read at once
        return ids, examined, value

    return Part(_counting(_COUNT, namespace), "", walk)


def _crowded(rule: NamespaceRule) -> Part:
    """A value of each person who has more than the bound allows."""
    allowed = 1 if rule.unique else rule.limit

    def walk(connection: Connection, after: int, most: int) -> tuple[list[int], int, int | None]:
        last = _one(connection, _LAST_PROFILE, {})
        if allowed is None or after >= last:
            return [], 0, None
        until = min(last, after + PAGE)
        parameters = {"namespace": rule.id, "after": after, "last": until}
        ids: list[int] = []
        for profile, row, values in connection.execute(_OF_PROFILES, parameters):
            if values > allowed:
                ids.append(row)
                if len(ids) == most:
                    return ids, profile - after, profile
        return ids, until - after, until if until < last else None

    return Part(lambda connection: _one(connection, _LAST_PROFILE, {}), 0, walk)


def _clusters() -> Part:
    def walk(connection: Connection, after: int, most: int) -> tuple[list[int], int, int | None]:
        return _page(connection.execute(_OF_CLUSTERS, {"after": after, "page": most}).fetchall(), most)

    return Part(_counting(_COUNT_CLUSTERS), 0, walk)


def _content(namespace: int) -> Part:
    def walk(connection: Connection, after: int, most: int) -> tuple[list[int], int, int | None]:
        parameters = {"namespace": namespace, "after": after, "page": most}
        return _page(connection.execute(_OF_CONTENT, parameters).fetchall(), most)

    return Part(_counting(_COUNT_CONTENT), 0, walk)


def _page(rows: list[tuple[Any, ...]], most: int) -> tuple[list[int], int, int | None]:
    """Rows of (position, seed or nothing)."""
    seeds = [seed for _, seed in rows if seed is not None]
    return seeds, len(rows), rows[-1][0] if len(rows) == most else None


def _counting(query: str, namespace: int = 0) -> Callable[[Connection], int]:
    return lambda connection: _one(connection, query, {"namespace": namespace})


def _one(connection: Connection, query: str, parameters: dict[str, int]) -> int:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None
    number: int = row[0]
    return number
