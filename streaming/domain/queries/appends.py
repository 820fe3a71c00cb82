"""When something was last appended to each topic."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from streaming.contracts.log import LogError
from streaming.contracts.records import TopicPartition
from streaming.domain.queries.topics import TopicState
from streaming.event_log import event_log


def last_appends(topics: Iterable[TopicState]) -> Mapping[str, datetime]:
    """The time of the newest record of each topic that holds any; nothing while the log is away."""
    places = [
        TopicPartition(topic.name, partition.partition)
        for topic in topics
        for partition in topic.partitions
        if partition.end > partition.start
    ]
    newest: dict[str, datetime] = {}
    try:
        for record in event_log().tail(places, 1) if places else ():
            newest[record.topic] = max(record.appended_at, newest.get(record.topic, record.appended_at))
    except LogError:
        return {}
    return newest
