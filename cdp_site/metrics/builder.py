"""How soon events become visible, as the profile builder measured it."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from compliance.access import Actor
from profiles.domain.queries import latency

MINUTES = 5


def builder_figures(now: datetime) -> Iterator[Metric]:
    """Of the last minutes."""
    measured = latency(Actor.system("metrics"), now=now, minutes=MINUTES)
    applied = GaugeMetricFamily(
        "headwater_profiles_applied_events", f"Events applied to profiles in the last {MINUTES} minutes"
    )
    applied.add_metric([], measured.events)
    yield applied
    seconds = GaugeMetricFamily(
        "headwater_profiles_latency_seconds",
        f"From an event's arrival to its being visible, percentiles of the last {MINUTES} minutes",
        labels=["quantile"],
    )
    for quantile, value in (("0.5", measured.p50), ("0.95", measured.p95), ("0.99", measured.p99)):
        if value is not None:
            seconds.add_metric([quantile], value)
    yield seconds
