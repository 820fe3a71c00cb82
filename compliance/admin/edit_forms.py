"""The forms of roles, purposes and settings that change what is there, and the values that each shows (`streaming.editing`)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from compliance.access import actor_of
from compliance.domain.access_watch import access_watch
from compliance.domain.approvals.kinds import WORDS
from compliance.domain.approvals.needing import chosen_kinds
from compliance.domain.roles.values import RoleValues, values_of
from compliance.known_sources import known_sources
from compliance.models import AccessWatch, Purpose, Role, User
from compliance.notices.choosing import role_choices
from compliance.wording import CATEGORIES, OPERATIONS
from streaming.editing import edit_form


def _role(_request: HttpRequest, role_id: int) -> Role:
    return get_object_or_404(Role.objects.select_related("group"), pk=role_id)


def _of_role(role: Role) -> Mapping[str, Any]:
    values: RoleValues = values_of([role])[role.pk]
    reach, names = values.reach, known_sources()
    forms = {
        f"How it shows {CATEGORIES[each].partition(':')[0].lower()}": reach.forms.of(each).value
        for each in CATEGORIES
    }
    return {
        "Name": values.name,
        "Description": values.description,
        "What it allows": sorted(OPERATIONS[each] for each in reach.operations),
        **forms,
        "Purposes": sorted(reach.purposes),
        "Sources": "all" if reach.sources is None else [names.get(each, str(each)) for each in sorted(reach.sources)],
    }  # fmt: skip


def _of_purpose(purpose: Purpose) -> Mapping[str, Any]:
    return {
        "Name": purpose.name, "What it is": purpose.description, "Legal basis": purpose.basis.value,
        "Who objects is always heard": purpose.objection_is_absolute, "Names by which events speak of it": purpose.aliases,
    }  # fmt: skip


def _of_watch(watch: AccessWatch) -> Mapping[str, Any]:
    return {
        "People an hour": watch.people_an_hour, "Opens at": watch.opens_at, "Closes at": watch.closes_at,
        "Weekends are unusual": watch.weekends_are_unusual, "Times usual": watch.times_usual, "Usual from": watch.usual_from,
        "People an hour, programs": watch.token_people_an_hour, "Programs keep hours": watch.tokens_keep_hours,
    }  # fmt: skip


def _of_choices(role: Role) -> Mapping[str, Any]:
    return {each.kind.title: each.chosen and each.chosen.value for each in role_choices(role)}


ROLE = edit_form(
    "role",
    find=_role,
    values=_of_role,
    page=lambda role: reverse("admin:role", args=[role.pk]),
    unkept=lambda _role: ("seen", "previewed"),
)
PURPOSE = edit_form(
    "purpose",
    find=lambda _request, key: get_object_or_404(Purpose, key=key),
    values=_of_purpose,
    page=lambda purpose: reverse("admin:purpose", args=[purpose.key]),
)
USER_ROLES = edit_form(
    "user_roles",
    find=lambda _request, user_id: get_object_or_404(User, pk=user_id),
    values=lambda user: {"Roles": sorted(role.group.name for role in user.roles)},
    page=lambda _user: reverse("admin:users"),
)
ACCESS_WATCH = edit_form(
    "access_watch",
    find=lambda request: access_watch(actor_of(request)),
    values=_of_watch,
    page=lambda _watch: reverse("admin:audit_alerts"),
)
ROLE_NOTICES = edit_form(
    "role_notices",
    find=_role,
    values=_of_choices,
    page=lambda role: reverse("admin:notifications_role", args=[role.pk]),
)
APPROVAL_POLICY = edit_form(
    "approval_policy",
    find=lambda _request: chosen_kinds(),
    values=lambda chosen: {"These take a second person": sorted(WORDS[each] for each in chosen)},
    page=lambda _chosen: reverse("admin:approval_settings"),
)
