"""The lease in PostgreSQL that says which scheduler acts, with a term that rises with each new holder.

Each statement commits by itself, unless it is called within a transaction.
"""

from typing import Any

from django.db import connection

LEASE_S = 5.0
GRACE_S = 2.0  # is enough once the holder has no session any more

_FREE = """
(lease.expires_at < clock_timestamp() OR lease.expires_at < clock_timestamp() + %(patience)s * interval '1 second'
    AND NOT EXISTS (
        SELECT FROM pg_stat_activity holding
        WHERE holding.pid = lease.backend_pid AND holding.backend_start = lease.backend_start
    ))
"""
# Whoever holds an expired lease may be frozen within a transaction, and would keep its locks as long as it is.
_DISARM = """
SELECT pg_terminate_backend(session.pid) FROM scheduler_lease lease
JOIN pg_stat_activity session ON session.pid = lease.backend_pid AND session.backend_start = lease.backend_start
WHERE lease.expires_at < clock_timestamp() AND session.pid <> pg_backend_pid()
"""
_TAKE = f"""
UPDATE scheduler_lease lease SET term = term + 1, holder = %(holder)s, taken_at = clock_timestamp(),
    expires_at = clock_timestamp() + %(seconds)s * interval '1 second', backend_pid = session.pid,
    backend_start = session.backend_start
FROM pg_stat_activity session
WHERE session.pid = pg_backend_pid() AND {_FREE}
RETURNING term
"""
_RENEW = """
UPDATE scheduler_lease SET expires_at = clock_timestamp() + %(seconds)s * interval '1 second',
    backend_pid = session.pid, backend_start = session.backend_start
FROM pg_stat_activity session
WHERE session.pid = pg_backend_pid() AND term = %(term)s AND scheduler_lease.expires_at >= clock_timestamp()
"""
_RELEASE = "UPDATE scheduler_lease SET expires_at = '-infinity' WHERE term = %(term)s"
_FENCE = "SELECT FROM scheduler_lease WHERE term = %(term)s AND expires_at > clock_timestamp() FOR SHARE"


def take(holder: str) -> int | None:
    """The term under which this scheduler acts from now on, or None while another one does."""
    with connection.cursor() as cursor:
        cursor.execute(_DISARM)
        cursor.execute(_TAKE, {"holder": holder, "seconds": LEASE_S, "patience": LEASE_S - GRACE_S})
        row = cursor.fetchone()
    return row[0] if row else None


def renew(term: int) -> bool:
    """Whether the term still holds; if so, it does for another LEASE_S."""
    return _changed(_RENEW, {"term": term, "seconds": LEASE_S})


def release(term: int) -> None:
    """Let another scheduler act at once."""
    _changed(_RELEASE, {"term": term})


def holds(term: int) -> bool:
    """Whether the term holds, and will until the open transaction ends: nobody takes the lease before that."""
    return _changed(_FENCE, {"term": term})


def _changed(statement: str, parameters: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return bool(cursor.rowcount == 1)
