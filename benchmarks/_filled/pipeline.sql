-- The log with its topics, consumers and their samples, dead letters, and reconciliations.
INSERT INTO log_topic (name, partitions, retention_seconds, cleanup)
SELECT topic, 4, 604800, 'delete' FROM ingestion_eventname WHERE topic IS NOT NULL
UNION ALL SELECT name, 4, 604800, 'delete' FROM unnest(ARRAY['events.other', 'rejections', 'quarantine', 'profiles.changes', 'profiles.events']) name
ON CONFLICT (name) DO NOTHING;
INSERT INTO topic_setting (topic, partitions, retention_seconds, cleanup, changed_at) SELECT name, 4, 604800, 'delete', now() FROM log_topic WHERE mod(id, 9) = 0;
INSERT INTO log_record (topic_id, partition, day, appended_at, "offset", key, value, headers)
SELECT t.id, mod(n, 4), to_char(now() - d * interval '1 day', 'YYYYMMDD')::int, now() - d * interval '1 day' - (1500 - n) * interval '1 second', (7 - d) * 375 + n / 4, 'k',
    convert_to('{"v":1,"type":"track","event":"' || t.name || '","message_id":"l-' || t.id || '-' || d || '-' || n || '","user_id":"u5","anonymous_id":null,"properties":{"price":5},"traits":{},"context":{},"source_id":100,"received_at":"2026-01-01T00:00:00.000000Z"}', 'UTF8'), NULL
FROM log_topic t, generate_series(0, 6) d, generate_series(0, 1499) n WHERE t.name LIKE 'events.%%';
INSERT INTO consumer_position (consumer, topic, partition, next_offset, epoch, log_identity, began_at)
SELECT c, t.name, p, CASE WHEN c = 'sessions' THEN 2900 ELSE 3000 END, 1, t.incarnation::text, 0 FROM unnest(ARRAY['profiles', 'sessions', 'behaviour', 'social', 'rejections', 'quarantine', 'catalogue']) c, log_topic t, generate_series(0, 3) p
WHERE (c = 'rejections') = (t.name = 'rejections') AND (c = 'quarantine') = (t.name = 'quarantine');
INSERT INTO consumer_lease (consumer, topic, partition, expires_at, taken_at, worker) SELECT consumer, topic, partition, now() + interval '1 hour', now(), md5(consumer)::uuid FROM consumer_position;
INSERT INTO consumer_flow (consumer, topic, partition, sampled_at, log_start, log_end, next_offset, has_begun, arriving_per_second, applied_per_second, gaining, retention_seconds, record_bytes, used)
SELECT consumer, topic, partition, now(), 0, 3000, next_offset, true, 4, 5, 1, 604800, 600, 0.1 FROM consumer_position;
INSERT INTO consumer_worker (id, consumer, host, pid, keeper_pid, keeper_start, state) SELECT md5(c || n)::uuid, c, 'worker-' || n, n, 1, now(), 'running' FROM (SELECT DISTINCT consumer AS c FROM consumer_position) c, generate_series(1, 20) n;
INSERT INTO consumer_total (consumer, records, dead_letters, batches, batch_seconds) SELECT DISTINCT consumer, 9000000, 120, 40000, 9000 FROM consumer_position;
INSERT INTO dead_letter (consumer, topic, partition, "offset", key, value, headers, reason, appended_at, created_at, state, decided_at, decided_by)
SELECT (ARRAY['profiles', 'sessions', 'behaviour', 'social'])[1 + mod(n, 4)], 'events.order_completed', mod(n, 4), n, 'k',
    convert_to('{"v":1,"type":"track","event":"Order Completed","message_id":"dead-' || n || '","user_id":"u5","properties":{"total":"twelve"}}', 'UTF8'), '[]',
    (ARRAY['the event has no name', 'properties.total is not a number', 'timestamp cannot be read'])[1 + mod(n, 3)], now() - (400000 - n) * interval '2 seconds', now() - (400000 - n) * interval '2 seconds',
    CASE WHEN n <= 200000 THEN 'resubmitted' WHEN n <= 300000 THEN 'discarded' ELSE 'open' END, CASE WHEN n <= 300000 THEN now() END, CASE WHEN n <= 300000 THEN 'eva' ELSE '' END
FROM generate_series(1, 400000) n;
INSERT INTO dead_letter_edit (dead_letter_id, key, value, edited_at, edited_by) SELECT id, key, value, now(), 'eva' FROM dead_letter WHERE mod(id, 1000) = 0;
INSERT INTO resubmission (consumer, state, asked, sent, left_open, created_at, created_by, started_at, ended_at) SELECT 'profiles', 'done', 500, 490, 10, now(), 'eva', now(), now() FROM generate_series(1, 2000);
INSERT INTO cdp_site_reconciliation (state, asked_by, asked_at, started_at, progressed_at, finished_at, cancel_asked, records, records_read, since, findings, trouble, topics, downstream)
SELECT CASE WHEN n = 30 THEN 'unbalanced' ELSE 'balanced' END, 'eva', now() - (30 - n) * interval '1 day', now() - (30 - n) * interval '1 day', now() - (30 - n) * interval '1 day', now() - (30 - n) * interval '1 day', false, 9000000, 9000000, now() - interval '8 days',
    CASE WHEN n = 30 THEN 100000 ELSE 0 END, '', '{}', '[]' FROM generate_series(1, 30) n;
INSERT INTO cdp_site_reconciliationhour (reconciliation_id, hour, source_id, topic, applied, dead_lettered, suppressed, pending, missing, duplicates)
SELECT r.id, date_trunc('hour', now()) - h * interval '1 hour', 100 + s, 'events.event_' || t, 900, 1, 1, 0, CASE WHEN r.state = 'unbalanced' THEN 1 ELSE 0 END, 1
FROM cdp_site_reconciliation r, generate_series(0, 167) h, generate_series(0, 11) s, generate_series(1, 10) t WHERE r.state = 'unbalanced' OR mod(h, 24) = 0;
INSERT INTO cdp_site_reconciliationfinding (reconciliation_id, kind, minute, source_id, message_id, topic, consumer, records)
SELECT (SELECT max(id) FROM cdp_site_reconciliation WHERE state = 'unbalanced'), 'passed_over', now(), 100 + mod(n, 12), 'm' || n, 'events.event_' || mod(n, 10), 'profiles', 1 FROM generate_series(1, 100000) n;
INSERT INTO cdp_site_peopletally (hour, total, identified) SELECT date_trunc('hour', now()) - h * interval '1 hour', %(people)s - h * 100, (%(people)s - h * 100) * 2 / 5 FROM generate_series(0, 743) h ON CONFLICT DO NOTHING;
