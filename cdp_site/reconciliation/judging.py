"""Comparing, by anti-joins over the ids: logged + spooled = applied, dead-lettered, suppressed, quarantined or pending.

What the snapshot says is applied is compared with what the log was found to hold afterwards. That something is
remembered or dead-lettered may be looked up now: nobody takes it back.
"""

from datetime import datetime

from psycopg import sql

from cdp_site.reconciliation.staging import CLIENT_TIME, Connection, Staging
from streaming.runtime import message_seen
from streaming.runtime.discovery import retry_topic

BUILDER = "profiles"
_QUARANTINE = "quarantine"  # both the topic and its consumer, which answers for what stands in it

# A record that cannot be read is a message of its own: it is known by its place. A message that was read once must
# have its effect, however many copies of it are still to come. In quarantine it stands in a topic of its own, and once
# more in its own when it was sent on.
_MESSAGES = """
CREATE TEMPORARY TABLE message AS
SELECT min(a.received_at) AS received_at, a.source_id, a.client_time, a.hash, min(a.message_id) AS message_id,
    coalesce(min(a.topic) FILTER (WHERE a.topic <> %(retry)s), min(a.topic)) AS topic,
    (array_agg(a.partition ORDER BY a.topic = %(retry)s, a."offset"))[1] AS partition,
    (array_agg(a."offset" ORDER BY a.topic = %(retry)s, a."offset"))[1] AS "offset",
    greatest(count(*) FILTER (WHERE a.topic NOT IN (%(retry)s, %(quarantine)s)), 1) AS copies,
    bool_and(a."offset" IS NULL OR a."offset" >= coalesce(p.next_offset, 0))
        FILTER (WHERE a.topic <> %(quarantine)s) AS pending_elsewhere,
    bool_and(a."offset" IS NULL OR a."offset" >= coalesce(p.next_offset, 0)) AS pending,
    bool_or(d.topic IS NOT NULL) AS dead, bool_or(a.suppressed) AS suppressed
FROM accepted a
LEFT JOIN place p ON p.consumer = CASE a.topic WHEN %(quarantine)s THEN %(quarantine)s ELSE %(consumer)s END AND p.topic = a.topic AND p.partition = a.partition
LEFT JOIN (
    SELECT DISTINCT topic, partition, "offset" FROM dead_letter WHERE consumer IN (%(consumer)s, %(quarantine)s)
) d ON d.topic = a.topic AND d.partition = a.partition AND d."offset" = a."offset"
GROUP BY a.source_id, a.client_time, a.hash, CASE WHEN a.hash IS NULL THEN a.topic END,
    CASE WHEN a.hash IS NULL THEN a.partition END, CASE WHEN a.hash IS NULL THEN a."offset" END
"""
# Received by a clock that was far off: rare, so that looking through the timeline for them is not prepared for.
_STRAYS = f"""
INSERT INTO stored (source_id, client_time, hash, message_id, event_id, received_at, copies)
SELECT t.source_id, t.client_time, t.hash, min(t.message_id), min(t.event_id), min(t.received_at), count(*)
FROM (
    SELECT source_id, {CLIENT_TIME} AS client_time, md5(message_id)::uuid AS hash, message_id, event_id, received_at
    FROM profiles_timeline WHERE received_at < %(from)s
) t JOIN message m USING (source_id, client_time, hash)
WHERE m.received_at < %(from)s GROUP BY 1, 2, 3
"""
_ANY_STRAYS = "SELECT EXISTS (SELECT FROM message WHERE received_at < %s AND NOT pending)"
_VERDICTS = """
CREATE TEMPORARY TABLE verdict AS
SELECT m.*, CASE
        WHEN s.hash IS NOT NULL THEN 'applied'
        WHEN m.dead THEN 'dead_lettered'
        WHEN held.state <> 'sent' THEN 'quarantined'
        WHEN m.pending OR (held.state = 'sent' AND m.pending_elsewhere IS NOT FALSE) THEN 'pending'
        WHEN m.suppressed OR noted.hash IS NOT NULL THEN 'suppressed'
        ELSE 'missing' END AS state
FROM message m
LEFT JOIN stored s USING (client_time, source_id, hash)
LEFT JOIN profiles_suppressed_message noted USING (client_time, source_id, hash)
LEFT JOIN ingestion_quarantined held USING (client_time, source_id, hash)
"""
_WITHOUT_EFFECT = """
INSERT INTO finding (kind, minute, source_id, message_id, topic, partition, "offset")
SELECT CASE WHEN {unseen} THEN 'passed_over' ELSE 'not_stored' END, received_at, coalesce(source_id, 0),
    coalesce(message_id, ''), topic, partition, "offset"
FROM verdict WHERE state = 'missing'
"""
_NOT_REMEMBERED = """
INSERT INTO finding (kind, minute, source_id, message_id, topic, partition, "offset")
SELECT 'not_remembered', verdict.received_at, verdict.source_id, verdict.message_id, coalesce(m.topic, h.topic),
    m.partition, m."offset"
FROM stored verdict LEFT JOIN message m USING (client_time, source_id, hash)
JOIN must_be_held h ON h.event_id = verdict.event_id
WHERE (verdict.received_at >= %(since)s OR m.hash IS NOT NULL) AND {unseen}
"""
_UNSEEN = """NOT EXISTS (SELECT FROM {week} seen WHERE seen.client_time = verdict.client_time
    AND seen.source_id = verdict.source_id AND seen.hash = verdict.hash)"""
_STORED_TWICE = """
INSERT INTO finding (kind, minute, source_id, message_id, topic, partition, "offset", records)
SELECT 'stored_twice', s.received_at, s.source_id, s.message_id, coalesce(m.topic, h.topic), m.partition, m."offset",
    s.copies
FROM stored s LEFT JOIN message m USING (client_time, source_id, hash) JOIN must_be_held h USING (event_id)
WHERE s.copies > 1
"""
_NOT_LOGGED = """
INSERT INTO finding (kind, minute, source_id, message_id, topic)
SELECT 'not_logged', s.received_at, s.source_id, s.message_id, h.topic
FROM stored s JOIN must_be_held h USING (event_id)
WHERE s.received_at >= h.since AND s.received_at >= %(since)s AND NOT EXISTS (
    SELECT FROM message m WHERE m.client_time = s.client_time AND m.source_id = s.source_id AND m.hash = s.hash)
"""
_NOT_PUBLISHED = """
INSERT INTO finding (kind, minute, source_id, message_id, topic)
SELECT 'not_published', s.received_at, s.source_id, s.message_id, h.topic
FROM stored s JOIN must_be_held h USING (event_id)
WHERE s.received_at >= %(published_since)s AND s.received_at >= %(since)s AND NOT EXISTS (
    SELECT FROM published p WHERE p.client_time = s.client_time AND p.source_id = s.source_id AND p.hash = s.hash)
"""
# What was published after the snapshot is left out when it is read.
_NOT_APPLIED = """
INSERT INTO finding (kind, minute, source_id, message_id, topic, partition, "offset")
SELECT 'not_applied', min(p.received_at), p.source_id, min(p.message_id), min(p.topic), min(p.partition), min(p."offset")
FROM published p
LEFT JOIN profiles_suppressed_message noted USING (client_time, source_id, hash)
WHERE NOT p.suppressed AND noted.hash IS NULL AND p.hash IS NOT NULL AND p."offset" IS NOT NULL
    AND p.received_at >= %(from)s AND NOT EXISTS (
        SELECT FROM stored s WHERE s.client_time = p.client_time AND s.source_id = p.source_id AND s.hash = p.hash)
    AND NOT EXISTS (
        SELECT FROM message m WHERE m.client_time = p.client_time AND m.source_id = p.source_id AND m.hash = p.hash)
GROUP BY p.client_time, p.source_id, p.hash
"""
# Deleted after the snapshot, such as by an erasure, which takes the log's rows too: nothing to find.
_CONFIRM = """
DELETE FROM finding f WHERE kind IN ('not_logged', 'not_published', 'not_remembered') AND NOT EXISTS (
    SELECT FROM profiles_timeline t WHERE t.source_id = f.source_id AND t.message_id = f.message_id
        AND t.received_at = f.minute)
"""
_ANY_FINDING = "SELECT EXISTS (SELECT FROM finding)"


def judge(
    staging: Staging, *, received_from: datetime, since: datetime, published_since: datetime | None
) -> None:
    """Have every finding in `finding`, and every message that was accepted, with what became of it, in `verdict`.

    `since`: what was received then or later is still remembered. `published_since`: since when `profiles.events`
    must hold what it was given; None when there is no such topic yet.
    """
    connection = staging.connection
    builder = {"consumer": BUILDER, "retry": retry_topic(BUILDER), "quarantine": _QUARANTINE}
    bounds = {"from": received_from, "since": since, "published_since": published_since}
    connection.execute(_MESSAGES, builder)
    connection.execute("ANALYZE message")
    if _is_true(connection, _ANY_STRAYS, received_from):
        connection.execute(_STRAYS, bounds)
    connection.execute(_VERDICTS)
    with connection.transaction():  # so that no week of what is remembered is dropped meanwhile
        unseen = _unseen(connection)
        connection.execute(sql.SQL(_WITHOUT_EFFECT).format(unseen=unseen))
        connection.execute(sql.SQL(_NOT_REMEMBERED).format(unseen=unseen), bounds)
    connection.execute(_STORED_TWICE)
    connection.execute(_NOT_LOGGED, bounds)
    if published_since is not None:
        connection.execute("ANALYZE published")
        connection.execute(_NOT_PUBLISHED, bounds)
        connection.execute(_NOT_APPLIED, bounds)
    if _is_true(connection, _ANY_FINDING):
        connection.execute(_CONFIRM)


def _unseen(connection: Connection) -> sql.Composable:
    weeks = message_seen.kept_tables(connection)
    return sql.SQL(" AND ").join(sql.SQL(_UNSEEN).format(week=week) for week in weeks)


def _is_true(connection: Connection, query: str, *parameters: object) -> bool:
    return connection.execute(query, parameters).fetchone() == (True,)
