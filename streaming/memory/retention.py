"""What a topic's settings let go of."""

from datetime import datetime, timedelta

from streaming.contracts.records import Cleanup, Record, TopicSpec
from streaming.memory.partition import Partition

TOMBSTONES_KEPT = timedelta(days=1)


def apply(spec: TopicSpec, partition: Partition, now: datetime) -> None:
    """Delete or compact what the settings let go of at `now`."""
    if spec.cleanup is Cleanup.COMPACT:
        _compact(partition, now)
        return
    if spec.retention_seconds is not None:
        partition.delete_before(partition.offset_at(now - timedelta(seconds=spec.retention_seconds)))
    if spec.retention_bytes is not None:
        partition.delete_before(_start_by_size(partition, spec.retention_bytes))


def _start_by_size(partition: Partition, most: int) -> int:
    total = 0
    for record in reversed(partition.records):
        total += len(record.key or b"") + len(record.value or b"")
        if total > most:
            return record.offset + 1
    return partition.start


def _compact(partition: Partition, now: datetime) -> None:
    newest = {record.key: record.offset for record in partition.records}

    def stays(record: Record) -> bool:
        if record.key is None:
            return True
        expired = record.value is None and record.appended_at < now - TOMBSTONES_KEPT
        return newest[record.key] == record.offset and not expired

    partition.records = [record for record in partition.records if stays(record)]
