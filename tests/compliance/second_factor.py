"""A phone with an app for codes, as tests have it."""

import base64
import re
from datetime import datetime, timedelta

from django.utils import timezone
from django_otp.oath import TOTP

from compliance.access import Actor
from compliance.domain import second_factors
from compliance.enums import ActorKind
from compliance.models import Role, User


class Phone:
    """Shows the code of a secret; its clock may be off."""

    def __init__(self, secret: str, *, off: timedelta = timedelta()) -> None:
        self._key, self._off = base64.b32decode(secret), off

    def code(self, at: datetime | None = None) -> str:
        shown = TOTP(self._key)
        shown.time = ((at or timezone.now()) + self._off).timestamp()
        return f"{shown.token():06d}"


def own(user: User) -> Actor:
    return Actor(ActorKind.STAFF, user.username)


def with_app(user: User, *, off: timedelta = timedelta()) -> tuple[Phone, list[str]]:
    """Set up an app for the user, a minute and a half ago so that its code is new; the phone, and recovery codes."""
    phone = Phone(second_factors.begin_enrolment(user).secret, off=off)
    before = timezone.now() - timedelta(seconds=90)
    codes = second_factors.confirm(user=user, code=phone.code(before), by=own(user), now=before)
    assert codes is not None
    return phone, codes


def ask_of(role: str, *, required: bool = True) -> None:
    """Have members of the role need a second factor."""
    Role.objects.filter(group__name=role).update(requires_second_factor=required)


def secret_in(page: str) -> str:
    found = re.search(r'id="factor-secret">([A-Z2-7]+)<', page)
    assert found, page
    return found[1]
