-- What people did: events of twelve months, counters, values of traits, visits, behaviour, social networks.
INSERT INTO profiles_timeline
    (anchor_id, event_id, timestamp, received_at, client_time, source_id, message_id, properties, context, traits, purposes, evidence)
SELECT n, CASE WHEN e = 1 THEN 301 ELSE 1 + mod(n * e, 300) END, seen + e * interval '5 minutes', seen + e * interval '5 minutes' + interval '1 second',
    seen + e * interval '5 minutes', 100 + mod(n, 12), 'm' || n || '-' || e,
    jsonb_build_object('path', '/shop/' || mod(n, 900), 'title', 'Shop', 'price', mod(n, 90), 'product_id', 'p' || mod(n, 5000)),
    jsonb_build_object('ip', '192.0.2.' || mod(n, 250), 'userAgent', 'Mozilla/5.0 (X11; Linux x86_64)', 'page', jsonb_build_object('path', '/shop/' || mod(n, 900))),
    NULL::jsonb, NULL::text[], NULL::bigint[]
FROM made, generate_series(1, 2) e
UNION ALL
SELECT %(people)s + n, 302, seen + interval '15 minutes', seen + interval '15 minutes 1 second', seen + interval '15 minutes', 100 + mod(n, 12),
    'm' || n || '-i', '{}', jsonb_build_object('ip', '192.0.2.' || mod(n, 250)), jsonb_build_object('city', city, 'plan', 'free'), NULL, NULL
FROM made WHERE identified
UNION ALL
SELECT n, 301, seen + interval '12 minutes', seen + interval '12 minutes 1 second', seen + interval '12 minutes', 112,
    'm' || n || '-r', '{"path": "/"}', '{}', NULL, NULL, NULL
FROM made WHERE mod(n, 1000) = 0;
INSERT INTO profiles_daily_counter (anchor_id, day, event_id, count, first_at, last_at)
SELECT anchor_id, (timestamp AT TIME ZONE 'UTC')::date, event_id, count(*), min(timestamp), max(timestamp)
FROM profiles_timeline GROUP BY 1, 2, 3;
INSERT INTO profiles_trait_version (anchor_id, key, source_id, import_id, value, timestamp, message_id, purposes)
SELECT %(people)s + n, key, 100 + mod(n, 12), 0, value, seen, 'm' || n, '{}'
FROM made JOIN profiles_profile p ON p.id = n, jsonb_each(p.traits) WHERE identified;
INSERT INTO profiles_session
    (anchor_id, id, source_id, first_at, last_at, first_mark, last_mark, events, pages, entry_at, entry_page, exit_at, exit_page, key, due_at)
SELECT n, gen_random_uuid(), 100 + mod(n, 12), seen, seen + interval '15 minutes', 0, 0, 3, 1, seen, '/shop', seen, '/shop', NULL,
    CASE WHEN n > %(people)s - 200 THEN now() + interval '20 minutes' END FROM made;
INSERT INTO profiles_behaviour_visit (anchor, id, source_id, key, first_at, last_at, facts, is_cut, features, annoyances, purposes)
SELECT id, gen_random_uuid(), 100 + mod(n, 12), '', seen, seen + interval '15 minutes', '[]'::bytea, false, %(features)s::jsonb, %(annoyances)s::jsonb, NULL
FROM made WHERE mod(n, 5) = 0;
INSERT INTO profiles_social_account (anchor, network, handle, followers, totals)
SELECT id, 'mastodon', jsonb_build_array(0, '00', '@u' || n), jsonb_build_array(0, '00', 40), %(social)s::jsonb FROM made WHERE mod(n, 50) = 0;
INSERT INTO profiles_social_item (anchor, network, subject, target, at, message, kind, sentiment, reach)
SELECT id, 'mastodon', 1, gen_random_uuid(), 800000000000000, gen_random_uuid(), 1, 200, 40 FROM made, generate_series(1, 5) WHERE mod(n, 50) = 0;
INSERT INTO profiles_builder_minute (minute, worker, applied, duplicates, suppressed, rejected, latency, merges, splits, refused)
SELECT date_trunc('minute', now()) - m * interval '1 minute', w, 12000, 3, 2, 0, %(latency)s, 40, 1, 2
FROM generate_series(0, 10080) m, generate_series(1, 2) w;
