"""Each consumer with how it keeps up: what pages, programs and notices show."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from streaming.domain.flow.reading import ConsumerFlow, consumer_flows
from streaming.domain.queries.consumers import ConsumerState, consumers
from streaming.enums import STANDING


class Overview(NamedTuple):
    """A consumer: how it runs, and how it keeps up."""

    state: ConsumerState
    flow: ConsumerFlow


def overview(now: datetime) -> list[Overview]:
    """All registered consumers, by name."""
    return with_flows(consumers(now), now)


def with_flows(states: Sequence[ConsumerState], now: datetime) -> list[Overview]:
    """These with their flows."""
    standing = [each.name for each in states if each.state in STANDING]
    flows = consumer_flows(now, standing=standing)
    return [Overview(each, flows[each.name]) for each in states]
