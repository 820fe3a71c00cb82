"""Millions of people who are there already, made set-based: identifier, anchor, profile, evidence, counter."""

import psycopg

from profiles.builder import binary
from profiles.builder.digests import anchor_key
from profiles.identity.evidence import Identifier

# Only those that will return need the real key of their anchor; the others get one that nothing else has.
_VISITORS = """
CREATE TEMPORARY TABLE returning_visitor (number bigint PRIMARY KEY, key bytea);
"""
_PEOPLE = """
CREATE TEMPORARY TABLE made AS
SELECT n AS number, gen_random_uuid() AS id FROM generate_series(1, %(count)s) n;
INSERT INTO profiles_profile
    (id, public_id, traits, provenance, lifecycle, first_seen, incarnation, version)
SELECT number, id, jsonb_build_object('plan', 'free', 'city', 'Utrecht'),
    jsonb_build_object('plan', origin, 'city', origin), 'visitor', now() - interval '30 days', 1, 1
FROM made, jsonb_build_object('at', '2026-01-01T00:00:00.000000Z', 'source', 1, 'message', 'm') origin;
INSERT INTO profiles_identifier (id, namespace_id, value, profile_id, shared, first_seen)
SELECT number, %(namespace)s, lpad(to_hex(number), 8, '0') || '-5c1e-4c1b-9d0a-7f3b6e2a1d44', number, false,
    now() - interval '30 days'
FROM made;
INSERT INTO profiles_anchor
    (id, key, birth_id, anonymous_id, home_id, profile_id, live_id, mapping_version, first_seen, sources)
SELECT number, coalesce(key, decode(md5(number::text), 'hex')), id, number, number, number, id, 1,
    now() - interval '30 days', '{1}'
FROM made LEFT JOIN returning_visitor USING (number);
INSERT INTO profiles_eventname (type, name) VALUES ('track', 'Page Viewed') ON CONFLICT DO NOTHING;
INSERT INTO profiles_daily_counter (anchor_id, day, event_id, count, first_at, last_at)
SELECT number, current_date - 30, (SELECT id FROM profiles_eventname WHERE name = 'Page Viewed'), 3,
    now() - interval '30 days', now() - interval '30 days'
FROM made;
DROP TABLE made, returning_visitor;
SELECT setval('profiles_profile_id_seq', %(count)s), setval('profiles_identifier_id_seq', %(count)s),
    setval('profiles_anchor_id_seq', %(count)s);
"""


def populate(connection: psycopg.Connection, count: int, returning: list[str]) -> None:
    """Make `count` people, each with one visitor; those named `returning` are recognised when they come back."""
    row = connection.execute("SELECT id FROM profiles_namespace WHERE key = 'anonymous_id'").fetchone()
    assert row is not None
    namespace: int = row[0]
    connection.execute(_VISITORS)
    connection.execute(
        "INSERT INTO returning_visitor SELECT * FROM unnest(%s, %s)",
        (
            binary.bigints([int(each[:8], 16) for each in returning]),
            binary.byte_strings([anchor_key(Identifier(namespace, each)) for each in returning]),
        ),
    )
    for statement in _PEOPLE.split(";\n"):
        if statement.strip():
            connection.execute(statement, {"count": count, "namespace": namespace})
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")
