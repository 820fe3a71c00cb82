"""From which sources the events of an anchor came: what makes "this person is known to a source" a fact of its own.

It says what the timeline says: whoever adds events to an anchor calls `extend`, whoever takes some away `renew`
(docs/adr/0136-anchors-know-their-sources.md).
"""

from collections.abc import Collection, Sequence
from typing import Any

import psycopg

from profiles.builder import binary
from profiles.builder.arrival import Arrival
from profiles.builder.places import Place

Connection = psycopg.Connection[Any]

_EXTEND = """
UPDATE profiles_anchor a SET sources = ARRAY(SELECT unnest(a.sources) UNION SELECT unnest(k.sources) ORDER BY 1)
FROM (
    SELECT anchor, array_agg(source) AS sources FROM unnest(%s, %s) AS n(anchor, source) GROUP BY 1 ORDER BY 1
) k WHERE a.id = k.anchor AND NOT a.sources @> k.sources
"""
_THESE, _BETWEEN = "= ANY(%s)", "BETWEEN %s AND %s"
_LOCK = "SELECT id FROM profiles_anchor WHERE id {which} ORDER BY id FOR NO KEY UPDATE"
_RENEW = """
WITH renewed AS (
    UPDATE profiles_anchor a SET sources = x.sources FROM (
        SELECT o.id, o.sources AS former,
            ARRAY(SELECT t.source_id FROM profiles_timeline t WHERE t.anchor_id = o.id GROUP BY 1 ORDER BY 1) AS sources
        FROM profiles_anchor o WHERE o.id = ANY(%s)
    ) x WHERE a.id = x.id AND x.former <> x.sources
    RETURNING a.id, x.former <@ x.sources AS only_more
)
INSERT INTO profiles_sourcedoubt (anchor_id) SELECT id FROM renewed WHERE NOT only_more
"""
_COMPLETE = """
UPDATE profiles_anchor a SET sources = ARRAY(SELECT unnest(a.sources) UNION SELECT unnest(x.told) ORDER BY 1)
FROM (
    SELECT t.anchor_id, array_agg(DISTINCT t.source_id) AS told FROM profiles_timeline t
    WHERE t.anchor_id {which} GROUP BY 1
) x WHERE a.id = x.anchor_id AND NOT a.sources @> x.told
"""


def missing(arrivals: Sequence[Arrival], places: Sequence[Place]) -> set[tuple[int, int]]:
    """Which sources the anchors of these events do not have yet: (anchor, source)."""
    return {
        (place.anchor, arrival.source_id)
        for place, arrival in zip(places, arrivals, strict=True)
        if arrival.source_id not in place.sources
    }


def extend(connection: Connection, found: Collection[tuple[int, int]]) -> None:
    """Have anchors know these sources too: (anchor, source)."""
    if found:
        owners, sources = zip(*sorted(found), strict=True)
        connection.execute(_EXTEND, (binary.bigints(owners), binary.integers(sources)))


def renew(connection: Connection, anchors: Collection[int]) -> None:
    """Have these anchors know the sources of the events that they have, and no others.

    A batch that is under way may add an event of a source that the anchor loses here, and not say so, since it saw the
    anchor have it: those anchors are noted (SourceDoubt), and completed when such batches are over.
    """
    ordered = sorted(anchors)
    connection.execute(_LOCK.format(which=_THESE), (ordered,))
    # A statement of its own: it sees what those did who held the locks.
    connection.execute(_RENEW, (ordered,))


def complete(connection: Connection, anchors: Collection[int]) -> None:
    """Have these anchors know the sources of all their events; what they know besides stays."""
    _complete(connection, _THESE, (sorted(anchors),))


def complete_between(connection: Connection, first: int, last: int) -> None:
    """The same of all anchors from one id to another, whose events stand side by side in the indexes."""
    _complete(connection, _BETWEEN, (first, last))


def _complete(connection: Connection, which: str, given: Sequence[Any]) -> None:
    connection.execute(_LOCK.format(which=which), given)
    connection.execute(_COMPLETE.format(which=which), given)
