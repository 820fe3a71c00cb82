"""A topic's settings in Kafka's words."""

from collections.abc import Mapping

from streaming.contracts.partitioning import MAX_RECORD_BYTES
from streaming.contracts.records import Cleanup, TopicSpec

_UNLIMITED = "-1"
_BATCH_OVERHEAD_BYTES = 64 * 1024
_DAY_MS = 86_400_000
_MIN_SEGMENT_BYTES = 1024 * 1024
_MAX_SEGMENT_BYTES = 1024 * 1024 * 1024
_SEGMENTS_PER_PARTITION = 8
_COMPACTION_LAG_MS = 3_600_000


def topic_configuration(spec: TopicSpec) -> Mapping[str, str]:
    """The spec as topic settings. Segments roll at least daily, because only whole segments are deleted."""
    retention_ms = None if spec.retention_seconds is None else spec.retention_seconds * 1000
    common = {
        "cleanup.policy": spec.cleanup.value,
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(MAX_RECORD_BYTES + _BATCH_OVERHEAD_BYTES),
        "retention.ms": _UNLIMITED if retention_ms is None else str(retention_ms),
        "retention.bytes": _UNLIMITED if spec.retention_bytes is None else str(spec.retention_bytes),
        "segment.bytes": str(_segment_bytes(spec.retention_bytes)),
    }
    if spec.cleanup is Cleanup.COMPACT:
        lag = str(_COMPACTION_LAG_MS)
        return common | {
            "segment.ms": lag,
            "max.compaction.lag.ms": lag,
            "min.cleanable.dirty.ratio": "0.1",
            "delete.retention.ms": str(_DAY_MS),
        }
    return common | {"segment.ms": str(min(_DAY_MS, retention_ms or _DAY_MS))}


def _segment_bytes(retention_bytes: int | None) -> int:
    if retention_bytes is None:
        return _MAX_SEGMENT_BYTES
    return max(_MIN_SEGMENT_BYTES, min(_MAX_SEGMENT_BYTES, retention_bytes // _SEGMENTS_PER_PARTITION))


def spec_of(name: str, partitions: int, configuration: Mapping[str, str]) -> TopicSpec:
    """The spec of a topic that has these settings, whoever made it."""
    retention_ms, retention_bytes = configuration["retention.ms"], configuration["retention.bytes"]
    return TopicSpec(
        name,
        partitions,
        None if retention_ms == _UNLIMITED else int(retention_ms) // 1000,
        None if retention_bytes == _UNLIMITED else int(retention_bytes),
        Cleanup.COMPACT if "compact" in configuration["cleanup.policy"] else Cleanup.DELETE,
    )
