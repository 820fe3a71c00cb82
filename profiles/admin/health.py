"""Identity health: each figure with the action that mends what it shows."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.wording import sentence
from profiles.admin.faces import face_of
from profiles.domain.queries.health import HOUR, health
from profiles.domain.queries.sizes import MOST_COUNTED
from profiles.domain.rules.applying import RulesBusy
from profiles.domain.rules.blocking import (
    NotBlockable,
    NotBlocked,
    UnknownProposal,
    block_proposed,
    keep_proposed,
    propose_unblocking,
)
from profiles.domain.rules.editing import UnknownNamespace
from profiles.domain.rules.waiting_groups import hurry_waiting_groups
from profiles.tasks import apply_rule_change, measure_rule_change, recompute_clusters
from streaming.screens import render_screen


def page(request: HttpRequest) -> HttpResponse:
    """All figures."""
    found = health(actor_of(request), now=timezone.now())
    hours = [
        ("Merges", found.hours.merges),
        ("Splits", found.hours.splits),
        ("Refused links", found.hours.refused),
    ]
    context = {
        "title": "Identity health",
        "health": found,
        "largest": [(person, face_of(person), count) for person, count in found.largest],
        "hours": hours,
        "step": HOUR,
        "sums": {name: sum(values) for name, values in hours},
        "happened": any(sum(values) for _, values in hours),
        "most_identifiers": MOST_COUNTED,
    }
    return render_screen(request, "profiles/health.html", context)


@require_POST
def block(request: HttpRequest, identifier_id: int) -> HttpResponse:
    """Block a value that was proposed: the one action."""
    try:
        change = block_proposed(actor_of(request), identifier_id, now=timezone.now())
    except (UnknownProposal, NotBlockable, RulesBusy) as error:
        messages.error(request, sentence(error))
        return redirect("admin:identity_health")
    apply_rule_change.delay(change_id=change)
    messages.success(
        request,
        "Blocked: it identifies nobody from now on. Whom it held together become people of their own.",
    )
    return redirect("admin:rule_change", change_id=change)


@require_POST
def keep(request: HttpRequest, identifier_id: int) -> HttpResponse:
    """Leave a value that was proposed as it is."""
    try:
        keep_proposed(actor_of(request), identifier_id, now=timezone.now())
    except UnknownProposal as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, "Kept: it is not proposed again.")
    return redirect("admin:identity_health")


@require_POST
def unblock(request: HttpRequest) -> HttpResponse:
    """Measure what a blocked value would do unblocked; posted, because it may be contact data."""
    namespace, value = request.POST.get("namespace", ""), request.POST.get("value", "")
    try:
        change = propose_unblocking(actor_of(request), namespace, value, now=timezone.now())
    except (NotBlocked, UnknownNamespace) as error:
        messages.error(request, sentence(error))
        return redirect("admin:identity_health")
    measure_rule_change.delay(change_id=change)
    return redirect("admin:rule_change", change_id=change)


@require_POST
def recompute(request: HttpRequest) -> HttpResponse:
    """Have what waits for the background job decided now."""
    if hurry_waiting_groups(actor_of(request)):
        recompute_clusters.delay()
        messages.success(request, "It goes on now.")
    else:
        messages.info(request, "Nothing waits any more: everybody is decided.")
    return redirect("admin:identity_health")
