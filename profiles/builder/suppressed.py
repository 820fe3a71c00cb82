"""What was remembered as applied and not stored: rare, and noted so that it is not missing once nobody is suppressed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg

from profiles.builder.arrival import Arrival
from streaming.runtime.message_seen import columns_of

_NOTE = """
INSERT INTO profiles_suppressed_message (client_time, source_id, hash, noted_at)
SELECT *, %s FROM unnest(%s::bigint[], %s::int[], %s::uuid[]) ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
"""


def note(
    connection: psycopg.Connection[Any], fresh: Sequence[Arrival], admitted: Sequence[Arrival], now: datetime
) -> None:
    """Note those of the fresh messages that were not admitted."""
    stored = {arrival.key for arrival in admitted}
    keys = [columns_of(arrival.key) for arrival in fresh if arrival.key not in stored]
    connection.execute(_NOTE, [now, *map(list, zip(*keys, strict=True))])
