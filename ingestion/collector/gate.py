"""The way into the log: opened in the background, closed for a moment after a failure so that nobody waits in vain."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from streaming.contracts.events import OTHER_EVENTS_TOPIC, QUARANTINE_TOPIC, REJECTIONS_TOPIC
from streaming.contracts.log import EventLog, LogError, LogUnavailable, TransactionalLog, UnknownTopic
from streaming.contracts.records import NewRecord

PROBE_EVERY_S = 1.0
MAX_TROUBLE = 300  # characters
IN_FLIGHT = 8  # groups on their way to a log outside the database
logger = logging.getLogger(__name__)


class LogGate:
    """A circuit breaker in front of the log. Thread-safe.

    After a failure it is shut; each second one caller may probe. The relay's success opens it again too.
    """

    def __init__(self, open_log: Callable[[], EventLog], prepare: Callable[[EventLog], None]) -> None:
        self._open_log, self._prepare = open_log, prepare
        self._log: EventLog | None = None
        self._opening = threading.Lock()
        self._probe_at = 0.0
        self.in_flight = 1  # how many groups may be on their way; one at a time makes the largest groups
        self.trouble = "the log has not been opened yet"

    def admits(self) -> bool:
        """Whether to try the log now."""
        if not self.trouble:
            return True
        if self._log is None or time.monotonic() < self._probe_at:
            return False
        self._probe_at = time.monotonic() + PROBE_EVERY_S
        return True

    def submit(self, records: Sequence[NewRecord]) -> Future[None]:
        """Submit to the log. Raises LogUnavailable while it is not open."""
        if self._log is None:
            raise LogUnavailable(self.trouble)
        return self._log.submit(records)

    def append(self, records: Sequence[NewRecord]) -> None:
        """Append and wait, opening the log if need be; for the relay. Raises LogError."""
        log = self.opened()
        try:
            log.append(records)
        except UnknownTopic:
            self._prepare(log)
            log.append(rerouted(records))
        self.succeeded()

    def opened(self) -> EventLog:
        """The log, opened and prepared. Raises LogError."""
        with self._opening:
            if self._log is None:
                try:
                    log = self._open_log()
                    self._prepare(log)
                except LogError as error:
                    self._not_opened(str(error)[:MAX_TROUBLE])
                    raise
                self._log = log
                self.in_flight = 1 if isinstance(log, TransactionalLog) else IN_FLIGHT
                self.succeeded()
            return self._log

    def _not_opened(self, why: str) -> None:
        if why != self.trouble:
            logger.warning("the log cannot be opened, events go to the spool until it can: %s", why)
        self.trouble = why

    def succeeded(self) -> None:
        """The log took something."""
        if self.trouble:
            logger.info("the collector has the log again")
            self.trouble = ""

    def failed(self, error: BaseException | str) -> None:
        """The log did not take something."""
        if not self.trouble:
            logger.warning("the log does not take events, they go to the spool: %s", error)
        self.trouble = str(error)[:MAX_TROUBLE] or type(error).__name__
        self._probe_at = time.monotonic() + PROBE_EVERY_S


def rerouted(records: Sequence[NewRecord]) -> list[NewRecord]:
    """The records with every topic of its own replaced by `events.other`: for topics that were deleted."""
    return [
        record
        if record.topic in (REJECTIONS_TOPIC, QUARANTINE_TOPIC)
        else NewRecord(OTHER_EVENTS_TOPIC, record.key, record.value)
        for record in records
    ]
