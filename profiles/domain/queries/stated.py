"""Of what an anchor said of a purpose the newest counts: the statement that consents are read by."""

# Anchor by anchor: of who has very many PostgreSQL would rather join all consents of everybody.
NEWEST = """
SELECT c.* FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT DISTINCT ON (c.purpose) c.purpose, c.granted, c.timestamp, c.source_id, c.import_id
    FROM profiles_consent c WHERE c.anchor_id = a.id AND {condition}
    ORDER BY c.purpose, c.timestamp DESC, c.source_id DESC, c.message_id DESC, c.import_id DESC
) c
WHERE a.profile_id = %(row)s
"""
# The same of the purposes of the installation, by key: of one that has several names in events, the newest by any of them.
NEWEST_OF_KNOWN = """
SELECT c.* FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT DISTINCT ON (k.key) k.key AS purpose, c.granted, c.timestamp, c.source_id, c.import_id
    FROM unnest(%(names)s::text[], %(keys)s::text[]) AS k(name, key)
    JOIN profiles_consent c ON c.anchor_id = a.id AND c.purpose = k.name
    ORDER BY k.key, c.timestamp DESC, c.granted, c.source_id DESC, c.message_id DESC, c.import_id DESC OFFSET 0
) c
WHERE a.profile_id = %(row)s
"""
