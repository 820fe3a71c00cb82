"""Waiting until consumers have caught up: for scripts and tests that need the effects of what they sent."""

import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from datetime import UTC, datetime

import psycopg

from streaming.contracts.log import EventLog, LogError
from streaming.contracts.records import TopicPartition
from streaming.database import connect
from streaming.domain.upstream import waiting_upstream
from streaming.event_log import event_log
from streaming.registry import registered_consumers
from streaming.runtime.discovery import partitions_of
from streaming.runtime.vanishing import missing_topics

logger = logging.getLogger(__name__)
Ends = Mapping[tuple[str, TopicPartition], int]

_POSITIONS = "SELECT consumer, topic, partition, next_offset FROM consumer_position WHERE consumer = ANY(%s)"
_OUTBOX_IS_EMPTY = "SELECT NOT EXISTS (SELECT FROM outbox_record)"


def wait_until_caught_up(names: Collection[str], *, pause: Callable[[], bool]) -> bool:
    """Wait until the consumers have applied all that the log held, and what they published because of it.

    `pause` waits a moment and says whether to go on waiting; the answer says whether they caught up. Input that
    never ends does not keep it from returning: each round follows what the consumers made of the one before,
    and there are as many as a chain of all these consumers is long.
    """
    log = event_log()
    for _ in range(len(names) + 1):
        ends, looks = None, 0
        while not (ends is not None and _have_reached(names, ends)):
            if looks and not pause():
                return False
            ends, looks = ends or _ends_unless_away(log, names), looks + 1
        if looks <= 1:
            break  # nothing was unread
    return True


def _ends_unless_away(log: EventLog, names: Collection[str]) -> Ends | None:
    """What is to be read; None while the log is away, or has lost what was read (its reader stops by itself)."""
    try:
        return None if _has_lost_records(log, names) else unread_ends(log, names)
    except (LogError, psycopg.OperationalError):
        return None


def _has_lost_records(log: EventLog, names: Collection[str]) -> bool:
    """Whether a topic that was read is gone, or ends before what was read of it."""
    topics, consumers = log.topics(), registered_consumers()
    with closing(connect(autocommit=True, application_name="headwater catching up")) as connection:
        if any(missing_topics(connection, consumers[name](), topics) for name in names):
            return True
        rows = connection.execute(_POSITIONS, [list(names)]).fetchall()
    read = {name: partitions_of(consumers[name](), topics) for name in names}
    found = [
        (TopicPartition(topic, number), offset)
        for name, topic, number, offset in rows
        if TopicPartition(topic, number) in read[name]
    ]
    bounds = log.bounds(sorted({place for place, _ in found})) if found else {}
    return any(offset > bounds[place].end for place, offset in found)


def unread_ends(log: EventLog, names: Collection[str]) -> Ends:
    """The ends of everything that the consumers read and that holds records."""
    topics, consumers = log.topics(), registered_consumers()
    read = {name: partitions_of(consumers[name](), topics) for name in names}
    bounds = log.bounds(sorted(frozenset[TopicPartition]().union(*read.values())))
    return {
        (name, place): bounds[place].end
        for name, places in read.items()
        for place in places
        if bounds[place].end > bounds[place].start
    }


def _have_reached(names: Collection[str], ends: Ends) -> bool:
    """Whether all positions are there, the outbox is empty, and nothing waits outside the log."""
    try:
        with closing(connect(autocommit=True, application_name="headwater catching up")) as connection:
            rows = connection.execute(_POSITIONS, [list(names)]).fetchall()
            is_empty = connection.execute(_OUTBOX_IS_EMPTY).fetchone()
    except psycopg.OperationalError:
        return False
    positions = {(name, TopicPartition(topic, number)): offset for name, topic, number, offset in rows}
    has_read = all(positions.get(place, -1) >= end for place, end in ends.items())
    return has_read and is_empty == (True,) and not _is_awaited()


def _is_awaited() -> bool:
    """Whether records are known to wait outside the log; the process's log says where."""
    waiting = [each for each in waiting_upstream(datetime.now(UTC)) if each.records]
    for each in waiting:
        logger.info("not caught up: %s", each.reason)
    return bool(waiting)
