"""Models of ingestion."""

from ingestion.models.catalogue import (
    CatalogueEvent,
    CatalogueFinding,
    CatalogueKey,
    CatalogueUse,
    CatalogueVolume,
)
from ingestion.models.collector_process import CollectorProcess
from ingestion.models.connection import Connection, Stream
from ingestion.models.connection_run import ConnectionRowError, ConnectionRun
from ingestion.models.consent_meaning import ConsentMeaning
from ingestion.models.context_day import ContextDay
from ingestion.models.event_name import EventName
from ingestion.models.file_import import FileImport, RowError
from ingestion.models.import_ledger import ImportedFile, ImportGap, ImportRun
from ingestion.models.live_event import LiveEvent
from ingestion.models.quarantine import Quarantined, Resend
from ingestion.models.rejection import Rejection
from ingestion.models.source import Source, WriteKey
from ingestion.models.source_minute import SourceMinute
from ingestion.models.tracking_plan import PlanVersion, PlanViolation, TrackingPlan
from ingestion.models.webhook import Webhook, WebhookPayload

__all__ = [
    "CatalogueEvent",
    "CatalogueFinding",
    "CatalogueKey",
    "CatalogueUse",
    "CatalogueVolume",
    "CollectorProcess",
    "Connection",
    "ConnectionRowError",
    "ConnectionRun",
    "ConsentMeaning",
    "ContextDay",
    "EventName",
    "FileImport",
    "ImportGap",
    "ImportRun",
    "ImportedFile",
    "LiveEvent",
    "PlanVersion",
    "PlanViolation",
    "Quarantined",
    "Rejection",
    "Resend",
    "RowError",
    "Source",
    "SourceMinute",
    "Stream",
    "TrackingPlan",
    "Webhook",
    "WebhookPayload",
    "WriteKey",
]
