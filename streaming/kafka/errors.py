"""What Kafka's errors mean to the log's callers."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaError, KafkaException

from streaming.contracts.log import LogDenied, LogError, LogUnavailable, RecordTooLarge, UnknownTopic

_UNKNOWN = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.UNKNOWN_TOPIC_ID,
    KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001  # the client's own codes begin with an underscore
    KafkaError._UNKNOWN_PARTITION,  # noqa: SLF001
}
_TOO_LARGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE}
_NEVER = {KafkaError.INVALID_RECORD, KafkaError.INVALID_CONFIG, KafkaError.INVALID_PARTITIONS}
_SETTLING = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.REPLICA_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.OFFSET_NOT_AVAILABLE,
    KafkaError.NOT_CONTROLLER,
    KafkaError.KAFKA_STORAGE_ERROR,
    KafkaError.NETWORK_EXCEPTION,
    KafkaError.REQUEST_TIMED_OUT,
}
RIGHTS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
}
_LOGIN = {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED}  # noqa: SLF001


class LogSettling(LogUnavailable):
    """A leader or controller is being chosen, or a broker has not heard yet: asked again, it is over in a moment."""


def log_error(error: KafkaError, what: str) -> LogError:
    """The log's error for one of Kafka's."""
    text, code = f"{what}: {error.str()}", error.code()
    for codes, kind in (
        (_UNKNOWN, UnknownTopic),
        (_TOO_LARGE, RecordTooLarge),
        (_NEVER, LogError),
        (_SETTLING, LogSettling),
        (RIGHTS | _LOGIN, LogDenied),
    ):
        if code in codes:
            return kind(text)
    return LogUnavailable(text)


@contextmanager
def translated(what: str, grant: str = "") -> Iterator[None]:
    """Raise the log's errors for Kafka's; `grant` says how to get the right that is asked for."""
    try:
        yield
    except KafkaException as exception:
        error = exception.args[0]
        if error.code() in RIGHTS and grant:
            raise LogDenied(f"{what}: {error.str()}; {grant}") from exception
        raise log_error(error, what) from exception
