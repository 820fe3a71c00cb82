"""Signing in, step by step: the password, then a code or setting up an app, then a new password where one is due.

Nobody is signed in before the last step is done, so no other page has to think of it.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import load_backend, login, logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from compliance.actors import Actor
from compliance.addresses import address_of
from compliance.domain import passwords, second_factors, sessions
from compliance.enums import ActorKind
from compliance.models import User
from compliance.session_watch import session_of_key

PLACE = "_signing_in"  # in the session of whoever is not signed in yet
TIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Steps:
    """Whose password was right, when, by which backend, whether a code was given, and where they wanted to go."""

    user_id: int
    backend: str
    auth_hash: str
    at: float
    is_coded: bool
    goal: str


def begin(request: HttpRequest, user: User, *, goal: str) -> HttpResponseBase:
    """The password was right: go on. The session gets a new key, which nobody knew before."""
    if request.user.is_authenticated:
        logout(request)
    steps = Steps(
        user_id=user.pk,
        backend=str(getattr(user, "backend", "")),  # set by `authenticate`
        auth_hash=user.get_session_auth_hash(),
        at=timezone.now().timestamp(),
        is_coded=False,
        goal=goal,
    )
    request.session.cycle_key()
    return go_on(request, steps, user)


def current(request: HttpRequest) -> tuple[Steps, User] | None:
    """Who is half signed in; None for nobody, for who took too long, and once the account has changed."""
    kept = request.session.get(PLACE)
    steps = Steps(**kept) if kept else None
    if steps is None or steps.at < (timezone.now() - TIME).timestamp():
        return None
    if steps.backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = load_backend(steps.backend).get_user(steps.user_id)
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return None
    same = constant_time_compare(steps.auth_hash, user.get_session_auth_hash())
    return (steps, user) if same else None


def go_on(request: HttpRequest, steps: Steps, user: User) -> HttpResponseBase:
    """To the next step, or in."""
    following = next_step(steps, user, now=timezone.now())
    if following:
        request.session[PLACE] = asdict(steps)
        return redirect(f"admin:{following}")
    finish(request, steps, user)
    return redirect(steps.goal)


def next_step(steps: Steps, user: User, *, now: datetime) -> str:
    """The name of the page that comes next; empty when nothing is missing."""
    if not steps.is_coded and second_factors.has_one(user):
        return "sign_in_code"
    if not steps.is_coded and second_factors.needs_one(user):
        return "sign_in_enrol"
    return "sign_in_password" if passwords.must_change(user, now=now) else ""


def finish(request: HttpRequest, steps: Steps, user: User) -> None:
    """Sign them in."""
    request.session.pop(PLACE, None)
    login(request, user, backend=steps.backend)
    session = session_of_key(request)
    if steps.is_coded and session is not None:
        sessions.prove(session, now=timezone.now(), second_factor=True)


def coded(steps: Steps) -> Steps:
    """With a code that was right."""
    return replace(steps, is_coded=True)


def with_password_of(steps: Steps, user: User) -> Steps:
    """With the password that the user has now."""
    return replace(steps, auth_hash=user.get_session_auth_hash())


def again(request: HttpRequest) -> HttpResponseBase:
    """To the first step."""
    request.session.pop(PLACE, None)
    messages.warning(
        request, "That took too long, or something about the account has changed. Sign in again."
    )
    return redirect("admin:login")


def actor(request: HttpRequest, user: User) -> Actor:
    """Whoever is half signed in, for the audit trail: they may nothing yet."""
    return Actor(ActorKind.STAFF, user.get_username()).at(address_of(request))
