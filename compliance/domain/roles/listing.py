"""The roles with how many have each, and what was changed of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auditlog.models import LogEntry
from django.db.models import Count

from compliance.access import require
from compliance.actors import Actor
from compliance.domain.roles.values import RoleValues, values_of
from compliance.enums import Operation
from compliance.models import Role

MOST, SHOWN = 500, 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A role, what it allows, and how many have it."""

    role: Role
    values: RoleValues
    members: int


@dataclass(frozen=True, slots=True)
class Past:
    """A change as it was made: (what changed, before, after)."""

    at: datetime
    by: str
    changes: Sequence[tuple[str, str, str]]


def all_roles(actor: Actor) -> list[Listed]:
    """The roles by name, at most MOST. Raises AccessDenied."""
    require(actor, Operation.ROLES_MANAGE)
    found = Role.objects.select_related("group").annotate(members=Count("group__user"))
    rows = list(found.order_by("group__name")[:MOST])
    values = values_of(rows)
    return [Listed(each, values[each.pk], each.members) for each in rows]


def history(actor: Actor, role: Role) -> Sequence[Past]:
    """The newest changes of the role, the latest first. Raises AccessDenied."""
    require(actor, Operation.ROLES_MANAGE)
    entries = LogEntry.objects.get_for_object(role).order_by("-timestamp", "-id")[:SHOWN]
    return [
        Past(
            each.timestamp,
            (each.additional_data or {}).get("by", "—"),
            [(name, *pair) for name, pair in (each.changes or {}).items()],
        )
        for each in entries
    ]
