"""The tables of the consumer runtime: positions, leases, workers, seen messages, outbox lanes, dead letters.

See docs/adr/0020-leases-in-postgresql.md and docs/adr/0021-outbox-lanes.md. All but the dead letters are
tables of the runtime's own SQL, without Django models.
"""

from django.db import migrations, models

CREATE = """
CREATE TABLE installation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    incarnation integer NOT NULL DEFAULT 1 CHECK (incarnation > 0)
);
COMMENT ON COLUMN installation.incarnation IS 'raised after a restore, so that rewound numbers never pass for newer ones';
INSERT INTO installation DEFAULT VALUES;

CREATE TABLE consumer_position (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    epoch bigint NOT NULL DEFAULT 0,
    log_identity text NOT NULL,
    began_at bigint NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, partition)
) WITH (fillfactor = 50);
COMMENT ON COLUMN consumer_position.epoch IS 'raised by each new owner; a commit with another one is refused';
COMMENT ON COLUMN consumer_position.began_at IS 'where reading began: above 0, the first record of a lane at or after it may have unread predecessors';

CREATE TABLE consumer_lease (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    worker uuid,
    backend_pid integer,
    backend_start timestamptz,
    expires_at timestamptz,
    taken_at timestamptz,
    take_overs integer NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer, topic, partition)
) WITH (fillfactor = 50);
COMMENT ON COLUMN consumer_lease.backend_pid IS 'the session that a new owner terminates, so that a frozen one lets go of its locks';
COMMENT ON COLUMN consumer_lease.take_overs IS 'since the last quick batch; each doubles the hard limit of a batch';

CREATE TABLE consumer_worker (
    id uuid PRIMARY KEY,
    consumer text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    keeper_pid integer NOT NULL,
    keeper_start timestamptz NOT NULL,
    stopped_at timestamptz,
    state text NOT NULL DEFAULT 'starting',
    detail text NOT NULL DEFAULT '',
    records_per_second double precision NOT NULL DEFAULT 0,
    batch_seconds double precision NOT NULL DEFAULT 0,
    progressed_at timestamptz
) WITH (fillfactor = 50);
CREATE INDEX consumer_worker_consumer ON consumer_worker (consumer);
COMMENT ON COLUMN consumer_worker.stopped_at IS 'set when it stopped by rule: the row then stays, to say why, until a worker of the consumer starts';
COMMENT ON COLUMN consumer_worker.progressed_at IS 'when it last committed a batch, or found nothing to do';

CREATE TABLE consumer_total (
    consumer text PRIMARY KEY,
    records bigint NOT NULL DEFAULT 0,
    dead_letters bigint NOT NULL DEFAULT 0,
    batches bigint NOT NULL DEFAULT 0,
    batch_seconds double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON TABLE consumer_total IS 'what all workers ever did, as far as they could report it: for metrics, never for reconciliation';

CREATE TABLE message_seen_week (
    starts_on date PRIMARY KEY
);
COMMENT ON TABLE message_seen_week IS 'the kept weeks of applied messages; that of 2026-11-23 is the table message_seen_20261123';

CREATE TABLE outbox_lane (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    consumer text,
    topic text,
    partition integer,
    last_number bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON COLUMN outbox_lane.consumer IS 'null: a lane of writers outside a batch';

CREATE TABLE outbox_predecessor (
    lane bigint NOT NULL REFERENCES outbox_lane ON DELETE CASCADE,
    topic text NOT NULL,
    partition integer NOT NULL,
    last_number bigint NOT NULL,
    PRIMARY KEY (lane, topic, partition)
) WITH (fillfactor = 50);
COMMENT ON TABLE outbox_predecessor IS 'the last number that each lane gave to a record of a target partition';

CREATE TABLE outbox_record (
    lane bigint NOT NULL REFERENCES outbox_lane,
    number bigint NOT NULL,
    incarnation integer NOT NULL,
    predecessor bigint NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    key bytea,
    value bytea,
    headers bytea NOT NULL,
    PRIMARY KEY (lane, number)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
COMMENT ON TABLE outbox_record IS 'records that are not in the log yet; the lane''s sender deletes what the log acknowledged';

CREATE TABLE lane_mark (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    lane bigint NOT NULL,
    incarnation integer NOT NULL,
    number bigint NOT NULL,
    "offset" bigint NOT NULL,
    PRIMARY KEY (consumer, topic, partition, lane)
) WITH (fillfactor = 50);
COMMENT ON TABLE lane_mark IS 'the highest record of each lane that a reader applied; what is at or below it is a repetition';

CREATE FUNCTION add_message_seen_week(starts_on date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'message_seen_' || to_char(starts_on, 'YYYYMMDD');
BEGIN
    EXECUTE format(
        'CREATE TABLE %I (client_time bigint NOT NULL, source_id integer NOT NULL, hash uuid NOT NULL, '
        'PRIMARY KEY (client_time, source_id, hash))', name);
    INSERT INTO message_seen_week VALUES (starts_on);
END $$;
SELECT add_message_seen_week(date_trunc('week', now() AT TIME ZONE 'UTC')::date);
"""

DROP = """
DO $$
DECLARE week date;
BEGIN
    FOR week IN SELECT starts_on FROM message_seen_week LOOP
        EXECUTE format('DROP TABLE %I', 'message_seen_' || to_char(week, 'YYYYMMDD'));
    END LOOP;
END $$;
DROP FUNCTION add_message_seen_week;
DROP TABLE lane_mark, outbox_record, outbox_predecessor, outbox_lane, message_seen_week,
    consumer_total, consumer_worker, consumer_lease, consumer_position, installation;
"""


class Migration(migrations.Migration):
    """Create the runtime's tables."""

    dependencies = [("streaming", "0001_event_log")]
    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("consumer", models.TextField()),
                ("topic", models.TextField()),
                ("partition", models.IntegerField()),
                ("offset", models.BigIntegerField()),
                ("key", models.BinaryField(null=True)),
                ("value", models.BinaryField(null=True)),
                ("headers", models.JSONField(default=list, help_text="Pairs of a name and a value in base64.")),
                ("reason", models.TextField()),
                ("appended_at", models.DateTimeField(help_text="When the message entered the log.")),
                ("created_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("resubmitted", "Resubmitted"), ("discarded", "Discarded")],
                        db_default="open",
                        default="open",
                        max_length=12,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decided_by", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "db_table": "dead_letter",
                "indexes": [models.Index(fields=["consumer", "state", "-id"], name="dead_letter_listing")],
            },
        ),
    ]
