"""The tables and topics of streaming, field by field. Keys of records hold identifiers, values whole events."""

from compliance.enums import Category
from compliance.stores import Store, table_store

_CONTENT: dict[str, Category | None] = {"key": Category.UNCLASSIFIED, "value": Category.UNCLASSIFIED}

OF_STREAMING = (
    table_store(
        "log_record",
        "The event log in PostgreSQL",
        "topic partition day appended_at offset",
        key=Category.UNCLASSIFIED,
        value=Category.UNCLASSIFIED,
        headers=Category.UNCLASSIFIED,
    ),
    table_store(
        "log_topic",
        "Topics of the event log",
        "id incarnation name partitions retention_seconds retention_bytes cleanup created_at",
    ),
    table_store(
        "log_floor", "Where partitions of the event log begin", "topic partition highest_deleted log_start"
    ),
    table_store(
        "dead_letter",
        "Messages that a consumer could not process",
        "id consumer topic partition offset appended_at created_at state decided_at origin_topic origin_partition"
        " origin_offset former resubmission resubmission_number",
        key=Category.UNCLASSIFIED,
        value=Category.UNCLASSIFIED,
        headers=Category.UNCLASSIFIED,
        reason=Category.UNCLASSIFIED,
        decided_by=Category.IDENTITY,
    ),
    table_store(
        "dead_letter_edit",
        "What was sent back in the place of a dead letter",
        "id dead_letter edited_at",
        key=Category.UNCLASSIFIED,
        value=Category.UNCLASSIFIED,
        edited_by=Category.IDENTITY,
    ),
    table_store(
        "resubmission",
        "Jobs that send dead letters back",
        "id consumer alike rate state asked sent left_open created_at started_at ended_at next_at lease_owner"
        " lease_until",
        created_by=Category.IDENTITY,
    ),
    Store("dead_letters", "Published copies of dead letters", "topic:dead_letters.*", _CONTENT),
    table_store(
        "outbox_record",
        "Records on their way to the event log",
        "lane number incarnation predecessor topic partition",
        key=Category.UNCLASSIFIED,
        value=Category.UNCLASSIFIED,
        headers=Category.UNCLASSIFIED,
    ),
    table_store("outbox_lane", "Lanes of the outbox", "id name consumer topic partition last_number"),
    table_store("outbox_predecessor", "Last numbers of lanes", "lane topic partition last_number"),
    table_store(
        "lane_mark", "What readers have of lanes", "consumer topic partition lane incarnation number offset"
    ),
    table_store(
        "message_seen_*",
        "Messages that were applied, as hashes, by week",
        "source_id",
        client_time=Category.BEHAVIOUR,
        hash=Category.BEHAVIOUR,
    ),
    table_store("message_seen_week", "The weeks of applied messages", "starts_on"),
    table_store(
        "consumer_position",
        "How far consumers have read",
        "consumer topic partition next_offset epoch log_identity began_at moved_at",
    ),
    table_store(
        "consumer_lease",
        "Which worker reads what",
        "consumer topic partition worker backend_pid backend_start taken_at expires_at take_overs",
    ),
    table_store(
        "consumer_worker",
        "Workers of consumers",
        "id consumer host pid started_at heartbeat_at keeper_pid keeper_start stopped_at state detail"
        " records_per_second batch_seconds progressed_at",
    ),
    table_store(
        "consumer_total", "What consumers did", "consumer records dead_letters batches batch_seconds"
    ),
    table_store(
        "consumer_flow",
        "How consumers keep up",
        "consumer topic partition sampled_at log_start log_end next_offset has_begun unread_since"
        " arriving_per_second applied_per_second gaining retention_seconds retention_bytes record_bytes used",
    ),
    table_store("consumer_flow_turn", "When somebody last looked how consumers keep up", "only_row taken_at"),
    table_store(
        "consumer_retirement",
        "Consumers that are stopped for good",
        "consumer retired_at",
        retired_by=Category.IDENTITY,
    ),
    table_store(
        "topic_setting",
        "What was declared of topics",
        "topic partitions retention_seconds retention_bytes cleanup replication min_insync changed_at",
    ),
    table_store(
        "api_kept_answer",
        "Answers to programs, kept a day for requests that are sent again",
        "key request status at",
        body=Category.IDENTITY,
    ),
    table_store("installation", "The identity of this installation", "only_row id incarnation"),
)
