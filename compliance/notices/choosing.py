"""Which notices reach whom and how: chosen by each person for themselves, by administrators for roles."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.enums import ActorKind, Channel, Operation
from compliance.models import NoticeSubscription, Role, User
from compliance.notices.audience import channels
from compliance.notices.kinds import Kind, registered_kinds

MOST_ADDRESS = 254  # characters, which is also the most that SMTP carries


class ChoiceError(ValueError):
    """What was chosen cannot be; the message says why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How a kind reaches somebody: what was `chosen` (nothing: what holds otherwise), and what holds."""

    kind: Kind
    chosen: Channel | None
    holds: Channel


def own_choices(actor: Actor) -> list[Choice]:
    """What reaches the actor, for each kind that concerns them."""
    user = _user(actor)
    kinds = [kind for kind in registered_kinds() if kind.concerns(actor.operations)]
    rows = NoticeSubscription.objects.filter(user=user).values_list("kind", "channel")
    chosen, holds = {kind: Channel(channel) for kind, channel in rows}, channels([user], kinds)
    return [Choice(kind, chosen.get(kind.key), holds[user.pk, kind.key]) for kind in kinds]


def role_choices(role: Role) -> list[Choice]:
    """What reaches those who have the role and did not choose otherwise."""
    rows = NoticeSubscription.objects.filter(role=role).values_list("kind", "channel")
    chosen = {kind: Channel(channel) for kind, channel in rows}
    kinds = [kind for kind in registered_kinds() if kind.concerns(role.allowed_operations)]
    return [Choice(kind, chosen.get(kind.key), chosen.get(kind.key) or kind.channel) for kind in kinds]


def choose(actor: Actor, wanted: Mapping[str, str], *, email: str | None = None) -> None:
    """Have each of these kinds reach the actor so; an empty text: as it is otherwise. With `email` e-mails go there.

    All of it or nothing. Raises ChoiceError.
    """
    user = _user(actor)
    with transaction.atomic():
        if email is not None:
            _set_email(actor, user, email)
        _choose(actor, wanted, f"user:{actor.name}", user=user)


def choose_for_role(actor: Actor, role: Role, wanted: Mapping[str, str]) -> None:
    """The same for a role. Raises AccessDenied, ChoiceError."""
    require(actor, Operation.USERS_MANAGE)
    _choose(actor, wanted, f"role:{role}", role=role)


def own_email(actor: Actor) -> str:
    """Where e-mails to the actor go."""
    return _user(actor).email


def _user(actor: Actor) -> User:
    if actor.kind is not ActorKind.STAFF:
        raise ChoiceError("only members of staff have an inbox")
    return User.objects.prefetch_related("groups__role").get(username=actor.name)


def _set_email(actor: Actor, user: User, address: str) -> None:
    """Have e-mails go there; an empty text: nowhere."""
    try:
        if address:
            validate_email(address)
            MaxLengthValidator(MOST_ADDRESS)(address)
    except ValidationError as error:
        raise ChoiceError("this is no e-mail address: it should look like name@example.com") from error
    if address != user.email:
        User.objects.filter(pk=user.pk).update(email=address)
        record_change(actor, action="user.set_email", target=f"user:{actor.name}")


def _choose(
    actor: Actor,
    wanted: Mapping[str, str],
    target: str,
    *,
    user: User | None = None,
    role: Role | None = None,
) -> None:
    known = {kind.key for kind in registered_kinds()}
    if unknown := [key for key in wanted if key not in known]:
        raise ChoiceError(f"there is no kind of notices {unknown[0][:40]!r}")
    if wrong := [value for value in wanted.values() if value and value not in set(Channel)]:
        raise ChoiceError(f"{wrong[0][:40]!r} is no way: choose {', '.join(Channel)}")
    with transaction.atomic():
        _wait_for_others(user, role)
        mine = NoticeSubscription.objects.filter(user=user, role=role)
        before = dict(mine.values_list("kind", "channel"))
        changed = {key: value for key, value in wanted.items() if before.get(key, "") != value}
        mine.filter(kind__in=changed).delete()
        NoticeSubscription.objects.bulk_create(
            NoticeSubscription(kind=key, channel=value, user=user, role=role)
            for key, value in changed.items()
            if value
        )
        if changed:
            record_change(actor, action="notices.choose", target=target, detail=changed)


def _wait_for_others(user: User | None, role: Role | None) -> None:
    """One at a time chooses for somebody: two who make the same row at once would be in each other's way."""
    if user is not None:
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
    elif role is not None:
        Role.objects.select_for_update(no_key=True).get(pk=role.pk)
