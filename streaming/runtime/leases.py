"""Leases: which worker reads which partition; see docs/adr/0020-leases-in-postgresql.md."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from streaming.contracts.log import EventLog
from streaming.contracts.records import TopicPartition
from streaming.runtime import positions
from streaming.runtime.failpoints import reach
from streaming.runtime.positions import Position
from streaming.runtime.sessions import Connection, columns
from streaming.runtime.timing import Timing

_ANNOUNCE = """
INSERT INTO consumer_lease (consumer, topic, partition)
SELECT %s, topic, partition FROM unnest(%s::text[], %s::int[]) AS place (topic, partition)
ON CONFLICT DO NOTHING
"""

# Whoever is silent for a lease is dead; whoever has no session any more, much sooner.
_ALIVE = """
alive AS MATERIALIZED (
    SELECT worker.* FROM consumer_worker worker
    WHERE worker.consumer = %(consumer)s AND worker.stopped_at IS NULL
        AND worker.heartbeat_at > clock_timestamp() - %(lease)s * interval '1 second'
        AND (worker.heartbeat_at > clock_timestamp() - %(grace)s * interval '1 second' OR EXISTS (
            SELECT FROM pg_stat_activity session
            WHERE session.pid = worker.keeper_pid AND session.backend_start = worker.keeper_start
        ))
)
"""

_FREE = """
(lease.worker IS NULL OR lease.worker = %(me)s OR lease.expires_at < clock_timestamp()
    OR lease.worker NOT IN (SELECT id FROM alive))
"""

_LOOK = f"""
WITH {_ALIVE}
SELECT lease.topic, lease.partition, lease.worker = %(me)s, {_FREE}
FROM consumer_lease lease WHERE lease.consumer = %(consumer)s ORDER BY lease.topic, lease.partition
"""

_WORKERS = f"WITH {_ALIVE} SELECT id FROM alive WHERE state <> 'stuck' ORDER BY started_at, id"

_LOCK = f"""
WITH {_ALIVE}
SELECT lease.topic, lease.partition, lease.worker, lease.backend_pid, lease.backend_start,
    former.keeper_pid, former.keeper_start
FROM consumer_lease lease LEFT JOIN consumer_worker former ON former.id = lease.worker AND former.id <> %(me)s
WHERE lease.consumer = %(consumer)s AND {_FREE}
    AND (lease.topic, lease.partition) IN (SELECT * FROM unnest(%(topics)s::text[], %(partitions)s::int[]))
FOR UPDATE OF lease SKIP LOCKED
"""

_TERMINATE = """
SELECT pg_terminate_backend(session.pid, 5000) FROM pg_stat_activity session
JOIN unnest(%s::int[], %s::timestamptz[]) AS former (pid, start)
    ON session.pid = former.pid AND session.backend_start = former.start
WHERE session.pid <> pg_backend_pid()
"""

_TAKE = """
UPDATE consumer_lease lease SET
    take_overs = lease.take_overs + CASE WHEN lease.worker <> %s AND lease.expires_at < clock_timestamp()
        THEN 1 ELSE 0 END,
    worker = %s, expires_at = clock_timestamp() + %s * interval '1 second', taken_at = clock_timestamp(),
    backend_pid = pg_backend_pid(),
    backend_start = (SELECT session.backend_start FROM pg_stat_activity session WHERE session.pid = pg_backend_pid())
FROM unnest(%s::text[], %s::int[]) AS place (topic, partition)
WHERE lease.consumer = %s AND lease.topic = place.topic AND lease.partition = place.partition
"""

# Take-overs are forgotten once the batch that they came from is behind: the position moved, or nothing is there.
_RENEW = """
UPDATE consumer_lease lease SET expires_at = clock_timestamp() + %(lease)s * interval '1 second',
    take_overs = CASE WHEN lease.take_overs > 0 AND %(quick)s AND (
        lease.taken_at < clock_timestamp() - 10 * %(limit)s * interval '1 second' OR EXISTS (
            SELECT FROM consumer_position position
            WHERE position.consumer = lease.consumer AND position.topic = lease.topic
                AND position.partition = lease.partition AND position.moved_at > lease.taken_at
        )) THEN 0 ELSE lease.take_overs END
WHERE lease.consumer = %(consumer)s AND lease.worker = %(me)s RETURNING lease.take_overs
"""

_RELEASE = """
UPDATE consumer_lease lease SET worker = NULL, backend_pid = NULL, backend_start = NULL, expires_at = NULL
FROM unnest(%s::text[], %s::int[]) AS place (topic, partition)
WHERE lease.consumer = %s AND lease.worker = %s
    AND lease.topic = place.topic AND lease.partition = place.partition
"""

_RELEASE_ALL = """
UPDATE consumer_lease SET worker = NULL, backend_pid = NULL, backend_start = NULL, expires_at = NULL
WHERE consumer = %s AND worker = %s
"""

# The server ends a transaction of ours whose worker froze in it: nobody else knows of that session yet.
_LIMITS = "SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL lock_timeout = '5s'"


class Lease(NamedTuple):
    """A partition as the leases show it to one worker."""

    place: TopicPartition
    is_mine: bool
    is_free: bool


class Tenant(NamedTuple):
    """A worker of a consumer, as the holder of leases."""

    consumer: str
    worker: UUID
    timing: Timing

    @property
    def parameters(self) -> dict[str, object]:
        """What the statements above ask for."""
        timing = self.timing
        return {
            "consumer": self.consumer, "me": self.worker, "lease": timing.lease, "grace": timing.grace,
            "limit": timing.batch_limit,
        }  # fmt: skip


def announce(connection: Connection, consumer: str, places: Collection[TopicPartition]) -> None:
    """Have a lease for each of the partitions."""
    connection.execute(_ANNOUNCE, [consumer, *columns(sorted(places))])


def look(connection: Connection, tenant: Tenant) -> tuple[list[Lease], list[UUID]]:
    """The leases of the consumer, and its live workers, the oldest first."""
    rows = connection.execute(_LOOK, tenant.parameters).fetchall()
    workers = connection.execute(_WORKERS, tenant.parameters).fetchall()
    leases = [Lease(TopicPartition(topic, number), bool(mine), free) for topic, number, mine, free in rows]
    return leases, [worker for (worker,) in workers]


def claim(
    connection: Connection, log: EventLog, tenant: Tenant, places: Sequence[TopicPartition]
) -> dict[TopicPartition, Position]:
    """Become the owner of those that are free, fence and disarm former owners, and return the positions."""
    reach("lease.before_claim")
    new = positions.beginnings(connection, log, tenant.consumer, places)
    with connection.transaction():
        connection.execute(_LIMITS)
        free = _lock_free(connection, tenant, places)
        positions.begin(connection, tenant.consumer, {at: new[at] for at in free if at in new})
        connection.execute(
            _TAKE, [tenant.worker, tenant.worker, tenant.timing.lease, *columns(free), tenant.consumer]
        )
        taken = positions.take(connection, tenant.consumer, free)
        reach("lease.before_take_over_commits")
    reach("lease.after_claim")
    return taken


def _lock_free(
    connection: Connection, tenant: Tenant, places: Sequence[TopicPartition]
) -> list[TopicPartition]:
    """Lock the free leases, and end the sessions of those who held them: a frozen one keeps locks."""
    topics, partitions = columns(places)
    parameters = tenant.parameters | {"topics": topics, "partitions": partitions}
    rows = connection.execute(_LOCK, parameters).fetchall()
    sessions = {(row[at], row[at + 1]) for row in rows for at in (3, 5) if row[at] is not None}
    if sessions:
        reach("lease.before_take_over")
        pids, starts = zip(*sessions, strict=True)
        connection.execute(_TERMINATE, [list(pids), list(starts)])
    return [TopicPartition(row[0], row[1]) for row in rows]


def renew(connection: Connection, tenant: Tenant, *, quick: bool) -> int:
    """Renew what the worker holds; `quick` forgets take-overs. Returns the most take-overs of a lease."""
    reach("lease.before_renewal")
    rows = connection.execute(_RENEW, tenant.parameters | {"quick": quick}).fetchall()
    return max((take_overs for (take_overs,) in rows), default=0)


def release(connection: Connection, tenant: Tenant, places: Collection[TopicPartition]) -> None:
    """Give leases back, committed; leaves those that others took meanwhile."""
    reach("lease.before_release")
    with connection.transaction():
        connection.execute(_RELEASE, [*columns(sorted(places)), tenant.consumer, tenant.worker])


def release_all(connection: Connection, tenant: Tenant) -> None:
    """Give back in the open transaction whatever the leases say is this worker's."""
    reach("lease.before_release")
    connection.execute(_RELEASE_ALL, [tenant.consumer, tenant.worker])


def share(leases: Sequence[Lease], workers: Sequence[UUID], me: UUID) -> frozenset[TopicPartition]:
    """The partitions that this worker should hold next: at most its share, and what it holds first of all."""
    if me not in workers:
        return frozenset()
    quota, rest = divmod(len(leases), len(workers))
    most = quota + (workers.index(me) < rest)
    mine = [lease.place for lease in leases if lease.is_mine]
    free = [lease.place for lease in leases if lease.is_free and not lease.is_mine]
    return frozenset([*mine, *free][:most])
