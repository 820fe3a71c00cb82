-- Two people who are more than others: one with 100,000 events of forty devices in two years, one with 15,000 devices.
CREATE TEMPORARY TABLE busy AS SELECT 7 * %(people)s + a AS anchor, gen_random_uuid() AS birth, a FROM generate_series(1, 40) a;
CREATE TEMPORARY TABLE wide AS SELECT 7 * %(people)s + 100 + a AS anchor, gen_random_uuid() AS birth, a FROM generate_series(1, 15000) a;
INSERT INTO profiles_profile (id, public_id, traits, provenance, lifecycle, first_seen, last_purchase, incarnation, version)
SELECT 7 * %(people)s + k, birth, traits, (SELECT jsonb_object_agg(key, jsonb_build_object('at', '2026-01-01T00:00:00.000000Z', 'source', 100, 'message', 'm', 'purposes', '[]'::jsonb)) FROM jsonb_object_keys(traits) key),
    'customer', now() - interval '730 days', now() - interval '1 day', 1, 9
FROM (SELECT 1 AS k, birth FROM busy WHERE a = 1 UNION ALL SELECT 2, birth FROM wide WHERE a = 1) who
CROSS JOIN LATERAL (SELECT jsonb_object_agg('trait_' || t, 'value ' || t) || jsonb_build_object('name', 'Known Person ' || k, 'city', 'Leeds', 'email', 'known' || k || '@example.com') AS traits
    FROM generate_series(1, 60) t) t;
INSERT INTO profiles_profilename (profile_id, name) SELECT 7 * %(people)s + k, 'known person ' || k FROM generate_series(1, 2) k;
INSERT INTO profiles_identifier (id, namespace_id, value, profile_id, shared, first_seen)
SELECT 7 * %(people)s + 20000 + k, 1, 'known-' || k, 7 * %(people)s + k, false, now() - interval '730 days' FROM generate_series(1, 2) k
UNION ALL SELECT 7 * %(people)s + 20010 + k, 3, 'known' || k || '@example.com', 7 * %(people)s + k, false, now() - interval '730 days' FROM generate_series(1, 2) k
UNION ALL SELECT anchor, 6, 'busy-' || a, 7 * %(people)s + 1, false, now() - a * interval '10 days' FROM busy
UNION ALL SELECT anchor, 6, 'wide-' || a, 7 * %(people)s + 2, false, now() - a * interval '1 hour' FROM wide;
SELECT setval('profiles_identifier_id_seq', 8 * %(people)s + 40000), setval('profiles_anchor_id_seq', 8 * %(people)s + 40000), setval('profiles_profile_id_seq', 8 * %(people)s + 40000);
INSERT INTO profiles_anchor (id, key, birth_id, anonymous_id, user_id, home_id, profile_id, live_id, mapping_version, first_seen, sources)
SELECT anchor, decode(md5('busy' || a), 'hex'), birth, anchor, 7 * %(people)s + 20001, 7 * %(people)s + 20001, 7 * %(people)s + 1, (SELECT birth FROM busy WHERE a = 1), 1, now() - interval '730 days',
    CASE WHEN mod(a, 2) = 1 THEN ARRAY[100, 102, 104] ELSE ARRAY[101, 103, 105] END FROM busy
UNION ALL SELECT anchor, decode(md5('wide' || a), 'hex'), birth, anchor, 7 * %(people)s + 20002, 7 * %(people)s + 20002, 7 * %(people)s + 2, (SELECT birth FROM wide WHERE a = 1), 1, now() - interval '700 days', ARRAY[100] FROM wide;
INSERT INTO profiles_evidence (key, rule, source_id, import_id, event_time, message_id, state, refused_by, a_id, b_id)
SELECT decode(md5('known' || anchor), 'hex'), 'event', 100, 0, now() - a * interval '1 hour', 'k' || anchor, 'accepted', '', anchor, 7 * %(people)s + 20000 + k
FROM (SELECT anchor, a, 1 AS k FROM busy UNION ALL SELECT anchor, a, 2 FROM wide) x
UNION ALL SELECT decode(md5('knownmail' || k), 'hex'), 'event', 100, 0, now() - interval '700 days', 'km' || k, 'accepted', '', 7 * %(people)s + 20000 + k, 7 * %(people)s + 20010 + k FROM generate_series(1, 2) k;
INSERT INTO profiles_merge (source, target, evidence, merged_at)
SELECT birth, (SELECT birth FROM busy WHERE a = 1), '{}', now() - a * interval '1 day' FROM busy WHERE a > 1
UNION ALL SELECT birth, (SELECT birth FROM wide WHERE a = 1), ARRAY[(SELECT id FROM profiles_evidence WHERE message_id = 'k' || anchor AND a_id = anchor)], now() - a * interval '1 hour' FROM wide WHERE a > 1;
INSERT INTO profiles_degree (identifier_id, links, measured_at)
SELECT 7 * %(people)s + 20002, 15000, now() UNION ALL SELECT 7 * %(people)s + 20001, 41, now();
INSERT INTO profiles_timeline
    (anchor_id, event_id, timestamp, received_at, client_time, source_id, message_id, properties, context, traits, purposes, evidence)
SELECT 7 * %(people)s + 1 + mod(e, 40), CASE WHEN mod(e, 3) = 0 THEN 301 ELSE 1 + mod(e, 60) END, now() - e * interval '10 minutes', now() - e * interval '10 minutes',
    now() - e * interval '10 minutes', 100 + mod(e, 6), 'busy-' || e,
    jsonb_build_object('path', '/shop/' || mod(e, 900), 'title', 'Shop', 'price', mod(e, 90), 'product_id', 'p' || mod(e, 5000)),
    jsonb_build_object('ip', '192.0.2.' || mod(e, 250), 'userAgent', 'Mozilla/5.0 (X11; Linux x86_64)'), NULL::jsonb, NULL::text[],
    CASE WHEN mod(e, 2000) = 0 THEN ARRAY[(SELECT min(id) FROM profiles_evidence WHERE a_id = 7 * %(people)s + 1)] END
FROM generate_series(1, 100000) e
UNION ALL
SELECT anchor, 301, now() - a * interval '1 hour', now() - a * interval '1 hour', now() - a * interval '1 hour', 100, 'k' || anchor, '{"path": "/"}'::jsonb, '{}'::jsonb, NULL::jsonb, NULL::text[],
    ARRAY[(SELECT id FROM profiles_evidence e WHERE e.a_id = anchor LIMIT 1)] FROM wide;
INSERT INTO profiles_daily_counter (anchor_id, day, event_id, count, first_at, last_at)
SELECT anchor_id, (timestamp AT TIME ZONE 'UTC')::date, event_id, count(*), min(timestamp), max(timestamp)
FROM profiles_timeline WHERE anchor_id > 7 * %(people)s GROUP BY 1, 2, 3;
INSERT INTO profiles_trait_version (anchor_id, key, source_id, import_id, value, timestamp, message_id, purposes)
SELECT anchor, 'trait_' || t, 100 + s, 0, to_jsonb('value ' || t), now() - interval '5 days', 'm', '{}'::text[] FROM busy, generate_series(1, 60) t, generate_series(0, 5) s
UNION ALL SELECT anchor, 'city', 100, 0, '"Leeds"'::jsonb, now() - interval '5 days', 'm', '{}'::text[] FROM wide;
INSERT INTO profiles_consent (anchor_id, purpose, source_id, import_id, granted, timestamp, message_id)
SELECT anchor, p, 100, 0, mod(a, 7) > 0, now() - a * interval '1 hour', 'c' || anchor
FROM (SELECT * FROM busy UNION ALL SELECT * FROM wide) x, unnest(ARRAY['analytics', 'marketing']) p;
INSERT INTO profiles_session
    (anchor_id, id, source_id, first_at, last_at, first_mark, last_mark, events, pages, entry_at, entry_page, exit_at, exit_page)
SELECT 7 * %(people)s + 1 + mod(v, 40), gen_random_uuid(), 100, now() - v * interval '2 hours', now() - v * interval '2 hours' + interval '1 hour', 0, 0, 12, 4, now(), '/', now(), '/' FROM generate_series(1, 8000) v
UNION ALL SELECT anchor, gen_random_uuid(), 100, now() - a * interval '1 hour', now() - a * interval '1 hour', 0, 0, 1, 1, now(), '/', now(), '/' FROM wide;
INSERT INTO profiles_behaviour_visit (anchor, id, source_id, key, first_at, last_at, facts, is_cut, features, annoyances, purposes)
SELECT b.birth, gen_random_uuid(), 100, '', now() - v * interval '2 hours', now() - v * interval '2 hours' + interval '1 hour', '[]'::bytea, false, %(features)s::jsonb, %(annoyances)s::jsonb, NULL::text[]
FROM generate_series(1, 8000) v JOIN busy b ON b.a = 1 + mod(v, 40)
UNION ALL SELECT birth, gen_random_uuid(), 100, '', now() - a * interval '1 hour', now() - a * interval '1 hour', '[]'::bytea, false, %(features)s::jsonb, %(annoyances)s::jsonb, NULL::text[] FROM wide;
INSERT INTO profiles_social_account (anchor, network, handle, followers, totals)
SELECT birth, network, '[0, "00", "@known"]'::jsonb, '[0, "00", 40]'::jsonb, %(social)s::jsonb FROM (SELECT * FROM busy UNION ALL SELECT * FROM wide WHERE a <= 100) x, unnest(ARRAY['mastodon', 'x']) network;
INSERT INTO profiles_social_item (anchor, network, subject, target, at, message, kind, sentiment, reach)
SELECT birth, network, 1, gen_random_uuid(), 800000000000000, gen_random_uuid(), 1, 200, 40 FROM busy, unnest(ARRAY['mastodon', 'x']) network, generate_series(1, 500);
-- A shared address that tens of thousands of people have.
INSERT INTO profiles_identifier (id, namespace_id, value, profile_id, shared, first_seen) VALUES (7 * %(people)s + 30000, 3, 'info@example.com', NULL, true, now() - interval '600 days');
INSERT INTO profiles_household (identifier_id, public_id, version) VALUES (7 * %(people)s + 30000, gen_random_uuid(), 1);
INSERT INTO profiles_evidence (key, rule, source_id, import_id, event_time, message_id, state, refused_by, a_id, b_id)
SELECT decode(md5('shared' || n), 'hex'), 'event', 100, 0, seen, 's' || n, 'attached', '', %(people)s + n, 7 * %(people)s + 30000 FROM made WHERE identified AND mod(n, 20) = 0;
INSERT INTO profiles_degree (identifier_id, links, measured_at) VALUES (7 * %(people)s + 30000, %(people)s / 20, now());
INSERT INTO profiles_degreemark (id, evidence_id) SELECT 1, max(id) FROM profiles_evidence ON CONFLICT (id) DO UPDATE SET evidence_id = excluded.evidence_id;
