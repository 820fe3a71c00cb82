"""The timeline with the visits that its events belong to, so that a visit can be shown as one row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from compliance.access import Actor
from compliance.audit import record_read
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Page
from profiles.domain.queries.permission import holder_for
from profiles.domain.queries.sessions import COLUMNS, Session, shown_sessions
from profiles.domain.queries.timeline import TimelineFilter, TimelineItem
from profiles.domain.queries.timeline_search import search_timeline
from streaming.database import fetch

# The visit of each event is among the newest of its anchor that had begun by then. How many of them are looked at is
# bounded: with very many sources at one time an event may be shown beside its visit, and never costs more.
_VISITS = f"""
SELECT k.event, {COLUMNS}
FROM unnest(%(events)s::bigint[], %(anchors)s::bigint[], %(sources)s::int[], %(times)s::timestamptz[], %(keys)s::text[])
    AS k(event, anchor, source, time, key)
CROSS JOIN LATERAL (
    SELECT * FROM (
        SELECT * FROM profiles_session s WHERE s.anchor_id = k.anchor AND s.first_at <= k.time
        ORDER BY s.first_at DESC LIMIT 20
    ) newest
    WHERE source_id = k.source AND last_at >= k.time AND key IS NOT DISTINCT FROM k.key
    ORDER BY first_at DESC LIMIT 1
) s
"""


@dataclass(frozen=True, slots=True)
class FoldedTimeline:
    """A page of the timeline; `visits` are those of its events, by the id of the event. Others are in no visit."""

    page: Page[TimelineItem]
    visits: Mapping[int, Session] = field(default_factory=dict)


def folded_timeline(
    actor: Actor,
    profile_id: UUID,
    *,
    text: str = "",
    cursor: str | None = None,
    filters: TimelineFilter | None = None,
) -> FoldedTimeline:
    """Like `search_timeline`, with visits. What is searched for, or chosen by name, stands by itself, without any.

    Raises what `timeline` does.
    """
    page = search_timeline(actor, profile_id, text=text, cursor=cursor, filters=filters)
    if text.strip() or (filters and filters.event) or not page.items:
        return FoldedTimeline(page)
    return FoldedTimeline(page, _visits(actor, profile_id, page.items))


def _visits(actor: Actor, profile_id: UUID, items: Sequence[TimelineItem]) -> Mapping[int, Session]:
    rows = fetch(
        _VISITS,
        {
            "events": [item.id for item in items],
            "anchors": [item.anchor for item in items],
            "sources": [item.source_id for item in items],
            "times": [item.timestamp for item in items],
            "keys": [item.visit_key for item in items],
        },
    )
    if not rows:
        return {}
    mask = Mask(actor)
    found = shown_sessions([row[1:] for row in rows], mask)
    record_read(
        actor, action="person.sessions", subjects=[holder_for(actor, profile_id).id], categories=sorted(mask.seen),
        detail={"sessions": len({visit.id for visit in found})},
    )  # fmt: skip
    return {row[0]: visit for row, visit in zip(rows, found, strict=True)}
