"""Exporting a person from their page: what the file has, and the file."""

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from compliance.access import actor_of
from compliance.admin.asking import asked
from compliance.domain.approvals.needing import ApprovalNeeded
from compliance.domain.looking_up import roles_seeing
from compliance.rates.pages import costs
from profiles.admin.decisions import MAX_WHY
from profiles.admin.person import head, of_a_person
from profiles.admin.values import listed
from profiles.domain.exporting import export_person, foresee_export
from streaming.screens import render_screen


@costs("export")
@of_a_person
def export(request: HttpRequest, profile_id: UUID) -> HttpResponseBase:
    """What an export of the person has; posted, the file."""
    if request.method == "POST":
        return _file(request, profile_id)
    found = foresee_export(actor_of(request), profile_id, now=timezone.now())
    roles = roles_seeing()
    context = {
        **head(actor_of(request), found.person, tab="profile"),
        "masked": [(each, listed(roles[each])) for each in found.masked],
        "missing": found.missing,
        "takes_approval": found.takes_approval,
        "approved_until": found.approved_until,
        "most": MAX_WHY,
    }
    return render_screen(request, "profiles/person_export.html", context)


def _file(request: HttpRequest, profile_id: UUID) -> HttpResponseBase:
    why = " ".join(request.POST.get("why", "").split())[:MAX_WHY]
    try:
        found = export_person(actor_of(request), profile_id, why=why, now=timezone.now())
    except ApprovalNeeded as needed:
        return asked(request, needed, back=request.path)
    parts: Iterator[bytes] = iter(found)
    answer = StreamingHttpResponse(parts, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer
