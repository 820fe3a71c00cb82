"""Counts per minute of what arrived, added up by collectors and imports."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import connection


class CountKey(NamedTuple):
    """What is counted apart."""

    source_id: int
    minute: datetime
    type: str
    name: str
    result: str


_ADD = """
    INSERT INTO ingestion_sourceminute (source_id, minute, type, name, result, events)
    SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    ORDER BY 2, 1, 3, 4, 5
    ON CONFLICT (minute, source_id, type, name, result)
    DO UPDATE SET events = ingestion_sourceminute.events + excluded.events
"""


def add_counts(counts: Mapping[CountKey, int]) -> None:
    """Add to the stored counts, in the current transaction if there is one."""
    if not counts:
        return
    columns = [list(column) for column in zip(*counts, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [*columns, list(counts.values())])


def minute_of(at: datetime) -> datetime:
    """The minute that a moment belongs to."""
    return at.replace(second=0, microsecond=0)
