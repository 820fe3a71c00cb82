"""The rows of the workers: who runs, how it goes, and why one stopped."""

from typing import NamedTuple
from uuid import UUID

from streaming.runtime.progress import Totals, WorkerState
from streaming.runtime.sessions import Connection

# A worker that begins takes the place of those of its consumer that are over.
_FORGET_FORMER = """
DELETE FROM consumer_worker WHERE consumer = %s
    AND (stopped_at IS NOT NULL OR heartbeat_at < clock_timestamp() - interval '10 minutes')
"""

_BEAT = """
INSERT INTO consumer_worker AS worker (
    id, consumer, host, pid, keeper_pid, keeper_start, state, detail, records_per_second, batch_seconds,
    heartbeat_at, progressed_at
)
SELECT %(id)s, %(consumer)s, %(host)s, %(pid)s, session.pid, session.backend_start, %(state)s, %(detail)s,
    %(rate)s, %(batch_seconds)s, clock_timestamp(), clock_timestamp() - %(idle)s * interval '1 second'
FROM pg_stat_activity session WHERE session.pid = pg_backend_pid()
ON CONFLICT (id) DO UPDATE SET keeper_pid = excluded.keeper_pid, keeper_start = excluded.keeper_start,
    state = excluded.state, detail = excluded.detail, records_per_second = excluded.records_per_second,
    batch_seconds = excluded.batch_seconds, heartbeat_at = excluded.heartbeat_at,
    progressed_at = excluded.progressed_at
"""

_ADD_TOTALS = """
INSERT INTO consumer_total AS total (consumer, records, dead_letters, batches, batch_seconds)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (consumer) DO UPDATE SET records = total.records + excluded.records,
    dead_letters = total.dead_letters + excluded.dead_letters, batches = total.batches + excluded.batches,
    batch_seconds = total.batch_seconds + excluded.batch_seconds
"""

_STOP = """
UPDATE consumer_worker SET stopped_at = clock_timestamp(), state = 'stopped', detail = %s,
    records_per_second = 0 WHERE id = %s
"""


class WorkerIdentity(NamedTuple):
    """Who a worker is."""

    id: UUID
    consumer: str
    host: str
    pid: int


class Report(NamedTuple):
    """How a worker is doing."""

    state: WorkerState
    detail: str
    rate: float
    batch_seconds: float
    idle: float


def begin(connection: Connection, worker: WorkerIdentity) -> None:
    """Clear away the rows of workers of this consumer that are over."""
    connection.execute(_FORGET_FORMER, [worker.consumer])


def beat(connection: Connection, worker: WorkerIdentity, report: Report) -> None:
    """Say that the worker lives, and how it is doing; `connection` is the keeper's."""
    connection.execute(_BEAT, {**worker._asdict(), **report._asdict(), "state": report.state.value})


def add_totals(connection: Connection, worker: WorkerIdentity, added: Totals) -> None:
    """Add to what all workers of the consumer ever did."""
    if any(added):
        connection.execute(_ADD_TOTALS, [worker.consumer, *added])


def say_stopped(connection: Connection, worker: WorkerIdentity, why: str) -> None:
    """Leave word of why the worker stopped by rule."""
    connection.execute(_STOP, [why, worker.id])


def forget(connection: Connection, worker: WorkerIdentity) -> None:
    """Remove the row of a worker that was told to stop."""
    connection.execute("DELETE FROM consumer_worker WHERE id = %s", [worker.id])
