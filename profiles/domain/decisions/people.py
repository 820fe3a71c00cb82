"""Whom a decision is about: locking them, their strongest identifiers, and who has identifiers afterwards."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from profiles.builder import closure
from streaming.database import fetch

_LOCK_CLUSTERS = """
SELECT id FROM profiles_cluster
WHERE id IN (SELECT cluster_id FROM profiles_profile WHERE id = ANY(%s)) ORDER BY id FOR UPDATE
"""
_LOCK = "SELECT id FROM profiles_profile WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_STRONGEST = """
SELECT DISTINCT ON (i.profile_id) i.profile_id, i.id
FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE i.profile_id = ANY(%s) ORDER BY i.profile_id, n.priority, i.id
"""
_HOLDERS = """
SELECT i.id, i.profile_id FROM profiles_identifier i WHERE i.id = ANY(%s) AND i.profile_id IS NOT NULL
"""
_HAS_MORE = "SELECT count(*) > %(most)s FROM (SELECT FROM profiles_identifier WHERE profile_id = %(row)s LIMIT %(most)s + 1) i"
_LIVE = "SELECT public_id FROM profiles_profile WHERE id = ANY(%s) ORDER BY first_seen, public_id"


def lock(rows: Collection[int]) -> bool:
    """Lock the clusters of these people, then them, in the order of all who lock people; whether all still exist."""
    fetch(_LOCK_CLUSTERS, [sorted(rows)])
    return len(fetch(_LOCK, [sorted(rows)])) == len(set(rows))


def strongest(rows: Collection[int]) -> Mapping[int, int]:
    """The identifier that stands for each of these people."""
    return dict(fetch(_STRONGEST, [sorted(rows)]))


def holders(identifiers: Iterable[int]) -> Mapping[int, int]:
    """The profile row that has each of these identifiers now; those of nobody are absent."""
    return dict(fetch(_HOLDERS, [sorted(set(identifiers))]))


def hangs_together_with_too_much(row: int) -> bool:
    """Whether this person has so many identifiers that decisions about them are left to the background job.

    What holds them together is more than `reconsider` decides while others wait.
    """
    ((has_more,),) = fetch(_HAS_MORE, {"row": row, "most": closure.MOST_EDGES + 1})
    return bool(has_more)


def live_ids(rows: Collection[int]) -> list[UUID]:
    """The live ids of these people, the eldest first."""
    return [row[0] for row in fetch(_LIVE, [sorted(rows)])]
