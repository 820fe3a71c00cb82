"""What is kept of combined records, read in the order of its keys so that it can be published anew."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from streaming.contracts.records import NewRecord

Key = Sequence[Any]
"""The key of a row, as JSON."""

LOWEST = str(UUID(int=0))
"""Below every id that there is."""


class Part(NamedTuple):
    """Some rows: how many, the key of the last, which is None when none were left, and their records."""

    rows: int
    last: Key | None
    records: list[NewRecord]


PartBehind = Callable[[psycopg.Connection[Any], Key | None, int, datetime], Part]
"""The part behind a key (None: from the start), of up to so many rows, as of now.

Locks whom it is about, as the consumer would, until the transaction ends; any kind of connection will do.
"""

NOTHING_LEFT = Part(0, None, [])
