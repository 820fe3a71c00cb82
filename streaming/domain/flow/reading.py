"""How consumers keep up, for pages, metrics and notices."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from streaming.contracts.records import TopicPartition
from streaming.domain.flow import samples
from streaming.domain.flow.outlook import NEVER, Outlook, outlook, together
from streaming.domain.flow.retirement import retired_consumers
from streaming.registry import registered_consumers


@dataclass(frozen=True, slots=True)
class ConsumerFlow:
    """A consumer's outlook: in all, by topic, and by partition. `sampled_at` is None before the first look."""

    total: Outlook
    topics: Mapping[str, Outlook]
    partitions: Mapping[TopicPartition, Outlook]
    sampled_at: datetime | None
    has_begun: bool
    is_retired: bool


def consumer_flows(now: datetime, *, standing: Collection[str] = ()) -> dict[str, ConsumerFlow]:
    """Of every registered consumer, by name. Those `standing` are taken to apply nothing from now on."""
    retired = retired_consumers()
    parts: dict[str, dict[TopicPartition, Outlook]] = defaultdict(dict)
    sampled: dict[str, datetime] = {}
    begun: set[str] = set()
    for (name, place), look in samples.load().items():
        sampled[name] = max(look.sample.at, sampled.get(name, look.sample.at))
        found = outlook(look.sample, look.pace, look.kept, now=now, stands=name in standing)
        parts[name][place] = found if look.has_begun else replace(found, loss_seconds=NEVER, used=0.0)
        if look.has_begun:
            begun.add(name)
    return {
        name: ConsumerFlow(
            together(parts[name].values()),
            _by_topic(parts[name]),
            parts[name],
            sampled.get(name),
            name in begun,
            name in retired,
        )
        for name in registered_consumers()
    }


def seconds_to_loss(now: datetime, *, standing: Collection[str] = ()) -> dict[str, float]:
    """Until retention overtakes the first consumer of each topic; without topics of which nobody loses anything.

    Those that are retired lose nothing that anybody misses; `standing` as in `consumer_flows`.
    """
    found: dict[str, float] = {}
    for flow in consumer_flows(now, standing=standing).values():
        for topic, part in flow.topics.items():
            if not flow.is_retired and part.loss_seconds < found.get(topic, NEVER):
                found[topic] = part.loss_seconds
    return found


def _by_topic(parts: Mapping[TopicPartition, Outlook]) -> dict[str, Outlook]:
    found: dict[str, list[Outlook]] = defaultdict(list)
    for place, part in sorted(parts.items()):
        found[place.topic].append(part)
    return {topic: together(each) for topic, each in found.items()}
