"""Groups of requests that become durable together, on one event loop."""

import time
from asyncio import AbstractEventLoop, Future, TimerHandle
from collections import deque
from collections.abc import Sequence
from concurrent import futures
from contextlib import suppress
from enum import Enum
from functools import partial

from ingestion.collector import metrics
from ingestion.collector.gate import LogGate, rerouted
from ingestion.collector.limits import MAX_GROUP_RECORDS, MAX_PENDING_BYTES, SUBMIT_TIMEOUT_S
from ingestion.spool.spool import Spool
from streaming.contracts.log import UnknownTopic
from streaming.contracts.records import NewRecord
from streaming.runtime.failpoints import reach


class Outcome(Enum):
    """Where the records of a request are."""

    LOGGED = "logged"
    SPOOLED = "spooled"
    LOST = "lost"


class Overloaded(Exception):
    """More waits to become durable than may."""


class Group:
    """Requests whose records are submitted together."""

    __slots__ = ("began", "bytes", "deadline", "records", "rerouted", "settled", "waiters")

    def __init__(self) -> None:
        self.records: list[NewRecord] = []
        self.waiters: list[Future[Outcome]] = []
        self.bytes = 0
        self.began = 0.0
        self.settled = False
        self.rerouted = False
        self.deadline: TimerHandle | None = None


class GroupCommitter:
    """Collects what arrives while former groups are on their way, so that groups grow with the load.

    Belongs to one event loop. A group that the log does not acknowledge in time goes to the spool.
    """

    def __init__(self, loop: AbstractEventLoop, gate: LogGate, spool: Spool) -> None:
        self._loop, self._gate, self._spool = loop, gate, spool
        self._open, self._waiting = Group(), deque[Group]()
        self._in_flight, self._pending_bytes, self._scheduled = 0, 0, False
        self._idle: Future[None] | None = None

    def commit(self, records: Sequence[NewRecord], size: int) -> "Future[Outcome]":
        """The outcome of making these records durable. Raises Overloaded."""
        if self._pending_bytes > MAX_PENDING_BYTES:
            raise Overloaded
        group = self._open
        if len(group.records) + len(records) > MAX_GROUP_RECORDS and group.records:
            self._waiting.append(group)
            group = self._open = Group()
        group.records.extend(records)
        group.bytes += size
        self._pending_bytes += size
        waiter = self._loop.create_future()
        group.waiters.append(waiter)
        if not self._scheduled and self._in_flight < self._gate.in_flight:
            self._scheduled = True
            self._loop.call_soon(self._send)
        return waiter

    async def drained(self) -> None:
        """Wait until nothing is on its way."""
        while self._pending_bytes or self._in_flight:
            self._idle = self._loop.create_future()
            await self._idle

    def _send(self) -> None:
        self._scheduled = False
        while self._in_flight < self._gate.in_flight:
            if self._waiting:
                group = self._waiting.popleft()
            elif self._open.records:
                group, self._open = self._open, Group()
            else:
                return
            self._in_flight += 1
            self._submit(group)

    def _submit(self, group: Group) -> None:
        reach("collector.before_append")
        group.began = self._loop.time()
        if not self._gate.admits():
            self._to_spool(group)
            return
        group.deadline = self._loop.call_later(SUBMIT_TIMEOUT_S, self._timed_out, group)
        self._try(group, group.records)

    def _try(self, group: Group, records: Sequence[NewRecord]) -> None:
        try:
            submitted = self._gate.submit(records)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with the log, the spool takes the group
            self._failed(group, error)
        else:
            submitted.add_done_callback(partial(self._from_thread, self._submitted, group))

    def _from_thread(self, callback: object, group: Group, done: "futures.Future[None]") -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(callback, group, done)  # type: ignore[arg-type]

    def _submitted(self, group: Group, done: "futures.Future[None]") -> None:
        error = done.exception()
        if isinstance(error, UnknownTopic) and not group.settled and not group.rerouted:
            group.rerouted = True
            self._try(group, rerouted(group.records))
        elif error is not None:
            self._failed(group, error)
        else:
            reach("collector.after_append")
            self._gate.succeeded()
            self._settle(group, Outcome.LOGGED)

    def _timed_out(self, group: Group) -> None:
        self._failed(group, f"no acknowledgement within {SUBMIT_TIMEOUT_S} seconds")

    def _failed(self, group: Group, error: BaseException | str) -> None:
        self._gate.failed(error)
        if not group.settled:
            group.settled = True  # the spool decides now, whatever the log still says
            self._to_spool(group)

    def _to_spool(self, group: Group) -> None:
        group.settled = True
        spooled = self._spool.append(group.records, time.time())
        spooled.add_done_callback(partial(self._from_thread, self._spooled, group))

    def _spooled(self, group: Group, done: "futures.Future[None]") -> None:
        group.settled = False
        self._settle(group, Outcome.SPOOLED if done.exception() is None else Outcome.LOST)

    def _settle(self, group: Group, outcome: Outcome) -> None:
        if group.settled:
            return
        group.settled = True
        metrics.GROUP_SECONDS.observe(self._loop.time() - group.began)
        if group.deadline is not None:
            group.deadline.cancel()
        self._in_flight -= 1
        self._pending_bytes -= group.bytes
        for waiter in group.waiters:
            if not waiter.done():
                waiter.set_result(outcome)
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
        self._send()
