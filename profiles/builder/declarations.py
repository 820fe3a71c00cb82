"""What people declared before anybody knew them: it came through the log, with the event that makes them known.

It is kept as `profiles.domain.declaring` keeps what is declared of people who are known: with the anchor, a consent as its
newest statement too. Each act once, however often its event comes.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import psycopg

from profiles.builder.arrival import Arrival

_DECLARE = """
INSERT INTO profiles_declaration
    (act, anchor_id, kind, purpose, holds, origin, by, text_version, reason, proof, said_at, received_at)
SELECT k.act, k.anchor, k.kind, k.purpose, k.holds, k.origin, k.by, k.text_version, k.reason, k.proof, k.said_at, k.received_at
FROM jsonb_to_recordset(%s::jsonb) AS k(place int, anchor bigint, act uuid, kind text, purpose text, holds boolean,
    origin text, by text, text_version text, reason text, proof text, said_at timestamptz, received_at timestamptz)
WHERE NOT EXISTS (SELECT FROM profiles_declaration d WHERE d.anchor_id = k.anchor AND d.act = k.act)
ORDER BY k.place
"""
# Of what was said at the same moment a refusal counts.
_CONSENT = """
INSERT INTO profiles_consent AS c (anchor_id, purpose, source_id, import_id, granted, timestamp, message_id)
SELECT DISTINCT ON (k.anchor, k.name) k.anchor, k.name, 0, 0, k.holds, k.said_at, k.act::text
FROM jsonb_to_recordset(%s::jsonb) AS k(anchor bigint, act uuid, kind text, name text, holds boolean, said_at timestamptz)
WHERE k.kind = 'consent' ORDER BY k.anchor, k.name, k.said_at DESC, k.holds
ON CONFLICT (anchor_id, purpose, source_id, import_id) DO UPDATE SET
    granted = excluded.granted, timestamp = excluded.timestamp, message_id = excluded.message_id
WHERE c.timestamp < excluded.timestamp OR (c.timestamp = excluded.timestamp AND c.granted AND NOT excluded.granted)
"""


def store(connection: psycopg.Connection[Any], arrivals: Iterable[tuple[int, Arrival]]) -> None:
    """Store what these events declare, each with the id of its anchor. Most batches have none, and cost nothing."""
    rows = _rows([(anchor, each) for anchor, each in arrivals if each.declared])
    if rows:
        given = orjson.dumps(rows).decode()
        connection.execute(_DECLARE, [given])
        connection.execute(_CONSENT, [given])


def _rows(said: Sequence[tuple[int, Arrival]]) -> list[dict[str, Any]]:
    declared = [{**each, "anchor": anchor} for anchor, arrival in said for each in arrival.declared]
    return [{**each, "place": place} for place, each in enumerate(declared)]
