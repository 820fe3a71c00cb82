"""Writing outbox rows in the transaction of the effects, numbered per lane and per target partition."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from streaming.contracts.log import EventLog, LogUnavailable, RecordTooLarge, UnknownTopic
from streaming.contracts.partitioning import MAX_RECORD_BYTES, partition_of, size_of
from streaming.contracts.records import NewRecord, TopicPartition
from streaming.runtime.failpoints import reach
from streaming.runtime.outbox.marks import LaneNumber
from streaming.runtime.outbox.rows import COLUMNS, Numbered, copy_data
from streaming.runtime.sessions import Connection, columns

LANE_HEADER_BYTES = 128
_MAX_AGE_SECONDS = 30.0

# The lane's row stays locked until the commit, so that numbers are committed in their order.
_TAKE_NUMBERS = """
UPDATE outbox_lane SET last_number = last_number + %s WHERE name = %s
RETURNING id, last_number, (SELECT incarnation FROM installation)
"""
_BEGIN_LANE = """
INSERT INTO outbox_lane (name, consumer, topic, partition) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_PREDECESSORS = "SELECT topic, partition, last_number FROM outbox_predecessor WHERE lane = %s"
_MOVE_PREDECESSORS = """
INSERT INTO outbox_predecessor (lane, topic, partition, last_number)
SELECT %s, * FROM unnest(%s::text[], %s::int[], %s::bigint[])
ON CONFLICT (lane, topic, partition) DO UPDATE SET last_number = excluded.last_number
"""


class Lane(NamedTuple):
    """A lane by name. `origin` is the consumer and the input partition whose owner sends it, if it has one."""

    name: str
    consumer: str | None = None
    origin: TopicPartition | None = None


class Targets:
    """How many partitions the topics have, asked seldom: in a transaction there is no time for it."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._partitions: Mapping[str, int] = {}
        self._asked_at = float("-inf")

    def partitions(self, topic: str) -> int:
        """The number of partitions, as of before while the log is away. Raises UnknownTopic after having asked anew."""
        if topic not in self._partitions or time.monotonic() - self._asked_at > _MAX_AGE_SECONDS:
            self._ask_for(topic)
        try:
            return self._partitions[topic]
        except KeyError:
            raise UnknownTopic(f"there is no topic {topic!r} to publish to") from None

    def _ask_for(self, topic: str) -> None:
        """Raises LogUnavailable when nothing is known of the topic: the outbox is there for when the log is away."""
        try:
            self._partitions = self._log.topics()
        except LogUnavailable:
            if topic not in self._partitions:
                raise
        self._asked_at = time.monotonic()

    def of(self, record: NewRecord) -> TopicPartition:
        """Where the record will go, whatever becomes of the topic later. Raises RecordTooLarge."""
        if (size := size_of(record)) > MAX_RECORD_BYTES - LANE_HEADER_BYTES:
            raise RecordTooLarge(f"a record for {record.topic!r} has {size} bytes, more than the log takes")
        return TopicPartition(record.topic, partition_of(record, self.partitions(record.topic)))


def write(connection: Connection, lane: Lane, targets: Targets, records: Sequence[NewRecord]) -> None:
    """Add the records to the lane in the open transaction."""
    places = [targets.of(record) for record in records]
    number, last, incarnation = _take_numbers(connection, lane, len(records))
    predecessors = {
        TopicPartition(topic, partition): predecessor
        for topic, partition, predecessor in connection.execute(_PREDECESSORS, [number]).fetchall()
    }
    rows: list[Numbered] = []
    for own, (place, record) in enumerate(zip(places, records, strict=True), last - len(records) + 1):
        rows.append((LaneNumber(incarnation, number, own, predecessors.get(place, 0)), place, record))
        predecessors[place] = own
    with connection.cursor().copy(f"COPY outbox_record ({COLUMNS}) FROM STDIN (FORMAT binary)") as copy:
        copy.write(copy_data(rows))
    moved = sorted(set(places))
    connection.execute(
        _MOVE_PREDECESSORS, [number, *columns(moved), [predecessors[place] for place in moved]]
    )
    reach("outbox.after_write")


def _take_numbers(connection: Connection, lane: Lane, count: int) -> tuple[int, int, int]:
    """The lane's id, the last of `count` numbers taken for good if the transaction commits, and the incarnation."""
    for _ in range(2):
        if row := connection.execute(_TAKE_NUMBERS, [count, lane.name]).fetchone():
            return int(row[0]), int(row[1]), int(row[2])
        connection.execute(_BEGIN_LANE, [lane.name, lane.consumer, *(lane.origin or (None, None))])
    raise LookupError(f"the outbox lane {lane.name!r} cannot be made")


class OutboxPublisher:
    """See streaming.runtime.publishing.Publisher. `wake` tells the sender that there is something to send."""

    def __init__(self, log: EventLog, consumer: str, wake: Callable[[], None]) -> None:
        self._targets, self._consumer, self._wake = Targets(log), consumer, wake

    def publish(self, connection: Connection, records: Sequence[NewRecord], origin: TopicPartition) -> None:
        """See Publisher."""
        name = f"{self._consumer}/{origin.topic}/{origin.partition}"
        write(connection, Lane(name, self._consumer, origin), self._targets, records)

    def committed(self) -> None:
        """See Publisher."""
        self._wake()
