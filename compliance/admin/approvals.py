"""Approvals: what waits for a second person, what was decided, and what takes one at all."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from compliance.access import actor_of, allows
from compliance.admin.asking import asked
from compliance.admin.edit_forms import APPROVAL_POLICY
from compliance.admin.trail import file_answer, row_words
from compliance.consent import UnknownPurpose
from compliance.domain.approvals import asking, deciding, listing, policy
from compliance.domain.approvals.asking import ApprovalError, kind_words
from compliance.domain.approvals.kinds import CHOSEN, MOST_WHY, WORDS, ApprovalKind, State
from compliance.domain.approvals.needing import ApprovalNeeded, chosen_kinds
from compliance.domain.tokens import TokenError, create_approved
from compliance.domain.trail.exporting import export_approved
from compliance.enums import Operation
from compliance.models import Approval
from compliance.wording import sentence
from streaming.editing import edits
from streaming.row_ids import row_id
from streaming.screens import render_screen

SHOWN = 50


def page(request: HttpRequest) -> HttpResponse:
    """What waits and what was decided, the newest first."""
    actor, before, now = actor_of(request), row_id(request.GET.get("before", "")), timezone.now()
    found = listing.listing(actor, before=before, limit=SHOWN + 1)
    context = {
        "title": "Approvals",
        "rows": [(row, kind_words(row), row.asked_by == actor.name) for row in found[:SHOWN]],
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "first": before is None,
        "waiting": listing.waiting_for(actor, now=now),
        "chosen": [WORDS[kind] for kind in CHOSEN if kind in chosen_kinds()],
    }
    return render_screen(request, "compliance/approvals.html", context)


def badge(request: HttpRequest) -> str:
    """How many wait for whoever looks."""
    count = listing.waiting_for(actor_of(request), now=timezone.now())
    return f"{count}{'+' * (count == listing.MOST)}" if count else ""


def one(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Exactly what is asked for, by whom and why; with the buttons that who looks may press."""
    row, actor = _found(request, approval_id), actor_of(request)
    waits = row.state == State.WAITING and row.expires_at > timezone.now()
    is_usable = row.state == State.APPROVED and row.use_until is not None and row.use_until > timezone.now()
    is_own = row.behind == actor.name
    context = {
        "title": kind_words(row),
        "row": row,
        "lines": _lines(row),
        "may_decide": waits and deciding.may_decide(row, actor),
        "may_withdraw": waits and is_own,
        "may_use": is_usable and is_own,
        "may_make_here": row.kind in (ApprovalKind.EXPORT_TRAIL, ApprovalKind.MAKE_TOKEN),
        "waits": waits,
        "is_own": is_own,
        "most": MOST_WHY,
    }
    return render_screen(request, "compliance/approval.html", context)


@require_POST
def decide(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Approve or refuse (`do`)."""
    given, by, now = request.POST, actor_of(request), timezone.now()
    why = given.get("why", "")
    try:
        if given.get("do") == "approve":
            row = deciding.approve(approval_id, seen=given.get("seen", ""), why=why, by=by, now=now)
        else:
            row = deciding.refuse(approval_id, why=why, by=by, now=now)
    except ApprovalError as wrong:
        messages.error(request, sentence(wrong))
    else:
        told = {
            State.DONE: "Approved, and done.",
            State.APPROVED: "Approved: who asked may do it once, within 24 hours.",
        }
        messages.success(request, told.get(State(row.state), f"Refused. {row.decided_why}"))
    return redirect("admin:approval", approval_id)


@require_POST
def withdraw(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Take back one's own."""
    try:
        asking.withdraw(approval_id, by=actor_of(request), now=timezone.now())
    except ApprovalError as wrong:
        messages.error(request, sentence(wrong))
    else:
        messages.success(request, "Withdrawn: nobody decides about it any more.")
    return redirect("admin:approval", approval_id)


@never_cache
@require_POST
def use(request: HttpRequest, approval_id: int) -> HttpResponseBase:
    """Have the file, or the token, that was approved: once."""
    row, by, now = _found(request, approval_id), actor_of(request), timezone.now()
    try:
        if row.kind == ApprovalKind.EXPORT_TRAIL:
            file = export_approved(by, row.payload, told=row_words, now=now)
            return file_answer(file, row.payload["form"])
        if row.kind == ApprovalKind.MAKE_TOKEN:
            token, secret = create_approved(row.payload, by=by, now=now)
            context = {"title": token.name, "token": token, "secret": secret}
            return render_screen(request, "compliance/token_made.html", context)
    except (ApprovalNeeded, TokenError, UnknownPurpose) as wrong:
        messages.error(request, sentence(wrong))
    return redirect("admin:approval", approval_id)


@edits(APPROVAL_POLICY)
def settings(request: HttpRequest) -> HttpResponse:
    """What takes a second person."""
    actor = actor_of(request)
    if request.method == "POST":
        try:
            is_changed = policy.set_policy(request.POST.getlist("kind"), by=actor)
        except ApprovalNeeded as needed:
            return asked(request, needed, back=reverse("admin:approval_settings"))
        except ApprovalError as wrong:
            messages.error(request, sentence(wrong))
        else:
            messages.success(request, "Saved." if is_changed else "It was so already.")
        return redirect("admin:approval_settings")
    chosen = chosen_kinds()
    context = {
        "title": "What takes a second person",
        "kinds": [(kind.value, WORDS[kind], kind in chosen) for kind in CHOSEN],
        "chosen": chosen,
        "takes_approval": bool(chosen),
        "may_change": allows(actor, Operation.ROLES_MANAGE),
        "most": MOST_WHY,
    }
    return render_screen(request, "compliance/approval_settings.html", context)


def _lines(row: Approval) -> list[tuple[str, str]]:
    """The payload, line by line."""
    payload: dict[str, Any] = row.payload
    if row.kind == ApprovalKind.CHANGE_ROLE:
        return [(name, f"{pair[0]} → {pair[1]}") for name, pair in payload["told"].items()]
    if row.kind == ApprovalKind.MAKE_TOKEN:
        return [(name.replace("_", " ").capitalize(), _value(value)) for name, value in payload.items()]
    if row.kind == ApprovalKind.GIVE_ROLES and "group" in payload:
        before, after = (
            ("no role", payload["role"]) if "mapping" not in payload else (payload["role"], "no role")
        )
        return [("Group of the directory", payload["group"]), ("Role of its members", f"{before} → {after}")]
    return []


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "—" if value in (None, "") else str(value)


def _found(request: HttpRequest, approval_id: int) -> Approval:
    row = listing.one(actor_of(request), approval_id)
    if row is None:
        raise Http404("there is no such request, or it is not for you")
    return row
