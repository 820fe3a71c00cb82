"""The pipeline as a graph: sources, topics, consumers, and the topics that consumers write."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from cdp_site.pipeline.drawing import Drawing, Edge, Node, draw
from cdp_site.pipeline.states import lag_tone, tone_of
from cdp_site.words import grouped, short_number
from ingestion.domain.queries.flows import Flow
from streaming.domain.queries.consumers import ConsumerState
from streaming.domain.queries.topics import TopicState
from streaming.runtime.discovery import DEAD_LETTERS_PREFIX, RETRY_PREFIX, dead_letters_topic

COLUMNS = ("source", "topic", "consumer", "derived")
MAX_TOPICS = 9  # with a box of their own; the quiet ones share one
MAX_SOURCES = 8
REST_TOPICS, REST_SOURCES = "topic:…", "source:…"
_WORDS = {"good": "keeps up", "warn": "late", "bad": "needs help", "info": "starting", "quiet": "retired"}
_BROADEST = 6000.0  # records a minute


@dataclass(slots=True)
class _Parts:
    nodes: list[Node] = field(default_factory=list)
    edges: dict[tuple[str, str], list[tuple[float, int, str]]] = field(default_factory=dict)

    def lead(self, start: str, end: str, *, rate: float, lag: int = 0, tone: str = "quiet") -> None:
        """Add to the line between two boxes."""
        self.edges.setdefault((start, end), []).append((rate, lag, tone))


def pipeline(
    flows: Sequence[Flow],
    topics: Sequence[TopicState],
    consumers: Sequence[ConsumerState],
    retired: Collection[str] = (),
) -> Drawing:
    """The drawing of what exists now. Of consumers that are `retired` nothing is expected."""
    derived = {name for consumer in consumers for name in _written_by(consumer)}
    shown = [topic for topic in topics if topic.records or not _is_own(topic.name)]
    keys = _topic_keys(shown, derived)
    parts = _Parts()
    _add_sources(parts, flows, keys)
    _add_topics(parts, shown, keys, derived)
    for consumer in consumers:
        tone = "quiet" if consumer.name in retired else tone_of(consumer)
        _add_consumer(parts, consumer, tone, shown, keys)
    return draw(parts.nodes, [_edge(*ends, told) for ends, told in parts.edges.items()], COLUMNS)


def _written_by(consumer: ConsumerState) -> tuple[str, ...]:
    return (*consumer.publishes, dead_letters_topic(consumer.name))


def _is_own(name: str) -> bool:
    """Whether the topic belongs to a consumer's dead letters: of those only the ones in use are shown."""
    return name.startswith((RETRY_PREFIX, DEAD_LETTERS_PREFIX))


def _topic_keys(topics: Sequence[TopicState], derived: set[str]) -> dict[str, str]:
    """The box of each topic. The busiest have their own."""
    inputs = [topic for topic in topics if topic.name not in derived]
    busiest = sorted(inputs, key=lambda topic: (-topic.records_per_minute, -topic.records, topic.name))
    own = {topic.name for topic in busiest[:MAX_TOPICS]} | derived
    if len(inputs) == MAX_TOPICS + 1:
        own.add(busiest[-1].name)
    return {topic.name: f"topic:{topic.name}" if topic.name in own else REST_TOPICS for topic in topics}


def _add_sources(parts: _Parts, flows: Sequence[Flow], keys: dict[str, str]) -> None:
    rates: dict[tuple[int, str], float] = {}
    for flow in flows:
        place = (flow.source_id, flow.source)
        rates[place] = rates.get(place, 0.0) + flow.per_minute
    ranked = sorted(rates, key=lambda place: (-rates[place], place[1]))
    boxes = {place[0]: f"source:{place[0]}" for place in ranked[:MAX_SOURCES]}
    for (source_id, name), key in zip(ranked, boxes.values(), strict=False):
        address = reverse("admin:source", args=[source_id])
        parts.nodes.append(
            Node(key, "source", name, _per_minute(rates[source_id, name]), href=address, icon="sensors")
        )
    if rest := ranked[MAX_SOURCES:]:
        total = sum(rates[place] for place in rest)
        title = f"{len(rest)} more sources"
        parts.nodes.append(
            Node(
                REST_SOURCES,
                "source",
                title,
                _per_minute(total),
                href=reverse("admin:sources"),
                icon="sensors",
            )
        )
    for flow in flows:
        if flow.topic in keys:
            parts.lead(boxes.get(flow.source_id, REST_SOURCES), keys[flow.topic], rate=flow.per_minute)


def _add_topics(parts: _Parts, topics: Sequence[TopicState], keys: dict[str, str], derived: set[str]) -> None:
    rest = [topic for topic in topics if keys[topic.name] == REST_TOPICS]
    for topic in topics:
        if keys[topic.name] != REST_TOPICS:
            kind = "derived" if topic.name in derived else "topic"
            detail = f"{_per_minute(topic.records_per_minute)} · {short_number(topic.records)} held"
            address = reverse("admin:topic", args=[topic.name])
            parts.nodes.append(
                Node(keys[topic.name], kind, topic.name, detail, href=address, icon="database")
            )
    if rest:
        rate, held = sum(each.records_per_minute for each in rest), sum(each.records for each in rest)
        detail = f"{_per_minute(rate)} · {short_number(held)} held"
        title = f"{len(rest)} quieter topics"
        parts.nodes.append(Node(REST_TOPICS, "topic", title, detail, href="#topics", icon="database"))


def _add_consumer(
    parts: _Parts, consumer: ConsumerState, tone: str, topics: Sequence[TopicState], keys: dict[str, str]
) -> None:
    key, detail = f"consumer:{consumer.name}", f"{_WORDS[tone]} · {_behind(consumer.lag)}"
    address = reverse("admin:consumer", args=[consumer.name])
    parts.nodes.append(Node(key, "consumer", consumer.name, detail, tone, address, "memory"))
    for topic in topics:
        rate = topic.records_per_minute
        if consumer.name in topic.readers:
            lag = sum(each.lag or 0 for each in consumer.partitions if each.topic == topic.name)
            lagging = "quiet" if tone == "quiet" else lag_tone(lag, consumer.oldest_unread_age)
            parts.lead(keys[topic.name], key, rate=rate, lag=lag, tone=lagging)
        if topic.name in _written_by(consumer):
            parts.lead(key, keys[topic.name], rate=rate)


def _behind(lag: int | None) -> str:
    return "lag unknown" if lag is None else f"{grouped(lag)} to read"


def _edge(start: str, end: str, told: Sequence[tuple[float, int, str]]) -> Edge:
    rate, lag = sum(each[0] for each in told), sum(each[1] for each in told)
    worst = next((tone for tone in ("bad", "warn", "good") if any(each[2] == tone for each in told)), "quiet")
    label = _per_minute(rate) if rate else ""
    if lag and worst != "good":
        label = f"{label} · {short_number(lag)} wait".removeprefix(" · ")
    return Edge(start, end, label, worst, min(1.0, math.log1p(rate) / math.log1p(_BROADEST)))


def _per_minute(rate: float) -> str:
    if 0 < rate < 1:
        return "< 1/min"
    return f"{short_number(round(rate))}/min"
