"""Visits in PostgreSQL: a few statements for a batch, whatever is in it."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg

from profiles.behaviour.facts import Fact
from profiles.behaviour.kinds import Kind
from profiles.behaviour.visits import Visit
from profiles.builder import binary

Connection = psycopg.Connection[Any]

# Who was erased, or stands for nobody, has no anchor to keep anything of.
_ANCHORS = "SELECT birth_id::text FROM profiles_anchor WHERE birth_id = ANY(%s) AND home_id IS NOT NULL"
# A conflict locks the row that is there, and writes nothing.
_LOCK = """
INSERT INTO profiles_behaviour_lock (anchor) SELECT unnest(%s)
ON CONFLICT (anchor) DO UPDATE SET anchor = excluded.anchor WHERE false
"""
FIELDS = "v.anchor::text, v.source_id, v.key, v.last_at, v.is_cut, v.facts"
# Visits of an anchor and a source do not overlap, so one that began before the span and reaches into it is the last.
_IN_REACH = f"""
SELECT {FIELDS}
FROM unnest(%s, %s, %s, %s) AS k(anchor, source, low, high) CROSS JOIN LATERAL (
    SELECT * FROM profiles_behaviour_visit
    WHERE anchor = k.anchor AND source_id = k.source AND key = '' AND first_at <= k.high
        AND first_at >= coalesce((
            SELECT max(first_at) FROM profiles_behaviour_visit
            WHERE anchor = k.anchor AND source_id = k.source AND key = '' AND first_at < k.low
        ), k.low)
) v
"""
_NAMED = f"""
SELECT {FIELDS}
FROM unnest(%s, %s) AS k(anchor, id) JOIN profiles_behaviour_visit v ON v.anchor = k.anchor AND v.id = k.id
"""
_KEEP = """
INSERT INTO profiles_behaviour_visit
    (anchor, id, source_id, key, first_at, last_at, is_cut, facts, features, annoyances, purposes)
SELECT anchor, id, source, key, first_at, last_at, is_cut = 1, facts, features, annoyances,
    string_to_array(nullif(purposes, ''), E'\\n')
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    AS k(anchor, id, source, key, first_at, last_at, is_cut, facts, features, annoyances, purposes)
ON CONFLICT (anchor, id) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at,
    is_cut = excluded.is_cut, facts = excluded.facts, features = excluded.features,
    annoyances = excluded.annoyances, purposes = excluded.purposes
"""
_DELETE = """
DELETE FROM profiles_behaviour_visit v USING unnest(%s, %s) AS k(anchor, id)
WHERE v.anchor = k.anchor AND v.id = k.id
"""


class Span(NamedTuple):
    """Where visits of an anchor and a source are looked for; times in microseconds since 2000."""

    anchor: str
    source_id: int
    low: int
    high: int


class Row(NamedTuple):
    """A visit, and what follows from it: features and annoyances as JSON, None when it is not shown."""

    visit: Visit
    features: bytes | None
    annoyances: bytes | None


def lock_anchors(connection: Connection, anchors: Collection[str]) -> set[str]:
    """Those of these anchors that are (still), locked for the transaction."""
    rows = connection.execute(_ANCHORS, [_uuids(anchors)])
    found = {anchor for (anchor,) in rows}
    if found:
        connection.execute(_LOCK, [_uuids(sorted(found))])
    return found


def in_reach(connection: Connection, spans: Sequence[Span]) -> list[Visit]:
    """The visits without a key that lie in these spans or begin in them, and the last before each."""
    if not spans:
        return []
    columns = [
        _uuids([span.anchor for span in spans]),
        binary.integers([span.source_id for span in spans]),
        binary.times([span.low for span in spans]),
        binary.times([span.high for span in spans]),
    ]
    return stored_visits(connection.execute(_IN_REACH, columns, binary=True))


def named(connection: Connection, ids: Collection[tuple[str, UUID]]) -> list[Visit]:
    """The visits of these anchors with these ids."""
    return stored_visits(connection.execute(_NAMED, _ids(ids), binary=True)) if ids else []


def delete(connection: Connection, ids: Collection[tuple[str, UUID]]) -> None:
    """Delete the visits of these anchors with these ids."""
    if ids:
        connection.execute(_DELETE, _ids(ids))


def keep(connection: Connection, rows: Sequence[Row]) -> None:
    """Store visits that are new, and renew those that are known."""
    if not rows:
        return
    visits = [row.visit for row in rows]
    columns = [
        *_ids([(visit.anchor, visit.id) for visit in visits]),
        binary.integers([visit.source_id for visit in visits]),
        binary.texts([visit.key for visit in visits]),
        binary.times([visit.first_at for visit in visits]),
        binary.times([visit.last_at for visit in visits]),
        binary.smallints([visit.is_cut for visit in visits]),
        binary.byte_strings([_written(visit.facts) for visit in visits]),
        binary.documents([row.features for row in rows]),
        binary.documents([row.annoyances for row in rows]),
        binary.texts(["\n".join(visit.purposes) for visit in visits]),
    ]
    connection.execute(_KEEP, columns)


def stored_visits(rows: Iterable[tuple[Any, ...]]) -> list[Visit]:
    """Visits from rows of FIELDS."""
    return [
        Visit(anchor, source_id, key, _read(facts), binary.microseconds(last_at), is_cut)
        for anchor, source_id, key, last_at, is_cut, facts in rows
    ]


def _written(facts: Iterable[Fact]) -> bytes:
    """Facts as JSON; what is at the end of one and empty is left out, for most of them say little."""
    return orjson.dumps([_short(fact) for fact in facts])


def _short(fact: Fact) -> tuple[Any, ...]:
    time, mark, message, kind, *said = fact
    if kind is Kind.OTHER and not fact.purposes:
        return (time, mark, message.hex(), 0)
    return (time, mark, message.hex(), int(kind), *said)


def _read(facts: bytes) -> tuple[Fact, ...]:
    return tuple(
        [
            Fact(time, mark, bytes.fromhex(message), _KINDS[kind], *said)
            for time, mark, message, kind, *said in orjson.loads(facts)
        ]
    )


_KINDS = {int(kind): kind for kind in Kind}


def _ids(ids: Collection[tuple[str, UUID]]) -> list[binary.BinaryArray]:
    return [_uuids([anchor for anchor, _ in ids]), binary.uuids([id_.bytes for _, id_ in ids])]


def _uuids(texts: Collection[str]) -> binary.BinaryArray:
    return binary.uuids([binary.uuid_bytes(each) for each in texts])
