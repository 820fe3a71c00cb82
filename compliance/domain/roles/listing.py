"""The roles with how many have each, and what was changed of one."""

from dataclasses import dataclass

from django.db.models import Count

from compliance.access import require
from compliance.actors import Actor
from compliance.domain.roles.values import RoleValues, values_of
from compliance.enums import Operation
from compliance.history import Past, history
from compliance.models import Role

MOST, SHOWN = 500, 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A role, what it allows, and how many have it."""

    role: Role
    values: RoleValues
    members: int


def all_roles(actor: Actor) -> list[Listed]:
    """The roles by name, at most MOST. Raises AccessDenied."""
    require(actor, Operation.ROLES_MANAGE)
    found = Role.objects.select_related("group").annotate(members=Count("group__user"))
    rows = list(found.order_by("group__name")[:MOST])
    values = values_of(rows)
    return [Listed(each, values[each.pk], each.members) for each in rows]


def past_of(actor: Actor, role: Role) -> list[Past]:
    """The newest changes of the role, the latest first. Raises AccessDenied."""
    require(actor, Operation.ROLES_MANAGE)
    return history(role, most=SHOWN)
