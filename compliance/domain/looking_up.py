"""What the screens ask of control: which roles may see or do something, and who looked at whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry, Role

MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One row of the audit trail, without the people concerned."""

    id: int
    at: datetime
    actor_kind: str
    actor: str
    address: str
    action: str
    target: str
    categories: list[str]
    detail: dict[str, Any]


def roles_seeing() -> Mapping[Category, list[str]]:
    """The names of the roles that may see each category."""
    roles = [(role.group.name, role.allowed_categories) for role in Role.objects.select_related("group")]
    return {category: [name for name, seen in roles if category in seen] for category in Category}


def roles_allowing(operation: Operation) -> list[str]:
    """The names of the roles that may do this."""
    roles = Role.objects.select_related("group")
    return [role.group.name for role in roles if operation in role.allowed_operations]


def entries_about(
    actor: Actor, subjects: Iterable[str | UUID], *, before: int | None = None, limit: int = 50
) -> list[TrailRow]:
    """The audit rows that concern any of these people (ids of profiles), newest first; `before` is an id of a row.

    To read the trail is a read of its own, and recorded. Raises AccessDenied.
    """
    require(actor, Operation.AUDIT_VIEW)
    asked = list(subjects)
    rows = AuditEntry.objects.filter(subjects__overlap=[pseudonym(subject) for subject in asked])
    found = _page(rows, before, limit)
    record_read(actor, action="audit.read", subjects=asked[:1], detail={"rows": len(found)})
    return found


def entries(
    actor: Actor, *, by: str = "", action: str = "", before: int | None = None, limit: int = 50
) -> list[TrailRow]:
    """The audit rows of this member of staff or token, and of actions that begin so, newest first.

    Recorded like every read of the trail. Raises AccessDenied.
    """
    require(actor, Operation.AUDIT_VIEW)
    rows = AuditEntry.objects.filter(action__startswith=action) if action else AuditEntry.objects.all()
    if by:
        rows = rows.filter(actor=by)
    found = _page(rows, before, limit)
    record_read(actor, action="audit.read", detail={"by": by, "action": action, "rows": len(found)})
    return found


def _page(rows: QuerySet[AuditEntry], before: int | None, limit: int) -> list[TrailRow]:
    if before is not None:
        rows = rows.filter(id__lt=before)
    fields = tuple(TrailRow.__dataclass_fields__)
    return [TrailRow(*row) for row in rows.order_by("-id").values_list(*fields)[: min(limit, MAX_PAGE)]]
