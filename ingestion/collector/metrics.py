"""The collector's metrics, touched once a second or once per group, never per event."""

from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram

from ingestion.collector.tally import Tally
from ingestion.spool.spool import SpoolStatus
from ingestion.spool.survey import together

EVENTS = Counter("headwater_collector_events_total", "Items that reached the collector", ["result"])
REQUESTS = Counter("headwater_collector_requests_total", "Requests that the collector answered", ["status"])
GROUP_SECONDS = Histogram(
    "headwater_collector_group_seconds", "From handing a group of requests on to its being durable",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)  # fmt: skip
SPOOLED_RECORDS = Gauge(
    "headwater_spool_records",
    "Records that wait in the spools of running processes",
    multiprocess_mode="livesum",
)
SPOOLED_BYTES = Gauge(
    "headwater_spool_bytes", "Bytes that wait in the spools of running processes", multiprocess_mode="livesum"
)
SPOOL_LIMIT = Gauge(
    "headwater_spool_limit_bytes",
    "Bytes that the spools of running processes may hold",
    multiprocess_mode="livesum",
)
SPOOL_AGE = Gauge(
    "headwater_spool_oldest_age_seconds", "Since the oldest spooled record was received; 0 when there is none",
    multiprocess_mode="livemax",
)  # fmt: skip
# Each process looks at what dead ones left on this disk: they all see the same.
ABANDONED_RECORDS = Gauge(
    "headwater_spool_abandoned_records", "Records that processes which died left on this disk",
    multiprocess_mode="livemax",
)  # fmt: skip
ABANDONED_BYTES = Gauge(
    "headwater_spool_abandoned_bytes", "Bytes that processes which died left on this disk",
    multiprocess_mode="livemax",
)  # fmt: skip
BYTES_ASIDE = Gauge(
    "headwater_spool_set_aside_bytes", "Damaged or refused bytes of the spool that a person must judge",
    multiprocess_mode="livemax",
)  # fmt: skip
LOG_REACHABLE = Gauge(
    "headwater_collector_log_reachable", "1 while the log takes events", multiprocess_mode="livemin"
)


def count(tally: Tally) -> None:
    """Add what a loop counted."""
    results: dict[str, int] = {}
    for (_, _, _, result), events in tally.counts.items():
        results[result] = results.get(result, 0) + events
    for result, events in results.items():
        EVENTS.labels(result).inc(events)
    for status, requests in tally.statuses.items():
        REQUESTS.labels(str(status)).inc(requests)


@dataclass(frozen=True, slots=True)
class SpoolView:
    """What waits on this disk: in this process's spool, in those of processes that died, and for a person."""

    own: SpoolStatus
    abandoned: SpoolStatus
    bytes_aside: int
    limit: int


def show_spool(view: SpoolView, *, now: float, open_gate: bool) -> None:
    """Show what waits on disk, and whether the log takes events."""
    oldest = together(view.own, view.abandoned).oldest
    SPOOLED_RECORDS.set(view.own.records)
    SPOOLED_BYTES.set(view.own.bytes)
    SPOOL_LIMIT.set(view.limit)
    SPOOL_AGE.set(max(now - oldest, 0.0) if oldest else 0.0)
    ABANDONED_RECORDS.set(view.abandoned.records)
    ABANDONED_BYTES.set(view.abandoned.bytes)
    BYTES_ASIDE.set(view.bytes_aside)
    LOG_REACHABLE.set(1 if open_gate else 0)
