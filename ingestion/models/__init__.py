"""Models of ingestion."""

from ingestion.models.collector_process import CollectorProcess
from ingestion.models.event_name import EventName
from ingestion.models.live_event import LiveEvent
from ingestion.models.rejection import Rejection
from ingestion.models.source import Source, WriteKey
from ingestion.models.source_minute import SourceMinute

__all__ = ["CollectorProcess", "EventName", "LiveEvent", "Rejection", "Source", "SourceMinute", "WriteKey"]
