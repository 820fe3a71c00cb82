"""API tokens: what programs present instead of a password. A secret is shown once, in the answer that makes it."""

from collections.abc import Mapping
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.admin.asking import asked
from compliance.admin.forms import form_rows, form_words, posted_forms
from compliance.consent import UnknownPurpose
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, takes_approval
from compliance.domain.listing import purposes
from compliance.domain.listing import tokens as all_tokens
from compliance.domain.tokens import TokenError, create_token, revoke_token
from compliance.enums import Category
from compliance.forms import Form, Forms
from compliance.known_sources import known_sources
from compliance.models import ApiToken
from compliance.wording import FORMS, GROUPS_OF_OPERATIONS, OPERATIONS, sentence
from streaming.row_ids import row_id
from streaming.screens import render_screen

SHOWN = 50
_PLAIN = Forms(clear=frozenset(each for each in Category if not each.is_sensitive))
_DAYS = "365"
DAYS = {"30": "30 days", "90": "90 days", "365": "A year", "": "Never"}


def listing(request: HttpRequest) -> HttpResponse:
    """All of them, newest first."""
    before = row_id(request.GET.get("before", ""))
    found, names = all_tokens(actor_of(request), before=before, limit=SHOWN + 1), known_sources()
    context = {
        "title": "API tokens",
        "tokens": [_told(token, names) for token in found[:SHOWN]],
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "first": before is None,
    }
    return render_screen(request, "compliance/tokens.html", context)


def _told(token: ApiToken, names: Mapping[int, str]) -> dict[str, object]:
    expired = token.expires_at is not None and token.expires_at <= timezone.now()
    return {
        "row": token,
        "operations": [text for operation, text in OPERATIONS.items() if operation in token.operations],
        "forms": form_words(token.forms),
        "clear": [name for name, words in form_words(token.forms) if words == FORMS[Form.CLEAR]],
        "sources": None
        if token.sources is None
        else [names.get(each, f"source {each}") for each in token.sources],
        "state": "Revoked" if token.revoked_at else "Expired" if expired else "Active",
    }


@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Make one; the page that answers shows its secret, and no page does so again."""
    error = ""
    if request.method == "POST":
        try:
            token, secret = _made(request)
        except ApprovalNeeded as needed:
            return asked(request, needed, back=reverse("admin:token_new"))
        except (TokenError, UnknownPurpose) as wrong:
            error = sentence(wrong)
        else:
            return render_screen(
                request, "compliance/token_made.html", {"title": token.name, "token": token, "secret": secret}
            )
    context = {"title": "New API token", "error": error, **_typed(request)}
    return render_screen(request, "compliance/token_new.html", context, status=400 if error else 200)


def _typed(request: HttpRequest) -> dict[str, object]:
    """What can be chosen, and what was typed."""
    return {
        "name": request.POST.get("name", ""),
        "groups": [
            (name, [(each.value, OPERATIONS[each]) for each in group])
            for name, group in GROUPS_OF_OPERATIONS.items()
        ],
        "scopes": request.POST.getlist("scope"),
        "forms": form_rows(posted_forms(request.POST) if request.method == "POST" else _PLAIN),
        "sources": known_sources().items(),
        "all_sources": request.POST.get("sources", "all") == "all",
        "chosen_sources": _source_ids(request),
        "takes_approval": takes_approval(ApprovalKind.MAKE_TOKEN, actor_of(request)),
        "purposes": purposes(),
        "purpose": request.POST.get("purpose", ""),
        "days": DAYS,
        "chosen_days": request.POST.get("days", _DAYS),
    }


def _made(request: HttpRequest) -> tuple[ApiToken, str]:
    now, days, forms = timezone.now(), request.POST.get("days", _DAYS), posted_forms(request.POST)
    if days not in DAYS:
        raise TokenError("choose after how long the token expires: one of the list")
    return create_token(
        name=request.POST.get("name", ""), scopes=request.POST.getlist("scope"),
        categories=sorted(forms.clear), hashed=sorted(forms.hashed), hidden=sorted(forms.hidden),
        sources=None if request.POST.get("sources", "all") == "all" else _source_ids(request), purpose=request.POST.get("purpose", ""), by=actor_of(request),
        now=now, expires_at=now + timedelta(days=int(days)) if days else None,
    )  # fmt: skip


def _source_ids(request: HttpRequest) -> list[int]:
    return [int(each) for each in request.POST.getlist("source") if row_id(each) is not None]


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Refuse it from the next request on."""
    token = get_object_or_404(ApiToken, pk=token_id)
    revoke_token(token=token, by=actor_of(request), now=timezone.now())
    messages.success(request, f"{token.name} is revoked: requests with it are answered 401 from now on.")
    return redirect("admin:tokens")
