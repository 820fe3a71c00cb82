"""Arriving events for the live page."""

from dataclasses import dataclass

from django.db.models import Q

from ingestion.models import LiveEvent

MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class LiveFilter:
    """What to show; what is None or empty shows all. `text` is looked for in the content only with `in_content`."""

    source_id: int | None = None
    type: str = ""
    name: str = ""
    result: str = ""
    text: str = ""
    in_content: bool = False


def live_events(
    *, after: int | None = None, filters: LiveFilter | None = None, limit: int = 100
) -> list[LiveEvent]:
    """The newest `limit` items with an id above `after`, newest first."""
    wanted = filters or LiveFilter()
    rows = LiveEvent.objects.select_related("source").order_by("-id")
    exact = {
        "source_id": wanted.source_id, "type": wanted.type, "name": wanted.name, "result": wanted.result,
    }  # fmt: skip
    rows = rows.filter(**{field: value for field, value in exact.items() if value})
    if wanted.text:
        rows = rows.filter(_mentions(wanted))
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows[: min(limit, MAX_PAGE)])


def _mentions(wanted: LiveFilter) -> Q:
    text = wanted.text
    said = Q(name__icontains=text) | Q(message_id__icontains=text) | Q(reason__icontains=text)
    return said | Q(raw__icontains=text) if wanted.in_content else said
