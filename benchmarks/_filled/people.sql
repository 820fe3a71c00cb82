-- Two people in five are identified: by a user id, most by an e-mail address, some by a telephone number and a second
-- device. Rows are numbered so that each part of a person is found by arithmetic: n the visitor, people + n the user,
-- 2 × people + n the address, 3 × people + n the telephone, 4 × people + n the second device, 5 × people + h a house.
INSERT INTO ingestion_source (id, name, description, created_at, visit_timeout, purposes)
SELECT n, 'Source ' || n, '', now() - interval '400 days', 30, '{analytics}' FROM generate_series(100, 112) n;
INSERT INTO profiles_eventname (id, type, name)
SELECT n, 'track', (ARRAY['Product Viewed', 'Order Completed', 'Cart Updated', 'Search Performed', 'Article Read'])[1 + mod(n, 5)]
    || CASE WHEN n > 5 THEN ' ' || n ELSE '' END FROM generate_series(1, 300) n
UNION ALL SELECT 301, 'page', 'page' UNION ALL SELECT 302, 'identify', 'identify';
SELECT setval('profiles_eventname_id_seq', 302);
CREATE TEMPORARY TABLE made AS
SELECT n, gen_random_uuid() AS id, mod(n, 5) < 2 AS identified,
    now() - (%(people)s - n) * interval '365 days' / %(people)s - interval '1 hour' AS seen,
    (ARRAY['Anna','Ben','Chen','Dewi','Eva','Farid','Grace','Hugo','Ines','Jan','Kofi','Lena','Maria','Noor','Olga',
        'Pedro','Quinn','Rosa','Sven','Tariq','Uma','Vera','Wim','Xenia','Yusuf','Zoe'])[1 + mod(n * 7, 26)] AS first,
    (ARRAY['Aalto','Bakker','Costa','Dubois','Evans','Fischer','Garcia','Hansen','Ivanov','Jansen','Khan','Larsen',
        'Moreau','Novak','Okafor','Petrov','Rossi','Smith','Takeda','Visser'])[1 + mod(n * 3, 20)]
        || substr(md5(n::text), 1, 5) AS last,
    (ARRAY['Utrecht','Leeds','Ghent','Porto','Turin','Malmö','Lyon','Graz'])[1 + mod(n, 8)] AS city
FROM generate_series(1, %(people)s) n;
CREATE UNIQUE INDEX ON made (n);
ANALYZE made;
INSERT INTO profiles_profile
    (id, public_id, traits, provenance, lifecycle, first_seen, last_purchase, incarnation, version)
SELECT n, id, traits, (SELECT jsonb_object_agg(key, origin) FROM jsonb_object_keys(traits) key),
    CASE WHEN NOT identified THEN 'visitor' WHEN mod(n, 10) < 5 THEN 'customer' WHEN mod(n, 10) = 5 THEN 'prospect'
        ELSE 'former_customer' END,
    seen, CASE WHEN identified AND mod(n, 10) <> 5 THEN seen + interval '20 minutes' END, 1, 3
FROM made CROSS JOIN LATERAL (SELECT
    jsonb_build_object('city', city, 'plan', 'free') || CASE WHEN identified THEN jsonb_build_object(
        'name', first || ' ' || last, 'email', lower(last) || n || '@example.com', 'age', 18 + mod(n, 60),
        'newsletter', mod(n, 3) = 0, 'address', jsonb_build_object('street', mod(n, 900) || ' High Street', 'postcode', 'LS1 ' || mod(n, 99)))
        ELSE '{}' END AS traits,
    jsonb_build_object('at', to_char(seen, 'YYYY-MM-DD"T"HH24:MI:SS".000000Z"'), 'source', 100 + mod(n, 12), 'message', 'm' || n, 'purposes', '[]'::jsonb) AS origin
) t;
INSERT INTO profiles_identifier (id, namespace_id, value, profile_id, shared, first_seen)
SELECT n, 6, lpad(to_hex(n), 8, '0') || '-5c1e-4c1b-9d0a-7f3b6e2a1d44', n, false, seen FROM made
UNION ALL SELECT %(people)s + n, 1, 'u' || n, n, false, seen FROM made WHERE identified
UNION ALL SELECT 2 * %(people)s + n, 3, lower(last) || n || '@example.com', n, false, seen FROM made WHERE identified
UNION ALL SELECT 3 * %(people)s + n, 4, '+44207' || lpad(n::text, 7, '0'), n, false, seen FROM made WHERE mod(n, 10) = 0
UNION ALL SELECT 4 * %(people)s + n, 6, 'd' || n, n, false, seen FROM made WHERE mod(n, 5) = 0
UNION ALL SELECT 5 * %(people)s + h, 14, h || ' high street leeds', NULL, false, now() - interval '100 days'
    FROM generate_series(1, %(people)s / 20) h
UNION ALL SELECT 6 * %(people)s + h, 8, 'club-' || h, NULL, false, now() - interval '90 days' FROM generate_series(1, 500) h;
SELECT setval('profiles_identifier_id_seq', 7 * %(people)s);
INSERT INTO profiles_anchor
    (id, key, birth_id, anonymous_id, user_id, home_id, profile_id, live_id, mapping_version, first_seen, sources)
SELECT n, decode(md5('a' || n), 'hex'), id, n, NULL, n, n, id, 1, seen,
    CASE WHEN mod(n, 1000) = 0 THEN ARRAY[100 + mod(n, 12), 112] ELSE ARRAY[100 + mod(n, 12)] END FROM made
UNION ALL SELECT %(people)s + n, decode(md5('u' || n), 'hex'), gen_random_uuid(), n, %(people)s + n, %(people)s + n, n, id, 2, seen,
    ARRAY[100 + mod(n, 12)] FROM made WHERE identified
UNION ALL SELECT 4 * %(people)s + n, decode(md5('d' || n), 'hex'), gen_random_uuid(), 4 * %(people)s + n, NULL, 4 * %(people)s + n, n, id, 2, seen, '{}'
    FROM made WHERE mod(n, 5) = 0;
SELECT setval('profiles_anchor_id_seq', 7 * %(people)s), setval('profiles_profile_id_seq', 7 * %(people)s);
INSERT INTO profiles_profilename (profile_id, name) SELECT n, lower(first || ' ' || last) FROM made WHERE identified;
INSERT INTO profiles_household (identifier_id, public_id, traits, provenance, version)
SELECT id, gen_random_uuid(), '{}', '{}', 1 FROM profiles_identifier WHERE namespace_id IN (8, 14);
