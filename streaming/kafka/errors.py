"""What Kafka's errors mean to the log's callers."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaError, KafkaException

from streaming.contracts.log import LogError, LogUnavailable, RecordTooLarge, UnknownTopic

_UNKNOWN = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.UNKNOWN_TOPIC_ID,
    KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001  # the client's own codes begin with an underscore
    KafkaError._UNKNOWN_PARTITION,  # noqa: SLF001
}
_TOO_LARGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE}
_NEVER = {KafkaError.INVALID_RECORD, KafkaError.INVALID_CONFIG, KafkaError.INVALID_PARTITIONS}


def log_error(error: KafkaError, what: str) -> LogError:
    """The log's error for one of Kafka's."""
    text = f"{what}: {error.str()}"
    if error.code() in _UNKNOWN:
        return UnknownTopic(text)
    if error.code() in _TOO_LARGE:
        return RecordTooLarge(text)
    if error.code() in _NEVER:
        return LogError(text)
    return LogUnavailable(text)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise the log's errors for Kafka's."""
    try:
        yield
    except KafkaException as exception:
        raise log_error(exception.args[0], what) from exception
