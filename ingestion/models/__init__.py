"""Models of ingestion."""

from ingestion.models.collector_process import CollectorProcess
from ingestion.models.event_name import EventName
from ingestion.models.file_import import FileImport, RowError
from ingestion.models.import_ledger import ImportedFile, ImportGap
from ingestion.models.live_event import LiveEvent
from ingestion.models.rejection import Rejection
from ingestion.models.source import Source, WriteKey
from ingestion.models.source_minute import SourceMinute

__all__ = [
    "CollectorProcess",
    "EventName",
    "FileImport",
    "ImportGap",
    "ImportedFile",
    "LiveEvent",
    "Rejection",
    "RowError",
    "Source",
    "SourceMinute",
    "WriteKey",
]
