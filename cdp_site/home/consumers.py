"""The consumers as Home shows them, and what is wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cdp_site import tones
from cdp_site.home.findings import Finding
from cdp_site.words import duration, grouped
from compliance.wording import sentence
from streaming.domain.flow.retirement import retired_consumers
from streaming.domain.queries.consumers import ConsumerState, consumers

BEHIND = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ConsumerLine:
    """One consumer in a word; `lag` is the number of records it has yet to read."""

    name: str
    word: str
    tone: str
    lag: int | None
    rate: float


def states(*, now: datetime) -> list[ConsumerState]:
    """All consumers."""
    return consumers(now)


def lines(found: Sequence[ConsumerState]) -> list[ConsumerLine]:
    """Each consumer in a word."""
    return [
        ConsumerLine(
            each.name, each.state.label, tones.OF_CONSUMERS[each.state], each.lag, each.records_per_second
        )
        for each in found
    ]


def consumer_findings(found: Sequence[ConsumerState]) -> list[Finding]:
    """Those that do not run, are behind, or left dead letters. Of one that is stopped for good only the letters count."""
    retired = retired_consumers()
    kept = [each for each in found if each.name not in retired]
    return [
        *(_not_well(each) for each in kept if tones.OF_CONSUMERS[each.state] in ("bad", "warn")),
        *(
            _behind(each, each.oldest_unread_age)
            for each in kept
            if (each.oldest_unread_age or BEHIND) > BEHIND
        ),
        *(_letters(each) for each in found if each.dead_letters),
    ]


def _not_well(consumer: ConsumerState) -> Finding:
    text = f"The consumer {consumer.name}: {consumer.state.label.lower()}"
    return Finding(tones.OF_CONSUMERS[consumer.state], text, sentence(consumer.detail), "consumers")


def _behind(consumer: ConsumerState, age: timedelta | None) -> Finding:
    text = f"The consumer {consumer.name} is {duration(age)} behind"
    unread = (
        f"{grouped(consumer.lag)} records wait; it reads {grouped(consumer.records_per_second)} a second."
    )
    return Finding("warn", text, unread, "consumers")


def _letters(consumer: ConsumerState) -> Finding:
    plural = "" if consumer.dead_letters == 1 else "s"
    text = f"{grouped(consumer.dead_letters)} dead letter{plural} of the consumer {consumer.name}"
    return Finding("warn", text, "Read why, then resubmit or discard.", "dead_letters")
