"""Passwords of ours: changed by their owner, given by an administrator, and which must be changed first."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain.users import UserError
from compliance.enums import Operation
from compliance.models import LocalAccount, User

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is taken for something else


def change_own(*, user: User, old: str, new: str, again: str, by: Actor) -> None:
    """Give oneself another password, which ends all sessions of the user. Raises UserError.

    Whoever calls this with an open session begins another one for it.
    """
    if not user.has_usable_password():
        raise UserError("your password is the directory's: change it there")
    if not user.check_password(old):
        raise UserError("the present password is wrong: type it again")
    choose(user=user, new=new, again=again, by=by)


def choose(*, user: User, new: str, again: str, by: Actor) -> None:
    """Give a new password to a user who proved already who they are. Raises UserError."""
    if new != again:
        raise UserError("the two new passwords are not the same: type them again")
    if user.check_password(new):
        raise UserError("the new password is the present one: choose another")
    with transaction.atomic():
        _set(user, new)
        _account(user, must_change_password=False)
        record_change(by, action="user.change_password", target=f"user:{user.username}")


def give(*, user: User, by: Actor) -> str:
    """A random password for a user who lost theirs, to be changed at their next sign-in. Raises UserError."""
    require(by, Operation.USERS_MANAGE)
    if by.name == user.username:
        raise UserError("change your own password on your account page")
    refuse_more_than(by, user)
    if not user.has_usable_password():
        raise UserError(f"the password of {user.username} is the directory's: it is changed there")
    new = random_password()
    with transaction.atomic():
        _set(user, new)
        _account(user, must_change_password=True)
        record_change(by, action="user.give_password", target=f"user:{user.username}")
    return new


def refuse_more_than(by: Actor, user: User) -> None:
    """Nobody gets into an account that may more than they: its password would be as good as its roles."""
    if user.operations - by.operations or not by.forms.covers(user.forms):
        raise UserError(f"{user.username} may more than {by.name}: ask an administrator to do this")


def ask_to_change(user: User) -> None:
    """Have the user choose a password of their own at the next sign-in."""
    _account(user, must_change_password=True)


def must_change(user: User, *, now: datetime) -> bool:
    """Whether a new password is due: another person knows this one, or it is too old. Never of the directory's."""
    if not user.has_usable_password():
        return False
    account = LocalAccount.objects.filter(user=user).first()
    if account is not None and account.is_break_glass:
        return False
    if account is not None and account.must_change_password:
        return True
    since = user.date_joined if account is None else account.password_set_at
    oldest = settings.PASSWORD_MAX_AGE_DAYS
    return bool(oldest) and since < now - timedelta(days=oldest)


def random_password() -> str:
    """Five groups of four characters: a hundred bits nearly, and readable from paper."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(5))


def _set(user: User, new: str) -> None:
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise UserError(" ".join(error.messages)) from error
    user.set_password(new)
    user.save(update_fields=["password"])


def _account(user: User, *, must_change_password: bool) -> None:
    LocalAccount.objects.update_or_create(user=user, defaults={"must_change_password": must_change_password})
