"""Lets a session in as long as it is open, and tells when it was used."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from compliance.domain import sessions
from compliance.models import User, UserSession
from compliance.signing_in import MARK, begin_session

UNATTENDED = "X-Unattended"  # of requests that a page sends by itself


class SessionWatchMiddleware:
    """After Django found the user: whoever comes with a session that has ended is nobody, and its cookie is taken.

    Costs one query for whoever comes with a session, and none for others. Requests that a page sends by itself do not
    keep a session from running out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            presented = request.session.session_key
            if isinstance(request.user, User):
                _follow(presented, request.session.session_key)
                _watch(request, request.user)
        return self._get_response(request)


def is_open(request: HttpRequest) -> bool:
    """Whether the middleware would let in whoever comes with this session; nothing is kept of it being asked.

    For what is decided before a request is answered: Django has found whose session it is.
    """
    if not isinstance(request.user, User):
        return False
    # One without a mark was begun by a process of the release before: the middleware begins it anew.
    return MARK not in request.session or _current(request, request.user, timezone.now()) is not None


def session_of(request: HttpRequest) -> UserSession | None:
    """The open session of whoever sends this request."""
    found: UserSession | None = getattr(request, "_open_session", None)
    return found


def session_of_key(request: HttpRequest) -> UserSession | None:
    """The open session that was begun while this request was answered."""
    key = request.session.session_key
    return UserSession.objects.filter(key_hash=sessions.hash_of(key)).first() if key else None


def _follow(presented: str | None, now: str | None) -> None:
    """Django gives a session another key when it looks up whose it is after SECRET_KEY was changed."""
    if presented and now and presented != now:
        sessions.carry_over(former=presented, key=now)


def _watch(request: HttpRequest, user: User) -> None:
    now = timezone.now()
    session = _current(request, user, now)
    if (
        session is None and MARK not in request.session
    ):  # begun by a process of the release before, beside this one
        session = begin_session(request, user, is_proved=False)
    if session is None:
        request.session.flush()
        request.user = AnonymousUser()
        return
    request.__dict__["_open_session"] = session
    if UNATTENDED not in request.headers:
        sessions.seen(session, now=now)


def _current(request: HttpRequest, user: User, now: datetime) -> UserSession | None:
    key = request.session.session_key
    return sessions.current(key=key, user_id=user.pk, now=now) if key else None
