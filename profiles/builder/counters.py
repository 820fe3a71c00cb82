"""Daily counters: how often an anchor had an event on a UTC day."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from profiles.builder import binary
from profiles.builder.arrival import Arrival
from profiles.builder.event_names import Kind
from profiles.builder.places import Place

_STORE = """
INSERT INTO profiles_daily_counter AS c (anchor_id, day, event_id, count, first_at, last_at)
SELECT * FROM unnest(%s, %s, %s, %s, %s, %s)
ON CONFLICT (anchor_id, day, event_id) DO UPDATE SET
    count = c.count + excluded.count,
    first_at = least(c.first_at, excluded.first_at), last_at = greatest(c.last_at, excluded.last_at)
"""


def store(
    connection: psycopg.Connection[Any],
    arrivals: Sequence[Arrival],
    places: Sequence[Place],
    names: Mapping[Kind, int],
) -> None:
    """Count the events, each with its place; in order of key."""
    counts: dict[tuple[int, int, int], list[int]] = {}
    for arrival, place in zip(arrivals, places, strict=True):
        time = arrival.time
        key = (place.anchor, time // binary.MICROSECONDS_PER_DAY, names[arrival.kind])
        counter = counts.get(key)
        if counter is None:
            counts[key] = [1, time, time]
            continue
        counter[0] += 1
        if time < counter[1]:
            counter[1] = time
        elif time > counter[2]:
            counter[2] = time
    keys = sorted(counts)
    anchors, days, events = zip(*keys, strict=True)
    numbers, first, last = zip(*[counts[key] for key in keys], strict=True)
    parameters = (
        binary.bigints(anchors),
        binary.days(days),
        binary.integers(events),
        binary.integers(numbers),
        binary.times(first),
        binary.times(last),
    )
    connection.execute(_STORE, parameters)
