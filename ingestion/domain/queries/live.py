"""Arriving events for the live page."""

from dataclasses import dataclass

from ingestion.models import LiveEvent

MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class LiveFilter:
    """What to show; what is None or empty shows all."""

    source_id: int | None = None
    type: str = ""
    name: str = ""
    result: str = ""
    text: str = ""


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
        rows = rows.filter(raw__icontains=wanted.text)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows[: min(limit, MAX_PAGE)])
