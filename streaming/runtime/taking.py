"""Taking what was read, and the rules by which a consumer stops where records are missing."""

from streaming.contracts.log import OffsetOutOfRange
from streaming.runtime.holding import resolution
from streaming.runtime.inbox import Inbox
from streaming.runtime.piece import Piece
from streaming.runtime.stopping import ConsumerStopped, OutboxGap


def take(inbox: Inbox, consumer: str, seconds: float) -> Piece | None:
    """The next piece, as Inbox.take_work. Raises ConsumerStopped where records are missing before it."""
    try:
        return inbox.take_work(seconds)
    except OffsetOutOfRange as error:
        raise ConsumerStopped(
            f"the consumer {consumer!r} stopped: {error}: {_what_happened(error)}. "
            + resolution(consumer, error.topic_partition.topic)
        ) from error
    except OutboxGap as error:
        raise ConsumerStopped(
            f"the consumer {consumer!r} stopped: {error}. Once it is known what was lost, `manage.py consumer_reset "
            f"{consumer} --topic {error.topic} --accept-gaps` goes on behind the gap; then start the consumer again"
        ) from error


def _what_happened(error: OffsetOutOfRange) -> str:
    if error.offset > error.bounds.end:
        return "the topic is shorter than what was read of it, so the log has lost records (a broker or a backup put back)"
    return "records were deleted before it read them"
