"""Adding the keys of a batch to the catalogue, and where they stand: of which event and source, with which values."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Jsonb

from ingestion.domain.catalogue.examples import kept_examples, may_keep_examples
from ingestion.domain.catalogue.observing import Key, Name, Observed, Seen, Values
from ingestion.domain.catalogue.proposing import proposed_category

MAX_KEYS_PER_SOURCE = 5000
KEPT_FOR_THE_TOP = 2000  # of them, that no nested key takes

Connection = psycopg.Connection[Any]
UseKey = tuple[int, int, int]  # event, source, key

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


def columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The rows as the columns that `unnest` takes; there is one row at least."""
    return [list(column) for column in zip(*rows, strict=True)]


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


class Uses:
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
        known = self._connection.execute(_KEYS, columns(self._wanted)).fetchall()
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
        found = self._connection.execute(_ADD_KEYS, columns(rows)).fetchall()
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
            for row in self._connection.execute(_USES, columns(list(places))).fetchall()
        }
        rows = [
            (*place, *self._use(name, key, known.get(place))) for place, (name, key) in sorted(places.items())
        ]
        self._connection.execute(_ADD_USES, columns(rows))

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
