"""What the screens of ingestion ask."""

from ingestion.domain.queries.live import LiveFilter, live_events
from ingestion.domain.queries.rejections import RejectionReason, rejection_reasons, rejections
from ingestion.domain.queries.sources import SourceOverview, source_overviews
from ingestion.domain.queries.volumes import MinuteSeries, arrived_between, events_per_minute, top_events

__all__ = [
    "LiveFilter", "MinuteSeries", "RejectionReason", "SourceOverview", "arrived_between", "events_per_minute",
    "live_events", "rejection_reasons", "rejections", "source_overviews", "top_events",
]  # fmt: skip
