"""Who recomputes a cluster now: one process at a time, and a frozen one loses it. The database's clock decides.

A lease is renewed with each step, and has to outlast the plan of a very large cluster.
"""

from uuid import UUID, uuid4

from django.db import connection

_TAKE = """
UPDATE profiles_cluster SET lease_owner = %(owner)s, lease_until = now() + interval '2 minutes', failed = ''
WHERE id = (
    SELECT id FROM profiles_cluster
    WHERE due_at IS NOT NULL AND (lease_until IS NULL OR lease_until < now()) AND id > %(after)s
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""
_HOLD = """
UPDATE profiles_cluster SET lease_until = now() + interval '2 minutes', done = done + %(done)s
WHERE id = %(id)s AND lease_owner = %(owner)s AND due_at IS NOT NULL
"""
_PLAN = (
    "UPDATE profiles_cluster SET done = 0, total = %(total)s WHERE id = %(id)s AND lease_owner = %(owner)s"
)
_FAIL = "UPDATE profiles_cluster SET failed = %(why)s WHERE id = %(id)s AND lease_owner = %(owner)s"
_RELEASE = """
UPDATE profiles_cluster SET lease_owner = NULL, lease_until = NULL WHERE id = %(id)s AND lease_owner = %(owner)s
"""


class LeaseLost(Exception):
    """Somebody else recomputes the cluster by now, or it is recomputed."""


class Lease:
    """The right to recompute a cluster."""

    def __init__(self, cluster: int, owner: UUID) -> None:
        self.cluster = cluster
        self._owner = owner

    def hold(self, *, done: int = 0) -> None:
        """Renew it within the open transaction, and lock the cluster's row. Raises LeaseLost."""
        if not self._execute(_HOLD, done=done):
            raise LeaseLost

    def plan(self, total: int) -> None:
        """Note of how many steps the work is."""
        self._execute(_PLAN, total=total)

    def fail(self, why: str) -> None:
        """Note why it did not end, for those who look after it."""
        self._execute(_FAIL, why=why)

    def release(self) -> None:
        """Let others go on at once."""
        self._execute(_RELEASE)

    def _execute(self, statement: str, **given: int | str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"id": self.cluster, "owner": self._owner, **given})
            changed: int = cursor.rowcount
        return changed


def take(*, after: int = 0) -> Lease | None:
    """Become the one who recomputes the next cluster that is due; None when there is none."""
    owner = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"owner": owner, "after": after})
        row = cursor.fetchone()
    return Lease(row[0], owner) if row else None
