"""One user: where they are signed in, their password and second factor, and what an administrator can do about it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.admin.asking import asked
from compliance.domain import break_glass, lockout, passwords, second_factors, sessions
from compliance.domain.approvals.needing import ApprovalNeeded
from compliance.domain.users import UserError
from compliance.models import LocalAccount, Role, User
from compliance.wording import sentence
from streaming.screens import render_screen


def page(request: HttpRequest, user_id: int) -> HttpResponse:
    """How it stands with the user."""
    user, now = get_object_or_404(User, pk=user_id), timezone.now()
    account = LocalAccount.objects.filter(user=user).first()
    context = {
        "title": user.username,
        "shown": user,
        "is_own": user.pk == request.user.pk,
        "account": account,
        "has_factor": second_factors.has_one(user),
        "needs_factor": second_factors.needs_one(user),
        "locked_until": lockout.locked_of([user], now=now).get(user.pk),
        "sessions": sessions.open_sessions(user=user, now=now),
    }
    return render_screen(request, "compliance/user.html", context)


@require_POST
def unlock(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let them try again at once."""
    by = actor_of(request)
    return _change(request, user_id, lambda user: lockout.unlock(user=user, by=by), "{} can try again now.")


@require_POST
def reset_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let them in without a code, until they set up another app."""
    by, now = actor_of(request), timezone.now()
    return _change(
        request, user_id, lambda user: second_factors.reset(user=user, by=by, now=now),
        "{} signs in without a code, until they set up another app. They were told.",
    )  # fmt: skip


@require_POST
def end_session(request: HttpRequest, user_id: int, session_id: int) -> HttpResponse:
    """Sign them out there."""
    by = actor_of(request)

    def end(user: User) -> None:
        sessions.end_session(user=user, session_id=session_id, by=by)

    return _change(request, user_id, end, "{} is signed out there.")


@require_POST
def end_sessions(request: HttpRequest, user_id: int) -> HttpResponse:
    """Sign them out everywhere."""
    by = actor_of(request)

    def end(user: User) -> None:
        sessions.end_sessions(users=[user.pk], by=by, why="by an administrator")

    return _change(request, user_id, end, "{} is signed out everywhere.")


@require_POST
@never_cache
def give_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """A random one, which stands in the answer and nowhere again."""
    by = actor_of(request)
    return _another_password(request, user_id, lambda user: passwords.give(user=user, by=by), is_sealed=False)


@never_cache
def new_break_glass(request: HttpRequest) -> HttpResponse:
    """Make a break-glass account; its password stands in the answer and nowhere again."""
    error, name = "", request.POST.get("name", "").strip()
    if request.method == "POST":
        try:
            password = break_glass.create(name=name, by=actor_of(request), now=timezone.now())
        except UserError as wrong:
            error = sentence(wrong)
        else:
            username = f"{break_glass.PREFIX}-{name}" if name else break_glass.PREFIX
            return _shown_once(request, username, password, is_sealed=True)
    context = {"title": "New break-glass account", "error": error, "name": name, "minutes": _minutes()}
    return render_screen(request, "compliance/break_glass_new.html", context, status=400 if error else 200)


@require_POST
@never_cache
def renew_break_glass(request: HttpRequest, user_id: int) -> HttpResponse:
    """Another password, after the former one was used."""
    by = actor_of(request)
    return _another_password(
        request, user_id, lambda user: break_glass.renew(user=user, by=by), is_sealed=True
    )


def _another_password(
    request: HttpRequest, user_id: int, make: Callable[[User], str], *, is_sealed: bool
) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    try:
        password = make(user)
    except UserError as wrong:
        messages.error(request, sentence(wrong))
        return redirect("admin:user", user.pk)
    return _shown_once(request, user.username, password, is_sealed=is_sealed)


@require_POST
def role_factor(request: HttpRequest, role_id: int) -> HttpResponse:
    """Have members of a role need a second factor, or no longer."""
    role, required = get_object_or_404(Role, pk=role_id), request.POST.get("required") == "yes"
    try:
        second_factors.require_of_role(role=role, required=required, by=actor_of(request))
    except ApprovalNeeded as needed:
        return asked(request, needed, back=reverse("admin:users"))
    except UserError as wrong:
        messages.error(request, sentence(wrong))
        return redirect("admin:users")
    text = "need a second factor from now on" if required else "may sign in without a second factor"
    messages.success(request, f"Members of {role.group.name} {text}.")
    return redirect("admin:users")


def _change(request: HttpRequest, user_id: int, change: Callable[[User], None], done: str) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    try:
        change(user)
    except UserError as wrong:
        messages.error(request, sentence(wrong))
    else:
        messages.success(request, done.format(user.username))
    return redirect("admin:user", user.pk)


def _shown_once(request: HttpRequest, username: str, password: str, *, is_sealed: bool) -> HttpResponse:
    context = {"title": username, "username": username, "password": password, "is_sealed": is_sealed}
    return render_screen(request, "compliance/password_made.html", context)


def _minutes() -> int:
    return round(break_glass.lasts().total_seconds() / 60)
