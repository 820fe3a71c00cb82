"""How a consumer is doing, as a sentence and a tone."""

from datetime import timedelta

from cdp_site.words import duration, grouped
from streaming.domain.queries.consumers import ConsumerState
from streaming.enums import ConsumerCondition

LATE = timedelta(seconds=30)
VERY_LATE = timedelta(minutes=5)

_TONES = {
    ConsumerCondition.RUNNING: "good",
    ConsumerCondition.STARTING: "info",
    ConsumerCondition.WAITING: "warn",
    ConsumerCondition.STUCK: "bad",
    ConsumerCondition.NOT_RUNNING: "bad",
    ConsumerCondition.STOPPED: "bad",
}


def tone_of(consumer: ConsumerState) -> str:
    """The worse of how it runs and how far it is behind."""
    running = _TONES[consumer.state]
    return lag_tone(consumer.lag, consumer.oldest_unread_age) if running == "good" else running


def lag_tone(lag: int | None, age: timedelta | None) -> str:
    """Good while what waits is fresh, warn when it is late, bad when it is very late."""
    if not lag or age is None or age <= LATE:
        return "good"
    return "warn" if age <= VERY_LATE else "bad"


def sentence_of(consumer: ConsumerState) -> str:
    """What one would say of it when asked."""
    if _TONES[consumer.state] != "good":
        said = consumer.detail or consumer.state.label
        return f"{said[:1].upper()}{said[1:].removesuffix('.')}."
    if consumer.lag is None:
        return consumer.detail or "There is nothing to read yet."
    if not consumer.lag or consumer.oldest_unread_age is None:
        return "Keeps up: everything is read."
    if consumer.oldest_unread_age <= LATE:
        return f"Keeps up: {_records(consumer.lag)} on the way."
    return f"Is {duration(consumer.oldest_unread_age)} behind: {_records(consumer.lag)} to read.{_time_left(consumer)}"


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{grouped(count)} records"


def _time_left(consumer: ConsumerState) -> str:
    """How long it takes at this pace, if nothing more arrived."""
    if consumer.records_per_second < 1 or not consumer.lag:
        return ""
    return f" At this pace they take {duration(consumer.lag / consumer.records_per_second)}."
