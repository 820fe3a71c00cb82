"""The tables of the PostgreSQL event log: topics, floors, and records partitioned by the day of their append.

See docs/adr/0010-postgresql-log.md. They are tables of the log's own SQL, without Django models.
"""

from django.db import migrations

CREATE = """
CREATE TABLE log_topic (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incarnation uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 32767),
    retention_seconds bigint CHECK (retention_seconds > 0),
    retention_bytes bigint CHECK (retention_bytes > 0),
    cleanup text NOT NULL CHECK (cleanup IN ('delete', 'compact')),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN log_topic.incarnation IS 'another one when a topic of this name was deleted and created again';

CREATE TABLE log_floor (
    topic_id integer NOT NULL REFERENCES log_topic ON DELETE CASCADE,
    partition integer NOT NULL,
    highest_deleted bigint NOT NULL DEFAULT -1,
    log_start bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic_id, partition)
);
COMMENT ON COLUMN log_floor.highest_deleted IS 'no offset up to this one is ever handed out again';
COMMENT ON COLUMN log_floor.log_start IS 'reading below it is out of range; only retention moves it';

CREATE TABLE log_record (
    topic_id integer NOT NULL,
    partition integer NOT NULL,
    day integer NOT NULL,
    appended_at timestamptz NOT NULL,
    "offset" bigint NOT NULL,
    key bytea,
    value bytea,
    headers bytea
) PARTITION BY LIST (day);
ALTER TABLE log_record ALTER value SET STORAGE EXTERNAL, ALTER key SET STORAGE EXTERNAL;
COMMENT ON COLUMN log_record.day IS 'day of the append as YYYYMMDD in UTC; never falls within a partition; 99999999: kept until the topic itself lets it go';

CREATE TABLE log_record_kept PARTITION OF log_record FOR VALUES IN (99999999);
CREATE UNIQUE INDEX log_record_kept_place ON log_record_kept (topic_id, partition, "offset");
"""

DROP = """
DROP TABLE log_record;
DROP TABLE log_floor;
DROP TABLE log_topic;
"""


class Migration(migrations.Migration):
    """Create the log's tables."""

    dependencies = []
    operations = [migrations.RunSQL(CREATE, DROP)]
