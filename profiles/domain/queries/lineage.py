"""How a person came to be who they are: merges and splits as one history."""

from datetime import datetime
from uuid import UUID

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.queries.finding import HELD_IDS
from profiles.domain.queries.links import Link, links_named
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.merges import MOST_LINKS, Change, Merge, Split
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import holder_for
from profiles.enums import CauseKind
from streaming.database import Row, fetch

_LISTING = "profiles.lineage"
_MERGE, _SPLIT = 0, 1
_SELECT = f"""
WITH history AS (
    SELECT merged_at AS at, {_MERGE} AS kind, id, source, target, evidence, cause, decided_by, '' AS why, 0 AS anchors
    FROM profiles_merge WHERE source = ANY({HELD_IDS}) OR target = ANY({HELD_IDS})
    UNION ALL
    SELECT split_at, {_SPLIT}, id, source, target, evidence, cause, decided_by, why, anchors
    FROM profiles_split WHERE source = ANY({HELD_IDS}) OR target = ANY({HELD_IDS})
)
SELECT h.*, (SELECT count(*) = 2 FROM profiles_anchor WHERE birth_id IN (h.source, h.target) AND profile_id = %(row)s)
FROM history h
"""
_FIRST = _SELECT + "ORDER BY at DESC, kind DESC, id DESC LIMIT %(limit)s"
_OLDER = (
    _SELECT
    + "WHERE (at, kind, id) < (%(at)s, %(kind)s, %(id)s) ORDER BY at DESC, kind DESC, id DESC LIMIT %(limit)s"
)
_NEWER = _SELECT + "WHERE (at, kind, id) > (%(at)s, %(kind)s, %(id)s) ORDER BY at, kind, id LIMIT %(limit)s"


def lineage(actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Change]:
    """The merges and splits of whoever holds this id, the latest first.

    Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held, mask = holder_for(actor, profile_id), Mask(actor)
    parameters: dict[str, object] = {"row": held.row, "limit": limit + 1}
    query = _FIRST
    if start is not None:
        at, kind, last = start.position
        parameters |= {"at": datetime.fromisoformat(at), "kind": kind, "id": last}
        query = _NEWER if start.backwards else _OLDER
    rows = fetch(query, parameters)
    page = page_of(rows, limit=limit, cursor=start, listing=_LISTING, position=_position)
    links = links_named({each for row in page.items for each in row[5][:MOST_LINKS]}, held.row, mask)
    items = [_change(row, links) for row in page.items]
    subjects = {held.id, *(each for item in items for each in (item.source, item.target) if each)}
    record_read(actor, action="person.merges", subjects=subjects, categories=sorted(mask.seen))
    return Page(items, page.next, page.previous)


def _position(row: Row) -> tuple[str, int, int]:
    return (row[0].isoformat(), row[1], row[2])


def _change(row: Row, links: dict[int, Link]) -> Change:
    at, kind, identity, source, target, evidence, said, decided_by, why, anchors, together = row
    chain = [links[each] for each in evidence[:MOST_LINKS] if each in links]
    further, cause = max(0, len(evidence) - MOST_LINKS), CauseKind(said)
    if kind == _MERGE:
        return Merge(identity, source, target, at, cause, decided_by, chain, further, is_undone=not together)
    return Split(
        identity,
        source,
        target,
        at,
        cause,
        decided_by,
        why,
        anchors,
        chain,
        further,
        is_undone=bool(together),
    )
