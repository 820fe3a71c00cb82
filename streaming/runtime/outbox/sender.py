"""The sender of a worker: a thread that takes outbox rows to the log, in the order of each lane.

Two senders of one lane, as after a take-over, do no harm: both send in order and begin at or before the first
record that is not in the log, and readers drop what they have.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from uuid import UUID

from streaming.contracts.log import EventLog, LogError
from streaming.runtime.complaints import Complaint
from streaming.runtime.failpoints import reach
from streaming.runtime.failures import describe, not_now
from streaming.runtime.outbox.producer import LaneLog, LaneProducer
from streaming.runtime.outbox.rows import record_of
from streaming.runtime.sessions import Connect, Connection, is_not_now
from streaming.runtime.timing import Timing

MOST_AT_ONCE = 5000
_IDLE_SECONDS = 0.25
_RETRY_SECONDS = 1.0
_POLL_SECONDS = 0.5
_SLOW_POLLS = 10
logger = logging.getLogger(__name__)

# Lanes whose partition nobody holds go to whoever has the consumer's lowest one, and lanes of writers outside
# batches to the worker that has lived longest.
_LANES = """
SELECT lane.id FROM outbox_lane lane
WHERE EXISTS (SELECT FROM outbox_record record WHERE record.lane = lane.id) AND CASE
    WHEN lane.consumer = %(consumer)s THEN %(me)s = coalesce(
        (SELECT lease.worker FROM consumer_lease lease WHERE lease.consumer = lane.consumer
            AND lease.topic = lane.topic AND lease.partition = lane.partition),
        (SELECT lease.worker FROM consumer_lease lease
            WHERE lease.consumer = lane.consumer AND lease.worker IS NOT NULL
            ORDER BY lease.topic, lease.partition LIMIT 1))
    WHEN lane.consumer IS NULL THEN %(me)s = (
        SELECT worker.id FROM consumer_worker worker
        WHERE worker.stopped_at IS NULL AND worker.heartbeat_at > clock_timestamp() - %(lease)s * interval '1 second'
        ORDER BY worker.started_at, worker.id LIMIT 1)
    ELSE false END
ORDER BY lane.id
"""

_ROWS = """
SELECT number, incarnation, predecessor, topic, partition, key, value, headers
FROM outbox_record WHERE lane = %s AND number > %s ORDER BY number LIMIT %s
"""

_DELETE = "DELETE FROM outbox_record WHERE lane = %s AND number <= %s"


class LaneSender:
    """Sends until it is closed; what is left then is sent by the lane's next owner."""

    def __init__(
        self,
        consumer: str,
        worker: UUID,
        *,
        log: EventLog,
        connect: Connect,
        trouble: Callable[[str], None],
        timing: Timing,
    ) -> None:
        if not isinstance(log, LaneLog):
            raise TypeError(f"{type(log).__name__} neither appends in transactions nor has a lane producer")
        self._consumer, self._worker, self._log, self._connect = consumer, worker, log, connect
        self._trouble, self._timing = trouble, timing
        self._producer: LaneProducer | None = None
        self._connection: Connection | None = None
        self._sent: dict[int, int] = {}  # the highest number that was deleted, of each lane
        self._complaint = Complaint(logger, "the outbox waits", consumer)
        self._closed = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{consumer} sender", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look for rows now."""
        self._wanted.set()

    def close(self) -> None:
        """End, without waiting for a log that is away."""
        self._closed.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._closed.is_set():
            pause = _IDLE_SECONDS
            try:
                if self._send_due():
                    continue
            except Exception as error:  # noqa: BLE001 -- without its sender a worker publishes nothing
                why = not_now(error) if is_not_now(error) or isinstance(error, LogError) else describe(error)
                self._complaint.say(why)
                self._trouble(why)
                self._drop_session()
                pause = _RETRY_SECONDS
            self._wanted.wait(pause)
            self._wanted.clear()
        self._drop_session()
        if self._producer is not None:
            self._producer.close()

    def _session(self) -> Connection:
        if self._connection is None or self._connection.closed:
            name = f"headwater {self._consumer} sender"
            self._connection = self._connect(autocommit=True, application_name=name)
        return self._connection

    def _drop_session(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _send_due(self) -> bool:
        """Send the first rows of each lane and delete what was acknowledged; False when there was nothing."""
        connection = self._session()
        parameters = {"consumer": self._consumer, "me": self._worker, "lease": self._timing.lease}
        lanes = [lane for (lane,) in connection.execute(_LANES, parameters).fetchall()]
        under_way = [self._submit(connection, lane) for lane in lanes]
        failures = [self._acknowledged(connection, *each) for each in under_way]
        if failure := next(filter(None, failures), None):
            raise failure
        if under_way or not lanes:
            self._trouble("")
            self._complaint.over()
        return bool(under_way)

    def _submit(self, connection: Connection, lane: int) -> tuple[int, int, Future[None]]:
        after = self._sent.get(lane, 0)
        rows = connection.execute(_ROWS, [lane, after, MOST_AT_ONCE], binary=True).fetchall()
        records = [record_of(lane, row) for row in rows]
        reach("outbox.before_send")
        if self._producer is None:
            assert isinstance(self._log, LaneLog)
            self._producer = self._log.lane_producer()
        return lane, rows[-1][0] if rows else after, self._producer.submit(records)

    def _acknowledged(
        self, connection: Connection, lane: int, last: int, future: Future[None]
    ) -> LogError | None:
        """What the log says against a lane keeps no other lane back."""
        try:
            self._acknowledge(connection, lane, last, future)
        except LogError as error:
            return error
        return None

    def _acknowledge(self, connection: Connection, lane: int, last: int, future: Future[None]) -> None:
        """Wait until the log has the records, and delete their rows. Raises what kept them from it."""
        polls = 0
        while not wait_for([future], timeout=_POLL_SECONDS).done:
            polls += 1
            if polls >= _SLOW_POLLS:
                self._trouble(f"the log has not taken published records for {polls * _POLL_SECONDS:.0f} s")
            if self._closed.is_set():
                return
        future.result()
        reach("outbox.after_send")
        connection.execute(_DELETE, [lane, last])
        reach("outbox.after_delete")
        self._sent[lane] = last
