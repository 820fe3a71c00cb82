"""The corporate directory: how it stands, which group has which role, and a test of the connection."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.admin.asking import asked
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, takes_approval
from compliance.domain.directory.configuration import Directory, Kind, directory
from compliance.domain.directory.overview import overview
from compliance.domain.listing import roles as all_roles
from compliance.wording import sentence
from streaming.screens import render_part, render_screen

KINDS = {Kind.OPENLDAP: "OpenLDAP or another LDAP directory", Kind.ACTIVE_DIRECTORY: "Active Directory"}
LONGEST_NAME, LONGEST_PASSWORD = 150, 500
_ENVIRONMENT = """\
LDAP_URL=ldaps://ldap.example.com
LDAP_BIND_DN=cn=headwater,ou=services,dc=example,dc=com
LDAP_BIND_PASSWORD=…
LDAP_USER_BASE=ou=people,dc=example,dc=com
LDAP_GROUP_BASE=ou=groups,dc=example,dc=com"""


def page(request: HttpRequest) -> HttpResponse:
    """How it stands, and the mapping."""
    return _page(request)


def _page(request: HttpRequest, *, error: str = "") -> HttpResponse:
    actor, found = actor_of(request), overview(actor_of(request))
    context: dict[str, Any] = {"title": "Directory", "overview": found, "environment": _ENVIRONMENT}
    if found is not None:
        from compliance.domain.directory.mappings import LONGEST_GROUP, history, mappings  # noqa: PLC0415 -- imports ldap

        context |= {
            "kind": KINDS[found.directory.kind], "mappings": mappings(actor), "history": history(actor),
            "roles": all_roles(), "takes_approval": takes_approval(ApprovalKind.GIVE_ROLES, actor), "error": error, "longest": LONGEST_GROUP,
            "group": request.POST.get("group", "")[:LONGEST_GROUP], "role": request.POST.get("role", ""),
        }  # fmt: skip
    return render_screen(request, "compliance/directory.html", context, status=400 if error else 200)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Give a group a role."""
    _found()
    from compliance.domain.directory.mappings import MappingError, map_group  # noqa: PLC0415 -- imports ldap

    group, role = request.POST.get("group", ""), request.POST.get("role", "")
    try:
        row = map_group(group=group, role=role, by=actor_of(request))
    except ApprovalNeeded as needed:
        return asked(request, needed, back=reverse("admin:directory"))
    except MappingError as wrong:
        return _page(request, error=sentence(wrong))
    messages.success(request, f"Members of {row.group} have the role {role} within 90 seconds.")
    return redirect("admin:directory")


@require_POST
def remove(request: HttpRequest, mapping_id: int) -> HttpResponse:
    """No longer give a group's members its role."""
    _found()
    from compliance.domain.directory.mappings import MappingError, unmap_group  # noqa: PLC0415 -- imports ldap

    try:
        group = unmap_group(mapping_id=mapping_id, by=actor_of(request))
    except ApprovalNeeded as needed:
        return asked(request, needed, back=reverse("admin:directory"))
    except MappingError as wrong:
        messages.error(request, sentence(wrong))
    else:
        messages.success(request, f"Members of {group} lose the role within 90 seconds.")
    return redirect("admin:directory")


@require_POST
@never_cache
@sensitive_post_parameters("password")
def test(request: HttpRequest) -> HttpResponse:
    """Test the connection, and what would become of somebody. Nothing that was typed comes back or is kept."""
    found = _found()
    from compliance.domain.directory.testing import TestedTooOften, run_test  # noqa: PLC0415 -- imports ldap

    name, password = request.POST.get("name", "")[:LONGEST_NAME], request.POST.get("password", "")
    try:
        report = run_test(
            found, name=name, password=password[:LONGEST_PASSWORD], by=actor_of(request), now=timezone.now()
        )
    except TestedTooOften as wait:
        return render_part(request, "compliance/_directory_test.html", {"wait": str(wait)})
    return render_part(request, "compliance/_directory_test.html", {"report": report})


def _found() -> Directory:
    found = directory()
    if found is None:
        raise Http404
    return found
