"""The consumers: what they read, how far they are, who runs them, and what is wrong."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from streaming.contracts.log import EventLog, LogError
from streaming.contracts.records import Bounds, TopicPartition
from streaming.domain import dead_letters
from streaming.domain.queries.extents import bounds_of, first_unread, lagging
from streaming.enums import ConsumerCondition
from streaming.event_log import event_log
from streaming.registry import registered_consumers
from streaming.runtime.discovery import partitions_of

SILENT_AFTER = timedelta(seconds=15)
"""How long a worker may go without a sign of life before it counts as gone."""

_WORKERS = """
SELECT worker.consumer, worker.id::text, worker.host, worker.pid, worker.state, worker.detail, worker.started_at,
    worker.heartbeat_at, worker.stopped_at, worker.progressed_at, worker.records_per_second, worker.batch_seconds
FROM consumer_worker worker ORDER BY worker.consumer, worker.started_at, worker.id
"""

_POSITIONS = """
SELECT position.consumer, position.topic, position.partition, position.next_offset, position.moved_at,
    lease.worker::text
FROM consumer_position position LEFT JOIN consumer_lease lease USING (consumer, topic, partition)
"""

_TOTALS = "SELECT consumer, records, dead_letters, batches, batch_seconds FROM consumer_total"


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One process that runs a consumer, or the last word of one that stopped by rule."""

    consumer: str
    id: str
    host: str
    pid: int
    state: str
    detail: str
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None
    progressed_at: datetime | None
    records_per_second: float
    batch_seconds: float


@dataclass(frozen=True, slots=True)
class PartitionState:
    """How far a consumer is in one partition. `offset` is None where it never began; `worker` is an id."""

    topic: str
    partition: int
    offset: int | None
    end: int | None
    lag: int | None
    worker: str | None
    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsumerTotals:
    """Sums over all time, as far as workers could report them."""

    records: int = 0
    dead_letters: int = 0
    batches: int = 0
    batch_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ConsumerState:
    """A consumer. `lag` is None while the log is away or nothing is read; the age is that of the oldest unread record."""

    name: str
    topics: tuple[str, ...]
    publishes: tuple[str, ...]
    state: ConsumerCondition
    detail: str
    workers: list[WorkerRow]
    lag: int | None
    records_per_second: float
    batch_seconds: float
    dead_letters: int
    oldest_unread_age: timedelta | None
    partitions: list[PartitionState]
    totals: ConsumerTotals


class _Position(NamedTuple):
    offset: int
    moved_at: datetime
    worker: str | None


class _Kept(NamedTuple):
    """What the database keeps of one consumer."""

    name: str
    workers: list[WorkerRow]
    positions: Mapping[TopicPartition, _Position]
    totals: ConsumerTotals
    letters: int


class _Log(NamedTuple):
    """The log as it is now; without topics while it is away."""

    log: EventLog
    topics: Mapping[str, int]
    bounds: Mapping[TopicPartition, Bounds]
    trouble: str


def consumers(now: datetime) -> list[ConsumerState]:
    """All registered consumers, by name."""
    seen, workers, positions = _look_at_log(), _workers(), _positions()
    totals, letters = _totals(), dead_letters.counts()
    return [
        _state(
            _Kept(
                name,
                workers.get(name, []),
                positions.get(name, {}),
                totals.get(name, ConsumerTotals()),
                letters.get(name, 0),
            ),
            seen,
            now,
        )
        for name in registered_consumers()
    ]


def _state(kept: _Kept, seen: _Log, now: datetime) -> ConsumerState:
    consumer = registered_consumers()[kept.name]()
    alive = [each for each in kept.workers if is_alive(each, now)]
    condition, detail = _condition(alive, kept.workers)
    places = partitions_of(consumer, seen.topics) if seen.topics else kept.positions.keys()
    partitions = [
        _partition(place, kept.positions.get(place), seen.bounds.get(place), alive)
        for place in sorted(places)
    ]
    lags = [partition.lag for partition in partitions if partition.lag is not None]
    offsets = {place: position.offset for place, position in kept.positions.items()}
    unread = first_unread(seen.log, lagging(seen.bounds, offsets, places))
    return ConsumerState(
        name=kept.name,
        topics=tuple(consumer.topics),
        publishes=tuple(spec.name for spec in consumer.publishes),
        state=condition,
        detail=detail or seen.trouble,
        workers=alive or kept.workers,
        lag=sum(lags) if lags else None,
        records_per_second=sum(each.records_per_second for each in alive),
        batch_seconds=max((each.batch_seconds for each in alive), default=0.0),
        dead_letters=kept.letters,
        oldest_unread_age=now - min(unread.values()) if unread else None,
        partitions=partitions,
        totals=kept.totals,
    )


def conditions(now: datetime) -> dict[str, ConsumerCondition]:
    """How each registered consumer is doing, by what its workers say; the log is not asked."""
    workers = _workers()
    found = {name: workers.get(name, []) for name in registered_consumers()}
    return {
        name: _condition([each for each in known if is_alive(each, now)], known)[0]
        for name, known in found.items()
    }


def is_alive(worker: WorkerRow, now: datetime) -> bool:
    """Whether the worker gave a sign of life lately."""
    return worker.stopped_at is None and now - worker.heartbeat_at < SILENT_AFTER


def _condition(alive: Sequence[WorkerRow], workers: Sequence[WorkerRow]) -> tuple[ConsumerCondition, str]:
    """The worst that is true of any live worker; else the last word of one that stopped."""
    if not alive:
        stopped = [each for each in workers if each.stopped_at is not None]
        if stopped:
            return ConsumerCondition.STOPPED, stopped[-1].detail
        return ConsumerCondition.NOT_RUNNING, "no process runs it: start `manage.py run_consumers`"
    order = list(ConsumerCondition)
    worst = min(alive, key=lambda each: order.index(ConsumerCondition(each.state)))
    return ConsumerCondition(worst.state), worst.detail


def _partition(
    place: TopicPartition, position: _Position | None, bounds: Bounds | None, alive: Sequence[WorkerRow]
) -> PartitionState:
    offset = position.offset if position else None
    start = offset if offset is not None else bounds.start if bounds else None
    lag = max(0, bounds.end - start) if bounds and start is not None else None
    worker = position.worker if position and any(each.id == position.worker for each in alive) else None
    return PartitionState(
        place.topic, place.partition, offset, bounds.end if bounds else None, lag, worker,
        position.moved_at if position else None,
    )  # fmt: skip


def _look_at_log() -> _Log:
    log = event_log()
    try:
        topics = log.topics()
        return _Log(log, topics, bounds_of(log, topics), "")
    except LogError as error:
        return _Log(log, {}, {}, str(error))


def _workers() -> dict[str, list[WorkerRow]]:
    found: dict[str, list[WorkerRow]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_WORKERS)
        for row in cursor.fetchall():
            found[row[0]].append(WorkerRow(*row))
    return found


def _positions() -> dict[str, dict[TopicPartition, _Position]]:
    found: dict[str, dict[TopicPartition, _Position]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS)
        for consumer, topic, partition, offset, moved_at, worker in cursor.fetchall():
            found[consumer][TopicPartition(topic, partition)] = _Position(offset, moved_at, worker)
    return found


def _totals() -> dict[str, ConsumerTotals]:
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        return {row[0]: ConsumerTotals(*row[1:]) for row in cursor.fetchall()}
