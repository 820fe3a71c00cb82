"""How consumers keep up, as Prometheus metrics: per consumer and topic, and the pressure that the collector obeys."""

from collections.abc import Callable, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from streaming.domain.flow.outlook import Outlook
from streaming.domain.flow.reading import ConsumerFlow

_LABELS = ["consumer", "topic"]


def flow_metrics(flows: Mapping[str, ConsumerFlow]) -> list[Metric]:
    """All of them. What is never the case is +Inf; what is not known yet is left out."""
    return [
        _gauge("lag_records", "Records that the consumer has not read", flows, lambda each: each.lag),
        _gauge("lag_seconds", "Age of its oldest unread record", flows, lambda each: each.lag_seconds),
        _gauge("arriving_records_per_second", "Records that arrive", flows, lambda each: each.arriving),
        _gauge("applied_records_per_second", "Records that it applies", flows, lambda each: each.applied),
        _gauge("drain_seconds", "When it has read all at this pace; +Inf: never", flows, lambda each: each.drain_seconds),
        _gauge(
            "time_to_loss_seconds", "When retention overtakes it at this pace; +Inf: never", flows,
            lambda each: each.loss_seconds,
        ),
        _gauge(
            "retention_used_ratio", "Share of what the topic keeps that it has not read; at 1 records are lost", flows,
            lambda each: each.used,
        ),
        _retired(flows),
        _sampled(flows),
    ]  # fmt: skip


def _gauge(
    name: str, text: str, flows: Mapping[str, ConsumerFlow], figure: Callable[[Outlook], float | None]
) -> Metric:
    family = GaugeMetricFamily(f"headwater_consumer_topic_{name}", text, labels=_LABELS)
    for consumer, flow in flows.items():
        for topic, each in flow.topics.items():
            if not flow.is_retired and (value := figure(each)) is not None:
                family.add_metric([consumer, topic], value)
    return family


def _retired(flows: Mapping[str, ConsumerFlow]) -> Metric:
    family = GaugeMetricFamily(
        "headwater_consumer_retired",
        "1 for a consumer that is stopped for good: nothing waits for it",
        labels=["consumer"],
    )
    for consumer, flow in flows.items():
        family.add_metric([consumer], flow.is_retired)
    return family


def _sampled(flows: Mapping[str, ConsumerFlow]) -> Metric:
    """When somebody looked last: without it an alert could not tell "all is well" from "nobody looks"."""
    family = GaugeMetricFamily(
        "headwater_flow_sampled_timestamp_seconds", "When lag and pace were looked at last"
    )
    looks = [flow.sampled_at.timestamp() for flow in flows.values() if flow.sampled_at is not None]
    if looks:
        family.add_metric([], max(looks))
    return family
