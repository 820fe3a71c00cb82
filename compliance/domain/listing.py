"""What the screens of control list: staff, API tokens, suppressed identifiers."""

from collections.abc import Iterable

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_read
from compliance.enums import Operation
from compliance.models import ApiToken, Purpose, Role, SuppressedIdentifier, User


def staff(actor: Actor, *, after: str = "", limit: int = 100) -> list[User]:
    """Who may sign in or once might, by name, with their roles. Raises AccessDenied."""
    require(actor, Operation.USERS_MANAGE)
    found = (
        User.objects.filter(username__gt=after).order_by("username").prefetch_related("groups__role__group")
    )
    users = list(found[:limit])
    for user in users:
        user.roles = tuple(group.role for group in user.groups.all() if hasattr(group, "role"))
    return users


def tokens(actor: Actor, *, before: int | None = None, limit: int = 100) -> list[ApiToken]:
    """The API tokens, newest first. Raises AccessDenied."""
    require(actor, Operation.TOKENS_MANAGE)
    found = ApiToken.objects.order_by("-id")
    return list((found if before is None else found.filter(id__lt=before))[:limit])


def suppressed(actor: Actor, *, before: int | None = None, limit: int = 100) -> list[SuppressedIdentifier]:
    """The suppressed identifiers, newest first: namespaces and reasons, no values. Raises AccessDenied."""
    require(actor, Operation.SUPPRESSIONS_MANAGE)
    found = SuppressedIdentifier.objects.order_by("-id")
    rows = list((found if before is None else found.filter(id__lt=before))[:limit])
    record_read(actor, action="suppressions.list", detail={"rows": len(rows)})
    return rows


def roles() -> Iterable[Role]:
    """All roles, by name."""
    return Role.objects.select_related("group").order_by("group__name")


def purposes() -> Iterable[Purpose]:
    """All purposes, by name."""
    return Purpose.objects.order_by("name")
