"""Other systems that are read or that send, and context data."""

from compliance.enums import Category
from compliance.stores import Store

CONNECTIONS = (
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
        name="ingestion.fetched",
        description="Copies of files of folders, SFTP servers and stores while they are read, an hour longer at most",
        location="files:fetched",
        fields={"content": Category.UNCLASSIFIED},
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
                    "settings",
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
)
