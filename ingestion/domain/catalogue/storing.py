"""Adding what a batch showed to the catalogue, within the batch's transaction: a few statements, however many events.

Rows are locked in one order (events, keys, uses, each by its own key), so that workers wait for each other in turn.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

from ingestion.domain.catalogue.observing import Name, Observed, Seen
from ingestion.domain.catalogue.storing_keys import Connection, Uses, columns

MAX_EVENTS_PER_SOURCE = 2000

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
        Uses(connection, names, events, observed).add()
    store_broken(
        connection, {each: told for each, told in observed.broken.items() if each.name.source_id in sources}
    )
    _add_findings(connection, observed, sources, now)


def store_broken(connection: Connection, broken: dict[Any, tuple[int, datetime, str]]) -> None:
    """Add to the counts of broken rules, within the open transaction."""
    if not broken:
        return
    rows = [(*each.name, each.reason, each.action, each.day, *told) for each, told in broken.items()]
    connection.execute(_ADD_BROKEN, columns(rows))


def _sources(connection: Connection, observed: Observed) -> set[int]:
    asked = {name.source_id for name in observed.names} | {source for source, _ in observed.left_out}
    asked |= {each.name.source_id for each in observed.broken}
    usable = [each for each in asked if type(each) is int and 0 < each < 2**31]
    return {row[0] for row in connection.execute(_SOURCES, [usable]).fetchall()} if usable else set()


def _within_cap(connection: Connection, names: dict[Name, Seen], observed: Observed) -> dict[Name, Seen]:
    if not names:
        return {}
    known = set(
        connection.execute(_KNOWN_EVENTS, columns([(each.type, each.name) for each in names])).fetchall()
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
    rows = connection.execute(_ADD_EVENTS, columns([(*key, *span) for key, span in spans.items()])).fetchall()
    return {(kind, name): number for number, kind, name in rows}


def _add_volumes(connection: Connection, names: dict[Name, Seen], events: dict[tuple[str, str], int]) -> None:
    rows = [
        (events[name[1:]], name.source_id, day, count)
        for name, seen in names.items()
        for day, count in seen.days.items()
    ]
    connection.execute(_ADD_VOLUMES, columns(rows))


def _add_findings(
    connection: Connection, observed: Observed, sources: Collection[int], now: datetime
) -> None:
    rows = [
        (*place, shape, times) for place, (times, shape) in observed.left_out.items() if place[0] in sources
    ]
    if rows:
        connection.execute(_ADD_FINDINGS, [now, now, *columns(rows)])
