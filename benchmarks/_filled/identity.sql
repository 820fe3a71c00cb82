-- Evidence of what joined the people, what was refused and proposed, and what staff and rules made of it.
INSERT INTO profiles_evidence (id, key, rule, source_id, import_id, event_time, message_id, state, refused_by, a_id, b_id)
SELECT row_number() OVER (ORDER BY first_seen), decode(md5(a || '-' || b), 'hex'), rule, 100 + mod(a, 12), 0, first_seen, 'e' || a, state, why, a, b
FROM (
    SELECT %(people)s + n AS a, n AS b, 'event' AS rule, 'accepted' AS state, '' AS why, n FROM made WHERE identified
    UNION ALL SELECT %(people)s + n, 2 * %(people)s + n, 'event', 'accepted', '', n FROM made WHERE identified
    UNION ALL SELECT %(people)s + n, 3 * %(people)s + n, 'event', 'accepted', '', n FROM made WHERE mod(n, 10) = 0
    UNION ALL SELECT %(people)s + n, 4 * %(people)s + n, 'event', 'accepted', '', n FROM made WHERE mod(n, 5) = 0
    UNION ALL SELECT %(people)s + n, 5 * %(people)s + n / 20, 'event', 'attached', '', n FROM made WHERE identified AND n >= 20
    UNION ALL SELECT %(people)s + n, 6 * %(people)s + 1 + mod(n, 500), 'event', 'attached', '', n FROM made WHERE mod(n, 10) = 1
    UNION ALL SELECT %(people)s + n, 2 * %(people)s + n + 5, 'event', 'refused', 'unique:1', n FROM made WHERE mod(n, 200) = 0 AND n + 5 <= %(people)s
    UNION ALL SELECT %(people)s + n, 2 * %(people)s + n + 5, 'content', 'proposed', '', n FROM made WHERE mod(n, 1000) = 1 AND n + 5 <= %(people)s
) e JOIN (SELECT n AS number, seen AS first_seen FROM made) m ON m.number = e.n;
SELECT setval('profiles_evidence_id_seq', (SELECT max(id) FROM profiles_evidence));
INSERT INTO profiles_cluster (id, edges, due_at, why)
SELECT n / 200, 5, CASE WHEN mod(n, 100000) = 0 THEN now() END, CASE WHEN mod(n, 100000) = 0 THEN 'many links' ELSE '' END
FROM made WHERE mod(n, 200) = 0;
UPDATE profiles_profile p SET cluster_id = c.id FROM profiles_cluster c WHERE p.id IN (c.id * 200, c.id * 200 + 5);
SELECT setval('profiles_cluster_id_seq', %(people)s);
INSERT INTO profiles_review (evidence_id, decision, until, by, at, note)
SELECT id, CASE WHEN mod(id, 4) = 0 THEN 'later' ELSE 'apart' END, CASE WHEN mod(id, 4) = 0 THEN now() + interval '3 days' END,
    'eva', now() - interval '2 days', '' FROM profiles_evidence WHERE state = 'refused' AND mod(id, 2) = 0;
INSERT INTO profiles_merge (source, target, evidence, merged_at)
SELECT a.birth_id, m.id, '{}', m.seen FROM made m JOIN profiles_anchor a ON a.id = %(people)s + m.n WHERE identified;
INSERT INTO profiles_split (source, target, anchors, split_at, cause, decided_by, why)
SELECT m.id, a.birth_id, 1, m.seen, 'decision', 'eva', 'two people at one desk' FROM made m JOIN profiles_anchor a ON a.id = %(people)s + m.n
WHERE identified AND mod(n, 50) = 0;
INSERT INTO profiles_degree (identifier_id, links, measured_at)
SELECT 6 * %(people)s + h, %(people)s / 5000, now() FROM generate_series(1, 500) h
UNION ALL SELECT %(people)s + n, 5, now() FROM made WHERE identified AND mod(n, 10) = 0;
INSERT INTO profiles_blockproposal (identifier_id, people, links, why, state, proposed_at, decided_by)
SELECT 6 * %(people)s + h, 900 + h, 1000 + h, 'people', 'open', now() - interval '3 hours', '' FROM generate_series(1, 100) h;
INSERT INTO profiles_blockedhit (day, namespace_id, value, worker, hits)
SELECT current_date - d, 1, 'test' || n, 1, 1 + mod(n, 90) FROM generate_series(0, 29) d, generate_series(1, 2000) n;
INSERT INTO profiles_handover (namespace_id, value, label, day, former_id, holder_id, state, made_by, made_at, why, taken_back_by)
SELECT 4, '+44208' || lpad(n::text, 7, '0'), '+44208' || lpad(n::text, 7, '0') || '#2', current_date - 3, 3 * %(people)s + n * 10,
    3 * %(people)s + n * 10 + 10, 'done', 'eva', now(), 'the number was given out anew', '' FROM generate_series(1, 200) n WHERE n * 10 + 10 <= %(people)s;
INSERT INTO profiles_consent (anchor_id, purpose, source_id, import_id, granted, timestamp, message_id)
SELECT %(people)s + n, p, 100 + mod(n, 12), 0, mod(n, 3) > 0, seen, 'c' || n FROM made, unnest(ARRAY['analytics', 'marketing']) p
WHERE identified AND mod(n, 5) = 0;
