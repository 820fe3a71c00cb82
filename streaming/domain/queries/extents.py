"""What the log holds of many partitions at once, for looks that must not fail because the log is away."""

import time
from collections.abc import Collection, Mapping
from datetime import datetime

from streaming.contracts.log import EventLog, LogError
from streaming.contracts.records import Bounds, TopicPartition

_LOOK_SECONDS = 2.0
_POLL_RECORDS = 200


def bounds_of(log: EventLog, topics: Mapping[str, int]) -> Mapping[TopicPartition, Bounds]:
    """What each partition of these topics holds. Raises LogError."""
    places = [TopicPartition(topic, number) for topic, count in topics.items() for number in range(count)]
    return log.bounds(places) if places else {}


def first_unread(log: EventLog, positions: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, datetime]:
    """When the record at or after each position was appended, as far as a short look finds out."""
    found: dict[TopicPartition, datetime] = {}
    if not positions:
        return found
    reader = log.reader()
    try:
        reader.assign(positions)
        deadline = time.monotonic() + _LOOK_SECONDS
        while len(found) < len(positions) and (remaining := deadline - time.monotonic()) > 0:
            records = reader.poll(_POLL_RECORDS, min(remaining, 0.5))
            for record in records:
                found.setdefault(record.topic_partition, record.appended_at)
            reader.pause({record.topic_partition for record in records})
    except LogError:  # the position lies outside the log, or the log is away: the state says so elsewhere
        pass
    finally:
        reader.close()
    return found


def lagging(
    ends: Mapping[TopicPartition, Bounds],
    positions: Mapping[TopicPartition, int],
    places: Collection[TopicPartition],
) -> dict[TopicPartition, int]:
    """Where reading goes on in the partitions that hold something unread; from their start if it never began."""
    starts = {place: positions.get(place, ends[place].start) for place in places if place in ends}
    return {place: start for place, start in starts.items() if start < ends[place].end}
