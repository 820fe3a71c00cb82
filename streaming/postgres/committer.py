"""Group commit: one thread appends what has been submitted meanwhile, in one transaction."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

import psycopg

from streaming.contracts.log import LogError, LogUnavailable
from streaming.contracts.records import NewRecord
from streaming.postgres.announcer import Announcer
from streaming.postgres.appending import (
    Groups,
    Place,
    TopicsGone,
    append_at_once,
    append_groups,
    group_by_place,
)
from streaming.postgres.days import DayTables
from streaming.postgres.sessions import Connection, translated
from streaming.postgres.topics import TopicCatalogue

MAX_GROUP_RECORDS = 10_000
AT_ONCE = 200  # records up to which one statement is faster than COPY in a transaction, which is five
BYTES_AT_ONCE = 1024 * 1024
MAX_PENDING_RECORDS = 200_000
RETRY_SECONDS = 0.25
logger = logging.getLogger(__name__)


class _Submission(NamedTuple):
    records: Sequence[NewRecord]
    future: Future[None]


class Committer:
    """The thread, its queue and its database session. While the database is down, submissions fail at once."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        topics: TopicCatalogue,
        days: DayTables,
        announcer: Announcer,
    ) -> None:
        self._connect = connect
        self._topics = topics
        self._days = days
        self._announcer = announcer
        self._connection: Connection | None = None
        self._queue: deque[_Submission] = deque()
        self._pending = 0
        self._changed = threading.Condition()
        self._down: LogUnavailable | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

    def submit(self, records: Sequence[NewRecord]) -> Future[None]:
        """Queue records for the next commit."""
        future: Future[None] = Future()
        with self._changed:
            refusal = self._refusal()
            if refusal is None:
                self._queue.append(_Submission(records, future))
                self._pending += len(records)
                self._changed.notify()
        if refusal is not None:
            future.set_exception(refusal)
        return future

    def _refusal(self) -> LogUnavailable | None:
        if self._closing:
            return LogUnavailable("the log is closed")
        if self._pending > MAX_PENDING_RECORDS:
            return LogUnavailable(f"{self._pending} records already wait for the log's database")
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="log committer", daemon=True)
            self._thread.start()
        return self._down

    def close(self) -> None:
        """Commit what is queued, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._queue or self._closing, RETRY_SECONDS if self._down else None
                )
                batch = self._take()
                if not batch and self._closing:
                    break
            if self._is_connected(batch):
                self._commit(batch)
        if self._connection is not None:
            self._connection.close()

    def _take(self) -> list[_Submission]:
        batch, count = [], 0
        while self._queue and count < MAX_GROUP_RECORDS:
            submission = self._queue.popleft()
            count += len(submission.records)
            # From here on a caller that gives up cannot take its records back.
            if submission.future.set_running_or_notify_cancel():
                batch.append(submission)
        self._pending -= count
        return batch

    def _is_connected(self, batch: list[_Submission]) -> bool:
        if self._connection is not None and not self._connection.closed:
            return True
        try:
            self._connection = self._connect()
        except LogError as error:
            unavailable = error if isinstance(error, LogUnavailable) else LogUnavailable(str(error))
            with self._changed:
                self._down = unavailable
                batch += self._queue
                self._queue.clear()
                self._pending = 0
            _fail(batch, unavailable)
            time.sleep(0 if self._closing else RETRY_SECONDS)
            return False
        self._down = None
        return True

    def _commit(self, batch: list[_Submission]) -> None:
        try:
            groups, batch = self._grouped(batch)
            try:
                self._write(groups)
            except TopicsGone:
                self._topics.refresh()
                groups, batch = self._grouped(batch)
                self._write(groups)
        except TopicsGone as error:
            self._topics.refresh()
            _fail(batch, LogUnavailable(str(error)))
        except LogError as error:
            self._give_up_connection(error)
            _fail(batch, error)
        except Exception as error:  # the thread must survive whatever a caller submitted
            logger.exception("records could not be appended to the log")
            self._give_up_connection(error)
            _fail(batch, LogError(f"records could not be appended: {type(error).__name__}"))
        else:
            self._announcer.announce(groups)
            for submission in batch:
                submission.future.set_result(None)

    def _grouped(self, batch: list[_Submission]) -> tuple[Groups, list[_Submission]]:
        """The records of all submissions by place; submissions that never can be appended fail here."""
        groups: dict[Place, list[NewRecord]] = {}
        accepted = []
        for submission in batch:
            try:
                own = group_by_place(submission.records, self._topics)
            except LogUnavailable:
                raise
            except LogError as error:
                submission.future.set_exception(error)
            else:
                accepted.append(submission)
                for place, records in own.items():
                    if place in groups:
                        groups[place] += records
                    else:
                        groups[place] = records
        return groups, accepted

    def _write(self, groups: Groups) -> None:
        if not groups:
            return
        assert self._connection is not None
        with translated():
            if not (_are_few(groups) and self._write_at_once(self._connection, groups)):
                with self._connection.transaction():
                    append_groups(self._connection, groups, self._days, prepare=True)

    def _write_at_once(self, connection: Connection, groups: Groups) -> bool:
        """False when a day has just begun: the table that it needs is made on the other way."""
        try:
            append_at_once(connection, groups, self._days)
        except psycopg.errors.CheckViolation:
            return False
        return True

    def _give_up_connection(self, error: Exception) -> None:
        if self._connection is not None and not isinstance(error, TopicsGone):
            self._connection.close()


def _are_few(groups: Groups) -> bool:
    if sum(map(len, groups.values())) > AT_ONCE:
        return False
    return sum(len(each.value or b"") for records in groups.values() for each in records) <= BYTES_AT_ONCE


def _fail(batch: list[_Submission], error: LogError) -> None:
    for submission in batch:
        if not submission.future.done():
            submission.future.set_exception(error)
