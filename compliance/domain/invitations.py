"""The first administrator: made without a password, who gives themselves one with a code that works once."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain.seeds import ADMINISTRATOR
from compliance.domain.users import UserError
from compliance.enums import Operation
from compliance.models import User

WELCOME = "/admin/welcome/"


class _Codes(PasswordResetTokenGenerator):
    """Codes that stand for the account as it is: with its first password they are worth nothing."""

    key_salt = "compliance.invitations"


_codes = _Codes()


def invite_administrator(*, username: str, by: Actor, now: datetime) -> str:
    """Make an administrator without a password, or take one who has none yet; their code, good for a day.

    Raises UserError when the name cannot be one, or belongs to somebody who can sign in already.
    """
    require(by, Operation.USERS_MANAGE)
    name = User.normalize_username(username)
    with transaction.atomic():
        user = User.objects.filter(username__iexact=name).first() or User(username=name, date_joined=now)
        if user.pk and user.has_usable_password():
            raise UserError(f"{user.username} has a password: use `manage.py changepassword {user.username}`")
        user.is_staff = user.is_active = True
        user.set_unusable_password()
        try:
            user.clean_fields()
        except ValidationError as error:
            raise UserError(" ".join(error.messages)) from error
        user.save()
        user.groups.add(Group.objects.get(name=ADMINISTRATOR))
        record_change(
            by, action="user.invite", target=f"user:{user.username}", detail={"roles": [ADMINISTRATOR]}
        )
    return _codes.make_token(user)


def accept(*, username: str, code: str, password: str, address: str = "") -> None:
    """Give the account its first password. Raises UserError; it does not say which of name and code is wrong."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(username=username, is_active=True).first()
        if user is None or user.has_usable_password() or not _codes.check_token(user, code):
            raise UserError("the name or the code is wrong, or the code was used or is older than a day")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise UserError(" ".join(error.messages)) from error
        user.set_password(password)
        user.save(update_fields=["password"])
        actor = Actor.system("invitation").at(address)
        record_change(actor, action="user.accept", target=f"user:{user.username}")
