"""Which sources' data an actor may see: one place for every list, page and count of what came from a source.

Whoever may see all of them costs nothing: no condition, and no statement (docs/adr/0133-forms-and-sources-of-roles.md).
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from compliance.access import AccessDenied
from compliance.actors import Actor
from compliance.audit import record_denial
from compliance.enums import Operation

M = TypeVar("M", bound=Model)
STAFF = 0  # stands for the staff where a decision has no source


def sees_all_sources(actor: Actor | None) -> bool:
    """Whether no source is closed to the actor; None is a process of our own."""
    return actor is None or actor.sources is None


def sees_source(actor: Actor | None, source_id: int | None) -> bool:
    """Whether the actor may see what came from this source, or what the staff said."""
    return actor is None or actor.sources is None or source_id == STAFF or source_id in actor.sources


def of_sources(actor: Actor | None, rows: QuerySet[M, Any], field: str = "source_id") -> QuerySet[M, Any]:
    """The rows of the sources that the actor may see: all of them, as they are, for who sees every source."""
    if actor is None or actor.sources is None:
        return rows
    return rows.filter(**{f"{field}__in": sorted(actor.sources)})


def source_ids(actor: Actor) -> list[int] | None:
    """Those that the actor may see, for `source_id = ANY(...)`; None where there is nothing to narrow by."""
    return None if actor.sources is None else sorted(actor.sources)


def seen_of(actor: Actor, ids: Iterable[int]) -> list[int]:
    """Those of these sources that the actor may see."""
    return [each for each in ids if sees_source(actor, each)]


def require_all_sources(actor: Actor, operation: Operation) -> None:
    """Raise AccessDenied, and keep an audit row, unless the actor sees every source: for what cannot be told apart by them."""
    if not sees_all_sources(actor):
        record_denial(actor, operation=operation)
        raise AccessDenied(
            f"{actor.name} may only see some sources, and this cannot be told apart by source: it needs sight of all of "
            "them, which an administrator can give through a role"
        )
