"""Who looks: a member of staff and a token of one role."""

from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.utils import timezone

from compliance.access import category_of_property, shown_as
from compliance.domain.tokens import create_token
from compliance.enums import Category, Operation
from compliance.forms import Form, Forms
from compliance.models import Role, User
from tests.cdp_site.permissions.planted import BY, EMAIL, OF_ALL, USER

_OTHERS: list[Category] = [each for each in Category if each is not Category.BEHAVIOUR]
CLOSED: dict[str, dict[str, list[Category]]] = {
    "behaviour hidden": {"categories": _OTHERS, "hidden": [Category.BEHAVIOUR]},
    "only behaviour": {"categories": [Category.BEHAVIOUR], "hidden": _OTHERS},
    "all hashed": {"hashed": list(Category)},
    "all masked": {},
}
"""Further roles, which may do everything: what shipped roles see closed, they cannot open."""


@dataclass(frozen=True)
class Visitor:
    """What the policy says of them, and their clients."""

    role: str
    operations: frozenset[Operation]
    forms: Forms
    staff: Client
    program: Client


def visitor_of(role: Role) -> Visitor:
    """A new member of staff and a new token with the role's operations and forms."""
    name = role.group.name
    user = User.objects.create(username=f"staff {name}", is_staff=True)
    user.groups.add(role.group)
    token, secret = create_token(name=f"token {name}", by=BY, now=timezone.now(), role=name, expires_at=None)
    assert token.forms == role.forms
    staff, program = Client(), Client(headers={"Authorization": f"Bearer {secret}"})
    staff.force_login(user)
    for client in (staff, program):
        client.raise_request_exception = False
    return Visitor(name, frozenset(token.operations), role.forms, staff, program)


def pseudonyms(category: Category) -> set[str]:
    """What stands in the place of the planted values of a category where they are hashed."""
    values: list[Any] = [value for key, value in OF_ALL.items() if category_of_property(key) is category]
    values += [USER] if category is Category.IDENTITY else [EMAIL] if category is Category.CONTACT else []
    return {str(shown_as(Form.HASHED, each)) for each in values}
