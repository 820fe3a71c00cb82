"""How a consumer is doing, as a sentence and a tone."""

from datetime import timedelta

from cdp_site import tones
from cdp_site.pipeline.outlooks import IN_SIGHT, LATE, loss_in_words
from cdp_site.words import duration, grouped
from compliance.wording import sentence
from streaming.domain.flow.outlook import NEVER, Outlook
from streaming.domain.queries.consumers import ConsumerState

VERY_LATE = timedelta(minutes=5)


def tone_of(consumer: ConsumerState) -> str:
    """The worse of how it runs and how far it is behind."""
    running = tones.OF_CONSUMERS[consumer.state]
    return lag_tone(consumer.lag, consumer.oldest_unread_age) if running == "good" else running


def lag_tone(lag: int | None, age: timedelta | None) -> str:
    """Good while what waits is fresh, warn when it is late, bad when it is very late."""
    if not lag or age is None or age <= LATE:
        return "good"
    return "warn" if age <= VERY_LATE else "bad"


def sentence_of(consumer: ConsumerState, found: Outlook) -> str:
    """What one would say of it, and of its outlook, when asked."""
    if tones.OF_CONSUMERS[consumer.state] != "good":
        said = consumer.detail or consumer.state.label
        return sentence(said)
    if consumer.lag is None:
        return consumer.detail or "There is nothing to read yet."
    if not consumer.lag or consumer.oldest_unread_age is None:
        return "Keeps up: everything is read."
    if consumer.oldest_unread_age <= LATE:
        return f"Keeps up: {_records(consumer.lag)} on the way."
    return f"Is {duration(consumer.oldest_unread_age)} behind: {_records(consumer.lag)} to read.{_time_left(found)}"


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{grouped(count)} records"


def _time_left(found: Outlook) -> str:
    """How long it takes at this pace, and whether there is so long."""
    loss = f" It loses records {loss_in_words(found)}." if found.loss_seconds < IN_SIGHT else ""
    if not found.lag or found.drain_seconds is None:
        return loss
    if found.drain_seconds == NEVER:
        return f" It never catches up at this pace.{loss}"
    return f" At this pace it has caught up in about {duration(found.drain_seconds)}.{loss}"
