"""Sources, what the collector keeps of what they send, and the log."""

from compliance.enums import Category
from compliance.stores import Store

COLLECTOR = (
    Store(
        name="ingestion.source",
        description="Sources that send events",
        location="table:ingestion_source",
        fields=dict.fromkeys(
            (
                "id",
                "name",
                "description",
                "created_at",
                "disabled_at",
                "visit_timeout",
                "purpose",
                "purposes",
            ),
            None,
        ),
    ),
    Store(
        name="ingestion.write_key",
        description="Write keys of sources",
        location="table:ingestion_writekey",
        fields=dict.fromkeys(("id", "source", "key", "created_at", "disabled_at"), None),
    ),
    Store(
        name="ingestion.consent_meaning",
        description="What names of consent tools mean in events of a source",
        location="table:ingestion_consentmeaning",
        fields=dict.fromkeys(("id", "source", "signal", "name", "purpose"), None),
    ),
    Store(
        name="ingestion.event_name",
        description="Names of events and their topics",
        location="table:ingestion_eventname",
        fields=dict.fromkeys(
            ("id", "type", "name", "topic", "source", "first_seen_at", "last_seen_at"), None
        ),
    ),
    Store(
        name="ingestion.source_minute",
        description="Numbers of events by minute",
        location="table:ingestion_sourceminute",
        fields=dict.fromkeys(("id", "source", "minute", "type", "name", "result", "events"), None),
    ),
    Store(
        name="ingestion.collector_process",
        description="Running collectors",
        location="table:ingestion_collectorprocess",
        fields=dict.fromkeys(
            (
                "name",
                "host",
                "pid",
                "started_at",
                "heartbeat_at",
                "stopped_at",
                "spooled_records",
                "spooled_bytes",
                "oldest_spooled_at",
                "trouble",
            ),
            None,
        ),
    ),
    Store(
        name="ingestion.rejection",
        description="Items that the collector rejected, as received",
        location="table:ingestion_rejection",
        fields={
            **dict.fromkeys(
                ("id", "uid", "source", "received_at", "code", "reason", "type", "raw_bytes"), None
            ),
            "name": Category.BEHAVIOUR,
            "message_id": Category.BEHAVIOUR,
            "raw": Category.UNCLASSIFIED,
        },
    ),
    Store(
        name="ingestion.live_event",
        description="Events of the last 15 minutes, for the live page",
        location="table:ingestion_liveevent",
        fields={
            **dict.fromkeys(("id", "at", "source", "type", "result", "reason", "sample_of"), None),
            "name": Category.BEHAVIOUR,
            "message_id": Category.BEHAVIOUR,
            "raw": Category.UNCLASSIFIED,
        },
    ),
    Store(
        name="ingestion.events",
        description="The raw events of the log, a topic per name",
        location="topic:events.*",
        fields={"key": Category.IDENTITY, "value": Category.UNCLASSIFIED},
    ),
    Store(
        name="ingestion.rejections",
        description="Rejected items on their way to their table",
        location="topic:rejections",
        fields={"key": None, "value": Category.UNCLASSIFIED},
    ),
    Store(
        name="ingestion.spool",
        description="Accepted events that wait on disk while the log is away",
        location="files:spool",
        fields={"record": Category.UNCLASSIFIED},
    ),
)
