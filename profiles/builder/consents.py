"""What people say of purposes: of each anchor, purpose, source and import the newest statement, and the history by day.

Statements stay with their anchors, whoever these belong to; profiles.domain.queries.consents says what follows. Both are
the same in whatever order, and however often, the events come.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary
from profiles.builder.arrival import Arrival

_STORE = """
INSERT INTO profiles_consent AS c (anchor_id, purpose, source_id, import_id, granted, timestamp, message_id)
SELECT anchor_id, purpose, source_id, import_id, granted = 1, timestamp, message_id
FROM unnest(%s, %s, %s, %s, %s, %s, %s)
    AS k(anchor_id, purpose, source_id, import_id, granted, timestamp, message_id)
ON CONFLICT (anchor_id, purpose, source_id, import_id) DO UPDATE SET
    granted = excluded.granted, timestamp = excluded.timestamp, message_id = excluded.message_id
WHERE (c.timestamp, c.message_id) < (excluded.timestamp, excluded.message_id)
"""
_REMEMBER = """
INSERT INTO profiles_consent_day AS d (anchor_id, purpose, day, granted, source_id, import_id, text_version,
    first_at, last_at, received_at, message_id, proof)
SELECT anchor_id, purpose, (first_at AT TIME ZONE 'UTC')::date, granted = 1, source_id, import_id, text_version,
    first_at, last_at, received_at, message_id, proof
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    AS k(anchor_id, purpose, granted, source_id, import_id, text_version, first_at, last_at, received_at, message_id, proof)
ON CONFLICT (anchor_id, purpose, day, granted, source_id, import_id, text_version) DO UPDATE SET
    first_at = least(d.first_at, excluded.first_at), last_at = greatest(d.last_at, excluded.last_at),
    received_at = CASE WHEN (excluded.first_at, excluded.message_id) < (d.first_at, d.message_id)
        THEN excluded.received_at ELSE d.received_at END,
    message_id = CASE WHEN (excluded.first_at, excluded.message_id) < (d.first_at, d.message_id)
        THEN excluded.message_id ELSE d.message_id END,
    proof = CASE WHEN (excluded.first_at, excluded.message_id) < (d.first_at, d.message_id)
        THEN excluded.proof ELSE d.proof END
WHERE (excluded.first_at, excluded.message_id) < (d.first_at, d.message_id) OR excluded.last_at > d.last_at
"""


def store(connection: psycopg.Connection[Any], statements: Iterable[tuple[int, Arrival]]) -> None:
    """Store what events say of purposes, each event with the id of its anchor; in order of key."""
    said = [(anchor, arrival) for anchor, arrival in statements if arrival.consents]
    _store_newest(connection, said)
    _remember(connection, said)


def _store_newest(connection: psycopg.Connection[Any], said: Iterable[tuple[int, Arrival]]) -> None:
    newest: dict[tuple[int, str, int, int], Arrival] = {}
    for anchor, arrival in said:
        for purpose in arrival.consents:
            place = (anchor, purpose, arrival.source_id, arrival.import_id)
            known = newest.get(place)
            if known is None or known.order < arrival.order:
                newest[place] = arrival
    if not newest:
        return
    places = sorted(newest)
    arrivals = [newest[place] for place in places]
    parameters = (
        binary.bigints([place[0] for place in places]),
        binary.texts([place[1] for place in places]),
        binary.integers([place[2] for place in places]),
        binary.bigints([place[3] for place in places]),
        binary.integers(
            [arrival.consents[place[1]] for place, arrival in zip(places, arrivals, strict=True)]
        ),
        binary.times([arrival.time for arrival in arrivals]),
        binary.texts([arrival.order.message_id for arrival in arrivals]),
    )
    connection.execute(_STORE, parameters)


class _Day(NamedTuple):
    """The first and the last that a place of the history was told by."""

    first: Arrival
    last: Arrival


def _remember(connection: psycopg.Connection[Any], said: Iterable[tuple[int, Arrival]]) -> None:
    """Add to the history; in order of key."""
    days: dict[tuple[int, str, int, bool, int, int, str], _Day] = {}
    for anchor, arrival in said:
        day = arrival.time // binary.MICROSECONDS_PER_DAY
        for purpose, granted in arrival.consents.items():
            place = anchor, purpose, day, granted, arrival.source_id, arrival.import_id, arrival.consent_text
            known = days.get(place, _Day(arrival, arrival))
            days[place] = _Day(
                min(known.first, arrival, key=_earliest), max(known.last, arrival, key=lambda each: each.time)
            )
    if not days:
        return
    places = sorted(days)
    told = [days[place] for place in places]
    parameters = (
        binary.bigints([place[0] for place in places]),
        binary.texts([place[1] for place in places]),
        binary.integers([place[3] for place in places]),
        binary.integers([place[4] for place in places]),
        binary.bigints([place[5] for place in places]),
        binary.texts([place[6] for place in places]),
        binary.times([each.first.time for each in told]),
        binary.times([each.last.time for each in told]),
        binary.times([each.first.received for each in told]),
        binary.texts([each.first.order.message_id for each in told]),
        binary.texts([each.first.consent_proof for each in told]),
    )
    connection.execute(_REMEMBER, parameters)


def _earliest(arrival: Arrival) -> tuple[int, str]:
    return arrival.time, arrival.order.message_id
