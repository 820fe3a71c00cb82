-- Staff, tokens, suppressions, a million rows of audit trail, notices.
INSERT INTO auth_group (name) SELECT 'team ' || n FROM generate_series(1, 20) n;
INSERT INTO compliance_role (group_id, description, operations, categories) SELECT id, '', '{home.view,people.view}', '{identity}' FROM auth_group WHERE name LIKE 'team %%';
INSERT INTO compliance_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
SELECT 1000 + n, '!', false, 'staff' || n, '', '', 'staff' || n || '@example.com', true, true, now() FROM generate_series(1, 2000) n;
INSERT INTO compliance_user_groups (user_id, group_id) SELECT u.id, g.id FROM compliance_user u JOIN auth_group g ON g.name = 'team ' || (1 + mod(u.id, 20)) WHERE u.id > 1000;
INSERT INTO compliance_apitoken (name, hash, prefix, scopes, categories, purpose, created_at, created_by) SELECT 'token ' || n, decode(md5(n::text), 'hex'), 'hw_' || n, '{people.view}', '{identity}', '', now(), 'eva' FROM generate_series(1, 2000) n;
INSERT INTO compliance_suppressedidentifier (namespace, hash, key, reason, at, by) SELECT 'email', decode(md5(n::text), 'hex'), 'k1', 'asked to be forgotten', now(), 'eva' FROM generate_series(1, 100000) n;
INSERT INTO compliance_auditentry (at, actor_kind, actor, address, action, target, subjects, categories, purpose, detail)
SELECT now() - (%(audit)s - n) * interval '20 seconds', CASE WHEN mod(n, 3) = 0 THEN 'token' ELSE 'staff' END, 'staff' || (1 + mod(n, 200)), '10.0.0.' || mod(n, 250),
    (ARRAY['person.read', 'person.timeline', 'person.traits', 'people.search', 'person.identifiers'])[1 + mod(n, 5)], '',
    CASE WHEN mod(n, 5) = 3 THEN ARRAY(SELECT public_id FROM profiles_profile WHERE id BETWEEN 1 + mod(n * 50, 100000) AND 20 + mod(n * 50, 100000))
        WHEN mod(n, 10) = 0 THEN ARRAY[(%(known)s)[1 + mod(n / 10, 2)]]
        ELSE ARRAY[(SELECT public_id FROM profiles_profile WHERE id = 1 + mod(n, 100000))] END,
    '{identity,contact,behaviour}', '', '{"found": 20}' FROM generate_series(1, %(audit)s) n;
INSERT INTO compliance_notice (kind, key, subject, body, link, began_at, told_at, reminded_at, ended_at)
SELECT (ARRAY['import.ended', 'lag', 'dead_letters', 'source.failing'])[1 + mod(n, 4)], 'k' || n, 'The import of orders-' || n || '.csv ended', '900,000 rows are in.', '/admin/imports/', now() - (20000 - n) * interval '5 minutes',
    now() - (20000 - n) * interval '5 minutes', now() - (20000 - n) * interval '5 minutes', CASE WHEN n < 19990 THEN now() END FROM generate_series(1, 20000) n;
INSERT INTO compliance_noticereceipt (notice_id, user_id, channel, at, read_at)
SELECT n.id, u.id, 'inbox', n.told_at, CASE WHEN mod(n.id, 3) > 0 THEN now() END FROM compliance_notice n, (SELECT id FROM compliance_user WHERE id > 1000 ORDER BY id LIMIT 10) u
UNION ALL SELECT n.id, %(user)s, 'inbox', n.told_at, CASE WHEN mod(n.id, 3) > 0 THEN now() END FROM compliance_notice n;
INSERT INTO compliance_noticemail (user_id, message_id, is_digest, state, made_at, next_at, attempts, trouble, sent_at) SELECT 1001 + mod(n, 10), gen_random_uuid(), false, 'sent', now() - n * interval '1 minute', now(), 1, '', now() FROM generate_series(1, 50000) n;
INSERT INTO auditlog_logentry (content_type_id, object_pk, object_id, object_repr, action, changes, changes_text, timestamp, actor_id)
SELECT (SELECT id FROM django_content_type WHERE app_label = 'profiles' AND model = 'namespace'), mod(n, 14)::text, mod(n, 14), 'email', 1, '{"limit": ["5", "6"]}', '', now() - n * interval '1 minute', %(user)s FROM generate_series(1, 100000) n;
INSERT INTO profiles_rulechange (namespace_id, before, after, state, merges, splits, reviews, people, examples, measured_at, made_by, made_at, applied_by, applied_at, done, total, failed)
SELECT 3, to_jsonb(e) - 'id' - 'key', to_jsonb(e) - 'id' - 'key' || '{"limit": 9}', CASE WHEN mod(n, 5) = 0 THEN 'cancelled' ELSE 'done' END, 12, 3, 4, 19, '[]', now(), 'eva', now(), 'eva', now(), 19, 19, '' FROM generate_series(1, 1000) n, profiles_namespace e WHERE e.key = 'email';
SELECT setval(pg_get_serial_sequence('compliance_user', 'id'), 10000);
