"""Evidence of an identifier that was given to another person: what was seen from that day on is of the new holder."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

from profiles.builder.digests import link_key
from profiles.enums import EvidenceRule
from profiles.identity.evidence import Identifier, Link

Connection = psycopg.Connection[Any]
_EVER, _NEVER = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)

# Links that stand beside an identifier name others of its events, to which it is linked itself.
_TOUCHING = """
SELECT id FROM profiles_evidence WHERE a_id = %(one)s
UNION SELECT id FROM profiles_evidence WHERE b_id = %(one)s
UNION SELECT e.id FROM (
    SELECT b_id AS id FROM profiles_evidence WHERE a_id = %(one)s
    UNION SELECT a_id FROM profiles_evidence WHERE b_id = %(one)s
) n JOIN profiles_evidence e ON e.a_id = n.id AND e.via_id = %(one)s
"""
_RENAME = f"""
UPDATE profiles_evidence SET
    a_id = CASE WHEN a_id = %(one)s THEN %(other)s ELSE a_id END,
    b_id = CASE WHEN b_id = %(one)s THEN %(other)s ELSE b_id END,
    via_id = CASE WHEN via_id = %(one)s THEN %(other)s ELSE via_id END
WHERE id IN ({_TOUCHING}) AND event_time >= %(since)s AND (%(decisions)s OR rule NOT IN ('merge', 'keep_apart'))
    AND NOT (a_id IN (%(one)s, %(other)s) AND b_id IN (%(one)s, %(other)s))
RETURNING id
"""
_READ = """
SELECT e.id, a.namespace_id, a.value, b.namespace_id, b.value, v.namespace_id, v.value,
    e.rule, e.source_id, e.import_id, e.place
FROM profiles_evidence e
JOIN profiles_identifier a ON a.id = e.a_id JOIN profiles_identifier b ON b.id = e.b_id
LEFT JOIN profiles_identifier v ON v.id = e.via_id
WHERE e.id = ANY(%s) AND e.rule NOT IN ('merge', 'keep_apart')
"""
# A link that was taken back once may have left its key to another row that says the same.
_REKEY = """
UPDATE profiles_evidence e SET key = k.key FROM unnest(%s::bigint[], %s::bytea[]) AS k(id, key)
WHERE e.id = k.id AND e.key <> k.key AND NOT EXISTS (SELECT FROM profiles_evidence o WHERE o.key = k.key)
"""
_DROP = """
DELETE FROM profiles_evidence e USING unnest(%s::bigint[], %s::bytea[]) AS k(id, key)
WHERE e.id = k.id AND e.key <> k.key
"""
_OLDER = f"""
SELECT id FROM profiles_evidence
WHERE id IN ({_TOUCHING}) AND event_time < %(since)s AND rule NOT IN ('merge', 'keep_apart')
"""
_LATER = """
SELECT DISTINCT ON (x.id) x.id, t.timestamp, t.message_id
FROM profiles_timeline t CROSS JOIN LATERAL unnest(t.evidence) AS x(id)
WHERE t.anchor_id = ANY(%(anchors)s) AND t.timestamp >= %(low)s AND t.timestamp < %(high)s
    AND t.evidence && %(older)s::bigint[] AND x.id = ANY(%(older)s::bigint[])
ORDER BY x.id, t.timestamp, t.message_id
"""
_COPY = """
INSERT INTO profiles_evidence AS e (key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state,
    refused_by, via_id, place, decided_by, withdrawn_by, withdrawn_at, withdrawn_why)
SELECT k.key, CASE WHEN o.a_id = %(one)s THEN %(other)s ELSE o.a_id END,
    CASE WHEN o.b_id = %(one)s THEN %(other)s ELSE o.b_id END, o.rule, o.source_id, o.import_id, k.time, k.message,
    o.state, o.refused_by, CASE WHEN o.via_id = %(one)s THEN %(other)s ELSE o.via_id END, o.place, '',
    o.withdrawn_by, o.withdrawn_at, o.withdrawn_why
FROM unnest(%(ids)s::bigint[], %(keys)s::bytea[], %(times)s::timestamptz[], %(messages)s::text[])
    AS k(id, key, time, message) JOIN profiles_evidence o ON o.id = k.id
ORDER BY k.key
ON CONFLICT (key) DO UPDATE SET (event_time, message_id) = (
    SELECT p.t, p.m FROM (VALUES (e.event_time, e.message_id), (excluded.event_time, excluded.message_id)) p(t, m)
    ORDER BY p.t, p.m LIMIT 1
)
RETURNING key, id
"""
_RENAME_IN_EVENTS = """
UPDATE profiles_timeline t SET evidence = (
    SELECT array_agg(coalesce(k.new, x.id) ORDER BY x.place)
    FROM unnest(t.evidence) WITH ORDINALITY AS x(id, place)
    LEFT JOIN unnest(%(old)s::bigint[], %(new)s::bigint[]) AS k(old, new) ON k.old = x.id
)
WHERE t.anchor_id = ANY(%(anchors)s) AND t.timestamp >= %(low)s AND t.timestamp < %(high)s AND t.evidence && %(old)s::bigint[]
"""


def give(connection: Connection, one: int, other: int, since: datetime) -> list[int]:
    """Have what links `one`, seen since then, link `other`; but not what staff said of it. Returns what was given."""
    ids, _ = _rename(connection, one, other, since, decisions=False)
    return ids


def give_back(connection: Connection, one: int, other: int) -> list[int]:
    """Have all that links `one` link `other`, where nothing says the same already. Returns what was given."""
    ids, keys = _rename(connection, one, other, _EVER, decisions=True)
    connection.execute(_DROP, keys)
    return ids


def _rename(
    connection: Connection, one: int, other: int, since: datetime, *, decisions: bool
) -> tuple[list[int], tuple[list[int], list[bytes]]]:
    given = {"one": one, "other": other, "since": since, "decisions": decisions}
    ids = [row for (row,) in connection.execute(_RENAME, given)]
    found = _keys(connection, ids, {})
    keys = list(found), list(found.values())
    connection.execute(_REKEY, keys)
    return ids, keys


def seen_before(connection: Connection, one: int, moment: datetime | None) -> list[int]:
    """What links this identifier, and was seen before that moment (None: ever); it may have been seen again."""
    given = {"one": one, "since": moment or _NEVER}
    return [row for (row,) in connection.execute(_OLDER, given)]


def part_events(
    connection: Connection,
    ends: tuple[int, Identifier, int, Identifier],
    links: Sequence[int],
    anchors: Collection[int],
    span: tuple[datetime, datetime],
) -> None:
    """Have the events of these anchors in this span show links of another identifier instead of these.

    `ends` are the one and the other identifier, each with its row.
    """
    one, one_as, other, other_as = ends
    within = {"anchors": sorted(anchors), "low": span[0], "high": span[1], "older": list(links)}
    later = {row: (time, message) for row, time, message in connection.execute(_LATER, within)}
    if not later:
        return
    keys = _keys(connection, sorted(later), {one_as: other_as})
    ids = sorted(keys)
    copied = connection.execute(
        _COPY,
        {
            "one": one,
            "other": other,
            "ids": ids,
            "keys": [keys[row] for row in ids],
            "times": [later[row][0] for row in ids],
            "messages": [later[row][1] for row in ids],
        },
    )
    new = {bytes(key): row for key, row in copied}
    renamed = {row: new[keys[row]] for row in ids}
    connection.execute(_RENAME_IN_EVENTS, within | {"old": list(renamed), "new": list(renamed.values())})


def _keys(
    connection: Connection, ids: Sequence[int], renamed: Mapping[Identifier, Identifier]
) -> dict[int, bytes]:
    """The keys of these links, with these identifiers instead of others."""

    def end(namespace: int | None, value: str | None) -> Identifier | None:
        if namespace is None or value is None:
            return None
        plainly = Identifier(namespace, value)
        return renamed.get(plainly, plainly)

    found: dict[int, bytes] = {}
    for row in connection.execute(_READ, (list(ids),)) if ids else ():
        id_, *named, rule, source, import_, place = row
        a, b, via = end(*named[0:2]), end(*named[2:4]), end(*named[4:6])
        assert a is not None
        assert b is not None
        found[id_] = link_key(Link(a, b, EvidenceRule(rule), via=via, place=place), source, import_)
    return found
