"""Events of the timeline, from which visits are made anew where their sums do not tell enough."""

from collections.abc import Sequence
from typing import Any

import orjson
import psycopg

from profiles.builder import binary
from profiles.sessions.points import Keyed, read
from profiles.sessions.rows import Span, plain_cursor

# Only what `read` may look at is taken out of the rows.
_EVENTS = """
SELECT k.place, t.timestamp, n.type, n.name,
    CASE WHEN n.type IN ('page', 'screen') OR n.name ILIKE '%%application%%opened%%' THEN t.properties::text END,
    CASE WHEN n.type = 'page' OR t.context ?| ARRAY['sessionId', 'sessionStart'] THEN t.context::text END, t.purposes
FROM unnest(%s, %s, %s, %s, %s) AS k(place, anchor, source, low, high) CROSS JOIN LATERAL (
    SELECT event_id, timestamp, properties, context, purposes FROM profiles_timeline
    WHERE anchor_id = k.anchor AND timestamp BETWEEN k.low AND k.high AND source_id = k.source
) t JOIN profiles_eventname n ON n.id = t.event_id
"""
_NOTHING: dict[str, Any] = {}


def points_of(connection: psycopg.Connection[Any], spans: Sequence[Span]) -> list[list[Keyed]]:
    """The events of each span."""
    points: list[list[Keyed]] = [[] for _ in spans]
    for place, time, type_, name, properties, context, purposes in _events(connection, spans):
        content = {
            "properties": orjson.loads(properties) if properties else _NOTHING,
            "context": orjson.loads(context) if context else _NOTHING,
        }
        points[place].append(read(type_, name, time, content, purposes or []))
    return points


def _events(connection: psycopg.Connection[Any], spans: Sequence[Span]) -> list[tuple[Any, ...]]:
    anchors, sources, low, high = zip(*spans, strict=True)
    parameters = (
        binary.integers(range(len(spans))), binary.bigints(anchors), binary.integers(sources),
        binary.times(low), binary.times(high),
    )  # fmt: skip
    return plain_cursor(connection).execute(_EVENTS, parameters).fetchall()
