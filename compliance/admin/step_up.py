"""What matters most asks whoever is signed in to show again that it is they: by their password, or a code of their app.

The question stands in place of the page. What was about to be sent is kept in it and goes on once the answer is right,
but for passwords, which no page repeats.
"""

import re
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from compliance.access import actor_of
from compliance.domain import second_factors, sessions
from compliance.domain.second_factors import Answer
from compliance.models import User
from compliance.session_watch import session_of
from streaming.screens import View, render_screen

PROOF, ASKED = "_proof", "_asked"
_CODE = re.compile(r"\s*[0-9]{3}\s?[0-9]{3}\s*", re.ASCII)
_NOT_KEPT = {"csrfmiddlewaretoken", PROOF, ASKED}


def proven(view: View) -> View:
    """The view, for whoever gave a password or a code within PROOF_MINUTES; others are asked first."""

    @wraps(view)
    @sensitive_post_parameters(PROOF)
    def asked_first(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if is_recent(request):
            return view(request, *args, **kwargs)
        if PROOF not in request.POST:
            return _question(request)
        wrong = _check(request)
        if wrong:
            return _question(request, wrong)
        if request.POST.get(ASKED) == "GET":
            return HttpResponseRedirect(request.get_full_path())
        return view(request, *args, **kwargs)

    return asked_first


def is_recent(request: HttpRequest) -> bool:
    """Whether whoever sends this gave a password or a code a short while ago."""
    session = session_of(request)
    oldest = timezone.now() - timedelta(minutes=settings.PROOF_MINUTES)
    return session is not None and session.proved_at is not None and session.proved_at > oldest


def _check(request: HttpRequest) -> str:
    """What is wrong with the answer; nothing, and it is kept that it was given."""
    session, user, typed = session_of(request), request.user, request.POST.get(PROOF, "")[:1000]
    if session is None or not isinstance(user, User):
        return "Sign in first."
    if _CODE.fullmatch(typed) and second_factors.has_one(user):
        by = actor_of(request)
        answer = second_factors.verify(user=user, typed=typed, by=by, now=timezone.now())
        if answer is Answer.TOO_SOON:
            return "There were too many wrong codes. Wait a minute, then type the one that your app shows."
        is_right = answer is Answer.RIGHT
    else:
        found = authenticate(request, username=user.get_username(), password=typed)
        is_right = found is not None and found.pk == user.pk
    if not is_right:
        return "That was not right. Type your password, or the code that your app shows now."
    sessions.prove(session, now=timezone.now())
    return ""


def _question(request: HttpRequest, wrong: str = "") -> HttpResponse:
    is_sent = request.method == "POST" and request.POST.get(ASKED) != "GET"
    kept = [
        (name, value)
        for name, values in (request.POST.lists() if is_sent else ())
        for value in values
        if name not in _NOT_KEPT and "password" not in name
    ]
    context = {
        "title": "Is it you?", "wrong": wrong, "kept": kept, "asked": "POST" if is_sent else "GET",
        "has_factor": isinstance(request.user, User) and second_factors.has_one(request.user),
        "minutes": settings.PROOF_MINUTES,
    }  # fmt: skip
    answer = render_screen(request, "compliance/prove.html", context, status=403)
    answer["Cache-Control"] = "no-store"
    return answer
