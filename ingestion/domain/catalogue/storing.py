"""Adding what a batch showed to the catalogue, within the batch's transaction: a few statements, however many events.

Rows are locked in one order (events, keys, uses, each by its own key), so that workers wait for each other in turn.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Jsonb

from ingestion.domain.catalogue.examples import kept_examples, may_keep_examples
from ingestion.domain.catalogue.observing import Key, Name, Observed, Seen, Values
from ingestion.domain.catalogue.proposing import proposed_category

MAX_EVENTS_PER_SOURCE = 2000
MAX_KEYS_PER_SOURCE = 5000
KEPT_FOR_THE_TOP = 2000  # of them, that no nested key takes

Connection = psycopg.Connection[Any]
UseKey = tuple[int, int, int]  # event, source, key

_SOURCES = "SELECT id FROM ingestion_source WHERE id = ANY(%s)"
_KNOWN_EVENTS = """
SELECT type, name FROM ingestion_catalogueevent
WHERE (type, name) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""
_EVENTS_OF = """
SELECT source_id, count(DISTINCT event_id) FROM ingestion_cataloguevolume WHERE source_id = ANY(%s) GROUP BY 1
"""
_ADD_EVENTS = """
INSERT INTO ingestion_catalogueevent AS known (type, name, description, owner, purposes, first_seen_at, last_seen_at)
SELECT type, name, '', '', '{}', first_at, last_at
FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[]) AS seen (type, name, first_at, last_at)
ORDER BY 1, 2
ON CONFLICT (type, name) DO UPDATE SET first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
RETURNING id, type, name
"""
_ADD_VOLUMES = """
INSERT INTO ingestion_cataloguevolume AS known (event_id, source_id, day, events)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::bigint[]) ORDER BY 1, 2, 3
ON CONFLICT (event_id, source_id, day) DO UPDATE SET events = known.events + excluded.events
"""
_KEYS = """
SELECT kind, name, id, category, proposed, proposed_reason FROM ingestion_cataloguekey
WHERE (kind, name) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""
_USED_BY = "SELECT source_id, count(*) FROM ingestion_catalogueuse WHERE source_id = ANY(%s) GROUP BY 1"
_ADD_KEYS = """
INSERT INTO ingestion_cataloguekey AS known
    (kind, name, is_nested, description, owner, category, purposes, proposed, proposed_reason, first_seen_at, last_seen_at)
SELECT kind, name, nested, '', '', '', '{}', proposed, reason, first_at, last_at
FROM unnest(%s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
    AS seen (kind, name, nested, proposed, reason, first_at, last_at)
ORDER BY 1, 2
ON CONFLICT (kind, name) DO UPDATE SET last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at),
    is_nested = known.is_nested AND excluded.is_nested,
    proposed = excluded.proposed, proposed_reason = excluded.proposed_reason
RETURNING kind, name, id
"""
_USES = """
SELECT event_id, source_id, key_id, types::text, hints::text, examples::text, has_more FROM ingestion_catalogueuse
WHERE (event_id, source_id, key_id) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]))
ORDER BY 1, 2, 3 FOR UPDATE
"""
_ADD_USES = """
INSERT INTO ingestion_catalogueuse AS known
    (event_id, source_id, key_id, events, types, hints, examples, has_more, first_seen_at, last_seen_at)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::jsonb[], %s::jsonb[], %s::jsonb[],
    %s::boolean[], %s::timestamptz[], %s::timestamptz[])
ORDER BY 1, 2, 3
ON CONFLICT (event_id, source_id, key_id) DO UPDATE SET events = known.events + excluded.events,
    types = excluded.types, hints = excluded.hints, examples = excluded.examples, has_more = excluded.has_more,
    last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
"""
_ADD_FINDINGS = """
INSERT INTO ingestion_cataloguefinding AS known (source_id, what, "like", names, first_seen_at, last_seen_at)
SELECT source_id, what, shape, names, %s, %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[]) AS seen (source_id, what, shape, names) ORDER BY 1, 2
ON CONFLICT (source_id, what) DO UPDATE SET names = known.names + excluded.names, "like" = excluded."like",
    last_seen_at = excluded.last_seen_at
"""
_ADD_BROKEN = """
INSERT INTO ingestion_planviolation AS known
    (source_id, type, name, reason, action, day, events, last_at, message_id)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::bigint[],
    %s::timestamptz[], %s::text[]) ORDER BY 1, 6, 2, 3, 4, 5
ON CONFLICT (source_id, day, type, name, reason, action) DO UPDATE SET events = known.events + excluded.events,
    last_at = greatest(known.last_at, excluded.last_at), message_id = excluded.message_id
"""


def store(connection: Connection, observed: Observed, *, now: datetime) -> None:
    """Add it, within the open transaction. Names beyond the cap of a source are left out and counted."""
    sources = _sources(connection, observed)
    names = {name: seen for name, seen in observed.names.items() if name.source_id in sources}
    names = _within_cap(connection, names, observed)
    if names:
        events = _add_events(connection, names)
        _add_volumes(connection, names, events)
        _Uses(connection, names, events, observed).add()
    store_broken(
        connection, {each: told for each, told in observed.broken.items() if each.name.source_id in sources}
    )
    _add_findings(connection, observed, sources, now)


def store_broken(connection: Connection, broken: dict[Any, tuple[int, datetime, str]]) -> None:
    """Add to the counts of broken rules, within the open transaction."""
    if not broken:
        return
    rows = [(*each.name, each.reason, each.action, each.day, *told) for each, told in broken.items()]
    connection.execute(_ADD_BROKEN, _columns(rows))


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _sources(connection: Connection, observed: Observed) -> set[int]:
    asked = {name.source_id for name in observed.names} | {source for source, _ in observed.left_out}
    asked |= {each.name.source_id for each in observed.broken}
    usable = [each for each in asked if type(each) is int and 0 < each < 2**31]
    return {row[0] for row in connection.execute(_SOURCES, [usable]).fetchall()} if usable else set()


def _within_cap(connection: Connection, names: dict[Name, Seen], observed: Observed) -> dict[Name, Seen]:
    if not names:
        return {}
    known = set(
        connection.execute(_KNOWN_EVENTS, _columns([(each.type, each.name) for each in names])).fetchall()
    )
    counts = Counter(dict(connection.execute(_EVENTS_OF, [[each.source_id for each in names]]).fetchall()))
    kept = {}
    for name, seen in sorted(names.items(), key=lambda each: each[0]):
        if (name.type, name.name) not in known:
            if counts[name.source_id] >= MAX_EVENTS_PER_SOURCE:
                observed.leave_out(name.source_id, "events", name.name)
                continue
            counts[name.source_id] += 1
        kept[name] = seen
    return kept


def _add_events(connection: Connection, names: dict[Name, Seen]) -> dict[tuple[str, str], int]:
    spans: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for name, seen in names.items():
        first, last = spans.get(name[1:], (seen.first_at, seen.last_at))
        spans[name[1:]] = (min(first, seen.first_at), max(last, seen.last_at))
    rows = connection.execute(
        _ADD_EVENTS, _columns([(*key, *span) for key, span in spans.items()])
    ).fetchall()
    return {(kind, name): number for number, kind, name in rows}


def _add_volumes(connection: Connection, names: dict[Name, Seen], events: dict[tuple[str, str], int]) -> None:
    rows = [
        (events[name[1:]], name.source_id, day, count)
        for name, seen in names.items()
        for day, count in seen.days.items()
    ]
    connection.execute(_ADD_VOLUMES, _columns(rows))


def _add_findings(
    connection: Connection, observed: Observed, sources: Collection[int], now: datetime
) -> None:
    rows = [
        (*place, shape, times) for place, (times, shape) in observed.left_out.items() if place[0] in sources
    ]
    if rows:
        connection.execute(_ADD_FINDINGS, [now, now, *_columns(rows)])


class _Gathered:
    """What a batch shows of a key, wherever it stands."""

    def __init__(self) -> None:
        self.at: set[datetime] = set()
        self.types: Counter[str] = Counter()
        self.hints: Counter[str] = Counter()

    def add(self, seen: Seen, values: Values | None) -> None:
        """Add where it stands."""
        self.at |= {seen.first_at, seen.last_at}
        if values is not None:
            self.types.update(values.types)
            self.hints.update(values.hints)


class _Uses:
    """The keys of a batch, and where they stand."""

    def __init__(
        self,
        connection: Connection,
        names: dict[Name, Seen],
        events: dict[tuple[str, str], int],
        observed: Observed,
    ) -> None:
        self._connection, self._names, self._events, self._observed = connection, names, events, observed
        self._wanted = sorted(
            {Key(kind, key) for seen in names.values() for kind, keys in seen.keys.items() for key in keys}
        )
        self._rows: dict[Key, tuple[int, str, str, str]] = {}
        at_the_top = {
            Key(kind, key)
            for seen in names.values()
            for kind, keys in seen.keys.items()
            for key in keys
            if Key(kind, key) not in seen.nested
        }
        self._nested = set(self._wanted) - at_the_top

    def add(self) -> None:
        """Add all of it."""
        if not self._wanted:
            return
        known = self._connection.execute(_KEYS, _columns(self._wanted)).fetchall()
        self._rows = {Key(kind, name): tuple(rest) for kind, name, *rest in known}
        allowed = self._within_cap()
        self._add_keys({key for _, key in allowed})
        self._add_uses(allowed)

    def _within_cap(self) -> list[tuple[Name, Key]]:
        """What is new of a source only up to its cap; keys that the catalogue knows are kept wherever they stand."""
        sources = sorted({name.source_id for name in self._names})
        counts = Counter(dict(self._connection.execute(_USED_BY, [sources]).fetchall()))
        kept: list[tuple[Name, Key]] = []
        for name, seen in sorted(self._names.items(), key=lambda each: each[0]):
            for kind, keys in seen.keys.items():
                for place in sorted((Key(kind, key) for key in keys), key=self._in_order):
                    key = place.name
                    if place not in self._rows:
                        if counts[name.source_id] >= self._most(place):
                            self._observed.leave_out(name.source_id, "keys", key)
                            continue
                        counts[name.source_id] += 1
                    kept.append((name, place))
        return kept

    def _in_order(self, key: Key) -> tuple[bool, Key]:
        return key in self._nested, key

    def _most(self, key: Key) -> int:
        """How many keys a source may have when this one is added."""
        return MAX_KEYS_PER_SOURCE - (KEPT_FOR_THE_TOP if key in self._nested else 0)

    def _add_keys(self, keys: set[Key]) -> None:
        gathered = {key: _Gathered() for key in keys}
        for seen in self._names.values():
            for kind, names in seen.keys.items():
                for name in names:
                    if (of_key := gathered.get(Key(kind, name))) is not None:
                        of_key.add(seen, seen.values.get(Key(kind, name)))
        rows = [
            (*key, key in self._nested, *self._proposal(key, each), min(each.at), max(each.at))
            for key, each in gathered.items()
        ]
        found = self._connection.execute(_ADD_KEYS, _columns(rows)).fetchall()
        for kind, name, number in found:
            decided = self._rows[Key(kind, name)][1] if Key(kind, name) in self._rows else ""
            self._rows[Key(kind, name)] = (number, decided, "", "")

    def _proposal(self, key: Key, gathered: "_Gathered") -> tuple[str, str]:
        """What was found in content before is not forgotten because this batch does not show it."""
        known = self._rows.get(key)
        if known is not None and known[2] and not gathered.hints:
            return known[2], known[3]
        category, reason = proposed_category(
            key, gathered.types, gathered.hints, is_nested=key in self._nested
        )
        return category.value, reason

    def _add_uses(self, allowed: Sequence[tuple[Name, Key]]) -> None:
        places: dict[UseKey, tuple[Name, Key]] = {
            (self._events[name[1:]], name.source_id, self._rows[key][0]): (name, key) for name, key in allowed
        }
        known = {
            tuple(row[:3]): row[3:]
            for row in self._connection.execute(_USES, _columns(list(places))).fetchall()
        }
        rows = [
            (*place, *self._use(name, key, known.get(place))) for place, (name, key) in sorted(places.items())
        ]
        self._connection.execute(_ADD_USES, _columns(rows))

    def _use(self, name: Name, key: Key, known: Sequence[Any] | None) -> list[Any]:
        seen = self._names[name]
        values = seen.values.get(key) or Values()
        *stored, had_more = known or ("{}", "{}", "{}", False)
        types, hints, examples = map(orjson.loads, stored)
        hints = dict(Counter(hints) + values.hints)
        kept: dict[str, int] = {}
        has_more = False
        if may_keep_examples(key, self._rows[key][1], hints, is_nested=key in self._nested):
            kept, has_more = kept_examples(examples, values.examples, has_more=had_more or values.has_more)
        return [
            seen.keys[key.kind][key.name], Jsonb(dict(Counter(types) + values.types)), Jsonb(hints), Jsonb(kept),
            has_more, seen.first_at, seen.last_at,
        ]  # fmt: skip
