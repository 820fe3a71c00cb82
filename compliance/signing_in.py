"""Who signs in, fails to, and signs out: for the audit trail, and as open sessions."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from compliance.access import actor_of
from compliance.actors import NOBODY
from compliance.addresses import address_of
from compliance.audit import record_change
from compliance.browsers import browser_in_words
from compliance.domain import break_glass, sessions
from compliance.models import User, UserSession

MARK = "_headwater_session"  # in sessions of Django that have a row of ours


def follow_sign_ins() -> None:
    """Record each from now on."""
    user_logged_in.connect(_signed_in, dispatch_uid="compliance.signed_in")
    user_login_failed.connect(_failed, dispatch_uid="compliance.sign_in_failed")
    user_logged_out.connect(_signed_out, dispatch_uid="compliance.signed_out")


def begin_session(
    request: HttpRequest, user: User, *, lasts: timedelta | None = None, is_proved: bool = True
) -> UserSession:
    """Have the user's session be an open one, under a new key: whoever knew the former one has nothing (ASVS 7.2.4).

    `is_proved` says that a password or a code was given just now.
    """
    sessions.forget(key=request.session.session_key)
    request.session.cycle_key()
    request.session[MARK] = True
    key = request.session.session_key
    assert key is not None
    now = timezone.now()
    return sessions.begin(
        user=user, key=key, at=browser_of(request), lasts=lasts or timedelta(seconds=settings.SESSION_COOKIE_AGE),
        now=now, proved_at=now if is_proved else None,
    )  # fmt: skip


def browser_of(request: HttpRequest) -> sessions.Browser:
    """Where the request comes from."""
    return sessions.Browser(address_of(request), browser_in_words(request.META.get("HTTP_USER_AGENT", "")))


def _signed_in(request: HttpRequest, user: User, **_rest: Any) -> None:
    request.user = user
    if break_glass.is_break_glass(user):
        begin_session(request, user, lasts=break_glass.lasts())
        break_glass.raise_alarm(user=user, by=actor_of(request), now=timezone.now())
    else:
        begin_session(request, user)
        record_change(actor_of(request), action="sign_in.done", target=f"user:{user.get_username()}")


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_rest: Any) -> None:
    """The name that was typed stands in the row as a pseudonym only: people type passwords into that field."""
    name = str(credentials.get("username", ""))
    actor = NOBODY.at(address_of(request)) if request is not None else NOBODY
    detail = {"locked": True} if getattr(request, "axes_locked_out", False) else {}
    record_change(
        actor,
        action="sign_in.failed",
        target="user",
        subjects=[f"user:{name}"] if name else [],
        detail=detail,
    )


def _signed_out(request: HttpRequest, user: User | None = None, **_rest: Any) -> None:
    """Before Django empties the session."""
    sessions.forget(key=request.session.session_key)
    if user is not None:
        record_change(actor_of(request), action="sign_out.done", target=f"user:{user.get_username()}")
