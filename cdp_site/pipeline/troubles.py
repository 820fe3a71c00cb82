"""What the pipeline itself has to say: losses that are near, consumers that stand, letters, the brake, the spool."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from cdp_site.pipeline.notices import Notice
from cdp_site.pipeline.outlooks import IN_SIGHT, NEAR, loss_in_words
from cdp_site.words import duration, grouped
from ingestion.models import CollectorProcess
from streaming.domain import dead_letters
from streaming.domain.flow.pressure import REFUSE_FROM, SLOW_FROM, pressure
from streaming.domain.flow.reading import ConsumerFlow, consumer_flows
from streaming.domain.queries.consumers import conditions
from streaming.enums import STANDING, ConsumerCondition

BEHIND, AWAY = "consumer_behind", "log_away"  # kinds of notices
MANY_LETTERS = 100
SPOOL_FILLS = 0.5
SPOOLED_LONG = timedelta(hours=1)


def pipeline_notices(now: datetime) -> Iterator[Notice]:
    """As of now, by what the database knows: the log is not asked."""
    states = conditions(now)
    flows = consumer_flows(now, standing=[name for name, state in states.items() if state in STANDING])
    letters = dead_letters.counts()
    yield from _brake()
    for name, flow in flows.items():
        if not flow.is_retired:
            yield from _losses(name, flow)
            yield from _standing(name, states[name], flow)
        if letters.get(name, 0) >= MANY_LETTERS:
            text = f"{grouped(letters[name])} dead letters of {name} wait for a decision."
            yield Notice("warn", text, "Read why, then resubmit or discard", "dead_letters")
    yield from _spools(now)


def _brake() -> Iterator[Notice]:
    found = pressure()
    if found.used >= REFUSE_FROM:
        text = f"The collector refuses events, so that none is lost: {found.sentence}."
        action = f"Start or retire {found.consumer}"
        yield Notice("bad", text, action, "consumer", found.consumer, BEHIND, "brake")
    elif found.used > SLOW_FROM:
        text = f"The collector slows down: {found.sentence}."
        action = f"Help {found.consumer} catch up"
        yield Notice("warn", text, action, "consumer", found.consumer, BEHIND, "brake")


def _losses(name: str, flow: ConsumerFlow) -> Iterator[Notice]:
    total = flow.total
    if total.loss_seconds < IN_SIGHT:
        topic = min(flow.topics, key=lambda topic: flow.topics[topic].loss_seconds)
        text = f"{name} loses records of {topic} {loss_in_words(total)}: retention takes them before they are read."
        tone = "bad" if total.loss_seconds < NEAR else "warn"
        yield Notice(tone, text, "Keep them longer", "topic", topic, BEHIND, f"loss:{name}")


def _standing(name: str, state: ConsumerCondition, flow: ConsumerFlow) -> Iterator[Notice]:
    """One that nobody runs is nothing to see to before it ran once."""
    if state in STANDING and (flow.has_begun or state is not ConsumerCondition.NOT_RUNNING):
        waiting = f", and {grouped(flow.total.lag)} records wait" if flow.total.lag else ""
        text = f"{name} stands ({state.label.lower()}){waiting}."
        yield Notice("bad", text, "See why, and start it", "consumer", name, BEHIND, f"stands:{name}")


def _spools(now: datetime) -> Iterator[Notice]:
    limit = settings.SPOOL_LIMIT_MB * 1024 * 1024
    for process in CollectorProcess.objects.filter(spooled_records__gt=0):
        share, since = process.spooled_bytes / limit, process.oldest_spooled_at or now
        if share >= SPOOL_FILLS or now - since > SPOOLED_LONG:
            text = (
                f"The spool on {process.host} holds {grouped(process.spooled_records)} events, {share:.0%} of its room, "
                f"for {duration(now - since)}: the log does not take them."
            )
            tone = "bad" if share >= SPOOL_FILLS else "warn"
            yield Notice(tone, text, "See to the event log", "topics", None, AWAY, f"spool:{process.name}")
