"""How consumers keep up: the last look at each partition, whose turn it is to look, and who no longer counts.

See docs/adr/0033-flow.md.
"""

from django.db import migrations

CREATE = """
CREATE TABLE consumer_flow (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    sampled_at timestamptz NOT NULL,
    log_start bigint NOT NULL,
    log_end bigint NOT NULL,
    next_offset bigint NOT NULL,
    has_begun boolean NOT NULL,
    unread_since timestamptz,
    arriving_per_second double precision,
    applied_per_second double precision,
    gaining double precision,
    retention_seconds bigint,
    retention_bytes bigint,
    record_bytes double precision,
    used double precision NOT NULL,
    PRIMARY KEY (consumer, topic, partition)
) WITH (fillfactor = 50);
COMMENT ON COLUMN consumer_flow.unread_since IS 'when the next unread record was appended; null: all is read';
COMMENT ON COLUMN consumer_flow.gaining IS 'seconds of the log that are read in a second: 0 stands, 1 keeps its distance';
COMMENT ON COLUMN consumer_flow.used IS 'the share of what the topic keeps that lies between the consumer and the end; at 1 records are lost';

CREATE TABLE consumer_flow_turn (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    taken_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO consumer_flow_turn DEFAULT VALUES;

CREATE TABLE consumer_retirement (
    consumer text PRIMARY KEY,
    retired_at timestamptz NOT NULL,
    retired_by text NOT NULL
);
COMMENT ON TABLE consumer_retirement IS 'consumers that are stopped for good: they hold nobody back, and nobody is told that they stand';
"""

DROP = "DROP TABLE consumer_flow, consumer_flow_turn, consumer_retirement;"


class Migration(migrations.Migration):
    """Create the tables; they are empty, and the runtime's own SQL uses them."""

    dependencies = [("streaming", "0002_consumer_runtime")]
    operations = [migrations.RunSQL(CREATE, DROP)]
