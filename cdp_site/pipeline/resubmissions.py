"""Jobs that send dead letters back: the list, the page of one, and ending it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp_site.words import grouped
from compliance.access import actor_of
from streaming.domain.queries.resubmissions import UnknownResubmission, resubmission, resubmissions
from streaming.domain.resubmissions.starting import cancel as cancel_job
from streaming.row_ids import row_id
from streaming.screens import render_part, render_screen

SHOWN = 50


def listing(request: HttpRequest) -> HttpResponse:
    """All jobs, the newest first; the rows alone when they are renewed."""
    before = row_id(request.GET.get("before"))
    found = resubmissions(now=timezone.now(), before=before, size=SHOWN + 1)
    context = {
        "title": "Resubmissions",
        "jobs": found[:SHOWN],
        "active": sum(each.is_active for each in found),
        "next": found[SHOWN - 1].id if len(found) > SHOWN else None,
        "first": before is None,
    }
    if request.headers.get("HX-Request"):
        return render_part(request, "streaming/_resubmissions.html", context)
    return render_screen(request, "streaming/resubmissions.html", context)


def job(request: HttpRequest, resubmission_id: int) -> HttpResponse:
    """One: how far it is, how fast, and what is left; its figures alone when they are renewed."""
    try:
        found = resubmission(resubmission_id, now=timezone.now())
    except UnknownResubmission as error:
        raise Http404(str(error)) from error
    context = {"title": f"Resubmission {found.id}", "job": found}
    if request.headers.get("HX-Request"):
        return render_part(request, "streaming/_resubmission.html", context)
    return render_screen(request, "streaming/resubmission.html", context)


@require_POST
def cancel(request: HttpRequest, resubmission_id: int) -> HttpResponse:
    """End it; what was sent stays sent."""
    try:
        actor = actor_of(request)
        opened = cancel_job(resubmission_id, actor=actor, by_name=actor.name, now=timezone.now())
    except UnknownResubmission as error:
        raise Http404(str(error)) from error
    messages.success(request, f"Cancelled: {grouped(opened)} dead letters are open again.")
    return redirect("admin:resubmission", resubmission_id=resubmission_id)
