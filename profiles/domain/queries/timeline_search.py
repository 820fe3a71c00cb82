"""Events of a person that contain a text, or came by a channel.

The text is looked for in what the actor may see of them, so that a search tells nothing more.
"""

from dataclasses import replace
from uuid import UUID

import orjson

from compliance.access import AccessDenied, Actor, masked
from compliance.enums import Category
from profiles.domain.queries.paging import Page
from profiles.domain.queries.timeline import TimelineFilter, TimelineItem, timeline

_READ_AT_ONCE = 250
_READS = 4
MAX_TEXT = 200


def search_timeline(
    actor: Actor,
    profile_id: UUID,
    *,
    text: str = "",
    cursor: str | None = None,
    limit: int = 50,
    filters: TimelineFilter | None = None,
) -> Page[TimelineItem]:
    """Like `timeline`; with a text or a channel only what has it, of the next thousand events at most.

    A page may hold fewer items than `limit`, even none, and still have a next one: the search goes on there.
    Raises what `timeline` does.
    """
    wanted = " ".join(text.split())[:MAX_TEXT].lower()
    channel = filters.channel if filters else ""
    if channel and masked(actor, Category.BEHAVIOUR):
        raise AccessDenied("Filtering by channel takes the right to see behaviour.")
    if not wanted and not channel:
        return timeline(actor, profile_id, cursor=cursor, limit=limit, filters=filters)
    found: list[TimelineItem] = []
    page: Page[TimelineItem] = Page([], next=cursor)
    for _ in range(_READS):
        page = timeline(actor, profile_id, cursor=page.next, limit=_READ_AT_ONCE, filters=filters)
        found += [
            item
            for item in page.items
            if (not channel or item.channel == channel) and (not wanted or wanted in _words(item))
        ]
        if page.next is None or len(found) >= limit:
            break
    return replace(page, items=found, previous=None)


def _words(item: TimelineItem) -> str:
    content = orjson.dumps([item.properties, item.context, item.traits], default=str).decode()
    return f"{item.title} {item.source} {item.message_id} {content}".lower()
