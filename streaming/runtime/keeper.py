"""The keeper of a worker, on a thread and a session of its own.

It says that the worker lives, renews its leases while the batch is under its hard limit, and plans what the
worker should hold.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from streaming.contracts.log import EventLog, LogError
from streaming.contracts.records import TopicPartition
from streaming.runtime import leases, workers
from streaming.runtime.chores import Rotation
from streaming.runtime.complaints import Complaint
from streaming.runtime.consumer import Consumer
from streaming.runtime.discovery import partitions_of
from streaming.runtime.failures import describe, not_now
from streaming.runtime.inbox import Inbox, Plan
from streaming.runtime.leases import Tenant
from streaming.runtime.progress import Progress, Totals, WorkerState
from streaming.runtime.sessions import Connect, Connection, is_not_now
from streaming.runtime.vanishing import Vanishing
from streaming.runtime.workers import Report, WorkerIdentity

MOST_DOUBLINGS = 12
_SMOOTHING_SECONDS = 10.0
_SESSION_LIMITS = (
    "SET statement_timeout = '30s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'"
)
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Tally:
    """The worker's rates, smoothed over some seconds."""

    rate: float = 0.0
    batch_seconds: float = 0.0
    reported: Totals = field(default_factory=Totals)
    looked_at: float = field(default_factory=time.monotonic)

    def take(self, totals: Totals) -> Totals:
        """Look at the sums, and return what was added since the last look."""
        now = time.monotonic()
        seconds, self.looked_at = max(now - self.looked_at, 1e-3), now
        added = totals.since(self.reported)
        weight = min(1.0, seconds / _SMOOTHING_SECONDS)
        self.rate += weight * (added.records / seconds - self.rate)
        if added.batches:
            mean = added.batch_seconds / added.batches
            self.batch_seconds += (weight if self.batch_seconds else 1.0) * (mean - self.batch_seconds)
        return added


@dataclass(slots=True)
class Holdings:
    """What the worker's thread holds; `version` counts the changes, so that an old plan is known as such."""

    version: int = 0
    places: frozenset[TopicPartition] = frozenset()

    def set(self, places: frozenset[TopicPartition]) -> None:
        """Note a change."""
        self.places = places
        self.version += 1


class Keeper:
    """Runs until it is closed, whatever becomes of its session.

    `on_stuck` is called when leases ran out under a batch that does not end.
    """

    def __init__(
        self,
        consumer: Consumer,
        tenant: Tenant,
        worker: WorkerIdentity,
        *,
        log: EventLog,
        connect: Connect,
        inbox: Inbox,
        progress: Progress,
        rotation: Rotation,
        on_stuck: Callable[[], None],
    ) -> None:
        self._consumer, self._tenant, self._worker = consumer, tenant, worker
        self._log, self._connect, self._inbox = log, connect, inbox
        self._progress, self._rotation, self._on_stuck = progress, rotation, on_stuck
        self._timing = tenant.timing
        self.holdings = Holdings()
        self._connection: Connection | None = None
        self._tally = Tally()
        self._places: frozenset[TopicPartition] = frozenset()
        self._vanishing = Vanishing(consumer, log)
        self._gone: str | None = None
        self._discovered_at = self._renewed_at = float("-inf")
        self._has_begun = False
        self._take_overs = 0
        self._complaint = Complaint(logger, "the keeper waits", consumer.name)
        self._closed = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{consumer.name} keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def hurry(self, *, discover: bool = False) -> None:
        """Plan now."""
        if discover:
            self._discovered_at = float("-inf")
        self._wanted.set()

    def close(self) -> None:
        """End."""
        self._closed.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    @property
    def limit(self) -> float:
        """The hard limit of one attempt now."""
        return float(self._timing.batch_limit * 2 ** min(self._take_overs, MOST_DOUBLINGS))

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._beat(self._session())
                self._complaint.over()
            except Exception as error:  # noqa: BLE001 -- without its keeper a worker loses what it holds
                of_log = isinstance(error, LogError)
                self._complaint.say(not_now(error) if of_log or is_not_now(error) else describe(error))
                if not of_log:  # else the session is as good as before, and others would miss it
                    self._drop_session()
            self._wanted.wait(self._timing.beat)
            self._wanted.clear()
        self._report_the_last()
        self._drop_session()

    def _report_the_last(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                workers.add_totals(self._connection, self._worker, self._tally.take(self._progress.totals))

    def _session(self) -> Connection:
        if self._connection is None or self._connection.closed:
            name = f"headwater {self._consumer.name} keeper"
            self._connection = self._connect(autocommit=True, application_name=name)
            self._connection.execute(_SESSION_LIMITS)
            if not self._has_begun:
                workers.begin(self._connection, self._worker)
                self._has_begun = True
        return self._connection

    def _drop_session(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _beat(self, connection: Connection) -> None:
        state, detail = self._progress.state(self.limit)
        self._report(connection, state, detail)
        if state is WorkerState.STUCK:
            self._watch_stuck()
            return
        self._renew(connection)
        self._discover(connection)
        self._plan(connection)
        self._rotation.run(connection)

    def _report(self, connection: Connection, state: WorkerState, detail: str) -> None:
        totals = self._progress.totals
        added = self._tally.take(totals)
        report = Report(
            state, detail, self._tally.rate, self._tally.batch_seconds, self._progress.idle_seconds
        )
        workers.beat(connection, self._worker, report)
        workers.add_totals(connection, self._worker, added)
        self._tally.reported = totals

    def _watch_stuck(self) -> None:
        """Renew nothing, and once the leases have run out, let somebody else try."""
        if self._progress.busy_seconds() > self.limit + self._timing.lease:
            logger.critical(
                "a batch does not end", extra={"consumer": self._consumer.name, "limit": self.limit}
            )
            self._on_stuck()

    def _renew(self, connection: Connection) -> None:
        now = time.monotonic()
        if now - self._renewed_at < self._timing.renewal:
            return
        quick = self._tally.reported.batches > 0 and self._tally.batch_seconds < self._timing.batch_limit / 2
        self._take_overs = leases.renew(
            connection, self._tenant, quick=quick and not self._progress.attempt_seconds()
        )
        self._renewed_at = now

    def _discover(self, connection: Connection) -> None:
        now = time.monotonic()
        if now - self._discovered_at < self._timing.discovery:
            return
        topics = self._log.topics()
        places = partitions_of(self._consumer, topics)
        self._gone = self._vanishing.look(connection, topics)
        if places - self._places:
            leases.announce(connection, self._consumer.name, places - self._places)
        self._places, self._discovered_at = places, now
        if self._vanishing.is_suspected:
            self._discovered_at -= self._timing.discovery  # at the next beat again

    def _plan(self, connection: Connection) -> None:
        version, held = self.holdings.version, self.holdings.places
        found, tenants = leases.look(connection, self._tenant)
        existing = [lease for lease in found if lease.place in self._places]
        mine = frozenset(lease.place for lease in found if lease.is_mine)
        target = leases.share(existing, tenants, self._worker.id)
        if target != held or mine != held or self._gone is not None:
            self._inbox.post_plan(Plan(version, mine, target, self._gone))
