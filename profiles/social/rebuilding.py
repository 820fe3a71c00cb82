"""Social accounts in the order of their keys, to be published anew."""

from datetime import datetime
from typing import Any

import psycopg

from profiles.combining.rebuilding import LOWEST, NOTHING_LEFT, Key, Part
from profiles.social.combining import records_of
from profiles.social.storing import stored_account
from streaming.contracts.profiles import time_text

# Locked as the consumer locks them.
_ROWS = """
SELECT anchor::text, network, handle::text, followers::text, totals::text FROM profiles_social_account
WHERE (anchor, network) > (%s::uuid, %s) AND totals IS NOT NULL ORDER BY anchor, network LIMIT %s FOR UPDATE
"""


def accounts_behind(
    connection: psycopg.Connection[Any], after: Key | None, limit: int, now: datetime
) -> Part:
    """See PartBehind."""
    anchor, network = after or (LOWEST, "")
    rows = psycopg.Cursor(connection).execute(_ROWS, (anchor, network, limit)).fetchall()
    if not rows:
        return NOTHING_LEFT
    accounts = [stored_account(*row) for row in rows]
    last = accounts[-1]
    return Part(len(rows), [last.anchor, last.network], records_of(connection, accounts, time_text(now)))
