"""Users and roles: who may sign in, and what they may do."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.admin.asking import asked
from compliance.admin.edit_forms import USER_ROLES
from compliance.domain import lockout, passwords, users
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, takes_approval
from compliance.domain.listing import roles as all_roles
from compliance.domain.listing import staff
from compliance.domain.users import UserError
from compliance.models import Role, User
from compliance.wording import sentence
from streaming.editing import edits
from streaming.screens import render_screen

SHOWN = 100


def listing(request: HttpRequest) -> HttpResponse:
    """Everybody, and which roles there are."""
    after = request.GET.get("after", "")[:150]
    found = staff(actor_of(request), after=after, limit=SHOWN + 1)
    locked = lockout.locked_of(found, now=timezone.now())
    context = {
        "title": "Users and roles",
        "users": found[:SHOWN],
        "locked": set(locked),
        "next": found[SHOWN - 1].username if len(found) > SHOWN else None,
        "first": not after,
        "takes_approval": takes_approval(ApprovalKind.GIVE_ROLES, actor_of(request)),
        "role_takes_approval": takes_approval(ApprovalKind.CHANGE_ROLE, actor_of(request)),
        "roles": [_told(role) for role in all_roles()],
    }
    return render_screen(request, "compliance/users.html", context)


def _told(role: Role) -> dict[str, object]:
    return {
        "pk": role.pk,
        "name": role.group.name,
        "requires_second_factor": role.requires_second_factor,
        "description": role.description,
    }


def new(request: HttpRequest) -> HttpResponse:
    """Make a user; what is wrong is said."""
    error, typed = "", request.POST
    if request.method == "POST":
        try:
            user = _made(request)
            if takes_approval(ApprovalKind.GIVE_ROLES, actor_of(request)):
                return _asked_role(request, user)
        except UserError as wrong:
            error = sentence(wrong)
        else:
            messages.success(
                request,
                f"{user.username} can sign in now with the password that you gave, and then chooses their own.",
            )
            return redirect("admin:users")
    context = {
        "title": "New user",
        "username": typed.get("username", ""),
        "role": typed.get("role", "marketer"),
        "roles": all_roles(),
        "error": error,
        "takes_approval": takes_approval(ApprovalKind.GIVE_ROLES, actor_of(request)),
    }
    return render_screen(request, "compliance/user_new.html", context, status=400 if error else 200)


def _made(request: HttpRequest) -> User:
    """The user with the password that was typed, which two people know until they change it."""
    typed = request.POST
    with transaction.atomic():
        user = users.create_staff(
            username=typed.get("username", "").strip(), password=typed.get("password", ""),
            role="" if takes_approval(ApprovalKind.GIVE_ROLES, actor_of(request)) else typed.get("role", ""),
            by=actor_of(request), now=timezone.now(),
        )  # fmt: skip
        passwords.ask_to_change(user)
    return user


def _asked_role(request: HttpRequest, user: User) -> HttpResponse:
    """Who has no role yet may nothing: the role is asked for."""
    try:
        users.set_roles(user=user, roles=[request.POST.get("role", "")], by=actor_of(request))
    except ApprovalNeeded as needed:
        return asked(request, needed, back=reverse("admin:users"))
    except UserError as wrong:
        messages.error(request, f"{user.username} is made, without a role. {sentence(wrong)}")
    return redirect("admin:users")


def _change(request: HttpRequest, user_id: int, change: Callable[[User], None], done: str) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    try:
        change(user)
    except ApprovalNeeded as needed:
        return asked(request, needed, back=reverse("admin:users"))
    except UserError as wrong:
        messages.error(request, sentence(wrong))
    else:
        messages.success(request, done.format(user.username))
    return redirect("admin:users")


@edits(USER_ROLES)
@require_POST
def roles(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give exactly the roles that are ticked."""
    wanted, by = request.POST.getlist("role"), actor_of(request)
    return _change(
        request, user_id, lambda user: users.set_roles(user=user, roles=wanted, by=by),
        "{} has these roles from the next page on.",
    )  # fmt: skip


@require_POST
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Shut the user out."""
    by = actor_of(request)
    return _change(
        request, user_id, lambda user: users.deactivate(user=user, by=by), "{} can no longer sign in."
    )


@require_POST
def activate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let the user in again."""
    by = actor_of(request)
    return _change(request, user_id, lambda user: users.activate(user=user, by=by), "{} can sign in again.")
