"""Rejected items, newest first, and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from compliance.actors import Actor
from compliance.sources import of_sources
from ingestion.models import Rejection

MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class RejectionReason:
    """A reason and how often it was given."""

    code: str
    reason: str
    items: int
    last_at: datetime


def rejections(
    *,
    source_id: int | None = None,
    code: str | None = None,
    before: int | None = None,
    limit: int = 50,
    actor: Actor | None = None,
) -> list[Rejection]:
    """A page of what sources sent that the actor may see; `before` is the id of the last row of the former one."""
    rows = of_sources(actor, Rejection.objects.select_related("source").order_by("-id"))
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    if code:
        rows = rows.filter(code=code)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows[: min(limit, MAX_PAGE)])


def rejection_reasons(
    *, since: datetime, source_id: int | None = None, actor: Actor | None = None
) -> list[RejectionReason]:
    """The reasons since then of sources that the actor may see, the most frequent first."""
    rows = of_sources(actor, Rejection.objects.filter(received_at__gte=since).order_by())
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    grouped = rows.values_list("code", "reason").annotate(items=Count("id"), last_at=Max("received_at"))
    return [RejectionReason(*row) for row in grouped.order_by("-items", "code")[:MAX_PAGE]]
