"""Small appends in one statement: lock, number and insert without going back and forth (docs/adr/0067)."""

from django.db import migrations

CREATE = """
CREATE FUNCTION log_append(
    lock_keys bigint[], topic_ids integer[], partitions integer[],
    places integer[], numbers integer[], keys bytea[], contents bytea[], heads bytea[]
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    moment timestamptz;
    today integer;
    inserted bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the log appends under READ COMMITTED only, and this transaction is %',
            current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock(key) FROM unnest(lock_keys) AS key;
    -- From here on statements have snapshots that are younger than the locks.
    moment := clock_timestamp();
    today := to_char(moment AT TIME ZONE 'UTC', 'YYYYMMDD')::integer;
    WITH following AS MATERIALIZED (
        SELECT place.number, place.topic_id, place.partition,
            greatest(recent."offset", ever."offset", floor.highest_deleted, -1) + 1 AS first,
            CASE WHEN place.dated THEN greatest(today, nullif(coalesce(ever.day, recent.day), 99999999))
                ELSE 99999999 END AS day
        FROM (
            SELECT given.topic_id, given.partition, given.number,
                topic.cleanup = 'delete' AND topic.retention_seconds IS NOT NULL AS dated
            FROM unnest(topic_ids, partitions) WITH ORDINALITY AS given (topic_id, partition, number)
            JOIN log_topic topic ON topic.id = given.topic_id AND given.partition < topic.partitions
        ) place
        LEFT JOIN log_floor floor ON floor.topic_id = place.topic_id AND floor.partition = place.partition
        LEFT JOIN LATERAL (
            SELECT record."offset", record.day FROM log_record record
            WHERE record.topic_id = place.topic_id AND record.partition = place.partition AND record.day >= today
            ORDER BY record."offset" DESC LIMIT 1
        ) recent ON true
        LEFT JOIN LATERAL (
            SELECT record."offset", record.day FROM log_record record
            WHERE place.dated AND (recent."offset" IS NULL OR recent.day = 99999999)
                AND record.topic_id = place.topic_id AND record.partition = place.partition
            ORDER BY record."offset" DESC LIMIT 1
        ) ever ON true
    )
    INSERT INTO log_record (topic_id, partition, day, appended_at, "offset", key, value, headers)
    SELECT following.topic_id, following.partition, following.day, moment, following.first + record.number,
        record.key, record.value, record.headers
    FROM unnest(places, numbers, keys, contents, heads) AS record (place, number, key, value, headers)
    JOIN following ON following.number = record.place;
    GET DIAGNOSTICS inserted = ROW_COUNT;
    IF inserted <> cardinality(places) THEN
        RAISE EXCEPTION 'topics or partitions of an append do not exist (any more)' USING ERRCODE = 'no_data_found';
    END IF;
END
$$;
"""

DROP = "DROP FUNCTION log_append(bigint[], integer[], integer[], integer[], integer[], bytea[], bytea[], bytea[]);"


class Migration(migrations.Migration):
    """Create the function."""

    dependencies = [("streaming", "0006_topic_setting")]
    operations = [migrations.RunSQL(CREATE, DROP)]
