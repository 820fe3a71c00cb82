"""The consumers as Prometheus metrics: made from the database at each scrape, so any process can show them."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from streaming.contracts.cluster import Ailment, ClusteredLog
from streaming.domain.flow.metrics import flow_metrics
from streaming.domain.flow.overview import with_flows
from streaming.domain.queries.consumers import ConsumerState, consumers
from streaming.domain.queries.outbox import outbox
from streaming.domain.topics.health import log_troubles
from streaming.enums import ConsumerCondition
from streaming.event_log import event_log

_LABELS = ["consumer"]


def consumer_metrics(now: datetime) -> list[Metric]:
    """Lag, rate, drain and time to loss, batch time, totals, dead letters and condition of each consumer; the log."""
    states = consumers(now)
    return [
        *_log_metrics(),
        *flow_metrics({each.state.name: each.flow for each in with_flows(states, now)}),
        _gauge("lag_records", "Records that the consumer has not read", states, lambda each: each.lag),
        _gauge(
            "oldest_unread_seconds", "Age of the oldest record that the consumer has not read; 0 when there is none",
            states, lambda each: each.oldest_unread_age.total_seconds() if each.oldest_unread_age else 0,
        ),
        _gauge(
            "records_per_second", "Records applied per second, over some seconds", states,
            lambda each: each.records_per_second,
        ),
        _gauge("batch_seconds", "Time of one batch, over some seconds", states, lambda each: each.batch_seconds),
        _gauge("open_dead_letters", "Dead letters that nobody has decided on", states, lambda each: each.dead_letters),
        _gauge(
            "workers", "Processes that run the consumer", states,
            lambda each: 0 if each.state in (ConsumerCondition.STOPPED, ConsumerCondition.NOT_RUNNING) else len(each.workers),
        ),
        _counter("records", "Records applied", states, lambda each: each.totals.records),
        _counter("dead_letters", "Messages that became dead letters", states, lambda each: each.totals.dead_letters),
        _counter("batches", "Batches committed", states, lambda each: each.totals.batches),
        _counter("batch_seconds", "Time spent on batches", states, lambda each: each.totals.batch_seconds),
        _conditions(states),
    ]  # fmt: skip


Figure = Callable[[ConsumerState], float | None]


def _gauge(name: str, text: str, states: list[ConsumerState], figure: Figure) -> Metric:
    family = GaugeMetricFamily(f"headwater_consumer_{name}", text, labels=_LABELS)
    for state in states:
        if (value := figure(state)) is not None:
            family.add_metric([state.name], value)
    return family


def _counter(name: str, text: str, states: list[ConsumerState], figure: Figure) -> Metric:
    family = CounterMetricFamily(f"headwater_consumer_{name}_total", text, labels=_LABELS)
    for state in states:
        family.add_metric([state.name], figure(state) or 0)
    return family


def _log_metrics() -> list[Metric]:
    """What is wrong with the log, whether it can be used, and what has not reached it yet."""
    log, wrong = event_log(), log_troubles(event_log)
    found = Counter(each.ailment for each in wrong)
    troubles = GaugeMetricFamily(
        "headwater_log_troubles", "What is wrong with the event log's cluster", labels=["ailment"]
    )
    for ailment in Ailment:
        troubles.add_metric([ailment.value], found[ailment])
    up = GaugeMetricFamily("headwater_log_up", "1 while the event log can be read and written")
    # Of a cluster all is known by now: asked again, one that is away would keep the scrape waiting beyond its time.
    is_up = (
        not any(each.stops_events for each in wrong) if isinstance(log, ClusteredLog) else log.check() is None
    )
    up.add_metric([], is_up)
    records = GaugeMetricFamily("headwater_outbox_records", "Records on their way to the log")
    records.add_metric([], outbox())
    return [troubles, up, records]


def _conditions(states: list[ConsumerState]) -> Metric:
    family = GaugeMetricFamily(
        "headwater_consumer_condition",
        "1 for the condition that the consumer is in",
        labels=[*_LABELS, "condition"],
    )
    for state in states:
        for condition in ConsumerCondition:
            family.add_metric([state.name, condition.value], state.state == condition)
    return family
