"""Which imports are undone: every consumer asks before it takes an event of an import, and then leaves it out."""

from collections.abc import Collection
from typing import Any

import psycopg

# Shared by batches that have events of imports, exclusive to who undoes one.
UNDO_LOCK = 7_305_100_003

_SHARE = "SELECT pg_advisory_xact_lock_shared(%s)"
_UNDONE = "SELECT import_id FROM profiles_undo WHERE import_id = ANY(%s)"


def undone(connection: psycopg.Connection[Any], imports: Collection[int]) -> frozenset[int]:
    """Those of these imports that are undone, as it stays until the transaction ends. Asks nothing without imports."""
    wanted = sorted({each for each in imports if each})
    if not wanted:
        return frozenset()
    connection.execute(_SHARE, (UNDO_LOCK,))
    # A statement of its own: its snapshot is younger than the lock.
    rows = connection.execute(_UNDONE, (wanted,)).fetchall()
    return frozenset(each for (each,) in rows)


def all_undone(connection: psycopg.Connection[Any]) -> frozenset[int]:
    """All imports that are undone."""
    return frozenset(each for (each,) in connection.execute("SELECT import_id FROM profiles_undo").fetchall())
