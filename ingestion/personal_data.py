"""Where ingestion keeps personal data, field by field (None: not personal)."""

from compliance.enums import Category
from compliance.stores import Store, register_store, table_store

_STORES = (
    Store(
        name="ingestion.source",
        description="Sources that send events",
        location="table:ingestion_source",
        fields=dict.fromkeys(
            ("id", "name", "description", "created_at", "disabled_at", "visit_timeout", "purposes"), None
        ),
    ),
    Store(
        name="ingestion.write_key",
        description="Write keys of sources",
        location="table:ingestion_writekey",
        fields=dict.fromkeys(("id", "source", "key", "created_at", "disabled_at"), None),
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
        name="ingestion.import",
        description="Imports of files, without their content",
        location="table:ingestion_fileimport",
        fields={
            **dict.fromkeys(
                (
                    "id",
                    "source",
                    "path",
                    "uploaded",
                    "file_hash",
                    "content_bytes",
                    "format",
                    "mapping",
                    "state",
                    "failure",
                    "created_at",
                    "started_at",
                    "ended_at",
                    "file_deleted_at",
                    "offset",
                    "line",
                    "row",
                    "accepted",
                    "rejected",
                    "suppressed",
                    "repeated",
                    "running_seconds",
                    "lease_owner",
                    "lease_until",
                ),
                None,
            ),
            "name": Category.UNCLASSIFIED,
            "created_by": Category.IDENTITY,
        },
    ),
    Store(
        name="ingestion.row_error",
        description="Rows of files that were not taken, with their beginning",
        location="table:ingestion_rowerror",
        fields={
            **dict.fromkeys(("id", "file_import", "row", "line", "reason"), None),
            "raw": Category.UNCLASSIFIED,
        },
    ),
    Store(
        name="ingestion.imported_file",
        description="Which rows of which file are in, by its hash",
        location="table:ingestion_importedfile",
        fields=dict.fromkeys(
            ("id", "file_hash", "source", "rows_done", "complete", "first_import", "first_imported_at"), None
        ),
    ),
    Store(
        name="ingestion.import_gap",
        description="Which rows of a file are not in, by their numbers",
        location="table:ingestion_importgap",
        fields=dict.fromkeys(("id", "file", "first_row", "last_row"), None),
    ),
    Store(
        name="ingestion.connection",
        description="Logins to other systems; their secrets are encrypted",
        location="table:ingestion_connection",
        fields={
            **dict.fromkeys(
                (
                    "id",
                    "name",
                    "kind",
                    "source",
                    "settings",
                    "secrets",
                    "created_at",
                    "failures",
                    "trouble",
                    "retry_at",
                ),
                None,
            ),
            "created_by": Category.IDENTITY,
        },
    ),
    Store(
        name="ingestion.stream",
        description="Streams that are read of connections, and how far",
        location="table:ingestion_stream",
        fields={
            **dict.fromkeys(
                (
                    "id",
                    "connection",
                    "name",
                    "mode",
                    "columns",
                    "left_out",
                    "key",
                    "cursor",
                    "look_back",
                    "starts_at",
                    "mapping",
                    "is_whole",
                    "drift",
                    "every_seconds",
                    "crontab",
                    "paused_at",
                    "created_at",
                ),
                None,
            ),
            "state": Category.IDENTITY,
        },
    ),
    Store(
        name="ingestion.connection_run",
        description="Runs of connections, and how far each came",
        location="table:ingestion_connectionrun",
        fields={
            **dict.fromkeys(
                (
                    "id",
                    "stream",
                    "cause",
                    "state",
                    "failure",
                    "notes",
                    "created_at",
                    "started_at",
                    "ended_at",
                    "rows_per_second",
                    "expected",
                    "read",
                    "accepted",
                    "rejected",
                    "suppressed",
                    "running_seconds",
                    "lease_owner",
                    "lease_until",
                ),
                None,
            ),
            "position": Category.IDENTITY,
            "created_by": Category.IDENTITY,
        },
    ),
    Store(
        name="ingestion.connection_row_error",
        description="Rows of connections that were not taken, with their beginning",
        location="table:ingestion_connectionrowerror",
        fields={
            **dict.fromkeys(("id", "run", "row", "line", "reason"), None),
            "raw": Category.UNCLASSIFIED,
        },
    ),
    Store(
        name="ingestion.webhook",
        description="Addresses to which other systems send; their secrets are encrypted",
        location="table:ingestion_webhook",
        fields={
            **dict.fromkeys(
                (
                    "id",
                    "public_id",
                    "name",
                    "source",
                    "scheme",
                    "scheme_settings",
                    "secrets",
                    "former_until",
                    "headers",
                    "mapping",
                    "created_at",
                    "disabled_at",
                ),
                None,
            ),
            "created_by": Category.IDENTITY,
        },
    ),
    Store(
        name="ingestion.webhook_payload",
        description="The last payloads of webhooks, encrypted, for a day",
        location="table:ingestion_webhookpayload",
        fields={
            **dict.fromkeys(
                ("id", "webhook", "received_at", "status", "code", "events", "content_type"), None
            ),
            "body": Category.UNCLASSIFIED,
        },
    ),
    Store(
        name="ingestion.context_day",
        description="What holds for a postcode on a day, such as its weather; about no person",
        location="table:ingestion_contextday",
        fields=dict.fromkeys(("id", "dataset", "country", "postcode", "day", "values", "updated_at"), None),
    ),
    Store(
        name="ingestion.import_run",
        description="Which rows of a file an import brought in, by their numbers",
        location="table:ingestion_importrun",
        fields=dict.fromkeys(("id", "file_import", "first_row", "last_row"), None),
    ),
    Store(
        name="ingestion.uploads",
        description="Uploaded files, until a day after their import",
        location="files:uploads",
        fields={"content": Category.UNCLASSIFIED},
    ),
    table_store(
        "ingestion_catalogueevent",
        "Names of events, with what people say of them",
        "id type name description purposes first_seen_at last_seen_at",
        owner=Category.IDENTITY,
    ),
    table_store(
        "ingestion_cataloguevolume",
        "Numbers of events by day",
        "id event source day events",
    ),
    table_store(
        "ingestion_cataloguekey",
        "Properties and traits, with what people say of them",
        "id kind name description category purposes proposed proposed_reason first_seen_at last_seen_at",
        owner=Category.IDENTITY,
    ),
    table_store(
        "ingestion_catalogueuse",
        "Which properties and traits stand in which events; examples expire after 30 days",
        "id event source key events types hints has_more first_seen_at last_seen_at",
        examples=Category.BEHAVIOUR,
    ),
    table_store(
        "ingestion_cataloguefinding",
        "Sources that send too many distinct names",
        "id source what like names first_seen_at last_seen_at",
    ),
    table_store(
        "ingestion_trackingplan",
        "Tracking plans",
        "id source draft draft_changed_at published",
    ),
    table_store(
        "ingestion_planversion",
        "Published versions of tracking plans",
        "id plan number document published_at note",
        published_by=Category.IDENTITY,
    ),
    table_store(
        "ingestion_planviolation",
        "How often plans were broken, by day",
        "id source type name reason action day events last_at",
        message_id=Category.BEHAVIOUR,
    ),
    table_store(
        "ingestion_quarantined",
        "Events that a tracking plan keeps out, until somebody decides; 90 days at most",
        "id source client_time hash type reason plan_version received_at quarantined_at state resend decided_at",
        name=Category.BEHAVIOUR,
        message_id=Category.BEHAVIOUR,
        value=Category.UNCLASSIFIED,
        decided_by=Category.IDENTITY,
    ),
    table_store(
        "ingestion_resend",
        "Jobs that send events out of quarantine",
        "id source type reason steps state asked sent kept suppressed created_at started_at ended_at lease_owner lease_until",
        name=Category.BEHAVIOUR,
        created_by=Category.IDENTITY,
    ),
    Store(
        name="ingestion.quarantine",
        description="Events on their way into quarantine",
        location="topic:quarantine",
        fields={"key": Category.IDENTITY, "value": Category.UNCLASSIFIED},
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


def register_stores() -> None:
    """Make them known to compliance."""
    for store in _STORES:
        register_store(store)
