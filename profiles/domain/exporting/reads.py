"""Who read what of a person: the part of an export that comes from the audit trail."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import F

from compliance.access import Actor
from compliance.domain.looking_up import MAX_PAGE, TrailRow, entries_about
from profiles.domain.queries.tabs import MAX_IDS
from profiles.models import Anchor


def reads_of(actor: Actor, row: int) -> Iterator[dict[str, Any]]:
    """The rows of the trail that concern the person of this row, newest first. Raises AccessDenied.

    Of a person of more than MAX_IDS ids those under the eldest of them.
    """
    ids = ids_of(row, most=MAX_IDS)
    before: int | None = None
    while rows := entries_about(actor, ids, before=before, limit=MAX_PAGE):
        yield from map(_read, rows)
        before = rows[-1].id


def ids_of(row: int, *, most: int | None = None) -> list[UUID]:
    """Every id that leads to the person of this row, the eldest first; or so many of them."""
    # By an expression, or PostgreSQL goes through the anchors of everybody in order until it has enough.
    ids = Anchor.objects.filter(profile_id=row).order_by(F("id") + 0).values_list("birth_id", flat=True)
    return list(ids[:most])


def _read(row: TrailRow) -> dict[str, Any]:
    return {
        "at": row.at,
        "by": row.actor,
        "kind": row.actor_kind,
        "action": row.action,
        "categories": row.categories,
    }
