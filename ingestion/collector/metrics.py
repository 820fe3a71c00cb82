"""The collector's metrics, touched once a second or once per group, never per event."""

from prometheus_client import Counter, Gauge, Histogram

from ingestion.collector.tally import Tally
from ingestion.spool.spool import SpoolStatus

EVENTS = Counter("headwater_collector_events_total", "Items that reached the collector", ["result"])
REQUESTS = Counter("headwater_collector_requests_total", "Requests that the collector answered", ["status"])
GROUP_SECONDS = Histogram(
    "headwater_collector_group_seconds", "From handing a group of requests on to its being durable",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)  # fmt: skip
SPOOLED_RECORDS = Gauge(
    "headwater_spool_records", "Records that wait in the spool", multiprocess_mode="livesum"
)
SPOOLED_BYTES = Gauge("headwater_spool_bytes", "Bytes that wait in the spool", multiprocess_mode="livesum")
SPOOL_OLDEST = Gauge(
    "headwater_spool_oldest_timestamp_seconds", "When the oldest spooled record was received; 0 when there is none",
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


def show_spool(status: SpoolStatus, *, open_gate: bool) -> None:
    """Show what waits on disk, and whether the log takes events."""
    SPOOLED_RECORDS.set(status.records)
    SPOOLED_BYTES.set(status.bytes)
    SPOOL_OLDEST.set(status.oldest or 0)
    LOG_REACHABLE.set(1 if open_gate else 0)
