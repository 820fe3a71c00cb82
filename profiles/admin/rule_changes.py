"""Changes of rules: the dry run of one with Apply and Cancel, how far it is, and all that were made."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.wording import sentence
from profiles.admin.faces import face_of
from profiles.domain.queries import InvalidCursor
from profiles.domain.queries.rule_changes import rule_change, rule_changes
from profiles.domain.rules.applying import RulesBusy, StaleChange, apply_change
from profiles.domain.rules.editing import (
    NothingChanged,
    NotOpen,
    UnknownChange,
    cancel_change,
    renew_change,
)
from profiles.domain.rules.values import WrongValues
from profiles.tasks import apply_rule_change, measure_rule_change
from streaming.screens import render_part, render_screen


def listing(request: HttpRequest) -> HttpResponse:
    """All changes, the latest first."""
    cursor = request.GET.get("before")
    try:
        page = rule_changes(actor_of(request), cursor=cursor)
    except InvalidCursor:
        return redirect("admin:rule_changes")
    context = {
        "title": "Changes of rules",
        "changes": page.items,
        "next": page.next,
        "first": not cursor,
    }
    return render_screen(request, "profiles/rule_changes.html", context)


def change(request: HttpRequest, change_id: int) -> HttpResponse:
    """One: what it would do, or how far it is; the part that changes alone when it is renewed."""
    try:
        found = rule_change(actor_of(request), change_id)
    except UnknownChange as error:
        raise Http404(str(error)) from error
    context = {
        "title": f"Change of {found.name}",
        "change": found,
        "examples": [(each, [face_of(person) for person in each.people]) for each in found.examples],
    }
    if request.headers.get("HX-Request"):
        return render_part(request, "profiles/_rule_change.html", context)
    return render_screen(request, "profiles/rule_change.html", context)


@require_POST
def apply(request: HttpRequest, change_id: int) -> HttpResponse:
    """Let the new rules hold."""
    try:
        apply_change(actor_of(request), change_id, now=timezone.now())
    except UnknownChange as error:
        raise Http404(str(error)) from error
    except (NotOpen, StaleChange, RulesBusy) as error:
        messages.error(request, sentence(error))
    else:
        apply_rule_change.delay(change_id=change_id)
        messages.success(request, "The new rules hold from now on. People who are there already follow.")
    return redirect("admin:rule_change", change_id=change_id)


@require_POST
def cancel(request: HttpRequest, change_id: int) -> HttpResponse:
    """Call it off."""
    try:
        cancel_change(actor_of(request), change_id)
    except UnknownChange as error:
        raise Http404(str(error)) from error
    except NotOpen as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, "Cancelled: the rules stay as they are.")
    return redirect("admin:rule_change", change_id=change_id)


@require_POST
def again(request: HttpRequest, change_id: int) -> HttpResponse:
    """Measure the same change of the rules as they are now."""
    try:
        renewed = renew_change(actor_of(request), change_id, now=timezone.now())
    except UnknownChange as error:
        raise Http404(str(error)) from error
    except (NotOpen, NothingChanged, WrongValues) as error:
        messages.error(request, sentence(error))
        return redirect("admin:rule_change", change_id=change_id)
    measure_rule_change.delay(change_id=renewed)
    return redirect("admin:rule_change", change_id=renewed)
