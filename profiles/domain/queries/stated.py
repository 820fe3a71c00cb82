"""Of what an anchor said of a purpose the newest counts: the statement that consents are read by.

Each takes `{seen}`, which narrows to sources that the reader may see (`seen_by`): whoever sees some of them is told what
these and the staff said, and no more. What counts for a use is asked without it (`profiles.domain.queries.permission`).
"""

from typing import Any

from compliance.actors import Actor
from compliance.sources import STAFF, source_ids

# Anchor by anchor: of who has very many PostgreSQL would rather join all consents of everybody.
NEWEST = """
SELECT c.* FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT DISTINCT ON (c.purpose) c.purpose, c.granted, c.timestamp, c.source_id, c.import_id
    FROM profiles_consent c WHERE c.anchor_id = a.id AND {condition}{seen}
    ORDER BY c.purpose, c.timestamp DESC, c.source_id DESC, c.message_id DESC, c.import_id DESC
) c
WHERE a.profile_id = %(row)s
"""
# The same of the purposes of the installation, by key: of one that has several names in events, the newest by any of them.
NEWEST_OF_KNOWN = """
SELECT c.* FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT DISTINCT ON (k.key) k.key AS purpose, c.granted, c.timestamp, c.source_id, c.import_id
    FROM unnest(%(names)s::text[], %(keys)s::text[]) AS k(name, key)
    JOIN profiles_consent c ON c.anchor_id = a.id AND c.purpose = k.name{seen}
    ORDER BY k.key, c.timestamp DESC, c.granted, c.source_id DESC, c.message_id DESC, c.import_id DESC OFFSET 0
) c
WHERE a.profile_id = %(row)s
"""


def seen_by(actor: Actor, column: str = "c.source_id") -> tuple[str, dict[str, Any]]:
    """What narrows a statement to what the actor may see, and what it is given; nothing for who sees all sources."""
    sources = source_ids(actor)
    if sources is None:
        return "", {}
    return f" AND {column} = ANY(%(sources)s)", {"sources": [STAFF, *sources]}
