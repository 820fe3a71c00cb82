"""Roles: what each lets its members do and see; made, changed after a look at what that does, copied, deleted."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.admin.asking import asked
from compliance.admin.edit_forms import ROLE
from compliance.admin.forms import form_rows, form_words, posted_forms
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, takes_approval
from compliance.domain.listing import purposes
from compliance.domain.roles.editing import (
    MOST_DESCRIPTION,
    MOST_NAME,
    RoleError,
    UnknownRole,
    change_role,
    check_role,
    delete_role,
    make_role,
    role_of,
)
from compliance.domain.roles.effects import effect_of
from compliance.domain.roles.listing import all_roles, past_of
from compliance.domain.roles.values import Reach, RoleValues, values_of
from compliance.domain.seeds import ADMINISTRATOR
from compliance.forms import Forms
from compliance.known_sources import known_sources
from compliance.models import Role
from compliance.models.role import known_operations
from compliance.wording import GROUPS_OF_OPERATIONS, OPERATIONS, sentence
from streaming.editing import edits
from streaming.row_ids import row_id
from streaming.screens import render_screen

_NEW = RoleValues("", "", Reach(forms=Forms(), sources=None))


def listing(request: HttpRequest) -> HttpResponse:
    """All of them, with how many have each."""
    context = {
        "title": "Roles",
        "roles": [
            {"row": each.role, "values": each.values, "members": each.members, "forms": form_words(each.values.reach.forms)}
            for each in all_roles(actor_of(request))
        ],
    }  # fmt: skip
    return render_screen(request, "compliance/roles.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Make one, from nothing or from another one (`copy`)."""
    copied = row_id(request.GET.get("copy", ""))
    begin = _NEW
    if copied is not None:
        role = _found(copied)
        begin = replace(values_of([role])[role.pk], name=f"{role.group.name} copy"[:MOST_NAME])
    return _page(request, None, begin)


@edits(ROLE)
def edit(request: HttpRequest, role_id: int) -> HttpResponse:
    """Change one; before it is saved the page says who gains and who loses what."""
    role = _found(role_id)
    return _page(request, role, values_of([role])[role.pk])


@require_POST
def delete(request: HttpRequest, role_id: int) -> HttpResponse:
    """Delete one that nobody has."""
    try:
        name = delete_role(role_id, seen=request.POST.get("seen", ""), by=actor_of(request))
    except ApprovalNeeded as needed:
        return asked(request, needed, back=reverse("admin:role", args=[role_id]))
    except (RoleError, UnknownRole) as wrong:
        messages.error(request, sentence(wrong))
        return redirect("admin:role", role_id)
    messages.success(request, f"The role {name} is deleted.")
    return redirect("admin:roles")


def _page(request: HttpRequest, role: Role | None, now: RoleValues) -> HttpResponse:
    wanted, error, effect = now, "", None
    is_posted = request.method == "POST"
    if is_posted:
        wanted = _posted(request.POST)
        try:
            check_role(wanted, by=actor_of(request), role=role)
            if request.POST.get("previewed") == wanted.version:
                return _saved(request, role, now, wanted)
            effect = effect_of(actor_of(request), role, wanted) if role else None
        except ApprovalNeeded as needed:
            return asked(request, needed, back=request.path)
        except (RoleError, UnknownRole) as wrong:
            error = sentence(wrong)
    is_previewed = is_posted and not error
    context = {
        **_context(request, role, now, wanted),
        "error": error,
        "effect": effect,
        "previewed": wanted.version if is_previewed else "",
    }
    return render_screen(request, "compliance/role.html", context, status=400 if error else 200)


def _saved(request: HttpRequest, role: Role | None, now: RoleValues, wanted: RoleValues) -> HttpResponse:
    by = actor_of(request)
    if role is None:
        role = make_role(wanted, by=by)
        messages.success(request, f"The role {wanted.name} is made. Nobody has it yet.")
    elif change_role(role.pk, wanted, seen=request.POST.get("seen") or now.version, by=by):
        messages.success(request, f"The role {wanted.name} is so from the next page of its members on.")
    return redirect("admin:role", role.pk)


def _context(request: HttpRequest, role: Role | None, now: RoleValues, wanted: RoleValues) -> dict[str, Any]:
    own, reach = actor_of(request), wanted.reach
    return {
        "title": "New role" if role is None else f"Role {now.name}",
        "role": role,
        "is_fixed": role is not None and now.name == ADMINISTRATOR,
        "seen": request.POST.get("seen", "") or now.version,
        "wanted": wanted,
        "groups": [
            (name, [(each.value, OPERATIONS[each], each in reach.operations, each in own.operations) for each in group])
            for name, group in GROUPS_OF_OPERATIONS.items()
        ],
        "forms": form_rows(reach.forms),
        "purposes": [(each.key, each.name, each.key in reach.purposes) for each in purposes()],
        "sources": [(pk, name, pk in (reach.sources or ())) for pk, name in known_sources().items()],
        "history": past_of(own, role) if role else (),
        "takes_approval": takes_approval(ApprovalKind.CHANGE_ROLE, own),
        "most_name": MOST_NAME,
        "most_description": MOST_DESCRIPTION,
    }  # fmt: skip


def _posted(given: QueryDict) -> RoleValues:
    """What the form says; what is none of ours in it gives nothing."""
    chosen = {int(each) for each in given.getlist("source") if row_id(each) is not None}
    return RoleValues(
        " ".join(given.get("name", "").split()),
        " ".join(given.get("description", "").split()),
        Reach(
            known_operations(given.getlist("operation")), posted_forms(given), frozenset(given.getlist("purpose")),
            None if given.get("sources") == "all" else frozenset(chosen),
        ),
    )  # fmt: skip


def _found(role_id: int) -> Role:
    try:
        return role_of(role_id)
    except UnknownRole as error:
        raise Http404(str(error)) from error
