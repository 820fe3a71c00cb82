"""Suppressions: identifiers of which nothing is stored any more."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance import suppression
from compliance.access import actor_of
from compliance.domain.listing import suppressed
from compliance.domain.suppressing import counts_together, lift_together
from compliance.suppression import MOST_REASON, UnusableIdentifier
from compliance.wording import sentence
from streaming.row_ids import row_id
from streaming.screens import render_screen

SHOWN = 50
NAMESPACES = ("email", "phone", "user_id", "anonymous_id", "customer_number")


def listing(request: HttpRequest) -> HttpResponse:
    """The list, and the form that adds to it: values are posted and never stand in an address."""
    error = _added(request) if request.method == "POST" else ""
    if request.method == "POST" and not error:
        return redirect("admin:suppressions")
    before = row_id(request.GET.get("before", ""))
    rows = suppressed(actor_of(request), before=before, limit=SHOWN + 1)
    together = counts_together(rows[:SHOWN])
    context = {
        "title": "Suppressions",
        "rows": [(row, together.get(row.together, 1) if row.together else 1) for row in rows[:SHOWN]],
        "next": rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
        "first": before is None,
        "namespaces": NAMESPACES,
        "namespace": request.POST.get("namespace", NAMESPACES[0]),
        "error": error,
    }
    return render_screen(request, "compliance/suppressions.html", context, status=400 if error else 200)


def _added(request: HttpRequest) -> str:
    """Suppress what was typed; what is wrong with it, or nothing."""
    namespace, reason = request.POST.get("namespace", "").strip(), request.POST.get("reason", "").strip()
    if not namespace or len(namespace) > 40:  # noqa: PLR2004 -- as long as namespaces are
        return "Say what kind of identifier it is."
    try:
        made = suppression.suppress(
            namespace,
            request.POST.get("value", ""),
            by=actor_of(request),
            now=timezone.now(),
            reason=reason[:MOST_REASON],
        )
    except UnusableIdentifier as wrong:
        return sentence(wrong)
    messages.success(
        request,
        "Suppressed: from now on nothing that names it is stored. What is stored already stays until it is erased."
        if made
        else "It was suppressed already.",
    )
    return ""


@require_POST
def lift(request: HttpRequest, suppressed_id: int) -> HttpResponse:
    """Take events that name it again, or any of those that were suppressed with it."""
    if "together" in request.POST:
        if lifted := lift_together(suppressed_id, by=actor_of(request)):
            messages.success(
                request, f"Lifted: events that name any of these {lifted} identifiers are taken again."
            )
    elif suppression.lift(suppressed_id, by=actor_of(request)):
        messages.success(request, "Lifted: events that name this identifier are taken again.")
    return redirect("admin:suppressions")
