"""One's own account: the password, the second factor, recovery codes, and where one is signed in."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.domain import break_glass, passwords, second_factors, sessions
from compliance.domain.users import UserError
from compliance.models import User
from compliance.session_watch import session_of
from compliance.signing_in import begin_session
from compliance.wording import sentence
from streaming.screens import render_screen


def account(request: HttpRequest) -> HttpResponse:
    """How it stands with all of it."""
    user, now = _user(request), timezone.now()
    own = session_of(request)
    context = {
        "title": "Your account",
        "is_local": user.has_usable_password(),
        "is_break_glass": break_glass.is_break_glass(user),
        "has_factor": second_factors.has_one(user),
        "needs_factor": second_factors.needs_one(user),
        "codes_left": second_factors.codes_left(user),
        "sessions": sessions.open_sessions(user=user, now=now),
        "own": own.pk if own else None,
    }
    return render_screen(request, "compliance/account.html", context)


@never_cache
@sensitive_post_parameters("old", "new", "again")
def password(request: HttpRequest) -> HttpResponse:
    """Another password of one's own; all other sessions end."""
    user, error = _user(request), ""
    if request.method == "POST":
        old, new, again = (request.POST.get(name, "")[:1000] for name in ("old", "new", "again"))
        try:
            passwords.change_own(user=user, old=old, new=new, again=again, by=actor_of(request))
        except UserError as wrong:
            error = sentence(wrong)
        else:
            _go_on(request, user)
            messages.success(request, "Your password is changed. Everywhere else you are signed out.")
            return redirect("admin:account")
    context = {"title": "Change your password", "error": error, "is_local": user.has_usable_password()}
    return render_screen(request, "compliance/account_password.html", context, status=400 if error else 200)


@never_cache
@sensitive_post_parameters("code")
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set up an app, the first or another one; the recovery codes stand in the answer, and nowhere again."""
    user, error = _user(request), ""
    if request.method == "POST":
        by, now = actor_of(request), timezone.now()
        typed = "".join(request.POST.get("code", "")[:100].split())
        codes = second_factors.confirm(user=user, code=typed, by=by, now=now)
        if codes is not None:
            own = session_of(request)
            if own is not None:
                sessions.prove(own, now=now, second_factor=True)
            why = "second factor set up"
            sessions.end_own(user=user, by=by, why=why, kept=own.pk if own else None)
            return _codes(request, codes)
        error = "That is not the code that the app shows now. See that the clock of your phone is right."
    try:
        enrolment = second_factors.begin_enrolment(user)
    except UserError as wrong:
        messages.error(request, sentence(wrong))
        return redirect("admin:account")
    context = {"title": "Set up your second factor", "error": error, "enrolment": enrolment}
    return render_screen(request, "compliance/account_factor.html", context, status=400 if error else 200)


@require_POST
@never_cache
@sensitive_post_parameters("password")
def remove_factor(request: HttpRequest) -> HttpResponse:
    """Sign in without a code from now on; asks for the password whatever was proved before."""
    own, typed = session_of(request), request.POST.get("password", "")[:1000]
    kept = own.pk if own else None
    try:
        second_factors.remove_own(user=_user(request), password=typed, by=actor_of(request), kept=kept)
    except UserError as wrong:
        messages.error(request, sentence(wrong))
    else:
        messages.success(request, "You sign in without a code from now on.")
    return redirect("admin:account")


@require_POST
@never_cache
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New ones in place of the former."""
    try:
        codes = second_factors.renew_codes(user=_user(request), by=actor_of(request))
    except UserError as wrong:
        messages.error(request, sentence(wrong))
        return redirect("admin:account")
    return _codes(request, codes)


@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign out there."""
    by = actor_of(request)
    sessions.end_own(user=_user(request), by=by, why="by its owner", session_id=session_id)
    messages.success(request, "You are signed out there.")
    return redirect("admin:account")


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    own = session_of(request)
    ended = sessions.end_own(
        user=_user(request), by=actor_of(request), why="by their owner", kept=own.pk if own else None
    )
    messages.success(request, f"You are signed out everywhere else ({ended}).")
    return redirect("admin:account")


def _go_on(request: HttpRequest, user: User) -> None:
    """Under the new password, in a session of its own: the former ended with all others."""
    former = session_of(request)
    update_session_auth_hash(request, user)
    begun = begin_session(
        request, user, lasts=break_glass.lasts() if break_glass.is_break_glass(user) else None
    )
    if former is not None and former.second_factor_at is not None:
        sessions.prove(begun, now=timezone.now(), second_factor=True)


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"title": "Your recovery codes", "codes": codes}
    return render_screen(request, "compliance/account_codes.html", context)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # behind sign-in
    return request.user
