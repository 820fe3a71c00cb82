-- Sources and what they send; what was rejected, kept in quarantine, imported and read. Rows of screens that are made by
-- hand (an import, a connection, a webhook, a plan) stand there already and are repeated, whatever columns they have.
INSERT INTO ingestion_writekey (key, created_at, source_id) SELECT 'key' || id, created_at, id FROM ingestion_source WHERE id BETWEEN 100 AND 111;
INSERT INTO ingestion_eventname (type, name, topic, source_id, first_seen_at, last_seen_at)
SELECT e.type, e.name, CASE WHEN e.id <= 100 THEN 'events.' || trim(both '_' from regexp_replace(lower(e.name), '[^a-z0-9]+', '_', 'g')) END, 100 + mod(e.id, 12), now() - interval '300 days', now()
FROM profiles_eventname e;
INSERT INTO ingestion_catalogueevent (type, name, description, owner, purposes, first_seen_at, last_seen_at)
SELECT type, name, '', '', '{}'::text[], now() - interval '300 days', now() FROM profiles_eventname
UNION ALL SELECT 'track', 'Rare Event ' || n, '', '', '{}', now() - interval '300 days', now() - interval '9 days' FROM generate_series(1, 1700) n;
INSERT INTO ingestion_cataloguekey (kind, name, description, owner, category, purposes, proposed, proposed_reason, first_seen_at, last_seen_at)
SELECT CASE WHEN mod(n, 4) = 0 THEN 'trait' ELSE 'property' END, 'key_' || n, '', '', CASE WHEN mod(n, 3) = 0 THEN 'behaviour' ELSE '' END, '{}',
    CASE WHEN mod(n, 3) = 1 THEN 'contact' ELSE '' END, CASE WHEN mod(n, 3) = 1 THEN 'its values look like e-mail addresses' ELSE '' END, now() - interval '300 days', now()
FROM generate_series(1, 5000) n;
INSERT INTO ingestion_catalogueuse (event_id, source_id, key_id, events, types, hints, examples, has_more, first_seen_at, last_seen_at)
SELECT e.id, 100 + mod(e.id + s, 12), k.id, 5000, '{"string": 480, "number": 20}', '{}', '{"\"blue\"": 30, "\"red\"": 20, "\"green\"": 11}', true, now() - interval '300 days', now()
FROM ingestion_catalogueevent e, generate_series(0, 1) s, generate_series(0, 14) j
JOIN LATERAL (SELECT min(id) AS first FROM ingestion_cataloguekey) f ON true JOIN ingestion_cataloguekey k ON true
WHERE k.id = f.first + mod(e.id * 7 + j * 3, 5000);
INSERT INTO ingestion_catalogueuse (event_id, source_id, key_id, events, types, hints, examples, has_more, first_seen_at, last_seen_at)
SELECT (SELECT id FROM ingestion_catalogueevent WHERE name = 'Order Completed'), 100 + s, k.id, 5000, '{"string": 480}', '{}', '{"\"a\"": 30, "\"b\"": 20}', true, now(), now()
FROM (SELECT id FROM ingestion_cataloguekey ORDER BY id LIMIT 300) k, generate_series(0, 11) s ON CONFLICT DO NOTHING;
INSERT INTO ingestion_cataloguevolume (event_id, source_id, day, events)
SELECT e.id, 100 + mod(e.id + s, 12), current_date - d, 900 + mod(e.id, 90)
FROM ingestion_catalogueevent e, generate_series(0, 1) s, generate_series(0, 399) d WHERE e.name NOT LIKE 'Rare%%' OR mod(d, 30) = 0;
INSERT INTO ingestion_cataloguefinding (source_id, what, "like", names, first_seen_at, last_seen_at)
SELECT id, 'names of events', 'order-#', 90000, now(), now() FROM ingestion_source WHERE id BETWEEN 100 AND 103;
INSERT INTO ingestion_sourceminute (source_id, minute, type, name, result, events)
SELECT 100 + s, date_trunc('minute', now()) - m * interval '1 minute', 'track', 'Product Viewed', CASE WHEN s = 11 THEN 'rejected' ELSE 'accepted' END, 60 + mod(m, 40)
FROM generate_series(0, 11) s, generate_series(0, 50400) m
UNION ALL SELECT 100 + s, date_trunc('minute', now()) - m * interval '1 minute', 'track', e.name, 'accepted', 6
FROM generate_series(0, 11) s, generate_series(0, 1440) m, (SELECT name FROM profiles_eventname WHERE type = 'track' AND id BETWEEN 6 AND 16) e;
INSERT INTO ingestion_liveevent (at, source_id, type, name, result, reason, message_id, raw, sample_of)
SELECT now() - (30000 - n) * interval '30 milliseconds', 100 + mod(n, 12), 'track', 'Product Viewed', CASE WHEN mod(n, 50) = 0 THEN 'rejected' ELSE 'accepted' END,
    CASE WHEN mod(n, 50) = 0 THEN 'a track needs the name of what happened' ELSE '' END, 'live-' || n,
    jsonb_build_object('v', 1, 'type', 'track', 'event', 'Product Viewed', 'message_id', 'live-' || n, 'user_id', 'u' || (5 * n), 'anonymous_id', 'd' || (5 * n), 'group_id', NULL, 'previous_id', NULL, 'original_timestamp', NULL,
        'properties', jsonb_build_object('price', 5, 'path', '/shop'), 'traits', '{}'::jsonb, 'context', jsonb_build_object('ip', '192.0.2.7'), 'integrations', '{}'::jsonb,
        'received_at', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS".000000Z"'), 'timestamp', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS".000000Z"'), 'client_time', NULL, 'sent_at', NULL, 'source_id', 100 + mod(n, 12)), 1
FROM generate_series(1, 30000) n;
INSERT INTO ingestion_rejection (uid, source_id, received_at, code, reason, type, name, message_id, raw, raw_bytes)
SELECT gen_random_uuid(), 100 + mod(n, 12), now() - (500000 - n) * interval '1 second', (ARRAY['missing_event_name', 'too_large', 'no_identity', 'bad_time'])[1 + mod(n, 4)],
    (ARRAY['a track needs the name of what happened', 'the event is too large', 'the event names nobody', 'the time cannot be read'])[1 + mod(n, 4)], 'track', 'Event ' || mod(n, 200), 'rejected-' || n,
    '{"type": "track", "properties": {"email": "bad@example.com"}}', 62 FROM generate_series(1, 500000) n;
INSERT INTO ingestion_quarantined
    (source_id, client_time, hash, message_id, type, name, reason, plan_version, received_at, quarantined_at, value, state, decided_at, decided_by)
SELECT 100 + mod(n, 5), n, gen_random_uuid(), 'quarantined-' || n, 'track', (ARRAY['Order Completed', 'Cart Updated', 'Product Viewed'])[1 + mod(n, 3)],
    'properties.' || (ARRAY['total', 'currency', 'price', 'sku', 'path', 'count', 'colour'])[1 + mod(n, 7)] || ' is not a number', 1,
    now() - (200000 - n) * interval '20 seconds', now() - (200000 - n) * interval '20 seconds',
    jsonb_build_object('v', 1, 'type', 'track', 'event', (ARRAY['Order Completed', 'Cart Updated', 'Product Viewed'])[1 + mod(n, 3)], 'message_id', 'quarantined-' || n, 'user_id', 'u' || (5 * mod(n, 1000)), 'anonymous_id', NULL, 'group_id', NULL, 'previous_id', NULL, 'original_timestamp', NULL,
        'properties', jsonb_build_object('total', 'twelve', 'price', '5'), 'traits', '{}'::jsonb, 'context', '{}'::jsonb, 'integrations', '{}'::jsonb, 'received_at', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS".000000Z"'),
        'timestamp', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS".000000Z"'), 'client_time', NULL, 'sent_at', NULL, 'source_id', 100 + mod(n, 5)),
    CASE WHEN n <= 100000 THEN 'sent' ELSE 'open' END, CASE WHEN n <= 100000 THEN now() END, CASE WHEN n <= 100000 THEN 'eva' ELSE '' END
FROM generate_series(1, 200000) n;
INSERT INTO ingestion_resend (source_id, type, name, reason, steps, state, asked, sent, kept, suppressed, created_at, created_by, started_at, ended_at)
SELECT 100, 'track', 'Order Completed', 'properties.total is not a number', '[]', 'done', 500, 480, 15, 5, now(), 'eva', now(), now() FROM generate_series(1, 1000);
INSERT INTO ingestion_planviolation (source_id, type, name, reason, action, day, events, last_at, message_id)
SELECT 100 + mod(n, 12), 'track', 'Event ' || mod(n, 100), 'properties.key_' || n || ' is missing', 'tag', current_date - d, 40, now(), 'm' FROM generate_series(1, 1200) n, generate_series(0, 89) d;
INSERT INTO ingestion_trackingplan SELECT r.* FROM (SELECT * FROM ingestion_trackingplan LIMIT 1) p, generate_series(0, 11) s, jsonb_populate_record(NULL::ingestion_trackingplan, to_jsonb(p) || jsonb_build_object('id', 1000 + s, 'source_id', 100 + s, 'published_id', NULL)) r;
INSERT INTO ingestion_planversion SELECT r.* FROM (SELECT * FROM ingestion_planversion LIMIT 1) v, generate_series(0, 11) s, generate_series(1, 100) k, jsonb_populate_record(NULL::ingestion_planversion, to_jsonb(v) || jsonb_build_object('id', 1000 + s * 200 + k, 'plan_id', 1000 + s, 'number', k)) r;
UPDATE ingestion_trackingplan SET published_id = id + (id - 1000) * 199 + 100 WHERE id >= 1000;
INSERT INTO ingestion_fileimport SELECT r.* FROM (SELECT * FROM ingestion_fileimport LIMIT 1) i, generate_series(1, 3000) n, jsonb_populate_record(NULL::ingestion_fileimport, to_jsonb(i) || jsonb_build_object('id', 1000 + n, 'name', 'orders-' || n || '.csv', 'state', CASE WHEN mod(n, 97) = 0 THEN 'failed' ELSE 'done' END,
    'source_id', 100 + mod(n, 12), 'started_at', now(), 'ended_at', now(), 'accepted', 900000, 'rejected', CASE WHEN n > 2990 THEN 1000000 ELSE 3 END, 'row', 1900000, 'running_seconds', 60, 'file_deleted_at', now(), 'file_hash', md5(n::text))) r;
INSERT INTO ingestion_rowerror (file_import_id, "row", line, reason, raw)
SELECT 1000 + i, r, r + 1, (ARRAY['total: "twelve" is not a number', 'date: "soon" is no time', 'customer_id is empty'])[1 + mod(r, 3)], 'c-' || r || ',soon,twelve' FROM generate_series(2991, 3000) i, generate_series(1, 100000) r;
INSERT INTO ingestion_importedfile (file_hash, source_id, rows_done, complete, first_import, first_imported_at)
SELECT file_hash, source_id, 1900000, true, id, now() FROM ingestion_fileimport WHERE id > 1000;
INSERT INTO ingestion_importrun (file_import_id, first_row, last_row) SELECT 4000, r * 10, r * 10 + 5 FROM generate_series(1, 50000) r;
INSERT INTO ingestion_importgap (file_id, first_row, last_row) SELECT (SELECT id FROM ingestion_importedfile WHERE first_import = 4000), r * 10 + 6, r * 10 + 9 FROM generate_series(1, 50000) r;
INSERT INTO ingestion_connection SELECT r.* FROM (SELECT * FROM ingestion_connection LIMIT 1) c, generate_series(1, 60) n, jsonb_populate_record(NULL::ingestion_connection, to_jsonb(c) || jsonb_build_object('id', 1000 + n, 'name', 'CRM ' || n, 'source_id', 100 + mod(n, 12))) r;
INSERT INTO ingestion_stream SELECT r.* FROM (SELECT * FROM ingestion_stream ORDER BY id LIMIT 1) s, generate_series(0, 599) n, jsonb_populate_record(NULL::ingestion_stream, to_jsonb(s) || jsonb_build_object('id', 1000 + n, 'name', 'table_' || n, 'connection_id', 1001 + n / 10)) r;
INSERT INTO ingestion_connectionrun SELECT r.* FROM (SELECT * FROM ingestion_connectionrun LIMIT 1) o, generate_series(1, 60000) n, jsonb_populate_record(NULL::ingestion_connectionrun, to_jsonb(o) || jsonb_build_object('id', 1000 + n, 'stream_id', 1000 + mod(n, 600), 'cause', 'schedule', 'state', 'done', 'started_at', now() - (60000 - n) * interval '1 minute', 'ended_at', now() - (60000 - n) * interval '1 minute',
    'read', 90000, 'accepted', 89000, 'rejected', CASE WHEN n = 60000 THEN 1000000 ELSE 9 END, 'running_seconds', 4)) r;
INSERT INTO ingestion_connectionrowerror (run_id, "row", line, reason, raw) SELECT 61000, r, 0, 'total: "twelve" is not a number', 'c-' || r FROM generate_series(1, 100000) r;
INSERT INTO ingestion_webhook SELECT r.* FROM (SELECT * FROM ingestion_webhook LIMIT 1) w, generate_series(1, 100) n, jsonb_populate_record(NULL::ingestion_webhook, to_jsonb(w) || jsonb_build_object('id', 1000 + n, 'name', 'Payments ' || n, 'public_id', md5('hook' || n), 'source_id', 100 + mod(n, 12))) r;
INSERT INTO ingestion_webhookpayload SELECT r.* FROM (SELECT * FROM ingestion_webhookpayload LIMIT 1) p, generate_series(1, 100) n, generate_series(1, 10) k, jsonb_populate_record(NULL::ingestion_webhookpayload, to_jsonb(p) || jsonb_build_object('id', 1000 + n * 20 + k, 'webhook_id', 1000 + n, 'received_at', now())) r;
INSERT INTO ingestion_contextday (dataset, country, postcode, day, "values", updated_at)
SELECT 'weather', 'GB', 'LS' || p, current_date - d, '{"temperature": 11.5, "rain": 2, "wind": 14}', now() FROM generate_series(1, 1000) p, generate_series(0, 199) d;
INSERT INTO ingestion_collectorprocess (name, host, pid, started_at, heartbeat_at, stopped_at, spooled_records, spooled_bytes, trouble)
SELECT 'web-' || n || ':1:' || n, 'web-' || n, n, now() - interval '2 days', now() - interval '1 day', CASE WHEN n > 4 THEN now() - interval '1 day' END, 0, 0, '' FROM generate_series(1, 200) n;
SELECT setval(pg_get_serial_sequence(t, 'id'), 1000000) FROM unnest(ARRAY['ingestion_trackingplan', 'ingestion_planversion', 'ingestion_fileimport', 'ingestion_connection', 'ingestion_stream',
    'ingestion_connectionrun', 'ingestion_webhook', 'ingestion_webhookpayload', 'ingestion_source']) t;
