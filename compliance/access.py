"""What an actor may do, and which categories of personal data they may see. Ask before every read and change.

actor = actor_of(request)
require(actor, Operation.PEOPLE_VIEW)          # raises AccessDenied; the denial is audited
shown = mask(value) if masked(actor, category_of_trait(key)) else value
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from compliance import audit
from compliance.actors import NOBODY, Actor
from compliance.addresses import address_of
from compliance.classification import category_of_namespace, category_of_property, category_of_trait
from compliance.enums import ActorKind, Category, Operation
from compliance.models import ApiToken, User

__all__ = [
    "MASK",
    "AccessDenied",
    "Actor",
    "actor_of",
    "allows",
    "categories",
    "category_of_namespace",
    "category_of_property",
    "category_of_trait",
    "mask",
    "masked",
    "require",
]

MASK = "••••••"


class AccessDenied(PermissionDenied):
    """The actor may not do this. Django and the REST framework answer 403 with the message."""


def actor_of(request: Any) -> Actor:
    """Who sends this request of Django or of the REST framework: a member of staff or an API token.

    Whoever is neither, or is no longer active, may nothing.
    """
    address = address_of(_plain(request))
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        return Actor(
            ActorKind.TOKEN, token.name, token.operations, token.allowed_categories, address, token.purpose
        )
    user = getattr(request, "user", None)
    if isinstance(user, User) and user.is_active and user.is_staff:
        return Actor(ActorKind.STAFF, user.get_username(), user.operations, user.categories, address)
    return NOBODY.at(address)


def _plain(request: Any) -> HttpRequest:
    inner = getattr(request, "_request", request)  # the REST framework wraps Django's
    assert isinstance(inner, HttpRequest)
    return inner


def allows(actor: Actor, operation: Operation) -> bool:
    """Whether the actor may do this."""
    return operation in actor.operations


def require(actor: Actor, operation: Operation) -> None:
    """Raise AccessDenied, and keep an audit row that outlives a rollback, unless the actor may do this."""
    if not allows(actor, operation):
        audit.record_denial(actor, operation=operation)
        raise AccessDenied(
            f"{actor.name} may not do this: it needs the permission {operation.value!r}, "
            "which an administrator can give through a role or a token's scopes"
        )


def categories(actor: Actor) -> frozenset[Category]:
    """The categories that the actor may see."""
    return actor.categories


def masked(actor: Actor, category: Category) -> bool:
    """Whether data of this category must be masked for the actor."""
    return category not in actor.categories


def mask(value: Any) -> str | None:
    """What stands in for a masked value: says that there is one, and nothing about it, not even its length."""
    return None if value is None else MASK
