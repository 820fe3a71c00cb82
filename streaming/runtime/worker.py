"""A worker: one process's part in one consumer."""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg

from streaming.contracts.log import EventLog, LogUnavailable, TransactionalLog, UnknownTopic
from streaming.runtime import workers
from streaming.runtime.attempt import Attempts, Holding
from streaming.runtime.chores import Rotation
from streaming.runtime.complaints import Complaint
from streaming.runtime.consumer import Consumer
from streaming.runtime.discovery import needed_topics
from streaming.runtime.failpoints import reach
from streaming.runtime.failures import not_now
from streaming.runtime.holding import Landlord
from streaming.runtime.inbox import Inbox, Plan
from streaming.runtime.intake import Intake
from streaming.runtime.keeper import Keeper
from streaming.runtime.leases import Tenant
from streaming.runtime.limits import DeadLetterCount
from streaming.runtime.outbox.sender import LaneSender
from streaming.runtime.outbox.writing import OutboxPublisher
from streaming.runtime.outcomes import Settlement
from streaming.runtime.piece import Piece
from streaming.runtime.progress import Progress
from streaming.runtime.publishing import Publisher, TransactionalPublisher
from streaming.runtime.sessions import Connect, is_not_now
from streaming.runtime.stopping import ConsumerStopped, Interrupted, LeaseLost
from streaming.runtime.taking import take
from streaming.runtime.timing import Timing
from streaming.runtime.vanishing import stopped_by
from streaming.runtime.workers import WorkerIdentity

_WAIT_SECONDS = 1.0
logger = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


def _end_process() -> None:
    """Leave at once: the thread that should be stopped cannot be reached, and whoever supervises restarts."""
    os._exit(70)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a worker is given. `keep_seen` says how long applied messages are remembered."""

    log: EventLog
    connect: Connect
    timing: Timing = field(default_factory=Timing)
    clock: Callable[[], datetime] = _now
    keep_seen: Callable[[], timedelta] = lambda: timedelta(days=60)
    on_stuck: Callable[[], None] = _end_process
    is_orphaned: Callable[[], bool] = lambda: False
    host: str = field(default_factory=socket.gethostname)


class Worker:
    """Reads its share of a consumer's partitions until it is told to stop. One instance runs once."""

    def __init__(self, consumer: Consumer, given: Surroundings) -> None:
        self._consumer, self._given, self._log = consumer, given, given.log
        self._identity = WorkerIdentity(uuid.uuid4(), consumer.name, given.host, os.getpid())
        tenant = Tenant(consumer.name, self._identity.id, given.timing)
        self._inbox, self._progress = Inbox(), Progress()
        self._count = DeadLetterCount(consumer.name, consumer.dead_letter_limit)
        self._landlord = Landlord(consumer, tenant, given.log, self._count)
        self._intake = Intake(consumer, given.log, self._inbox, self._progress)
        self._keeper = Keeper(
            consumer, tenant, self._identity, log=given.log, connect=given.connect, inbox=self._inbox,
            progress=self._progress, on_stuck=given.on_stuck,
            rotation=Rotation(given.clock, given.keep_seen, given.timing.rotation),
        )  # fmt: skip
        self._complaint = Complaint(logger, "a worker waits", consumer.name)
        self._sender: LaneSender | None = None
        self._attempts: Attempts | None = None
        self._holding: Holding | None = None

    def stop(self) -> None:
        """Have `run` return after the batch in hand. May be called from any thread or signal handler."""
        self._inbox.stop()

    def run(self) -> None:
        """Work until stopped. Raises ConsumerStopped when a rule says that the consumer must not go on."""
        logger.info(
            "a worker starts", extra={"consumer": self._consumer.name, "worker": str(self._identity.id)}
        )
        try:
            if self._prepare_topics():
                self._start()
                self._work()
        except ConsumerStopped as stop:
            logger.error("a consumer stopped", extra={"consumer": self._consumer.name, "why": str(stop)})  # noqa: TRY400 -- a rule, not a fault of the program
            self._end(str(stop))
            raise
        except BaseException:
            self._end(None)
            raise
        self._end(None)
        logger.info(
            "a worker ended", extra={"consumer": self._consumer.name, "worker": str(self._identity.id)}
        )

    def _prepare_topics(self) -> bool:
        """Have the topics that the consumer publishes to; waits for a log that is away."""
        while not self._inbox.stopping:
            try:
                self._log.create_topics(needed_topics(self._consumer))
            except LogUnavailable as error:
                self._wait(error)
            else:
                return True
        return False

    def _start(self) -> None:
        self._intake.start()
        self._keeper.start()
        publisher = self._publisher()
        self._attempts = Attempts(self._consumer, publisher, self._progress, self._count, self._given.clock)

    def _publisher(self) -> Publisher:
        if isinstance(self._log, TransactionalLog):
            return TransactionalPublisher(self._log)
        self._sender = LaneSender(
            self._consumer.name, self._identity.id, log=self._log, connect=self._given.connect,
            trouble=self._progress.wait_for_outbox, timing=self._given.timing,
        )  # fmt: skip
        self._sender.start()
        return OutboxPublisher(self._log, self._consumer.name, self._sender.wake)

    def _work(self) -> None:
        """Work on one session after the other: a broken one loses everything that is not committed."""
        while not self._inbox.stopping:
            try:
                holding = self._holding = self._begin()
                while not self._inbox.stopping:
                    self._turn(holding)
            except (LeaseLost, UnknownTopic) as error:
                logger.warning(
                    "partitions were lost", extra={"consumer": self._consumer.name, "why": str(error)}
                )
                self._drop()
            except Exception as error:
                if not is_not_now(error):
                    raise
                self._wait(error)
                self._drop()

    def _begin(self) -> Holding:
        """A new session, with nothing held yet; the keeper's next plan says what to claim."""
        self._intake.assign({})
        self._progress.wait_for_partitions("")
        connection = self._given.connect(
            autocommit=False, application_name=f"headwater {self._consumer.name}"
        )
        self._keeper.holdings.set(frozenset())
        self._keeper.hurry(discover=True)
        return Holding(connection, has_lanes=not isinstance(self._log, TransactionalLog))

    def _turn(self, holding: Holding) -> None:
        """Follow a plan, or settle a batch, or find nothing to do."""
        if self._given.is_orphaned():
            self.stop()
        if (plan := self._inbox.take_plan()) is not None:
            self._follow(holding, plan)
        if holding.parking.release():
            self._restart_reading(holding)
        piece = self._read(min(_WAIT_SECONDS, holding.parking.seconds_left))
        if piece is not None:
            self._settle(holding, piece)
        elif not self._inbox.is_wanted_elsewhere:
            self._progress.get_ahead()

    def _follow(self, holding: Holding, plan: Plan) -> None:
        if plan.gone is not None:
            raise stopped_by(self._consumer.name, plan.gone)
        if plan.version != self._keeper.holdings.version:
            return
        try:
            changed = self._landlord.follow(holding, plan)
        finally:
            self._keeper.holdings.set(frozenset(holding.positions))
        self._complaint.over()
        if changed:
            self._restart_reading(holding)

    def _restart_reading(self, holding: Holding) -> None:
        holding.parking.changed = False
        offsets = holding.parking.open_among(holding.next_offsets)
        self._intake.assign(offsets, self._landlord.filter(holding))
        self._progress.wait_for_partitions(holding.parking.why)

    def _read(self, seconds: float) -> Piece | None:
        piece = take(self._inbox, self._consumer.name, seconds)
        if piece is not None and piece.records:
            reach("consumer.after_read")
        return piece

    def _settle(self, holding: Holding, piece: Piece) -> None:
        assert self._attempts is not None
        settlement = Settlement(
            self._consumer, self._attempts, self._inbox, self._progress, self._given.timing
        )
        try:
            settlement.settle(holding, piece)
        except Interrupted:
            holding.parking.changed = True
        if holding.parking.changed:
            self._restart_reading(holding)
        self._progress.wait_for_partitions(holding.parking.why)

    def _wait(self, error: Exception) -> None:
        """The database or the log is away: wait, for ever if need be."""
        if self._given.is_orphaned():  # what we wait for may have ended with the parent
            self.stop()
        self._progress.wait_for_batch(not_now(error))
        self._complaint.say(not_now(error))
        deadline = time.monotonic() + _WAIT_SECONDS
        while not self._inbox.stopping and (remaining := deadline - time.monotonic()) > 0:
            self._inbox.take_plan()
            self._inbox.pause(remaining)

    def _drop(self) -> None:
        holding, self._holding = self._holding, None
        self._intake.assign({})
        if holding is not None:
            holding.connection.close()

    def _end(self, why: str | None) -> None:
        """Give everything back, as far as the database is there, and leave word of why."""
        self._inbox.stop()
        self._intake.close()
        self._keeper.close()
        if self._sender is not None:
            self._sender.close()
        try:
            self._leave(why)
        except psycopg.Error as error:
            logger.warning(
                "leases run out by themselves",
                extra={"consumer": self._consumer.name, "why": str(error)},
            )
        finally:
            self._drop()

    def _leave(self, why: str | None) -> None:
        try:
            self._say_goodbye(self._holding or self._hold_nothing(), why)
        except psycopg.OperationalError:  # the session may have ended long ago, unnoticed
            self._drop()
            self._say_goodbye(self._hold_nothing(), why)

    def _hold_nothing(self) -> Holding:
        name = f"headwater {self._consumer.name} end"
        self._holding = Holding(self._given.connect(autocommit=False, application_name=name))
        return self._holding

    def _say_goodbye(self, holding: Holding, why: str | None) -> None:
        with holding.connection.transaction():
            self._landlord.give_back(holding)
            if why is None:
                workers.forget(holding.connection, self._identity)
            else:
                workers.say_stopped(holding.connection, self._identity, why)
