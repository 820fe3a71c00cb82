"""Somebody who may sign in is always left to manage users, also when several of them are changed at once."""

from django.db import connection
from django.db.models import QuerySet

from compliance.actors import Actor
from compliance.enums import ActorKind, Operation
from compliance.models import Role, User

_LOCK = 0x4D414E41  # "MANA"


def is_left(*, without: Role | None = None) -> bool:
    """Whether anybody active manages users, by another role than `without`.

    Within a transaction it waits for others that ask, until they are committed, so that two who take this right from
    each other do not both find the other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    staff = User.objects.filter(is_active=True, is_staff=True)
    return (
        staff.filter(groups__role__in=_managing(without)).exists() or staff.filter(is_superuser=True).exists()
    )


def would_be_gone(by: Actor) -> bool:
    """Whether the change just made in this transaction has left nobody, and `by` has no other way in.

    Who runs commands on the machine can always make an administrator, and is not held back.
    """
    return by.kind is ActorKind.STAFF and not is_left()


def _managing(without: Role | None) -> QuerySet[Role]:
    roles = Role.objects.filter(operations__contains=[Operation.USERS_MANAGE.value])
    return roles if without is None else roles.exclude(pk=without.pk)
