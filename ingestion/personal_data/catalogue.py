"""What is known of events and properties, their plans, and what these keep out."""

from compliance.enums import Category
from compliance.stores import Store, table_store

CATALOGUE = (
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
        "id kind name is_nested description category purposes proposed proposed_reason first_seen_at last_seen_at",
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
)
