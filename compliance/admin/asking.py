"""What a page does when something takes a second person: it asks for one, with the reason that was typed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from compliance.access import actor_of
from compliance.domain.approvals.asking import ApprovalError, ask
from compliance.domain.approvals.needing import ApprovalNeeded


def asked(request: HttpRequest, needed: ApprovalNeeded, *, back: str) -> HttpResponse:
    """Ask for it, and go to where it waits; without a reason go `back`, and say that it needs one."""
    try:
        row = ask(needed.wish, why=request.POST.get("why", ""), by=actor_of(request), now=timezone.now())
    except ApprovalError as wrong:
        messages.error(request, f"This takes a second person: {wrong}.")
        return redirect(back)
    messages.success(request, "Asked: who approves is told, and you are told once somebody has decided.")
    return redirect("admin:approval", row.pk)
