"""What the database already knows of a batch: one look-up of its anchors and one of its evidence."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary
from profiles.builder.arrival import Arrival

_ANCHORS = """
SELECT k.key, a.id, a.birth_id::text, a.profile_id, a.live_id::text, a.mapping_version, k.time < a.first_seen, a.sources
FROM unnest(%s, %s) AS k(key, time) JOIN profiles_anchor a ON a.key = k.key
"""
_EVIDENCE = """
SELECT k.key, e.id, (k.time, k.message_id) < (e.event_time, e.message_id), e.state = 'withdrawn',
    CASE WHEN e.state = 'refused' THEN e.refused_by END
FROM unnest(%s, %s, %s) AS k(key, time, message_id) JOIN profiles_evidence e ON e.key = k.key
"""


class KnownAnchor(NamedTuple):
    """An anchor that exists. `profile` is the row of its profile and `live_id` the id the world sees."""

    id: int
    birth_id: str
    profile: int | None
    live_id: str | None
    mapping_version: int
    lowered: bool = False  # the batch has an earlier event of it
    sources: Collection[int] = ()  # that its events came from


class KnownEvidence(NamedTuple):
    """Evidence that exists."""

    id: int
    lowered: bool  # the batch has an earlier event behind it
    withdrawn: bool
    refused_by: str | None = None  # the rule that refused it, when one did


def known_anchors(
    connection: psycopg.Connection[Any], arrivals: Iterable[Arrival]
) -> dict[bytes, KnownAnchor]:
    """The anchors that exist, by key."""
    earliest: dict[bytes, int] = {}
    for arrival in arrivals:
        key = arrival.anchor_key
        time = earliest.get(key)
        if time is None or arrival.time < time:
            earliest[key] = arrival.time
    parameters = (binary.byte_strings(list(earliest)), binary.times(list(earliest.values())))
    rows = connection.execute(_ANCHORS, parameters, binary=True).fetchall()
    return {row[0]: KnownAnchor._make(row[1:]) for row in rows}


def known_evidence(
    connection: psycopg.Connection[Any], earliest: Mapping[bytes, Arrival]
) -> dict[bytes, KnownEvidence]:
    """The evidence that exists, by key; `earliest` is the earliest event behind each in the batch."""
    if not earliest:
        return {}
    parameters = (
        binary.byte_strings(list(earliest)),
        binary.times([arrival.time for arrival in earliest.values()]),
        binary.texts([arrival.order.message_id for arrival in earliest.values()]),
    )
    rows = connection.execute(_EVIDENCE, parameters, binary=True).fetchall()
    return {row[0]: KnownEvidence._make(row[1:]) for row in rows}


def earliest_of_links(arrivals: Iterable[Arrival]) -> dict[bytes, Arrival]:
    """The earliest event of the batch behind each link, by its key."""
    earliest: dict[bytes, Arrival] = {}
    for arrival in arrivals:
        for key, _ in arrival.links:
            first = earliest.get(key)
            if first is None or (arrival.time, arrival.order.message_id) < (
                first.time,
                first.order.message_id,
            ):
                earliest[key] = arrival
    return earliest
