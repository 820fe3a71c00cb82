"""Who signed in and who failed to, for the audit trail."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from compliance.access import actor_of
from compliance.actors import NOBODY
from compliance.addresses import address_of
from compliance.audit import record_change
from compliance.models import User


def follow_sign_ins() -> None:
    """Record each from now on."""
    user_logged_in.connect(_signed_in, dispatch_uid="compliance.signed_in")
    user_login_failed.connect(_failed, dispatch_uid="compliance.sign_in_failed")


def _signed_in(request: HttpRequest, user: User, **_rest: Any) -> None:
    request.user = user
    record_change(actor_of(request), action="sign_in.done", target=f"user:{user.get_username()}")


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_rest: Any) -> None:
    """The name that was typed stands in the row as a pseudonym only: people type passwords into that field."""
    name = str(credentials.get("username", ""))
    actor = NOBODY.at(address_of(request)) if request is not None else NOBODY
    record_change(actor, action="sign_in.failed", target="user", subjects=[f"user:{name}"] if name else [])
