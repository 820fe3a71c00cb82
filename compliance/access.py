"""What an actor may do, and which categories of personal data they may see. Ask before every read and change.

actor = actor_of(request)
require(actor, Operation.PEOPLE_VIEW)          # raises AccessDenied; the denial is audited
shown = shown_as(actor.forms.of(category_of_trait(key)), value)
"""

from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from compliance import audit
from compliance.actors import NOBODY, Actor
from compliance.addresses import address_of
from compliance.classification import category_of_namespace, category_of_property, category_of_trait
from compliance.enums import ActorKind, Category, Operation
from compliance.forms import Form
from compliance.identifiers import keyed_hash
from compliance.models import ApiToken, User

__all__ = [
    "MASK",
    "AccessDenied",
    "Actor",
    "Pseudonym",
    "actor_of",
    "actor_of_staff",
    "allows",
    "category_of_namespace",
    "category_of_property",
    "category_of_trait",
    "form_of",
    "hidden",
    "masked",
    "require",
    "require_shown",
    "shown_as",
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
        return _token(token, address)
    user = getattr(request, "user", None)
    if isinstance(user, User) and user.is_active and user.is_staff:
        return actor_of_staff(user, address)
    return NOBODY.at(address)


def _token(token: ApiToken, address: str) -> Actor:
    forms = token.forms
    return Actor(
        ActorKind.TOKEN, token.name, token.operations, forms.clear, address, token.purpose, forms.hashed, forms.hidden,
        sources=None if token.sources is None else frozenset(token.sources), token_id=token.pk,
    )  # fmt: skip


def actor_of_staff(user: User, address: str = "") -> Actor:
    """A member of staff with what their roles allow now. Whoever calls this has asked whether they are active."""
    forms = user.forms
    return Actor(
        ActorKind.STAFF, user.get_username(), user.operations, forms.clear, address, "", forms.hashed, forms.hidden,
        user.purposes, user.sources,
    )  # fmt: skip


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


def require_shown(actor: Actor, category: Category, operation: Operation) -> None:
    """Raise AccessDenied, and keep an audit row, where data of this category are hidden from the actor.

    For whole sections of one category, such as a timeline: not even that there is one is told. `operation` is the one
    that the section takes besides.
    """
    if actor.forms.of(category) is Form.HIDDEN:
        audit.record_denial(actor, operation=operation, categories=[category])
        raise AccessDenied(
            f"{actor.name} may not see this: data of the category {category.value!r} are hidden from them, which an "
            "administrator can change in their role or token"
        )


def hidden(actor: Actor, category: Category) -> bool:
    """Whether not even that there are data of this category is told to the actor."""
    return actor.forms.of(category) is Form.HIDDEN


def form_of(actor: Actor, category: Category) -> Form:
    """In which form the actor sees data of this category."""
    return actor.forms.of(category)


def masked(actor: Actor, category: Category) -> bool:
    """Whether data of this category are anything but clear to the actor.

    Then they can neither be searched, filtered, sorted nor counted by: each of these would tell them.
    """
    return actor.forms.of(category) is not Form.CLEAR


def shown_as(form: Form, value: Any) -> Any:
    """The value in this form; None for one that is hidden, and for no value.

    A mark says that there is a value, and nothing about it, not even its length. A pseudonym is the same for the same
    value wherever it stands, and is keyed, so that it cannot be computed from a guess. A mark and a pseudonym of ours
    stay what they are: one is never made of them.
    """
    if value is None or form is Form.HIDDEN:
        return None
    if form is Form.CLEAR or value is MASK:
        return value
    if form is Form.MASKED:
        return MASK
    return value if isinstance(value, Pseudonym) else _pseudonym(value)


class Pseudonym(str):
    """What is shown in the place of a hashed value: no text of ours is to be made of it."""

    __slots__ = ()


def _pseudonym(value: Any) -> Pseudonym:
    text = (
        value
        if isinstance(value, str)
        else orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()
    )
    return Pseudonym(f"#{keyed_hash('shown', text)[:8].hex()}")
