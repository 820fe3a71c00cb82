"""What people say of purposes: of each anchor, purpose, source and import the newest statement.

Statements stay with their anchors, whoever these belong to; profiles.domain.queries.consents says what follows.
"""

from collections.abc import Iterable
from typing import Any

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


def store(connection: psycopg.Connection[Any], statements: Iterable[tuple[int, Arrival]]) -> None:
    """Store what events say of purposes, each event with the id of its anchor; in order of key."""
    newest: dict[tuple[int, str, int, int], Arrival] = {}
    for anchor, arrival in statements:
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
