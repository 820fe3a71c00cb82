"""Users and roles: who may sign in, and what they may do."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.admin.words import CATEGORIES, OPERATIONS
from compliance.domain import users
from compliance.domain.listing import roles as all_roles
from compliance.domain.listing import staff
from compliance.domain.users import UserError
from compliance.models import Role, User
from streaming.screens import render_screen

SHOWN = 100


def listing(request: HttpRequest) -> HttpResponse:
    """Everybody, and what each role allows."""
    after = request.GET.get("after", "")[:150]
    found = staff(actor_of(request), after=after, limit=SHOWN + 1)
    context = {
        "title": "Users and roles",
        "users": found[:SHOWN],
        "next": found[SHOWN - 1].username if len(found) > SHOWN else None,
        "first": not after,
        "roles": [_told(role) for role in all_roles()],
    }
    return render_screen(request, "compliance/users.html", context)


def _told(role: Role) -> dict[str, object]:
    operations, seen = role.allowed_operations, role.allowed_categories
    return {
        "name": role.group.name,
        "description": role.description,
        "operations": [text for operation, text in OPERATIONS.items() if operation in operations],
        "masked": [text.partition(":")[0] for category, text in CATEGORIES.items() if category not in seen],
    }


def new(request: HttpRequest) -> HttpResponse:
    """Make a user; what is wrong is said."""
    error, typed = "", request.POST
    if request.method == "POST":
        try:
            user = users.create_staff(
                username=typed.get("username", "").strip(), password=typed.get("password", ""),
                role=typed.get("role", ""), by=actor_of(request), now=timezone.now(),
            )  # fmt: skip
        except UserError as wrong:
            error = _sentence(wrong)
        else:
            messages.success(request, f"{user.username} can sign in now, with the password that you gave.")
            return redirect("admin:users")
    context = {
        "title": "New user",
        "username": typed.get("username", ""),
        "role": typed.get("role", "marketer"),
        "roles": all_roles(),
        "error": error,
    }
    return render_screen(request, "compliance/user_new.html", context, status=400 if error else 200)


def _sentence(wrong: UserError) -> str:
    text = str(wrong)
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


def _change(request: HttpRequest, user_id: int, change: Callable[[User], None], done: str) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    try:
        change(user)
    except UserError as wrong:
        messages.error(request, _sentence(wrong))
    else:
        messages.success(request, done.format(user.username))
    return redirect("admin:users")


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
