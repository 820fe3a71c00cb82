"""What a builder did, by minute: numbers of events, how long they took from received to visible, and who changed."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from profiles.builder.binary import microseconds

# Seconds; the last bucket holds what took longer than the last bound.
LATENCY_BOUNDS = (0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

_BOUNDS = [int(bound * 1_000_000) for bound in LATENCY_BOUNDS]
_ADD = """
INSERT INTO profiles_builder_minute AS m
    (minute, worker, applied, duplicates, suppressed, rejected, merges, splits, refused, content, latency)
VALUES (date_trunc('minute', %(now)s, 'UTC'), pg_backend_pid(), %(applied)s, %(duplicates)s, %(suppressed)s,
    %(rejected)s, %(merges)s, %(splits)s, %(refused)s, %(content)s, %(latency)s::bigint[])
ON CONFLICT (minute, worker) DO UPDATE SET
    applied = m.applied + excluded.applied, duplicates = m.duplicates + excluded.duplicates,
    suppressed = m.suppressed + excluded.suppressed, rejected = m.rejected + excluded.rejected,
    merges = m.merges + excluded.merges, splits = m.splits + excluded.splits,
    refused = m.refused + excluded.refused, content = m.content + excluded.content,
    latency = (SELECT array_agg(a + b ORDER BY place)
        FROM unnest(m.latency, excluded.latency) WITH ORDINALITY AS l(a, b, place))
"""


class Tally(NamedTuple):
    """What became of the records of a batch, and of people.

    `refused` are links that a rule forbade, `content` identifiers that were found in texts.
    """

    applied: int = 0
    duplicates: int = 0
    suppressed: int = 0
    rejected: int = 0
    merges: int = 0
    splits: int = 0
    refused: int = 0
    content: int = 0


def latencies(received: Iterable[int], now: datetime) -> list[int]:
    """How many of these events (by when received, in microseconds) fall into each bucket at `now`."""
    moment = microseconds(now)
    waited = sorted(moment - each for each in received)
    below = [bisect_right(waited, bound) for bound in _BOUNDS] + [len(waited)]
    return [high - low for low, high in zip([0, *below], below, strict=False)]


def add(connection: psycopg.Connection[Any], tally: Tally, received: Iterable[int], now: datetime) -> None:
    """Add to the minute what a session did; `received` is when its live events were."""
    connection.execute(_ADD, {"now": now, **tally._asdict(), "latency": latencies(received, now)})
